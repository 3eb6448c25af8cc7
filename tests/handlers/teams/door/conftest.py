"""A desk with Teams on its door: behind real tokens (`guarded`), and open to this machine (`playground`)."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count
from typing import Any

import pytest
from aiohttp import ClientSession, web
from microsoft_agents.hosting.core.authorization import _entra_issuers
from microsoft_agents.hosting.core.authorization.jwt import jwt_token_validator as validator

from bot.domain.request import Language
from handlers.teams import PATH, Connector, References, TeamsDoor, TeamsMessenger, mount
from tests.fakes import FixedClock, MemoryWork
from tests.handlers.slack.small_desk import (
    ANNA_IN_TEAMS,
    KARIN_IN_TEAMS,
    PEOPLE,
    PRIVATE,
    TEXTS,
    SmallDesk,
    an_easy_pace,
)
from tests.standins.botframework import APP_ID, ISSUER, SERVICE_URL, TENANT, Keys, serve_keys, signed
from tests.standins.teams import CHANNEL, Message, TeamsStandIn, serve_teams
from tests.standins.teams_people import TeamsPerson

ANNA_ID, KARIN_ID = ANNA_IN_TEAMS, KARIN_IN_TEAMS
STRANGER_ID = "aaaaaaaa-0000-4000-8000-00000000dead"
BOT = {"id": f"28:{APP_ID}", "name": "Privacy Desk"}

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered."""

    status: int
    text: str
    body: Any = None
    seconds: float = 0.0


@dataclass(slots=True)
class Client:
    """Teams as it knocks: posts activities, with a token or without."""

    session: ClientSession
    url: str
    service_url: str
    stop: Callable[[], Awaitable[None]]
    own: dict[str, str] = field(default_factory=dict)
    numbers: Any = field(default_factory=lambda: count(1))

    def activity(self, user: str = ANNA_ID, room: str = "", **differs: Any) -> Json:
        """Return an activity that says who, where and when, as Teams does; in the user's own chat without a room."""
        kind = "channel" if room == CHANNEL else "groupChat" if room else "personal"
        conversation = {"id": room or self.own.get(user, f"a:{user}"), "conversationType": kind, "tenantId": TENANT}
        return {
            "type": "message",
            "id": f"f:{next(self.numbers)}",
            "timestamp": "2026-03-09T09:05:00.000Z",
            "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": {"id": f"29:{user}", "name": "Somebody", "aadObjectId": user},
            "conversation": conversation,
            "recipient": BOT,
            "channelData": {"tenant": {"id": TENANT}},
            "locale": "sv-SE",
            **differs,
        }

    def invoke(self, name: str, value: Json, user: str = ANNA_ID, room: str = "", **differs: Any) -> Json:
        """Return an invoke."""
        return self.activity(user, room, type="invoke", name=name, value=value, **differs)

    def execute(self, press: str, user: str = ANNA_ID, room: str = CHANNEL, **differs: Any) -> Json:
        """Return the press of a button that acts."""
        action = {"type": "Action.Execute", "verb": "press", "data": {"press": press}}
        return self.invoke("adaptiveCard/action", {"action": action, "trigger": "manual"}, user, room, **differs)

    async def post(self, body: Any, headers: dict[str, str] | None = None, raw: bytes | None = None) -> Answer:
        """Send a body and return the answer."""
        sent: Json = {"data": BytesIO(raw)} if raw is not None else {"json": body}
        began = time.monotonic()
        async with self.session.post(self.url, **sent, headers=headers or {}) as reply:
            text = await reply.text()
            read = await reply.json() if reply.content_type == "application/json" and text else None
            return Answer(reply.status, text, read, time.monotonic() - began)


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """The one shared client session."""
    async with ClientSession() as session:
        yield session


@pytest.fixture
async def teams() -> AsyncIterator[TeamsStandIn]:
    """The tenant; the test fails when it was sent something Teams refuses."""
    async with serve_teams() as teams:
        yield teams


