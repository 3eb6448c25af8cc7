"""The Slack app's manifest agrees with the schema and the code, and asks for no more than it needs."""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from aiohttp import ClientSession
from jsonschema import Draft7Validator

import handlers.slack.events
from bot.domain.errors import CredentialsRefused, NeedsHuman
from bot.domain.request import Language
from handlers.slack import (
    COMMAND,
    PATH,
    SlackDirectory,
    SlackMessenger,
    channel_as_it_is,
    member_trouble,
    slack_client,
)
from handlers.slack.events import read_event
from handlers.slack.listeners import EVERYWHERE
from handlers.slack.messages import SHORTCUT
from handlers.slack.scopes import FOR_MAIL, NEEDED, lacking_scopes
from tests.handlers.slack.small_desk import CHANNEL, PEOPLE, TEXTS, SmallDesk
from tests.standins.slack import SCOPES, TOKEN, SlackStandIn, serve_slack
from tests.standins.slack_rooms import Room

MANIFEST_FILE = Path(__file__).parents[3] / "config" / "slack-manifest.yaml"
WRITTEN = MANIFEST_FILE.read_text(encoding="utf-8")
MANIFEST: dict[str, Any] = yaml.safe_load(WRITTEN)
#: As it is when mail is forwarded into a channel.
WITH_MAIL: dict[str, Any] = yaml.safe_load(WRITTEN.replace("#mail ", " "))
#: As it is in Socket Mode.
WITH_SOCKET: dict[str, Any] = yaml.safe_load(WRITTEN.replace("socket_mode_enabled: false", "socket_mode_enabled: true"))
MANIFESTS = [
    pytest.param(MANIFEST, id="plain"),
    pytest.param(WITH_MAIL, id="with mail"),
    pytest.param(WITH_SOCKET, id="in Socket Mode"),
]
#: What Slack's own types say of a manifest: which keys there are, their types, and every scope and event by name.
SCHEMA = Draft7Validator(
    json.loads((Path(__file__).parents[2] / "standins" / "schemas" / "slack-manifest.json").read_text(encoding="utf-8"))
)
GRANTED: list[str] = MANIFEST["oauth_config"]["scopes"]["bot"]
EVENTS: list[str] = MANIFEST["settings"]["event_subscriptions"]["bot_events"]
EVENTS_WITH_MAIL: list[str] = WITH_MAIL["settings"]["event_subscriptions"]["bot_events"]
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
    settings = MANIFEST["settings"]
    urls = [
        MANIFEST["features"]["slash_commands"][0]["url"],
        settings["interactivity"]["request_url"],
        settings["event_subscriptions"]["request_url"],
    ]
    assert {urlsplit(url).path for url in urls} == {PATH}
    assert {urlsplit(url).scheme for url in urls} == {"https"}
    assert {urlsplit(url).hostname for url in urls} == set(MANIFEST["features"]["unfurl_domains"])


def test_its_shortcuts_are_the_ones_that_are_listened_to() -> None:
    shortcuts = MANIFEST["features"]["shortcuts"]
    assert [(one["callback_id"], one["type"]) for one in shortcuts] == [(SHORTCUT, "message"), (EVERYWHERE, "global")]


def test_its_events_are_the_ones_that_are_heard() -> None:
    """Both ways: each event it asks for means something to the code, and each the code reads is asked for."""
    assert set(EVENTS) == set(HEARD)
    assert set(EVENTS_WITH_MAIL) == {*HEARD, *HEARD_FOR_MAIL}
    assert sorted(EVENTS_WITH_MAIL) == EVENTS_WITH_MAIL
    source = Path(handlers.slack.events.__file__).read_text(encoding="utf-8")
    read = set(re.findall(r'^        case "([a-z_]+)"', source, re.MULTILINE))
    assert read == {name.partition(".")[0] for name in EVENTS_WITH_MAIL}
    for event in {**HEARD, **HEARD_FOR_MAIL}.values():
        assert read_event({"event": event}) is not None


