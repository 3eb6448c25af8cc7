"""`check` says what Slack does not allow us, in one line each, before a real mail finds out."""

from typing import Any

import pytest

from bot.app.check import _slack
from bot.store import new_key
from config.settings import Settings, load
from tests.handlers.slack.small_desk import CHANNEL, MAIL_CHANNEL, TEXTS
from tests.standins.slack import SIGNING_SECRET, TOKEN, SlackStandIn


def settings(slack: SlackStandIn, **differs: Any) -> Settings:
    keys = {name: new_key() for name in ("keys", "index_key", "signing_key")}
    own = {"bot_token": TOKEN, "signing_secret": SIGNING_SECRET, "api_url": slack.api_url, "channel": CHANNEL}
    return load({**keys, "slack": {**own, **differs}})


async def test_nothing_is_said_while_all_is_well(slack: SlackStandIn) -> None:
    assert await _slack(TEXTS, settings(slack), offline=False) == []
    slack.scopes.add("groups:history")
    assert await _slack(TEXTS, settings(slack, mail_channel=MAIL_CHANNEL), offline=False) == []


async def test_a_missing_scope_is_named(slack: SlackStandIn) -> None:
    slack.scopes -= {"files:read", "im:write"}
    lines = await _slack(TEXTS, settings(slack, mail_channel=MAIL_CHANNEL), offline=False)
    assert [scope for line in lines for scope in ("im:write", "files:read", "groups:history") if scope in line] == [
        "im:write",
        "files:read",
        "groups:history",
    ]


@pytest.mark.parametrize("error", ["invalid_auth", "ratelimited"])
async def test_a_slack_that_refuses_is_one_line(slack: SlackStandIn, error: str) -> None:
    slack.refuse("auth.test", error)
    (line,) = await _slack(TEXTS, settings(slack), offline=False)
    assert "Slack" in line
    assert TOKEN not in line


async def test_nobody_is_asked_offline_or_without_slack(slack: SlackStandIn) -> None:
    assert await _slack(TEXTS, settings(slack), offline=True) == []
    assert await _slack(TEXTS, settings(slack, bot_token=""), offline=False) == []
    assert slack.calls == []
