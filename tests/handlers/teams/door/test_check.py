"""`check` says what keeps the desk from Teams, in one line each, before a real request finds out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.app.absent import Absent, in_no_chat
from bot.app.check_slack import slack_problems
from bot.app.check_teams import teams_problems
from bot.domain.request import Language
from bot.store import new_key
from config.chats import TeamsSettings
from config.settings import Settings, load
from handlers.teams import Connector
from handlers.teams.keys import fetched
from integrations.mailbox.graph.login import CLIENT, SECRET, TENANT, LoginServer
from integrations.sandbox import serve
from tests.fakes import FixedClock
from tests.handlers.slack.small_desk import TEXTS
from tests.handlers.teams.outgoing import Keys
from tests.standins.botframework import Keys as Signers
from tests.standins.botframework import serve_keys
from tests.standins.slack import SIGNING_SECRET, serve_slack
from tests.standins.slack import TOKEN as SLACK_TOKEN
from tests.standins.teams import CHANNEL, TOKEN, TeamsStandIn, serve_teams


@dataclass(frozen=True, slots=True)
class Login:
    """The login server, and where."""

    server: LoginServer
    url: str


@pytest.fixture
async def login() -> AsyncIterator[Login]:
    """A login server that knows one application."""
    server = LoginServer()
    application = web.Application()
    application.add_routes(server.routes())
    async with serve(application) as url:
        yield Login(server, url)


@pytest.fixture(autouse=True)
async def keys(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Signers]:
    """The list of keys, on this machine."""
    async with serve_keys() as keys:
        listed = partial(fetched, keys.listed("botframework"))
        monkeypatch.setattr("bot.app.check_teams.fetched", listed)
        yield keys


def settings(login: Login, sqlite_url: str, teams: dict[str, Any], **differs: Any) -> Settings:
    keys = {name: new_key() for name in ("keys", "index_key", "signing_key")}
    own = {"app_id": CLIENT, "app_secret": SECRET, "tenant_id": TENANT, "channel": CHANNEL, "login_url": login.url}
    whole = {
        "colleagues": (),
        "database_url": sqlite_url,
        "public_url": "https://desk.example.org",
        "teams": {**own, **teams},
    }
    return load({**keys, **whole, **differs})


async def asked(settings: Settings, clock: FixedClock, *, offline: bool = False) -> list[str]:
    return await teams_problems(TEXTS, settings, clock, offline=offline)


async def test_without_teams_nothing_is_said(login: Login, sqlite_url: str, clock: FixedClock) -> None:
    away = replace(login, url=TeamsSettings().login_url)
    nothing = dict.fromkeys(("app_id", "app_secret", "tenant_id", "channel"), "")
    off = settings(away, sqlite_url, nothing, public_url="http://127.0.0.1")
    assert await asked(off, clock) == []
    assert login.server.issued == 0


@pytest.mark.parametrize(
    ("teams", "setting"),
    [
        ({"app_secret": "the secret's id, not its value"}, "PRIVACY_TEAMS__APP_SECRET"),
        ({"app_id": "99999999-0000-4000-8000-000000000000"}, "PRIVACY_TEAMS__APP_ID"),
        ({"tenant_id": "99999999-0000-4000-8000-000000000000"}, "PRIVACY_TEAMS__TENANT_ID"),
    ],
)
async def test_a_key_that_is_refused_names_its_setting(
    login: Login, sqlite_url: str, clock: FixedClock, teams: dict[str, Any], setting: str
) -> None:
    (line,) = await asked(settings(login, sqlite_url, teams), clock)
    assert setting in line
    assert "the secret's id" not in line
    assert SECRET not in line


@pytest.fixture
async def teams(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[TeamsStandIn]:
    """Teams on this machine, in the directory that the login server knows."""

    def here(_settings: Settings, session: aiohttp.ClientSession) -> Connector:
        return Connector(session, CLIENT, Keys([TOKEN]), loopback=True)

    async with serve_teams(TeamsStandIn(TOKEN)) as teams:
        monkeypatch.setattr("bot.app.chats.teams_connector", here)
        monkeypatch.setattr("handlers.teams.references.EVERYWHERE", teams.service_url)
        monkeypatch.setattr("tests.standins.teams.TENANT", TENANT)
        yield teams


@pytest.mark.parametrize("installed", [True, False])
async def test_an_app_that_is_not_in_the_channel_is_a_line(
    login: Login, sqlite_url: str, clock: FixedClock, teams: TeamsStandIn, installed: bool
) -> None:
    """The key is good, and Teams (here on this machine) is asked about the channel."""
    if not installed:
        teams.block(CHANNEL)
    lines = await asked(settings(login, sqlite_url, {}), clock)
    assert {call.what for call in teams.calls} == {"look"}
    assert [line.startswith("Teams could not be reached: The Privacy Desk app") for line in lines] == [True] * (
        not installed
    )
    assert login.server.issued == 1


ANNA, KARIN = "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002"
PEOPLE = (
    {"id": "anna", "name": "Anna", "email": "anna@goto.work", "duties": ["handler"], "teams": ANNA},
    {"id": "karin", "name": "Karin", "email": "karin@goto.work", "duties": ["officer"]},
    {"id": "bo", "name": "Bo", "email": "bo@goto.work", "duties": ["viewer"]},
)


def in_the_team(teams: TeamsStandIn, person: str, email: str) -> None:
    teams.members[person] = {"email": email, "userPrincipalName": email, "tenantId": TENANT, "userRole": "user"}


async def test_who_gets_reminders_by_mail_is_a_line_each(
    login: Login, sqlite_url: str, clock: FixedClock, teams: TeamsStandIn
) -> None:
    """Karin is in the team without the app; Bo is not in the team; Anna has the app, until it is taken from her."""
    teams.install_for(ANNA)
    in_the_team(teams, ANNA, "anna@goto.work")
    in_the_team(teams, KARIN, "karin@goto.work")
    ours = settings(login, sqlite_url, {}, colleagues=PEOPLE)
    karin, bo = await asked(ours, clock)
    assert karin.startswith("Teams: Karin gets reminders by mail instead: The Privacy Desk app is not installed")
    assert bo == TEXTS.say(Language.EN, "check.teams_nobody", {"name": "Bo"})
    assert "@" not in karin + bo
    assert teams.messages == {}, "nothing is said to anybody"
    teams.install_for(KARIN)
    in_the_team(teams, "aaaaaaaa-0000-4000-8000-000000000003", "bo@goto.work")
    teams.install_for("aaaaaaaa-0000-4000-8000-000000000003")
    assert await asked(ours, clock) == []
    teams.block(teams.people[ANNA])
    (anna,) = await asked(ours, clock)
    assert anna.startswith("Teams: Anna gets reminders by mail instead: ")


async def test_an_id_that_is_not_its_colleagues_is_named(
    login: Login, sqlite_url: str, clock: FixedClock, teams: TeamsStandIn
) -> None:
    """By address, or a guest's; of who is not in the team Teams says nothing, and what is written counts."""
    teams.install_for(ANNA)
    ours = settings(login, sqlite_url, {}, colleagues=PEOPLE[:1])
    unverified = TEXTS.say(Language.EN, "check.ids_unverified", {"system": "Teams", "names": "Anna"})
    assert await asked(ours, clock) == [unverified]
    wrong = TEXTS.say(Language.EN, "check.id_not_theirs", {"system": "Teams", "name": "Anna", "handle": ANNA})
    in_the_team(teams, ANNA, "somebody@goto.work")
    assert await asked(ours, clock) == [wrong]
    in_the_team(teams, ANNA, "anna@goto.work")
    assert await asked(ours, clock) == []
    teams.members[ANNA]["userRole"] = "guest"
    assert await asked(ours, clock) == [wrong]


