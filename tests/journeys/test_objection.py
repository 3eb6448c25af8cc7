"""An objection to something else than marketing (Art. 21(1), R45): upheld, or refused with the weighing in words."""

import pytest

from bot.card import Choice, Verb
from bot.domain.errors import Incomplete
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome, Stage
from bot.ports import Shelf
from tests.journeys.furnished import FIRST, Furnished, verbs
from tests.journeys.walks import PRIYA, states

SWEDISH = "Jag invänder mot att ni använder mina uppgifter för statistik."
ENGLISH = "I object to you using my personal data for statistics."
WEIGHED = "Siffrorna behövs för att planera lokalerna. Ingen enskild person syns i dem."


def mail(text: str) -> bytes:
    """Return a plain mail of Priya's."""
    head = f"From: Priya Natarajan <{PRIYA}>\nTo: info@goto.work\nSubject: -\nMessage-ID: <o@example.org>\n"
    kind = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    return f"{head}{kind}\n{text}\n".encode()


async def at_weighing(desk: Furnished, text: str) -> None:
    """Walk an objection to where the owner decides."""
    await desk.mail(mail(text))
    if Verb.CONFIRM not in verbs(await desk.card("sara")):
        await desk.fill("sara", Verb.CHANGE, {"rights": ["objection"]})
    await desk.press("sara", Verb.CONFIRM)
    await desk.finish("jonas")
    assert (await desk.ticket()).stage is Stage.DECIDING


async def declined(desk: Furnished) -> None:
    """Have the owner propose to decline everywhere on compelling grounds."""
    for name in ("karin", "jonas", "sara"):
        if Verb.DECIDE not in verbs(await desk.card(name)):
            continue
        form = await desk.form(name, Verb.DECIDE)
        rows = [one.name for one in form.elements if isinstance(one, Choice)]
        await desk.send(name, form, dict.fromkeys(rows, "decline:compelling"))
        break


@pytest.mark.parametrize(
    ("text", "said"),
    [(SWEDISH, "Vi har upphört med den behandlingen."), (ENGLISH, "We have ended that processing.")],
)
async def test_it_is_upheld_and_the_letter_says_so(desk: Furnished, text: str, said: str) -> None:
    await at_weighing(desk, text)
    await desk.decide("karin")
    while any(task.state is TaskState.BY_HAND for task in (await desk.ticket()).tasks):
        await desk.finish("maria", result="done")
    await desk.press("sara", Verb.SEND_LETTER)
    assert said in desk.letters()[-1].text
    assert (await desk.ticket()).parts[0].outcome is Outcome.FULFILLED


async def test_a_refusal_owes_the_person_the_weighing(desk: Furnished) -> None:
    await at_weighing(desk, SWEDISH)
    await declined(desk)
    form = await desk.form("maria", Verb.CONFIRM_DECLINE)
    with pytest.raises(Incomplete) as refused:
        await desk.send("maria", form, {"way": "decline"})
    assert refused.value.key == "refusal.weighing_missing"
    assert set(states(await desk.ticket(), "restrict").values()) == {TaskState.PROPOSED}
    await desk.send("maria", form, {"way": "decline", "weighing": WEIGHED})
    await desk.press("sara", Verb.SEND_LETTER)
    letter = desk.letters()[-1].text
    assert "Vi fortsätter med behandlingen." in letter
    assert WEIGHED in letter
    assert "klagomål" in letter
    assert "domstol" in letter
    ticket = await desk.ticket()
    assert ticket.parts[0].outcome is Outcome.REFUSED
    for entry in await desk.events():
        assert "lokalerna" not in str(entry.facts)
    async with desk.opened.house.work() as unit:
        assert await unit.vault.names(ticket.id, Shelf.CASE, "weighing/")


async def test_to_keep_it_open_needs_no_words(desk: Furnished) -> None:
    await at_weighing(desk, SWEDISH)
    await declined(desk)
    await desk.fill("maria", Verb.CONFIRM_DECLINE, {"way": "keep_open"})
    assert Verb.DECIDE in verbs(await desk.card("karin"))


async def test_the_data_rests_while_it_is_weighed(desk: Furnished) -> None:
    await at_weighing(desk, SWEDISH)
    await desk.press("sara", Verb.REST_MEANWHILE)
    ticket = await desk.ticket(FIRST)
    assert [part.type for part in ticket.parts] == ["objection", "restriction"]
    restricting = ticket.tasks_of(ticket.parts[1])
    assert restricting
    assert {task.state for task in restricting} == {TaskState.PROPOSED}
    form = await desk.form("karin", Verb.DECIDE)
    (row,) = (f"task:{task.id}" for task in restricting if task.system == "hubspot")
    await desk.send("karin", form, {row: "approve"})
    assert (await desk.ticket()).task(row.removeprefix("task:")).state is TaskState.BY_HAND
