"""An opt-out runs by itself only as the sender's own, authenticated sentence (D8); else it is pressed that day."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.card import Verb
from bot.domain.ticket import Stage
from bot.services.casework.opting_out import told_at
from tests.fakes import FixedClock
from tests.journeys.furnished import Furnished, words

ASTRID = "astrid.lundgren@example.se"
NO_THANKS = "Avregistrera mig från alla era utskick."
KIND = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
HIDDEN = (
    "<html><body><p>Hej, tack för senast. Vi ses på torsdag.</p>"
    f'<p style="display:none">{NO_THANKS} {NO_THANKS}</p></body></html>'
)


def mail(text: str, head: str = "", kind: str = KIND) -> bytes:
    """Return a mail of Astrid's."""
    first = f"From: Astrid Lundgren <{ASTRID}>\nTo: info@goto.work\nMessage-ID: <o{len(text)}@example.se>\n"
    subject = "" if "Subject:" in head else "Subject: Hej\n"
    return f"{first}{subject}{head}{kind}\n{text}\n".encode()


NOT_THEIR_OWN = {
    "quoted": mail("Se nedan, undrar vad ni svarade?\n\nDen 5 mars skrev Bo:\n> " + NO_THANKS, "Subject: SV: Hej\n"),
    "forwarded": mail(
        "Se nedan.\n\nFrån: Bo Ek <bo.ek@example.com>\nSkickat: den 5 mars 2026 10:00\nTill: Astrid\n"
        f"Ämne: Utskick\n\n{NO_THANKS}",
        "Subject: VB: Utskick\n",
    ),
    "hidden": mail(HIDDEN, kind=KIND.replace("text/plain", "text/html")),
    "reply_elsewhere": mail(NO_THANKS, "Reply-To: bo.ek@example.com\n"),
}


@pytest.mark.parametrize("name", NOT_THEIR_OWN)
async def test_what_is_not_the_senders_own_sentence_stops_nothing_by_itself(desk: Furnished, name: str) -> None:
    await desk.mail(NOT_THEIR_OWN[name])
    assert not desk.hubspot.account.opted_out
    assert not desk.letters()
    assert all(ticket.stage is Stage.RECEIVED for ticket in await desk.tickets())


async def test_a_forged_sender_stops_nothing_by_itself(desk: Furnished) -> None:
    forged = mail(NO_THANKS, "Authentication-Results: mx1.gotowork.example; dmarc=fail header.from=example.se\n")
    received = "Received: from x by mx1.gotowork.example; Mon, 9 Mar 2026 10:00:00 +0100\n"
    await desk.raw_mail(received.encode() + forged)
    assert not desk.hubspot.account.opted_out
    assert [ticket.stage for ticket in await desk.tickets()] == [Stage.RECEIVED]


async def pages(desk: Furnished, name: str = "maria") -> list[str]:
    """Return the reminders of unpressed opt-outs that stand before a colleague."""
    async with desk.opened.house.work() as unit:
        posts = await unit.posts.feed("console", name)
    return [post.about for post in posts if post.about.startswith("reminder:opt_out:")]


async def test_who_has_duty_hears_the_same_day_if_nobody_has_pressed(desk: Furnished) -> None:
    await desk.mail(NOT_THEIR_OWN["reply_elsewhere"])
    assert not await pages(desk)
    await desk.until(datetime(2026, 3, 9, 13, 59, tzinfo=UTC))
    assert not await pages(desk)
    await desk.until(datetime(2026, 3, 9, 14, 1, tzinfo=UTC))
    (about,) = await pages(desk)
    assert "Ett nej till utskick väntar på att bekräftas i dag." in words(await desk.card("maria", about))
    await desk.later(timedelta(hours=9), steps=9)
    assert len(await pages(desk)) == 1


async def test_a_pressed_one_reminds_nobody(desk: Furnished) -> None:
    await desk.mail(NOT_THEIR_OWN["reply_elsewhere"])
    await desk.press("sara", Verb.CONFIRM)
    assert desk.hubspot.account.opted_out == {ASTRID}, "one press is all it takes"
    await desk.later(timedelta(hours=10), steps=10)
    assert not await pages(desk)


@pytest.mark.parametrize(
    ("came", "told"),
    [
        (datetime(2026, 3, 9, 7, tzinfo=UTC), datetime(2026, 3, 9, 14, tzinfo=UTC)),
        (datetime(2026, 3, 9, 14, 45, tzinfo=UTC), datetime(2026, 3, 9, 15, 15, tzinfo=UTC)),
        (datetime(2026, 3, 9, 15, 30, tzinfo=UTC), datetime(2026, 3, 10, 9, tzinfo=UTC)),
        (datetime(2026, 3, 7, 9, tzinfo=UTC), datetime(2026, 3, 9, 9, tzinfo=UTC)),
        (datetime(2026, 4, 2, 20, tzinfo=UTC), datetime(2026, 4, 7, 8, tzinfo=UTC)),
    ],
)
async def test_the_hour_follows_the_working_day(
    desk: Furnished, clock: FixedClock, came: datetime, told: datetime
) -> None:
    """In the morning at three, in the afternoon soon, at night, on weekends and over Easter on the next working day."""
    assert told_at(desk.opened.house, came) == told
