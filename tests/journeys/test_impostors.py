"""Who may be somebody else (R65): a neutral answer to the address written from, and nothing to the person on file."""

import pytest

from bot.card import Press, Style, Verb
from bot.domain.errors import Incomplete, NotAllowedNow, NotYours
from bot.domain.letter import LetterState
from bot.domain.ticket import Outcome, Stage
from tests.journeys.furnished import FIRST, Furnished, buttons, verbs, words

ASTRID = "astrid.lundgren@example.se"
STRANGER = "astrid.private77@example.net"
SWEDISH = (
    "Hej, jag heter Astrid Lundgren och har förlorat åtkomsten till min gamla adress astrid.lundgren@example.se. "
    "Skicka allt ni har om mig till den här nya adressen i stället. Det är bråttom, jag behöver det i dag. "
    "Kontakta inte den gamla adressen."
)
ENGLISH = (
    "Hello, my name is Astrid Lundgren and I have lost access to my old address astrid.lundgren@example.se. "
    "Send me a copy of all the data you hold about me to this new address instead. It is urgent, I need it today. "
    "Do not contact the old address."
)


def mail(text: str) -> bytes:
    """Return a mail of somebody who says they are Astrid."""
    head = f"From: Astrid Lundgren <{STRANGER}>\nReply-To: other@example.com\nTo: info@goto.work\nSubject: Uppgifter\n"
    kind = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    return f"{head}Message-ID: <i@example.net>\n{kind}\n{text}\n".encode()


@pytest.mark.parametrize(("text", "thanks"), [(SWEDISH, "Tack för ditt mejl"), (ENGLISH, "Thank you for your mail")])
async def test_the_neutral_answer_is_the_easy_thing_and_says_nothing(desk: Furnished, text: str, thanks: str) -> None:
    await desk.mail(mail(text))
    assert "phishing_suspected" in (await desk.ticket()).flags
    assert words(await desk.card("sara")) == f"{FIRST}\nHanteras av dataskyddsansvarig."
    card = await desk.card("maria")
    (primary,) = [one.press.verb for one in buttons(card) if one.style is Style.PRIMARY]
    assert primary is Verb.ANSWER_NEUTRALLY
    await desk.press("maria", Verb.ANSWER_NEUTRALLY)
    (letter,) = desk.letters()
    assert letter.to == STRANGER, "neither the person on file nor the Reply-To"
    assert thanks in letter.subject + letter.text
    assert "Astrid" not in letter.text
    assert ASTRID not in letter.text
    assert "/c/" not in letter.text
    ticket = await desk.ticket()
    assert (ticket.stage, ticket.parts[0].outcome) == (Stage.CLOSED, Outcome.NOT_IDENTIFIED)
    assert not ticket.tasks, "nobody was looked for"


async def test_closing_without_the_letter_needs_a_written_reason(desk: Furnished) -> None:
    await desk.mail(mail(SWEDISH))
    form = await desk.form("maria", Verb.DISMISS)
    with pytest.raises(Incomplete) as refused:
        await desk.send("maria", form, {"reason": "not_about_data"})
    assert refused.value.facts["field"] == "note"
    await desk.send("maria", form, {"reason": "not_about_data", "note": "Samma bluff som i går, polisanmäld."})
    assert (await desk.ticket()).stage is Stage.CLOSED
    assert not desk.letters()
    assert "bluff" not in str([entry.facts for entry in await desk.events()])


async def test_confirming_neither_thanks_the_asker_nor_tells_the_person_on_file(desk: Furnished) -> None:
    """D5: no receipt; whether the person on file is asked, a colleague decides."""
    await desk.mail(mail(SWEDISH))
    assert Verb.CONFIRM in verbs(await desk.card("maria"))
    await desk.press("maria", Verb.CONFIRM)
    while Verb.FINISH_BY_HAND in verbs(await desk.card("maria")):
        await desk.finish("maria")
    assert not desk.letters()
    ticket = await desk.ticket()
    assert ticket.stage is Stage.VERIFYING
    await desk.fill("maria", Verb.GIVE_UP_IDENTITY, {})
    (letter,) = desk.letters()
    assert (letter.to, (await desk.ticket()).letters[-1].kind) == (STRANGER, "T21")
    assert (await desk.ticket()).letters[-1].state is LetterState.SENT


async def test_a_colleague_may_ask_the_person_on_file(desk: Furnished) -> None:
    await desk.mail(mail(SWEDISH))
    await desk.fill("maria", Verb.CHANGE, {"subject": ASTRID})
    await desk.press("maria", Verb.CONFIRM)
    while Verb.FINISH_BY_HAND in verbs(await desk.card("maria")):
        await desk.finish("maria")
    assert not desk.letters()
    await desk.press("maria", Verb.ASK_AGAIN, label="Fråga på adressen vi har")
    assert [letter.to for letter in desk.letters()] == [ASTRID]


async def test_only_an_officer_and_only_where_somebody_may_pretend(desk: Furnished) -> None:
    await desk.mail(mail(SWEDISH))
    ticket = await desk.ticket()
    with pytest.raises(NotYours):
        await desk.opened.desk.press(desk.who("sara"), Press(Verb.ANSWER_NEUTRALLY, ticket.id, ticket.version))
    ref = await desk.sample("erase")
    plain = await desk.ticket(ref)
    with pytest.raises(NotAllowedNow):
        await desk.opened.desk.press(desk.who("sara"), Press(Verb.ANSWER_NEUTRALLY, plain.id, plain.version))
