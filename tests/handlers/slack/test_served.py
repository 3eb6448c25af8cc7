"""The whole desk with Slack by Socket Mode, as `python -m bot run` puts it together: no address, a store on disk."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot.app import chats, serve
from bot.app.demo import _sandboxes
from bot.store import new_key
from config.settings import Settings, load
from handlers.slack import SlackMessenger
from tests.fakes import FixedClock
from tests.free_port import free_port
from tests.handlers.slack.small_desk import CHANNEL
from tests.handlers.slack.test_listeners import until
from tests.standins.slack import APP_TOKEN, TOKEN, SlackStandIn
from tests.standins.slack_people import SocketPerson, words

REQUEST = {"channel": "telefon", "subject": "ann@example.org", "name": "Ann", "text": "Please delete my data."}


@pytest.fixture
async def settings(tmp_path: Path, sqlite_url: str, slack: SlackStandIn, clock: FixedClock) -> AsyncIterator[Settings]:
    """A desk without a signing secret, and the systems' sandboxes."""
    async with AsyncExitStack() as stack:
        yield _settings(tmp_path, sqlite_url, slack, await _sandboxes(stack, clock.now().date()))


def _settings(folder: Path, sqlite_url: str, slack: SlackStandIn, systems: Mapping[str, object]) -> Settings:
    return load(
        {
            **{name: new_key() for name in ("keys", "index_key", "signing_key")},
            "database_url": sqlite_url,
            "port": free_port(),
            "systems": systems,
            "mailbox": {"kind": "folder", "folder": folder / "mail", "address": "info@goto.work"},
            "digest_file": folder / "digests.txt",
            "slack": {"bot_token": TOKEN, "app_token": APP_TOKEN, "api_url": slack.api_url, "channel": CHANNEL},
        }
    )


@asynccontextmanager
async def at_work(settings: Settings, clock: FixedClock) -> AsyncIterator[None]:
    async with serve.served(settings, clock, chats.messengers(settings, clock)):
        yield


async def test_a_request_is_typed_in_and_its_card_comes_without_any_address(
    settings: Settings, clock: FixedClock, slack: SlackStandIn, session: ClientSession
) -> None:
    sara = SocketPerson(slack, session, "", "U0SARA", CHANNEL)
    async with at_work(settings, clock):
        await slack.sockets.connected()
        await sara.shortcut()
        await until(lambda: len(slack.views) == 1)  # the first time anybody is seen, Slack is asked who they are
        (view,) = slack.views.values()
        answer = await sara.submit(view, REQUEST)
        assert "PR-2026-0001" in words(answer.body["view"]["blocks"])
        await until(lambda: len(slack.in_channel(CHANNEL)) == 1)
        (card,) = slack.in_channel(CHANNEL)
        await sara.press(card, "Bekräfta")
        assert "PR-2026-0001 · Söks" in words((await sara.command("visa 1")).body["blocks"])
        async with session.post(f"http://127.0.0.1:{settings.port}/slack/events", data=b"command=%2Fprivacy") as reply:
            assert reply.status == 404
    assert slack.sockets.live == [], "it hung up"
    async with at_work(settings, clock):
        await slack.sockets.connected(2)
        await sara.open_home()
        await until(lambda: "U0SARA" in slack.homes)
        assert "PR-2026-0001" in words(sara.home["blocks"])


async def test_a_refused_token_leaves_everything_else_at_work(
    settings: Settings, clock: FixedClock, slack: SlackStandIn, session: ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    slack.refuse("apps.connections.open", "invalid_auth")
    async with at_work(settings, clock):
        await until(lambda: "slack socket refused: trouble.credentials invalid_auth" in caplog.text)
        async with session.get(f"http://127.0.0.1:{settings.port}/readyz") as reply:
            assert reply.status == 200
    assert slack.sockets.opened == 0


async def test_what_slack_told_the_jobs_to_leave_alone_its_door_leaves_alone_too(
    settings: Settings, clock: FixedClock
) -> None:
    async with serve.served(settings, clock, chats.messengers(settings, clock)) as desk:
        messenger = desk.house.messengers["slack"]
        assert isinstance(messenger, SlackMessenger)
        assert serve._slack_door(desk).rests is messenger.client.rests
