"""Letters that come back, machines that answer, mail that goes round: nothing missed, and no loop."""

from datetime import timedelta
from email.message import EmailMessage, Message

import pytest

from bot.card import Press, Verb
from bot.domain.errors import Incomplete, NotAllowedNow
from bot.domain.ledger import LedgerEvent
from bot.domain.letter import LetterState
from bot.domain.ticket import MAIL_TO_READ, Stage
from tests.journeys.furnished import FIRST, Furnished, SentMail, verbs, words
from tests.journeys.walks import FATIMA, PRIYA, at_decision, erased

ASTRID = "astrid.lundgren@example.se"


def report(letter: SentMail, action: str = "failed", *, whole: bool = True, name: str = "report") -> bytes:
    """Return what a mail server sends when a letter reached nobody (RFC 3464)."""
    kind = "message/rfc822" if whole else "text/rfc822-headers"
    lines = (
        "Return-Path: <>",
        "From: Mail Delivery Subsystem <MAILER-DAEMON@mx.example.org>",
        "To: info@goto.work",
        "Subject: Undelivered Mail Returned to Sender",
        "Auto-Submitted: auto-replied",
        f"Message-ID: <{name}-{action}@mx.example.org>",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=b="',
        "",
        "--=b=",
        "Content-Type: text/plain; charset=us-ascii",
        "",
        "The mail system could not deliver your message.",
        "--=b=",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.example.org",
        "",
        f"Final-Recipient: rfc822; {letter.to}",
        f"Action: {action}",
        "",
        "--=b=",
        f"Content-Type: {kind}",
        "",
        "From: info@goto.work",
        f"To: {letter.to}",
        f"Message-ID: {letter.message_id}",
        "",
        "--=b=--",
        "",
    )
    return "\r\n".join(lines).encode()


def old_bounce(letter: SentMail) -> bytes:
    """Return a bounce from before there were reports: words, and the letter's head quoted."""
    mail = EmailMessage()
    mail["From"] = "postmaster@mail.example.org"
    mail["Subject"] = "failure notice"
    mail["Message-ID"] = "<old@mail.example.org>"
    mail.set_content(
        f"I wasn't able to deliver your message.\n\n--- Below this line is a copy.\n\nTo: {letter.to}\n"
        f"Message-ID: {letter.message_id}\n"
    )
    return mail.as_bytes()


def answer(letter: SentMail, subject: str, text: str, **head: str) -> bytes:
    """Return a mail that answers a letter."""
    mail: Message = EmailMessage()
    assert isinstance(mail, EmailMessage)
    mail["From"] = f"Priya Natarajan <{PRIYA}>"
    mail["To"] = "info@goto.work"
    mail["Subject"] = subject
    mail["In-Reply-To"] = letter.message_id
    mail["Message-ID"] = f"<{abs(hash((subject, text)))}@example.org>"
    for name, value in head.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


async def turns(desk: Furnished, name: str) -> int:
    """Return how often a colleague was told of their turn."""
    async with desk.opened.house.work() as unit:
        posts = await unit.posts.feed("console", name)
    return sum(post.about.startswith("reminder:turn:") for post in posts)


async def waiting_items(desk: Furnished) -> int:
    """Return how many items wait on the quiet list."""
    async with desk.opened.house.work() as unit:
        return len(await unit.items.waiting())


@pytest.mark.parametrize("whole", [True, False])
async def test_an_answer_that_came_back_waits_though_the_ticket_is_closed(desk: Furnished, *, whole: bool) -> None:
    await erased(desk)
    letter = desk.letters(PRIYA)[-1]
    before = await turns(desk, "maria")
    await desk.mail(report(letter, whole=whole))
    ticket = await desk.ticket()
    assert ticket.stage is Stage.CLOSED
    assert ticket.letters[-1].state is LetterState.RETURNED
    assert len(await desk.tickets()) == 1, "a bounce opens nothing"
    assert await turns(desk, "maria") == before + 1
    card = await desk.card("sara")
    assert "Brevet kom tillbaka: T7 (radering utförd)" in words(card)
    assert Verb.SETTLE_RETURNED in verbs(card)
    assert LedgerEvent.LETTER_RETURNED in {entry.event for entry in await desk.events()}
    _, _, page = await desk.review("sara")
    assert "could not deliver" in page, "the handler reads why"
    await desk.later(timedelta(days=1, hours=1), steps=25)
    assert await turns(desk, "maria") == before + 2, "told again on the next working morning"


