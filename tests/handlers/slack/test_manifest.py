"""The Slack app's manifest agrees with the code and asks for no more than it needs."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from aiohttp import ClientSession

import handlers.slack
from bot.domain.errors import CredentialsRefused, NeedsHuman
from bot.domain.request import Language
from handlers.slack import COMMAND, PATH, SlackDirectory, SlackMessenger, slack_client
from handlers.slack.messages import SHORTCUT
from handlers.slack.scopes import FOR_MAIL, NEEDED, lacking_scopes
from tests.handlers.slack.small_desk import CHANNEL, PEOPLE, TEXTS, SmallDesk
from tests.standins.slack import SCOPES, TOKEN, SlackStandIn, serve_slack

MANIFEST_FILE = Path(__file__).parents[3] / "config" / "slack-manifest.yaml"
WRITTEN = MANIFEST_FILE.read_text(encoding="utf-8")
MANIFEST: dict[str, Any] = yaml.safe_load(WRITTEN)
#: As it is when mail is forwarded into a channel.
WITH_MAIL: dict[str, Any] = yaml.safe_load(WRITTEN.replace("#mail ", " "))
GRANTED: list[str] = MANIFEST["oauth_config"]["scopes"]["bot"]
GRANTED_WITH_MAIL: list[str] = WITH_MAIL["oauth_config"]["scopes"]["bot"]


@pytest.fixture
async def granted() -> AsyncIterator[SlackStandIn]:
    """A workspace that grants what the manifest asks for, and no more."""
    async with serve_slack(SlackStandIn(GRANTED)) as slack:
        yield slack


def test_its_command_is_the_one_that_is_listened_to() -> None:
    (command,) = MANIFEST["features"]["slash_commands"]
    assert command["command"] == COMMAND
    assert command["should_escape"] is False, "an address must arrive as it was typed"


def test_its_addresses_are_the_one_door() -> None:
    urls = [MANIFEST["features"]["slash_commands"][0]["url"], MANIFEST["settings"]["interactivity"]["request_url"]]
    assert {urlsplit(url).path for url in urls} == {PATH}
    assert {urlsplit(url).scheme for url in urls} == {"https"}


def test_it_offers_nothing_that_is_not_answered() -> None:
    assert set(MANIFEST["features"]) == {"app_home", "bot_user", "shortcuts", "slash_commands"}
    assert "event_subscriptions" not in MANIFEST["settings"], "no conversation is heard unless mail comes in one"
    assert MANIFEST["features"]["app_home"]["home_tab_enabled"] is False


def test_its_shortcut_is_the_one_that_is_listened_to() -> None:
    (shortcut,) = MANIFEST["features"]["shortcuts"]
    assert (shortcut["callback_id"], shortcut["type"]) == (SHORTCUT, "message")
    assert len(shortcut["name"]) <= 24
    assert len(shortcut["description"]) <= 150


def test_mail_in_a_channel_asks_for_two_scopes_and_one_event_more() -> None:
    """And for nothing else: the two manifests differ in that alone."""
    assert set(GRANTED) == set(NEEDED)
    assert set(GRANTED_WITH_MAIL) == {*NEEDED, *FOR_MAIL}
    events = WITH_MAIL["settings"].pop("event_subscriptions")
    assert events["bot_events"] == ["message.groups"], "private channels only"
    assert urlsplit(events["request_url"]).path == PATH
    WITH_MAIL["oauth_config"]["scopes"]["bot"] = GRANTED
    assert WITH_MAIL == MANIFEST


async def test_a_scope_that_lacks_is_named_before_a_mail_comes(granted: SlackStandIn, session: ClientSession) -> None:
    client = slack_client(TOKEN, granted.api_url, session)
    assert await lacking_scopes(client, mail=False) == ()
    assert await lacking_scopes(client, mail=True) == FOR_MAIL
    granted.scopes |= set(FOR_MAIL)
    assert await lacking_scopes(client, mail=True) == ()
    granted.scopes.clear()
    assert await lacking_scopes(client, mail=True) == (), "an answer that names none says nothing"


async def test_a_mail_is_fetched_with_the_scopes_for_mail(granted: SlackStandIn, session: ClientSession) -> None:
    client = slack_client(TOKEN, granted.api_url, session)
    messenger = SlackMessenger(client, TEXTS, PEOPLE, Language.SV)
    with pytest.raises(CredentialsRefused):
        await messenger.mail("F1")
    granted.scopes |= set(GRANTED_WITH_MAIL)
    with pytest.raises(NeedsHuman, match=r"trouble\.chat_mail_gone"):
        await messenger.mail("F1")


def test_it_stays_within_slacks_limits() -> None:
    shown = MANIFEST["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 175 <= len(shown["long_description"]) <= 4000
    assert len(COMMAND) <= 32


async def test_its_scopes_are_enough(granted: SlackStandIn, session: ClientSession) -> None:
    messenger = SlackMessenger(slack_client(TOKEN, granted.api_url, session), TEXTS, PEOPLE, Language.SV)
    card = SmallDesk().card()
    await messenger.edit(CHANNEL, await messenger.post(CHANNEL, card), card)
    await messenger.post("U0ANNA", card)
    await messenger.check()
    assert len(granted.messages) == 2


@pytest.mark.parametrize("scope", [scope for scope in GRANTED if scope != "commands"])
async def test_each_scope_is_needed(granted: SlackStandIn, session: ClientSession, scope: str) -> None:
    granted.scopes.remove(scope)
    messenger = SlackMessenger(slack_client(TOKEN, granted.api_url, session), TEXTS, PEOPLE, Language.SV)
    directory = SlackDirectory(slack_client(TOKEN, granted.api_url, session))

    async def everything() -> None:
        await messenger.post("U0ANNA", SmallDesk().card())
        await directory.handle_of("anna@goto.work")
        await directory.address_of("U0ANNA")

    with pytest.raises(CredentialsRefused):
        await everything()


def test_no_method_is_called_that_the_stand_in_does_not_know() -> None:
    """Methods are named beside their calls in the code; a new one must get its scope first."""
    sources = Path(handlers.slack.__file__).parent.glob("*.py")
    named = {line.split('"')[1] for path in sources for line in path.read_text().splitlines() if ' asked("' in line}
    named |= {"chat.postMessage", "chat.update"}
    assert named
    assert named <= set(SCOPES)