async def test_offline_nobody_is_asked(login: Login, sqlite_url: str, clock: FixedClock, teams: TeamsStandIn) -> None:
    assert await asked(settings(login, sqlite_url, {}, colleagues=PEOPLE), clock, offline=True) == []
    assert teams.calls == []


async def test_who_is_not_in_teams_may_be_in_slack(
    login: Login, sqlite_url: str, clock: FixedClock, teams: TeamsStandIn
) -> None:
    """Only whose id in Teams stands in the people file is missed there."""
    slack = {"bot_token": "xoxb-made-up", "signing_secret": "made-up", "channel": "C0TICKETS"}
    (anna,) = await asked(settings(login, sqlite_url, {}, colleagues=PEOPLE, slack=slack), clock)
    assert anna.startswith("Teams: Anna")


async def test_what_was_found_out_stands_when_teams_stops_answering(
    login: Login, sqlite_url: str, clock: FixedClock, teams: TeamsStandIn
) -> None:
    in_the_team(teams, KARIN, "karin@goto.work")
    teams.refuse("open", 403)
    teams.too_many("open", 30)
    anna, stopped = await asked(settings(login, sqlite_url, {}, colleagues=PEOPLE), clock)
    assert anna.startswith("Teams: Anna")
    assert stopped.startswith("Teams could not be reached: ")


