"""A whole desk with Teams set up: its door stands beside the others; one open to strangers does not start."""

from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.app.chats import messengers
from bot.app.serve import Halves, served
from bot.store import new_key
from config.settings import Settings, SettingsError, load
from handlers.teams import PATH
from tests.fakes import FixedClock
from tests.free_port import free_port
from tests.standins.botframework import APP_ID, TENANT
from tests.standins.teams import CHANNEL

#: Nobody is asked here: what must be there to start at all.
SYSTEMS = {"eventbrite": {"token": "t", "organization_id": "1"}, "hubspot": {"token": "t"}}
WEB_ONLY = Halves(web=True, worker=False)


def settings(folder: Path, sqlite_url: str, teams: dict[str, Any], **differs: Any) -> Settings:
    """Return a desk's settings, with Teams as asked."""
    keys = {name: new_key() for name in ("keys", "index_key", "signing_key")}
    mailbox = {"kind": "folder", "folder": folder / "mail", "address": "info@goto.work"}
    whole = {"database_url": sqlite_url, "mailbox": mailbox, "port": free_port(), "start_date": "2026-03-01"}
    return load(
        {**keys, **whole, "systems": SYSTEMS, "teams": {"channel": CHANNEL, **teams} if teams else {}, **differs}
    )


@pytest.mark.parametrize(
    "differs",
    [{"host": "0.0.0.0"}, {"public_url": "https://desk.example.org"}],  # noqa: S104 - to be refused
    ids=str,
)
async def test_without_sign_in_a_desk_that_others_reach_does_not_start(
    tmp_path: Path, sqlite_url: str, clock: FixedClock, differs: dict[str, Any]
) -> None:
    ours = settings(tmp_path, sqlite_url, {"anonymous": True}, **differs)
    with pytest.raises(SettingsError) as refused:
        async with served(ours, clock, messengers(ours, clock), halves=WEB_ONLY):
            pass
    (line,) = refused.value.lines
    assert line.startswith("PRIVACY_TEAMS__ANONYMOUS: ")


async def test_with_sign_in_the_door_stands_and_is_shut(tmp_path: Path, sqlite_url: str, clock: FixedClock) -> None:
    own = {"app_id": APP_ID, "app_secret": "s", "tenant_id": TENANT}
    ours = settings(tmp_path, sqlite_url, own, public_url="https://desk.example.org")
    async with (
        served(ours, clock, messengers(ours, clock), halves=WEB_ONLY),
        ClientSession(f"http://127.0.0.1:{ours.port}") as session,
    ):
        for headers, body in (({}, {}), ({"Authorization": "Bearer x.y.z"}, {"type": "message"})):
            async with session.post(PATH, json=body, headers=headers) as reply:
                assert reply.status == 401
                assert await reply.text() == ""
                assert "Server" not in reply.headers


async def test_without_teams_there_is_no_door(tmp_path: Path, sqlite_url: str, clock: FixedClock) -> None:
    ours = settings(tmp_path, sqlite_url, {})
    async with (
        served(ours, clock, messengers(ours, clock), halves=WEB_ONLY),
        ClientSession(f"http://127.0.0.1:{ours.port}") as session,
        session.post(PATH, json={}) as reply,
    ):
        assert reply.status == 404