#: An event of each kind that the manifest subscribes to, as Slack writes it.
HEARD: dict[str, dict[str, Any]] = {
    "app_home_opened": {"type": "app_home_opened", "user": "U1", "tab": "home", "channel": "D1"},
    "app_mention": {"type": "app_mention", "user": "U1", "channel": "C1", "text": "<@U2> hi", "ts": "1.2"},
    "app_uninstalled": {"type": "app_uninstalled"},
    "link_shared": {
        "type": "link_shared",
        "user": "U1",
        "channel": "C1",
        "is_bot_user_member": True,
        "message_ts": "1.2",
        "source": "conversations_history",
        "links": [{"domain": "desk.example.org", "url": "https://desk.example.org/t/PR-2026-0042"}],
    },
    "message.im": {"type": "message", "channel_type": "im", "user": "U1", "channel": "D1", "text": "hi", "ts": "1.2"},
    "tokens_revoked": {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": ["U2"]}},
}
HEARD_FOR_MAIL: dict[str, dict[str, Any]] = {
    "message.groups": {
        "type": "message",
        "subtype": "file_share",
        "channel_type": "group",
        "channel": "G1",
        "files": [{"id": "F1", "mode": "email"}],
    }
}


def test_mail_in_a_channel_asks_for_one_scope_and_one_event_more() -> None:
    """And for nothing else: the two manifests differ in that alone."""
    assert sorted(GRANTED) == GRANTED
    assert set(GRANTED) == set(NEEDED)
    assert set(GRANTED_WITH_MAIL) == {*NEEDED, *FOR_MAIL}
    same = yaml.safe_load(WRITTEN.replace("#mail ", " "))
    same["oauth_config"]["scopes"]["bot"] = GRANTED
    same["settings"]["event_subscriptions"]["bot_events"] = EVENTS
    assert same == MANIFEST


def test_socket_mode_differs_in_one_word() -> None:
    """Listeners, scopes and events are the same either way."""
    assert MANIFEST["settings"]["socket_mode_enabled"] is False
    same = {**MANIFEST, "settings": {**MANIFEST["settings"], "socket_mode_enabled": True}}
    assert same == WITH_SOCKET


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


def is_address(text: str, limit: int) -> bool:
    return text.startswith(("http://", "https://")) and len(text) <= limit


def is_list(entries: list[str], limit: int) -> bool:
    """Names of scopes or events: some, each once. Slack takes an empty list too; this desk is nothing without them."""
    return 1 <= len(entries) <= limit and len(set(entries)) == len(entries) and max(map(len, entries)) <= 50


#: What the types cannot say: a length, a number of entries, or words (Slack's manifest schema, version 2.0.0).
ALLOWED: dict[str, Callable[[Any], bool]] = {
    "_metadata.major_version": lambda is_: is_ == 2,
    "_metadata.minor_version": lambda is_: isinstance(is_, int),
    "display_information.name": lambda is_: 1 <= len(is_) <= 35,
    "display_information.description": lambda is_: 1 <= len(is_) <= 140,
    "display_information.long_description": lambda is_: 175 <= len(is_) <= 4000,
    "display_information.background_color": lambda is_: bool(re.fullmatch("#([0-9a-f]{3}){1,2}", is_, re.IGNORECASE)),
    "features.app_home.home_tab_enabled": lambda is_: is_ is True,
    "features.app_home.messages_tab_enabled": lambda is_: is_ is True,
    "features.app_home.messages_tab_read_only_enabled": lambda is_: is_ is False,
    "features.bot_user.display_name": lambda is_: 1 <= len(is_) <= 80,
    "features.bot_user.always_online": lambda is_: isinstance(is_, bool),
    "features.shortcuts": lambda is_: 1 <= len(is_) <= 10,
    "features.shortcuts.name": lambda is_: 1 <= len(is_) <= 24,
    "features.shortcuts.type": lambda is_: is_ in {"message", "global"},
    "features.shortcuts.callback_id": lambda is_: 1 <= len(is_) <= 255,
    "features.shortcuts.description": lambda is_: 1 <= len(is_) <= 150,
    "features.slash_commands": lambda is_: 1 <= len(is_) <= 50,
    "features.slash_commands.command": lambda is_: 2 <= len(is_) <= 32 and is_.startswith("/"),
    "features.slash_commands.url": lambda is_: is_address(is_, 3000),
    "features.slash_commands.description": lambda is_: 1 <= len(is_) <= 2000,
    "features.slash_commands.usage_hint": lambda is_: 1 <= len(is_) <= 1000,
    "features.slash_commands.should_escape": lambda is_: isinstance(is_, bool),
    "features.unfurl_domains": lambda is_: (
        1 <= len(set(is_)) == len(is_) <= 5
        and all(re.fullmatch(r"(?![.-])[-a-z0-9.]{1,254}[a-z0-9]", one) for one in is_)
    ),
    "oauth_config.scopes.bot": lambda is_: is_list(is_, 255),
    "settings.event_subscriptions.request_url": lambda is_: is_address(is_, 3500),
    "settings.event_subscriptions.bot_events": lambda is_: is_list(is_, 100),
    "settings.interactivity.is_enabled": lambda is_: is_ is True,
    "settings.interactivity.request_url": lambda is_: is_address(is_, 3500),
    "settings.org_deploy_enabled": lambda is_: isinstance(is_, bool),
    "settings.socket_mode_enabled": lambda is_: isinstance(is_, bool),
    "settings.token_rotation_enabled": lambda is_: isinstance(is_, bool),
}


def places(part: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every place of a manifest and what stands there; the entries of a list share their list's place."""
    if isinstance(part, dict):
        for name, inner in part.items():
            yield from places(inner, f"{at}.{name}".lstrip("."))
        return
    yield at, part
    if isinstance(part, list) and part and isinstance(part[0], dict):
        for entry in part:
            yield from places(entry, at)


@pytest.mark.parametrize("manifest", MANIFESTS)
def test_it_is_what_slack_takes(manifest: dict[str, Any]) -> None:
    assert [error.message for error in SCHEMA.iter_errors(manifest)] == []
    found = list(places(manifest))
    assert {place for place, _ in found} == set(ALLOWED), "nothing unknown, nothing left out"
    wrong = [(place, is_) for place, is_ in found if not ALLOWED[place](is_)]
    assert wrong == []


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("display_name", "Privacy Desk"),
        ("display_information.colour", "#1d3557"),
        ("display_information.name", 7),
        ("features.app_home.home_tab_enabled", "true"),
        ("features.bot_user", {"always_online": True}),
        ("features.shortcuts.0.type", "channel"),
        ("features.shortcuts.0.url", "https://desk.example.org"),
        ("features.slash_commands", {"command": "/privacy"}),
        ("features.unfurl_domains", "desk.example.org"),
        ("oauth_config.scopes.bot.0", "chat:read"),
        ("oauth_config.scopes.bots", ["chat:write"]),
        ("settings.event_subscriptions.bot_events.0", "home_opened"),
        ("settings.interactivity", {"request_url": "https://desk.example.org/slack/events"}),
    ],
)
def test_the_schema_would_tell(place: str, value: object) -> None:
    """Of a key it does not know, of a wrong type, of what lacks, and of a scope or an event that Slack has not."""
    wrong: dict[str, Any] = json.loads(json.dumps(MANIFEST))
    *steps, last = place.split(".")
    part: Any = wrong
    for step in steps:
        part = part[int(step) if isinstance(part, list) else step]
    part[int(last) if isinstance(part, list) else last] = value
    assert len(list(SCHEMA.iter_errors(wrong))) == 1


