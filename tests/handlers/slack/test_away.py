"""A channel closed for an afternoon, a key taken back: cards become right when it is over, and somebody hears why."""

from collections.abc import AsyncIterator
from datetime import timedelta
from email import message_from_bytes
from email.policy import default as modern
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.domain.errors import CredentialsRefused
from bot.ports import Call, JobKind
from bot.services.carrying_out import halting
from bot.services.reminding import reminders
from tests.fakes import FixedClock
from tests.handlers.slack.real_desk import Street, street, typed_in
from tests.handlers.slack.small_desk import CHANNEL
from tests.handlers.slack.test_real_desk import REF, REQUEST
from tests.standins.slack import SlackStandIn
from tests.standins.slack_people import labels, words
from tests.standins.slack_rooms import Room

ON_CALL = "D0MARIA"
ARCHIVED = "Kanalen i Slack är arkiverad. Öppna den igen, eller ställ in en annan kanal."
REVOKED = "Slack har dragit tillbaka vår nyckel"


@pytest.fixture
async def at_work(
    tmp_path: Path, clock: FixedClock, slack: SlackStandIn, session: ClientSession
) -> AsyncIterator[Street]:
    """A desk that Sara has just typed a request into."""
    async with street(tmp_path, clock, slack, session) as street_:
        await typed_in(street_, REQUEST)
        yield street_


async def hours(at_work: Street, clock: FixedClock, n: int) -> None:
    """Let hours pass, each with what is due in it."""
    for _ in range(n):
        await at_work.runner.drain()
        clock.advance(timedelta(hours=1, minutes=1))
    await at_work.runner.drain()


async def dismiss(at_work: Street, slack: SlackStandIn) -> None:
    """Close the ticket as no request."""
    sara = at_work.person("U0SARA")
    await sara.press(at_work.card, "Inte en begäran…")
    (view,) = slack.views.values()
    (reason, *_) = next(block for block in view["blocks"] if block.get("type") == "input")["element"]["options"]
    await sara.submit(view, {"reason": reason["text"]["text"]})


async def morning(at_work: Street, clock: FixedClock) -> None:
    """Let the next morning's reminders go out."""
    clock.advance(timedelta(days=1))
    await reminders.morning(at_work.house, Call(JobKind.TICK, (), "token", 1))
    await at_work.runner.drain()


async def test_a_ticket_closed_while_its_channel_is_archived_shows_so_once_it_is_open_again(
    at_work: Street, slack: SlackStandIn, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    """The cause is told once, in plain words with who must do what; and afterwards no morning speaks of it."""
    slack.rooms[CHANNEL] = Room(archived=True)
    await dismiss(at_work, slack)
    await hours(at_work, clock, 8)
    assert "Ny begäran" in words(at_work.card.blocks)
    assert sum(ARCHIVED in words(one.blocks) for one in slack.in_channel(ON_CALL)) == 1
    assert "NeedsHuman trouble.chat_archived is_archived" in caplog.text
    slack.rooms.clear()
    await hours(at_work, clock, 1)
    assert "Avslutad" in words(at_work.card.blocks)
    assert "Bekräfta" not in labels(at_work.card.blocks)
    await morning(at_work, clock)
    told = [words(one.blocks) for one in slack.in_channel(ON_CALL)]
    assert not any("Arbeten som stannat" in one for one in told)
    assert sum(ARCHIVED in one for one in told) == 1


async def test_a_channel_that_stays_archived_is_spoken_of_once_a_working_morning(
    at_work: Street, slack: SlackStandIn, clock: FixedClock
) -> None:
    slack.rooms[CHANNEL] = Room(archived=True)
    await dismiss(at_work, slack)
    await hours(at_work, clock, 24 * 3)
    assert sum(ARCHIVED in words(one.blocks) for one in slack.in_channel(ON_CALL)) in {3, 4}


async def test_a_key_that_was_taken_back_is_told_of_by_mail_with_who_must_do_what(
    at_work: Street, slack: SlackStandIn, clock: FixedClock, tmp_path: Path
) -> None:
    revoked = CredentialsRefused("trouble.chat_key_revoked", {"system": "Slack", "code": "token_revoked"})
    call = Call(JobKind.REFRESH_CARD, (REF,), "token", 8)
    for method in ("conversations.open", "chat.postMessage"):
        for _ in range(8):
            slack.refuse(method, "token_revoked")
    for _ in range(3):
        assert await halting.set_aside(at_work.house, call, revoked) == timedelta(hours=1)
    await hours(at_work, clock, 6)
    mails = [message_from_bytes(one.read_bytes(), policy=modern) for one in (tmp_path / "mail").rglob("*.eml")]
    (told,) = (one for one in mails if one["To"] == "maria.ek@gotowork.example")
    text = told.get_content()
    assert "Kort kommer inte fram i Slack" in text
    assert REVOKED in text
    assert REF not in text


async def test_what_tells_of_it_is_not_told_of(at_work: Street) -> None:
    """Telling of trouble may be what fails: it waits for the chat like the cards, and an older one says nothing."""
    revoked = CredentialsRefused("trouble.chat_key_revoked", {"system": "Slack", "code": "token_revoked"})
    about = "halted:2026-01-02:trouble.chat_key_revoked:Slack:"
    call = Call(JobKind.TELL, (about, "maria"), "token", 8)
    assert await halting.set_aside(at_work.house, call, revoked) == timedelta(hours=1)
    assert await halting.set_aside(at_work.house, call, KeyError()) is None
    assert await at_work.runner.drain() == 0
