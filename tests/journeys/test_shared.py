"""Records that concern others too: a person rules on each, and the letter says what became of them (D20, F25)."""

from collections.abc import MutableMapping, Sequence
from datetime import timedelta

import pytest

from bot.card import Verb
from bot.domain.system import Exported, Identifier, IdentifierKind, Manifest, Operation, Receipt, Record
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome, Stage
from bot.ports import System
from integrations.hubspot.seed import Activity, Person
from integrations.sandbox import Fault, Trouble
from tests.journeys.furnished import Furnished, buttons, words
from tests.journeys.pages import asked, reply
from tests.journeys.walks import PRIYA, at_decision, confirmed_by_link, states

OTHER = "kollega@example.com"


async def with_meetings(desk: Furnished, number: int = 1) -> str:
    """Let Priya share meetings with somebody else in HubSpot; walk her erasure to where it waits for a word on them."""
    priya = desk.hubspot.account.contact(PRIYA)
    assert priya is not None
    account = desk.hubspot.account
    both = tuple(Activity("meetings", f"Möte {n}", also=(PRIYA,)) for n in range(number))
    account.seed([Person(OTHER, "Kim", "Holm", activities=both)])
    await at_decision(desk, "erase")
    await desk.decide("karin")
    await desk.decide("jonas")
    await confirmed_by_link(desk)
    await desk.later(timedelta(seconds=10))
    (about,) = [one for one in await on_page(desk) if number == 1 or one.endswith(":all")]
    return about


async def on_page(desk: Furnished, name: str = "karin") -> dict[str, tuple[str, list[str]]]:
    return asked((await desk.review(name))[2])


async def test_nothing_is_erased_before_somebody_ruled(desk: Furnished) -> None:
    """The erasure waits, named on the card and put before its owner; nothing was touched meanwhile."""
    await with_meetings(desk)
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.LOCKED}
    assert desk.hubspot.account.contact(PRIYA) is not None
    card = await desk.card("karin")
    assert "poster som rör även andra" in words(card)
    assert any(button.press.verb is Verb.REVIEW for button in buttons(card))
    assert OTHER not in words(card)


async def test_kept_on_a_ground_is_the_officers_and_stands_in_the_letter(desk: Furnished) -> None:
    """An owner proposes, an officer decides; the rest is erased, the letter says what was kept and why (Art. 17(3))."""
    about = await with_meetings(desk)
    assert (await reply(desk, "karin", about, "keep:legal_duty"))[0] == 200
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.LOCKED}
    status, said = await reply(desk, "karin", about, "keep:legal_duty")
    assert status == 403, said
    await reply(desk, "maria", about, "keep:legal_duty")
    await desk.later(timedelta(seconds=10))
    ticket = await desk.ticket()
    assert states(ticket, "erase") == {"hubspot": TaskState.DONE}
    assert desk.hubspot.account.contact(PRIYA) is None
    assert len(desk.hubspot.account.alive("meetings")) >= 1
    await desk.press("sara", Verb.SEND_LETTER)
    letter = desk.letters(PRIYA)[-1].text
    assert "17(3)(b)" in letter
    assert "1 meeting" in letter
    assert "lodge" in letter or "complaint" in letter
    assert (await desk.ticket()).parts[0].outcome is Outcome.PARTLY


async def test_the_desk_takes_the_person_off_looks_again_and_says_so(desk: Furnished) -> None:
    """HubSpot lets go of the person alone: the meeting stays with whoever else was in it (D20)."""
    about = await with_meetings(desk, 2)
    meetings = {one.id for one in desk.hubspot.account.alive("meetings")}
    await reply(desk, "karin", about, "dissociate:")
    await desk.later(timedelta(seconds=10))
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.DONE}
    cut = [one for one in desk.hubspot.seen if one.method == "DELETE" and "/associations/contacts/" in one.path]
    assert len(cut) == 2
    last = max(number for number, one in enumerate(desk.hubspot.seen) if one in cut)
    assert any(one.method == "GET" and "/associations/" in one.path for one in desk.hubspot.seen[last:]), "looked again"
    other = desk.hubspot.account.contact(OTHER)
    assert other is not None
    shared = {one.id for one in desk.hubspot.account.alive("meetings")} & meetings
    assert len(shared) >= 2, "the rest stays"
    assert desk.hubspot.account.contact(PRIYA) is None
    await desk.press("sara", Verb.SEND_LETTER)
    letter = " ".join(desk.letters(PRIYA)[-1].text.split())
    assert "2 meetings also concern others: you have been taken off and the rest remains." in letter
    assert (await desk.ticket()).parts[0].outcome is Outcome.FULFILLED


async def test_where_the_person_stays_on_nothing_else_goes(desk: Furnished) -> None:
    """HubSpot said yes and did not: a colleague hears of it, and the contact is not erased meanwhile."""
    about = await with_meetings(desk)
    desk.hubspot.faults.add(Fault(Trouble.STATUS, "DELETE", "/associations/", status=204, times=None))
    await reply(desk, "karin", about, "dissociate:")
    await desk.later(timedelta(minutes=5), steps=4)
    (task,) = [one for one in (await desk.ticket()).tasks if one.operation == "erase"]
    assert (task.state, task.trouble) == (TaskState.STUCK, "trouble.refused")
    assert desk.hubspot.account.contact(PRIYA) is not None
    desk.hubspot.faults.clear()
    await desk.press("karin", Verb.RETRY)
    await desk.later(timedelta(seconds=10))
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.DONE}