async def test_it_is_sent_again_under_another_id_and_is_then_settled(desk: Furnished) -> None:
    await erased(desk)
    letter = desk.letters(PRIYA)[-1]
    await desk.mail(report(letter))
    await desk.fill("sara", Verb.SETTLE_RETURNED, {"way": "send_again"})
    again = desk.letters(PRIYA)[-1]
    assert (again.subject, again.text) == (letter.subject, letter.text)
    assert again.message_id != letter.message_id
    assert [one.state for one in (await desk.ticket()).letters][-2:] == [LetterState.UNDELIVERED, LetterState.SENT]
    assert Verb.SETTLE_RETURNED not in verbs(await desk.card("sara"))
    told = await turns(desk, "maria")
    await desk.later(timedelta(days=3), steps=30)
    assert await turns(desk, "maria") == told
    await desk.mail(report(again, name="second"))
    assert (await desk.ticket()).letters[-1].state is LetterState.RETURNED, "it may come back again"


@pytest.mark.parametrize(("way", "state"), [("reached", LetterState.SENT), ("unreached", LetterState.UNDELIVERED)])
async def test_what_is_not_sent_again_is_said_how(desk: Furnished, way: str, state: LetterState) -> None:
    await erased(desk)
    await desk.mail(report(desk.letters(PRIYA)[-1]))
    with pytest.raises(Incomplete):
        await desk.fill("sara", Verb.SETTLE_RETURNED, {"way": way})
    form = await desk.form("sara", Verb.SETTLE_RETURNED)
    await desk.send("sara", form, {"way": way, "note": "Ringde Priya på 070-174 06 05."})
    assert (await desk.ticket()).letters[-1].state is state
    assert "070" not in str([entry.facts for entry in await desk.events()])
    with pytest.raises(NotAllowedNow):
        await desk.opened.desk.form(
            desk.who("sara"), form.press.__class__(form.press.verb, form.press.target, form.press.version + 1)
        )


async def test_an_old_bounce_and_its_double_are_one(desk: Furnished) -> None:
    await erased(desk)
    letter = desk.letters(PRIYA)[-1]
    await desk.mail(old_bounce(letter))
    await desk.mail(old_bounce(letter))
    assert (await desk.ticket()).letters[-1].state is LetterState.RETURNED
    returned = [one for one in await desk.events() if one.event is LedgerEvent.LETTER_RETURNED]
    assert len(returned) == 1