async def test_the_scope_to_find_a_lost_card_is_needed(granted: SlackStandIn, session: ClientSession) -> None:
    """In a private channel, where cards belong; without it the card is posted again."""
    client = slack_client(TOKEN, granted.api_url, session)
    messenger, since = SlackMessenger(client, TEXTS, PEOPLE, Language.SV), datetime.fromtimestamp(granted.epoch, UTC)
    ts = await messenger.post(CHANNEL, SmallDesk().card(), "k1")
    assert await messenger.posted(CHANNEL, "k1", since) == ts
    granted.scopes.remove("groups:history")
    assert await messenger.posted(CHANNEL, "k1", since) == ""


async def test_its_scopes_are_enough(granted: SlackStandIn, session: ClientSession) -> None:
    messenger = SlackMessenger(slack_client(TOKEN, granted.api_url, session), TEXTS, PEOPLE, Language.SV)
    card = SmallDesk().card()
    await messenger.edit(CHANNEL, await messenger.post(CHANNEL, card), card)
    await messenger.post("U0ANNA", card)
    await messenger.check()
    assert len(granted.messages) == 2


#: Which scope lets Slack tell of an event (docs.slack.dev, "Required scopes" of each event).
HEARS = {
    "app_mention": "app_mentions:read",
    "link_shared": "links:read",
    "message.groups": "groups:history",
    "message.im": "im:history",
}
SENDS = ("chat:write", "im:write")
LOOKS = ("channels:read", "groups:read", "users:read")