async def test_by_hand_it_is_done_before_the_rest_goes(desk: Furnished) -> None:
    """Where the system cannot take a person off, a colleague does, says so, and only then the rest is erased."""
    about = await with_meetings(desk)
    await reply(desk, "karin", about, "redact:")
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.LOCKED}
    assert (await on_page(desk))[about][1] == ["done"]
    await reply(desk, "karin", about, "done")
    await desk.later(timedelta(seconds=10))
    await desk.press("sara", Verb.SEND_LETTER)
    letter = desk.letters(PRIYA)[-1].text
    assert "what was said about you has been removed" in letter
    assert "HubSpot itself needs up to 30 days" in letter, "gone for us is not gone at HubSpot"
    assert "recycle bin for at most 90 days" in letter
    assert (await desk.ticket()).parts[0].outcome is Outcome.FULFILLED


class OnlyOthers:
    """A system where all there is about somebody concerns others too: two meetings."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        on_file = (Identifier(IdentifierKind.EMAIL, PRIYA),)
        self.held = [Record("hubspot", "meeting", name, contacts=on_file, shared=True) for name in ("m1", "m2")]

    @property
    def manifest(self) -> Manifest:
        return self._manifest

    async def find(self, person: Sequence[Identifier]) -> Sequence[Record]:
        return list(self.held) if any(one.value == PRIYA for one in person) else []

    async def export(self, record: Record) -> Exported:
        return Exported(record)

    async def erase(self, record: Record) -> Receipt:
        raise AssertionError(record.kind)

    async def dissociate(self, record: Record, person: Sequence[Identifier]) -> Receipt:
        assert person
        self.held = [one for one in self.held if one.id != record.id]
        return Receipt(Operation.ERASE, record.kind, record.id)

    async def suppress(self, identifier: Identifier) -> Receipt:
        return Receipt(Operation.SUPPRESS, "address", identifier.value)


@pytest.mark.parametrize("kept", [1, 2])
async def test_where_nothing_went_the_letter_does_not_say_that_it_did(desk: Furnished, kept: int) -> None:
    """The system's own words claim a deletion, and how long the vendor still holds it: neither is true here."""
    systems = desk.opened.house.systems
    assert isinstance(systems, MutableMapping)
    system: System = OnlyOthers(systems["hubspot"].manifest)
    systems["hubspot"] = system
    await at_decision(desk, "erase")
    await desk.decide("karin")
    await desk.decide("jonas")
    await confirmed_by_link(desk)
    await desk.later(timedelta(seconds=10))
    abouts = [one for one in await on_page(desk) if not one.endswith(":all")]
    for number, about in enumerate(abouts):
        for name in ("karin", "maria") if number < kept else ("karin",):
            await reply(desk, name, about, "keep:legal_duty" if number < kept else "dissociate:")
    await desk.later(timedelta(minutes=1), steps=4)
    await desk.press("sara", Verb.SEND_LETTER)
    letter = desk.letters(PRIYA)[-1].text
    assert ("you have been taken off" in letter) == (kept == 1)
    assert "17(3)(b)" in letter
    assert "permanently deleted" not in letter
    assert "recycle bin" not in letter


async def test_erased_all_the_same_takes_two(desk: Furnished) -> None:
    """Erasing what others have a part in needs two people; then it goes like the rest (D10)."""
    about = await with_meetings(desk, 3)
    meetings = len(desk.hubspot.account.alive("meetings"))
    for typed in ("", "PR-2026-0002"):
        status, page = await reply(desk, "karin", about, "erase:", typed=typed)
        assert status == 422
        assert "Numret stämmer inte med ärendet" in page
    await reply(desk, "karin", about, "erase:")
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.LOCKED}
    await reply(desk, "jonas", about, "erase:")
    await desk.later(timedelta(seconds=10))
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.DONE}
    assert len(desk.hubspot.account.alive("meetings")) == meetings - 3
    assert (await desk.ticket()).stage is Stage.REPLYING


async def test_who_may_not_and_what_is_no_answer(desk: Furnished) -> None:
    """A colleague of another system may not rule; an unknown word, question or ground changes nothing."""
    about = await with_meetings(desk)
    assert (await reply(desk, "sara", about, "redact:"))[0] == 403
    assert (await reply(desk, "karin", about, "burn:"))[0] == 422
    assert (await reply(desk, "karin", about, "keep:because"))[0] == 409
    assert (await reply(desk, "karin", about, "done"))[0] == 422
    assert (await reply(desk, "karin", "shared:hubspot:0000", "redact:"))[0] == 404
    assert (await reply(desk, "karin", "sharing:hubspot:0000", "redact:"))[0] == 404
    assert states(await desk.ticket(), "erase") == {"hubspot": TaskState.LOCKED}


@pytest.mark.parametrize("chosen", ["yes", "no"])
async def test_another_address_is_offered_never_used_in_silence(desk: Furnished, chosen: str) -> None:
    """F23: a second address on file is asked about; a yes searches by it, once; a no is remembered."""
    second = "priya.private@example.net"
    desk.hubspot.account.seed([Person("p2@example.com", "P", "N", further=(PRIYA, second))])
    await at_decision(desk, "erase")
    before = len(desk.eventbrite.seen)
    offered = {about: said for about, said in (await on_page(desk, "sara")).items() if second in said[0]}
    (about,) = offered
    assert about.startswith("also:")
    assert second not in words(await desk.card("sara"))
    browser, path, page = await desk.review("sara")  # open before it was answered, pressed after
    assert (await reply(desk, "sara", about, chosen))[0] == 200
    ticket = await desk.ticket()
    assert (len(desk.eventbrite.seen) > before) == (chosen == "yes")
    assert ticket.stage is Stage.DECIDING
    form = desk.form_of(page, "answer")
    late, _ = await browser.post(f"{path}/answer", {**form, "about": about, "chosen": "yes"})
    assert late in (403, 404), "answered once, whoever asks"
    offered_now = [said for said, _ in (await on_page(desk, "sara")).values()]
    assert not [said for said in offered_now if second in said]
