"""A desk with Slack on its door, and two colleagues and a stranger in a stand-in workspace."""

from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import ClientSession, web

from bot.domain.request import Language
from handlers.slack import PATH, SlackDoor, SlackMessenger, mount, slack_client
from tests.handlers.slack.small_desk import CHANNEL, MAIL_CHANNEL, PEOPLE, PRIVATE, TEXTS, SmallDesk, an_easy_pace
from tests.standins.slack import APP_TOKEN, SIGNING_SECRET, TOKEN, SlackStandIn, serve_slack
from tests.standins.slack_people import Person, SocketPerson


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    """The one shared client session."""
    async with ClientSession() as session:
        yield session


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandIn]:
    """The workspace; the test fails when it was sent something Slack refuses."""
    async with serve_slack() as slack:
        yield slack


@pytest.fixture
def desk() -> SmallDesk:
    """The small desk, with one ticket."""
    return SmallDesk()


@pytest.fixture
def way() -> str:
    """How Slack reaches the desk: at its address, or over a connection the desk keeps ("socket")."""
    return "address"


@pytest.fixture
def door(slack: SlackStandIn, session: ClientSession, desk: SmallDesk, way: str) -> SlackDoor:
    """What Slack's handlers are given."""
    return SlackDoor(
        TOKEN,
        SIGNING_SECRET if way == "address" else "",
        slack.api_url,
        CHANNEL,
        Language.SV,
        session,
        desk,
        PEOPLE,
        TEXTS,
        PRIVATE,
        MAIL_CHANNEL,
        APP_TOKEN if way == "socket" else "",
    )


@pytest.fixture
async def events_url(door: SlackDoor, slack: SlackStandIn) -> AsyncIterator[str]:
    """The desk's address for Slack, served with nothing else."""
    application = web.Application(client_max_size=1 << 26)
    mount(application, door)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    if door.app_token:
        await slack.sockets.connected()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"
    await runner.cleanup()


@pytest.fixture
def messenger(slack: SlackStandIn, session: ClientSession) -> SlackMessenger:
    """The outgoing side."""
    return SlackMessenger(slack_client(TOKEN, slack.api_url, session), TEXTS, PEOPLE, Language.SV, an_easy_pace())


@pytest.fixture
def person(slack: SlackStandIn, session: ClientSession, events_url: str, way: str) -> Callable[[str], Person]:
    """A member of the workspace by Slack user id."""
    kind = SocketPerson if way == "socket" else Person
    return lambda user: kind(slack, session, events_url, user, CHANNEL)


@pytest.fixture
def anna(person: Callable[[str], Person]) -> Person:
    """The handler, reads Swedish."""
    return person("U0ANNA")


@pytest.fixture
def karin(person: Callable[[str], Person]) -> Person:
    """A viewer, reads English."""
    return person("U0KARIN")


@pytest.fixture
def stranger(person: Callable[[str], Person]) -> Person:
    """Somebody the desk does not know."""
    return person("U0STRANGER")