def test_each_scope_is_for_something() -> None:
    heard = {HEARS[event] for event in EVENTS_WITH_MAIL if event in HEARS}
    assert set(GRANTED_WITH_MAIL) == {*heard, *SENDS, *LOOKS, "commands", "files:read", "users:read.email"}


@pytest.mark.parametrize("scope", SENDS)
async def test_each_scope_to_send_is_needed(granted: SlackStandIn, session: ClientSession, scope: str) -> None:
    granted.scopes.remove(scope)
    messenger = SlackMessenger(slack_client(TOKEN, granted.api_url, session), TEXTS, PEOPLE, Language.SV)
    with pytest.raises(CredentialsRefused, match=r"trouble\.chat_scope") as refused:
        await messenger.post("U0ANNA", SmallDesk().card())
    assert refused.value.facts["scope"] == scope


@pytest.mark.parametrize(("scope", "way"), [("users:read.email", "handle_of"), ("users:read", "address_of")])
async def test_each_scope_to_know_colleagues_is_needed(
    granted: SlackStandIn, session: ClientSession, scope: str, way: str
) -> None:
    granted.scopes.remove(scope)
    directory = SlackDirectory(slack_client(TOKEN, granted.api_url, session))
    with pytest.raises(CredentialsRefused) as refused:
        await getattr(directory, way)("U0ANNA")
    assert refused.value.facts["scope"] == scope


@pytest.mark.parametrize("scope", LOOKS)
async def test_each_scope_to_look_is_needed(granted: SlackStandIn, session: ClientSession, scope: str) -> None:
    granted.scopes.remove(scope)
    granted.rooms["C0PUBLIC"] = Room(private=False)
    client = slack_client(TOKEN, granted.api_url, session)
    looked = [(await channel_as_it_is(client, name)).trouble for name in ("C0PUBLIC", CHANNEL)]
    looked.append(await member_trouble(client, "U0ANNA"))
    assert [one.facts["scope"] for one in looked if one is not None] == [scope]


def test_no_method_is_called_that_the_stand_in_does_not_know() -> None:
    """Methods are named beside their calls in the code; a new one must get its scope first."""
    sources = Path(handlers.slack.__file__).parent.glob("*.py")
    named = {line.split('"')[1] for path in sources for line in path.read_text().splitlines() if ' asked("' in line}
    named |= {"chat.postMessage", "chat.update"}
    assert named
    assert named <= set(SCOPES)
