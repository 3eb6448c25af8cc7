"""`check` says what Slack will not take, in one line each, before a real request finds out."""

from typing import Any

import pytest

from bot.app.check_slack import slack_problems
from bot.domain.request import Language
from bot.store import new_key
from config.chats import SlackSettings
from config.settings import Settings, load
from tests.handlers.slack.small_desk import CHANNEL, MAIL_CHANNEL, TEXTS
from tests.standins.slack import APP_TOKEN, SIGNING_SECRET, TOKEN, SlackStandIn
from tests.standins.slack_rooms import Room

PEOPLE = (
    {"id": "anna", "name": "Anna", "email": "anna@goto.work", "duties": ["handler"], "slack": "U0ANNA"},
    {"id": "karin", "name": "Karin", "email": "k@goto.work", "duties": ["viewer"], "slack": "U0KARIN"},
    {"id": "sara", "name": "Sara", "email": "s@goto.work", "duties": ["viewer"]},
)


def settings(slack: SlackStandIn, **differs: Any) -> Settings:
    keys = {name: new_key() for name in ("keys", "index_key", "signing_key")}
    own = {"bot_token": TOKEN, "signing_secret": SIGNING_SECRET, "api_url": slack.api_url, "channel": CHANNEL}
    return load({**keys, "slack": {**own, **differs}, "colleagues": PEOPLE})


async def lines(slack: SlackStandIn, **differs: Any) -> list[str]:
    return await slack_problems(TEXTS, settings(slack, **differs), offline=False)


def sentence(key: str, **facts: str) -> str:
    return TEXTS.say(Language.EN, f"trouble.{key}", {"system": "Slack", **facts})


@pytest.fixture(autouse=True)
def _known_by_address(slack: SlackStandIn) -> None:
    slack.members.join("U0SARA", "s@goto.work")
    slack.members.join("U0ANNA", "anna@goto.work")
    slack.members.join("U0KARIN", "k@goto.work")


async def test_nothing_is_said_while_all_is_well(slack: SlackStandIn) -> None:
    assert await lines(slack) == []
    assert await lines(slack, mail_channel=MAIL_CHANNEL, app_token=APP_TOKEN, signing_secret="") == []
    assert {call.method for call in slack.calls} == {
        "auth.test",
        "conversations.info",
        "users.info",
        "users.lookupByEmail",
        "apps.connections.open",
    }, "and nothing was written"


async def test_a_missing_scope_is_named(slack: SlackStandIn) -> None:
    slack.scopes -= {"files:read", "groups:history", "im:write"}
    found = await lines(slack, mail_channel=MAIL_CHANNEL)
    named = [scope for line in found for scope in ("im:write", "files:read", "groups:history") if scope in line]
    assert named == ["groups:history", "im:write", "files:read"]


async def test_a_missing_scope_is_named_once(slack: SlackStandIn) -> None:
    slack.scopes -= {"users:read", "groups:read"}
    assert len(await lines(slack)) == 2


@pytest.mark.parametrize(
    ("room", "key"),
    [
        (Room(archived=True), "chat_archived"),
        (Room(member=False, private=False), "chat_not_member"),
        (Room(member=False), "chat_no_channel"),
        (Room(there=False), "chat_no_channel"),
    ],
    ids=["archived", "not invited", "private and not invited", "not there"],
)
async def test_a_channel_that_takes_nothing_is_named(slack: SlackStandIn, room: Room, key: str) -> None:
    slack.rooms[CHANNEL] = room
    (line,) = await lines(slack)
    assert "PRIVACY_SLACK__CHANNEL" in line
    assert sentence(key) in line


async def test_a_channel_that_others_read_is_named(slack: SlackStandIn) -> None:
    slack.rooms |= {CHANNEL: Room(shared=True), MAIL_CHANNEL: Room(private=False)}
    shared, public = await lines(slack, mail_channel=MAIL_CHANNEL)
    assert shared == TEXTS.say(Language.EN, "check.slack_shared", {"name": "PRIVACY_SLACK__CHANNEL"})
    assert public == TEXTS.say(Language.EN, "check.slack_public_mail")
    slack.rooms = {CHANNEL: Room(private=False)}
    assert await lines(slack) == [], "cards hold no personal data, so their channel may be public"


