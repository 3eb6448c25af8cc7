"""A reply to our own letters: it joins the ticket, somebody hears of it, and it can be read and is not forgotten."""

import base64
from datetime import timedelta

from bot.domain.ticket import MAIL_TO_READ, Stage
from tests.journeys.furnished import FIRST, Furnished, words
from tests.journeys.test_turns import BREACH, newest, told, turns
from tests.journeys.walks import PRIYA, at_decision, erased

WISH = "Ring mig hellre på kontoret, tack."


def answer(ref: str = FIRST, number: int = 1, text: str = WISH, sender: str = PRIYA) -> bytes:
    """Return a reply to a letter of ours."""
    subject = base64.b64encode(f"Sv: {ref} Fråga".encode()).decode()
    head = (
        f"From: Priya Natarajan <{sender}>\r\nTo: info@goto.work\r\nDate: Mon, 9 Mar 2026 10:0{number}:00 +0100\r\n"
        f"Message-ID: <reply{number}@example.org>\r\nIn-Reply-To: <letter@goto.work>\r\n"
        f"Subject: =?utf-8?b?{subject}?=\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    return f"{head}Hej!\r\n\r\n{text}\r\n\r\n> Det du skrev till oss.\r\n".encode()


async def test_a_reply_waits_for_the_handler_until_it_is_read(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    before = await told(desk)
    await desk.mail(answer())
    assert len(await desk.tickets()) == 1
    assert await told(desk) == before | {"sara": before.get("sara", 0) + 1}
    said = await newest(desk, "sara")
    assert "nytt mejl" in said
    assert WISH not in said
    assert "nytt mejl" in words(await desk.card("karin"))
    assert WISH in (await desk.review("karin"))[2]
    assert MAIL_TO_READ in (await desk.ticket()).flags, "an owner answers no mail"
    _, _, page = await desk.review("sara")
    assert WISH in page
    assert "Senare mejl, mån 9 mars" in page
    assert page.index(WISH) < page.index("Mejlet")
    assert MAIL_TO_READ not in (await desk.ticket()).flags
    assert "nytt mejl" not in words(await desk.card("sara"))
    desk.clock.advance(timedelta(minutes=1))
    await desk.mail(answer(number=2, text="Jag menade mobilen."))
    assert len(await turns(desk, "sara")) == 2
    _, _, page = await desk.review("sara")
    assert page.index("Jag menade mobilen.") < page.index(WISH), "the newest first"


async def test_a_reply_to_a_closed_ticket_goes_to_who_is_on_call(desk: Furnished) -> None:
    await erased(desk)
    assert (await desk.ticket()).stage is Stage.CLOSED
    before = await told(desk)
    await desk.later(timedelta(days=2))
    await desk.mail(answer())
    assert await told(desk) == before | {"maria": before.get("maria", 0) + 1}
    said = await newest(desk, "maria")
    assert "nytt mejl" in said
    assert "Avslutad" in said
    assert WISH in (await desk.review("maria", (await turns(desk, "maria"))[-1]))[2]
    assert (await desk.ticket()).flags.isdisjoint({MAIL_TO_READ})
    assert "Inget väntar på dig" in await newest(desk, "maria")


async def test_a_reply_in_an_officers_ticket_goes_to_the_officers(desk: Furnished) -> None:
    await desk.mail(BREACH)
    before = await told(desk)
    await desk.mail(answer())
    assert len(await desk.tickets()) == 1
    assert await told(desk) == before | {"maria": before.get("maria", 0) + 1}
    assert "nytt mejl" in await newest(desk, "maria")
