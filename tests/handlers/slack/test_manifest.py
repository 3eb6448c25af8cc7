"""The Slack app's manifest agrees with the code and asks for no more than it needs."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from aiohttp import ClientSession

import handlers.slack
from bot.domain.errors import CredentialsRefused
from bot.domain.request import Language
from handlers.slack import COMMAND, PATH, SlackMessenger, slack_client
from tests.handlers.slack.small_desk import CHANNEL, PEOPLE, TEXTS, SmallDesk
from tests.standins.slack import SCOPES, TOKEN, SlackStandIn, serve_slack

MANIFEST_FILE = Path(__file__).parents[3] / "config" / "slack-manifest.yaml"
MANIFEST: dict[str, Any] = yaml.safe_load(MANIFEST_FILE.read_text(encoding="utf-8"))
GRANTED: list[str] = MANIFEST["oauth_config"]["scopes"]["bot"]


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
    assert set(MANIFEST["features"]) == {"app_home", "bot_user", "slash_commands"}
    assert "event_subscriptions" not in MANIFEST["settings"]
    assert MANIFEST["features"]["app_home"]["home_tab_enabled"] is False


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
    with pytest.raises(CredentialsRefused):
        await messenger.post("U0ANNA", SmallDesk().card())


def test_no_method_is_called_that_the_stand_in_does_not_know() -> None:
    """Methods are named beside their calls in the code; a new one must get its scope first."""
    sources = Path(handlers.slack.__file__).parent.glob("*.py")
    named = {line.split('"')[1] for path in sources for line in path.read_text().splitlines() if ' asked("' in line}
    named |= {"chat.postMessage", "chat.update"}
    assert named
    assert named <= set(SCOPES)