async def test_a_question_that_came_back_waits_for_a_handler_not_for_the_person(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await desk.decide("karin")
    await desk.decide("jonas")
    question = desk.letters(PRIYA)[-1]
    assert "/c/" in question.text
    await desk.mail(report(question))
    assert "Väntar på: Sara" in words(await desk.card("sara"))
    assert "Brevet kom tillbaka: ”bekräfta radering”" in words(await desk.card("sara"))


async def test_a_delay_is_no_bounce(desk: Furnished) -> None:
    await erased(desk)
    await desk.mail(report(desk.letters(PRIYA)[-1], "delayed"))
    assert (await desk.ticket()).letters[-1].state is LetterState.SENT
    assert Verb.SETTLE_RETURNED not in verbs(await desk.card("sara"))


async def test_a_bounce_of_somebody_elses_letter_waits_on_the_quiet_list(desk: Furnished) -> None:
    await erased(desk)
    strange = SentMail("", PRIYA, "", "", f"<{'0' * 32}@goto.work>")
    await desk.mail(report(strange))
    assert (await desk.ticket()).letters[-1].state is LetterState.SENT
    assert await waiting_items(desk) == 1


async def test_an_erasure_waits_while_the_copy_reached_nobody(desk: Furnished) -> None:
    """D3: a copy that came back shows nobody anything; nothing is erased before a person has seen to it."""
    await at_decision(desk)
    for name in ("karin", "jonas", "sara"):
        await desk.decide(name)
    await desk.press("sara", Verb.SEND_LETTER)
    letter = desk.letters(FATIMA)[-1]
    await desk.mail(report(letter))
    await desk.later(timedelta(days=9), steps=9)
    ticket = await desk.ticket()
    erases = {task.system: task.state for task in ticket.tasks if task.operation == "erase"}
    assert erases["hubspot"] == "locked"
    assert desk.hubspot.account.contact(FATIMA) is not None


AUTOMATIC = [
    ("Frånvaro: Ditt ärende", "Jag är på semester till den 20 mars.", {"Auto_Submitted": "auto-replied"}),
    ("Out of office", "I am away until 20 March.", {"X_Autoreply": "yes"}),
    ("Automatic reply", "I am away.", {"Precedence": "auto_reply"}),
]


@pytest.mark.parametrize(("subject", "text", "head"), AUTOMATIC)
async def test_a_machine_that_answers_gets_no_letter_and_rings_no_bell(
    desk: Furnished, subject: str, text: str, head: dict[str, str]
) -> None:
    await at_decision(desk, "erase")
    letter = desk.letters(PRIYA)[0]
    sent, told = len(desk.letters()), await turns(desk, "sara")
    for n in range(4):
        await desk.mail(answer(letter, subject, f"{text} {n}", **head))
    assert len(desk.letters()) == sent
    assert await turns(desk, "sara") == told
    ticket = await desk.ticket()
    assert MAIL_TO_READ not in ticket.flags
    assert len(await desk.tickets()) == 1
    _, _, page = await desk.review("sara")
    assert text in page, "kept, and read with the rest"


@pytest.mark.parametrize("subject", ["Frånvaro: semester", "Out of office: holiday"])
async def test_a_machine_without_our_reference_stays_on_the_quiet_list(desk: Furnished, subject: str) -> None:
    mail = f"From: {PRIYA}\nTo: info@goto.work\nSubject: {subject}\nAuto-Submitted: auto-replied\n\nAway.\n".encode()
    await desk.mail(mail)
    assert not await desk.tickets()
    assert not desk.letters()
    assert await waiting_items(desk) == 1


async def test_our_own_letter_come_round_to_us_is_nothing_new(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    sent = len(desk.letters())
    files = sorted((desk.mail_folder / "out" / "new").glob("*"))
    await desk.raw_mail(files[0].read_bytes())
    assert len(await desk.tickets()) == 1
    assert len(desk.letters()) == sent
    assert await waiting_items(desk) == 0
    assert MAIL_TO_READ not in (await desk.ticket()).flags


async def test_an_id_that_only_looks_like_ours_hides_no_request(desk: Furnished) -> None:
    """Reception forwards a request; its mail program makes ids like ours. A missed request is the worst there is."""
    head = "From: info@goto.work\nTo: info@goto.work\nSubject: VB: Radera\n"
    body = (
        "Från: Priya <priya.natarajan@example.org>\nSkickat: den 5 mars 2026 10:00\nÄmne: Radera\n\nRadera allt om mig."
    )
    kind = "Content-Type: text/plain; charset=utf-8\n"
    await desk.mail(f"{head}Message-ID: <{'a' * 32}@goto.work>\n{kind}\n{body}\n".encode())
    assert len(await desk.tickets()) == 1


async def test_no_letter_leaves_to_our_own_address(desk: Furnished) -> None:
    """A receipt to ourselves would arrive as mail, and so on for ever: it waits for a person instead."""
    given = {"channel": "phone", "subject": "info@goto.work", "text": "Jag vill ha ett registerutdrag."}
    form = await desk.opened.desk.form(desk.who("sara"), Press(Verb.NEW, "home"))
    await desk.send("sara", form, given)
    await desk.press("sara", Verb.CONFIRM)
    assert desk.letters() == []
    assert (await desk.ticket()).letters[0].state is LetterState.DRAFT


async def test_an_address_that_keeps_writing_is_announced_once_and_looked_at_in_the_morning(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    letter = desk.letters(PRIYA)[0]
    for n in range(10):
        await desk.mail(answer(letter, f"Re: {FIRST}", f"Hej igen, nummer {n}"))
    await desk.review("sara")
    told = await turns(desk, "sara")
    assert MAIL_TO_READ not in (await desk.ticket()).flags
    for n in range(10, 13):
        await desk.mail(answer(letter, f"Re: {FIRST}", f"Hej igen, nummer {n}"))
        await desk.review("sara")
    assert await turns(desk, "sara") == told + 1, "one notice for the rest of the day"
    assert "Många mejl" in words(await desk.card("sara"))
    await desk.later(timedelta(days=1, hours=1), steps=5)
    assert MAIL_TO_READ in (await desk.ticket()).flags, "what rang no bell is looked at all the same"
    assert Verb.REVIEW in verbs(await desk.card("sara"))