async def test_a_colleague_who_left_is_named(slack: SlackStandIn) -> None:
    for who, how in (("U0KARIN", slack.gone), ("U0ANNA", slack.never)):
        slack.members.leave(who)
        how.add(who)
    anna, karin = await lines(slack)
    assert "Anna (U0ANNA)" in anna
    assert "Karin (U0KARIN)" in karin
    assert all(sentence("chat_person_gone") in line for line in (anna, karin))


async def test_who_is_known_by_address_and_left_is_named(slack: SlackStandIn) -> None:
    """An id in the people file is the exception: most are known by their work address alone."""
    slack.members.join("U0SARA", "s@goto.work", deleted=True)
    nobody = TEXTS.say(Language.EN, "check.slack_nobody", {"name": "Sara"})
    assert await lines(slack) == [nobody]
    slack.scopes.discard("users:read.email")
    assert nobody not in await lines(slack), "the missing scope has its own line"


async def test_an_id_that_is_not_its_colleagues_is_named(slack: SlackStandIn) -> None:
    """By address, or a guest's; what Slack shows no address of is named too, and counts."""
    slack.members.join("U0ANNA", "somebody@goto.work")
    slack.members.join("U0KARIN", "k@goto.work", is_ultra_restricted=True)
    wrong = ("Anna", "U0ANNA"), ("Karin", "U0KARIN")
    facts = [{"system": "Slack", "name": name, "handle": handle} for name, handle in wrong]
    assert await lines(slack) == [TEXTS.say(Language.EN, "check.id_not_theirs", one) for one in facts]
    slack.members.join("U0ANNA", "anna@goto.work")
    slack.members.join("U0KARIN", "k@goto.work", is_email_confirmed=False)
    unverified = TEXTS.say(Language.EN, "check.ids_unverified", {"system": "Slack", "names": "Karin"})
    assert await lines(slack) == [unverified]


async def test_a_token_taken_back_is_one_line(slack: SlackStandIn) -> None:
    slack.revoked = True
    (line,) = await lines(slack)
    assert sentence("chat_key_revoked") in line
    assert TOKEN not in line


@pytest.mark.parametrize(
    ("fault", "key"),
    [("invalid_auth", "chat_app_token"), ("not_allowed_token_type", "chat_app_token"), ("token_revoked", "")],
)
async def test_a_connection_that_cannot_be_opened_is_one_line(slack: SlackStandIn, fault: str, key: str) -> None:
    slack.refuse("apps.connections.open", fault)
    (line,) = await lines(slack, app_token=APP_TOKEN)
    assert sentence(key or "chat_key_revoked") in line
    assert "Socket Mode" in line
    assert APP_TOKEN not in line


async def test_a_busy_slack_says_so_once(slack: SlackStandIn) -> None:
    slack.too_many("apps.connections.open", 3)
    slack.too_many("conversations.info", 3)
    slack.too_many("users.info", 3)
    found = await lines(slack, app_token=APP_TOKEN)
    assert len(found) == 3
    assert all(sentence("too_many") in line for line in found)


@pytest.mark.parametrize("error", ["invalid_auth", "ratelimited"])
async def test_a_slack_that_refuses_is_one_line(slack: SlackStandIn, error: str) -> None:
    slack.refuse("auth.test", error)
    (line,) = await lines(slack)
    assert "Slack" in line
    assert TOKEN not in line


async def test_nobody_is_asked_offline_or_without_slack(slack: SlackStandIn) -> None:
    assert await slack_problems(TEXTS, settings(slack), offline=True) == []
    assert (
        await lines(
            slack, **dict.fromkeys(("bot_token", "signing_secret", "channel"), ""), api_url=SlackSettings().api_url
        )
        == []
    )
    assert slack.calls == []