@pytest.fixture
def desk() -> SmallDesk:
    """The small desk, with one ticket."""
    return SmallDesk()


def a_door(app_id: str, session: ClientSession, desk: SmallDesk, work: MemoryWork, clock: FixedClock) -> TeamsDoor:
    """Return what Teams' handlers are given."""
    tenant = TENANT if app_id else ""
    connector = Connector(session, app_id, None, loopback=not app_id)
    references = References(work, clock, tenant, loopback=not app_id)
    messenger = TeamsMessenger(connector, references, TEXTS, PEOPLE, Language.SV, an_easy_pace())
    return TeamsDoor(app_id, tenant, CHANNEL, Language.SV, desk, TEXTS, PRIVATE, messenger)


async def served(door: TeamsDoor, host: str = "127.0.0.1") -> tuple[web.AppRunner, str]:
    """Serve a door and nothing else; return the runner and the address."""
    application = web.Application()
    mount(application, door, host)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"


@pytest.fixture
async def keys(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Keys]:
    """The public keys; the SDK has no setting for where they are, so its two tables are pointed at them."""
    async with serve_keys() as keys:
        monkeypatch.setitem(_entra_issuers.BOTFRAMEWORK_JWKS_URIS, ISSUER, keys.listed("botframework"))
        elsewhere = validator._build_jwks_uri

        def found(issuer: object, root: Any, routing: Any) -> str:
            uri: str = elsewhere(issuer, root, routing)
            return uri if uri.startswith(keys.url) else keys.listed("entra")

        monkeypatch.setattr(validator, "_build_jwks_uri", found)
        yield keys


@pytest.fixture
async def guarded(
    session: ClientSession, desk: SmallDesk, memory_work: MemoryWork, clock: FixedClock, keys: Keys
) -> AsyncIterator[Client]:
    """A door that wants a token."""
    runner, url = await served(a_door(APP_ID, session, desk, memory_work, clock))
    yield Client(session, url, SERVICE_URL, runner.cleanup)
    await runner.cleanup()


@pytest.fixture
async def playground(
    session: ClientSession, desk: SmallDesk, memory_work: MemoryWork, clock: FixedClock, teams: TeamsStandIn
) -> AsyncIterator[Client]:
    """A door that is open to this machine, with the stand-in of the Connector behind it."""
    runner, url = await served(a_door("", session, desk, memory_work, clock))
    own = {user: teams.install_for(user) for user in (ANNA_ID, KARIN_ID, STRANGER_ID)}
    yield Client(session, url, teams.service_url, runner.cleanup, own)
    await runner.cleanup()


@pytest.fixture
def anna(playground: Client, teams: TeamsStandIn) -> TeamsPerson:
    """The handler, who reads Swedish, in the channel."""
    return TeamsPerson(teams, playground.session, playground.url, ANNA_ID)


@pytest.fixture
def karin(playground: Client, teams: TeamsStandIn) -> TeamsPerson:
    """The onlooker, who reads English, in the channel."""
    return TeamsPerson(teams, playground.session, playground.url, KARIN_ID)


@pytest.fixture
def stranger(playground: Client, teams: TeamsStandIn) -> TeamsPerson:
    """Somebody of the tenant whom the desk does not know."""
    return TeamsPerson(teams, playground.session, playground.url, STRANGER_ID)


def bearer(**differs: Any) -> dict[str, str]:
    """Return the header Teams would send, but for what *differs*."""
    return {"Authorization": f"Bearer {signed(**differs)}"}


async def sent(teams: TeamsStandIn, messages: int) -> list[Message]:
    """Return the messages everybody in a conversation sees once there are as many. At most three seconds."""
    for _ in range(300):
        if len(teams.messages) >= messages:
            return list(teams.messages.values())
        await asyncio.sleep(0.01)
    raise AssertionError(f"only {len(teams.messages)} messages came")