async def test_a_store_that_cannot_be_opened_has_a_line_of_its_own(
    login: Login, sqlite_url: str, clock: FixedClock
) -> None:
    await asked(settings(login, sqlite_url, {"channel": ""}), clock)
    broken = settings(login, "sqlite:///nowhere/at/all/desk.sqlite3", {})
    assert await asked(broken, clock) == []


async def test_what_is_missing_is_said_without_asking_anybody(login: Login, sqlite_url: str, clock: FixedClock) -> None:
    """D39: Teams needs a public HTTPS address."""
    here = settings(login, sqlite_url, {"channel": ""}, public_url="http://127.0.0.1:8080")
    channel, address = await asked(here, clock, offline=True)
    assert "PRIVACY_TEAMS__CHANNEL" in channel
    assert "PRIVACY_PUBLIC_URL" in address
    assert "/api/messages" in address
    assert login.server.issued == 0
    assert await asked(here, clock) == [channel, address], "the key is tried all the same"
    assert login.server.issued == 1


async def test_a_playground_is_asked_nothing(login: Login, sqlite_url: str, clock: FixedClock) -> None:
    play = {"app_id": "", "app_secret": "", "tenant_id": "", "anonymous": True}
    assert await asked(settings(login, sqlite_url, play, public_url="http://127.0.0.1:8080"), clock) == []
    (line,) = await asked(settings(login, sqlite_url, play), clock)
    assert "PRIVACY_TEAMS__ANONYMOUS" in line
    assert login.server.issued == 0


@pytest.mark.parametrize(
    ("differs", "shared"),
    [({}, False), ({"tenantId": TENANT.upper()}, False), ({"tenantId": "99999999-0000-4000-8000-000000000000"}, True)],
)
async def test_a_channel_that_another_company_reads_is_a_line(
    login: Login, sqlite_url: str, clock: FixedClock, teams: TeamsStandIn, differs: dict[str, str], shared: bool
) -> None:
    """Since private channels take apps, shared ones do too, by the same word of the manifest."""
    for number in range(120):  # more than a page of the roster
        in_the_team(teams, f"cccccccc-0000-4000-8000-{number:012}", f"c{number}@goto.work")
    teams.members["cccccccc-0000-4000-8000-000000000119"] |= differs
    said = TEXTS.say(Language.EN, "check.teams_shared")
    assert (said in await asked(settings(login, sqlite_url, {}), clock)) is shared


async def test_a_list_of_keys_that_does_not_come_is_a_line(
    login: Login, sqlite_url: str, clock: FixedClock, teams: TeamsStandIn, keys: Signers
) -> None:
    """Without it nobody is let in, though our own key is taken."""
    keys.broken = True
    assert await asked(settings(login, sqlite_url, {}), clock) == [TEXTS.say(Language.EN, "check.teams_keys")]
    assert await asked(settings(login, sqlite_url, {}), clock, offline=True) == []


async def test_who_is_in_neither_chat_is_named(
    login: Login, sqlite_url: str, clock: FixedClock, teams: TeamsStandIn
) -> None:
    """Each chat leaves who is missing to the other; whose accounts were closed in both is missed by both."""
    in_the_team(teams, KARIN, "karin@goto.work")
    in_the_team(teams, ANNA, "anna@goto.work")
    teams.install_for(ANNA)
    async with serve_slack() as slack:
        slack.members.join("U0ANNA", "anna@goto.work")
        slack.members.join("U0BO", "bo@goto.work")
        own = {"bot_token": SLACK_TOKEN, "signing_secret": SIGNING_SECRET, "channel": "C0TICKETS"}
        both = settings(login, sqlite_url, {}, colleagues=PEOPLE, slack={**own, "api_url": slack.api_url})
        absent: Absent = {}

        async def lines() -> list[str]:
            absent.clear()
            found = await slack_problems(TEXTS, both, offline=False, absent=absent)
            found += await teams_problems(TEXTS, both, clock, offline=False, absent=absent)
            return found + in_no_chat(TEXTS, both.people(), absent)

        assert await lines() == []
        slack.members.join("U0BO", "bo@goto.work", deleted=True)
        assert await lines() == [TEXTS.say(Language.EN, "check.in_no_chat", {"name": "Bo"})]
        slack.refuse("users.lookupByEmail", "internal_error")
        (unreachable,) = await lines()
        assert unreachable.startswith("Slack could not be reached")
        assert set(absent) == {"teams"}, "of who was not asked about nothing is known"
