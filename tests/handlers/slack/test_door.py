"""The door: only Slack gets in, whatever it brings is answered, and nothing of it reaches a log."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from io import BytesIO
from urllib.parse import urlencode

import pytest
from aiohttp import ClientSession
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.parts import Unreadable
from handlers.slack.door import LARGEST, parsed
from tests.handlers.slack.small_desk import SmallDesk
from tests.standins.slack import SIGNING_SECRET, SlackStandIn
from tests.standins.slack_people import FORM, Person, signature

COMMAND = urlencode({"command": "/privacy", "text": "hjälp", "user_id": "U0ANNA", "trigger_id": "1"}).encode()


def now() -> int:
    return int(time.time())  # noqa: TID251 - Slack's clock is the world's


async def test_a_signed_command_is_answered(anna: Person) -> None:
    answer = await anna.send(COMMAND, signature(SIGNING_SECRET, now(), COMMAND))
    assert (answer.status, answer.body["text"]) == (200, "Hjälp.")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signature("another secret", now(), COMMAND),
        signature(SIGNING_SECRET, now(), COMMAND + b"x"),
        {**signature(SIGNING_SECRET, now(), COMMAND), "X-Slack-Signature": "v0=å"},
        {**signature(SIGNING_SECRET, now(), COMMAND), "X-Slack-Request-Timestamp": "yesterday"},
    ],
    ids=["none", "other secret", "other body", "no hex", "no time"],
)
async def test_a_wrong_signature_is_refused(anna: Person, desk: SmallDesk, headers: dict[str, str]) -> None:
    assert (await anna.send(COMMAND, headers)).status == 401
    assert desk.heard == []


@pytest.mark.parametrize(("seconds", "status"), [(-310, 401), (310, 401), (-290, 200), (290, 200)])
async def test_a_stale_timestamp_is_refused(anna: Person, seconds: int, status: int) -> None:
    answer = await anna.send(COMMAND, signature(SIGNING_SECRET, now() + seconds, COMMAND))
    assert answer.status == status


async def test_bytes_that_are_no_text_are_refused(anna: Person) -> None:
    assert (await anna.send(b"\xff\xfe", signature(SIGNING_SECRET, now(), b"\xff\xfe"))).status == 401


async def test_an_oversized_body_is_refused(anna: Person, session: ClientSession) -> None:
    for size, status in ((LARGEST + 1, 413), (LARGEST, 401)):
        async with session.post(anna.events_url, data=BytesIO(b"a" * size)) as reply:
            assert reply.status == status

    async def without_a_length() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"a" * (LARGEST // 10)

    async with session.post(anna.events_url, data=without_a_length()) as reply:
        assert reply.status == 413


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", FORM),
        (b"hello", FORM),
        (b"payload=", FORM),
        (b"payload=%7B%22type", FORM),
        (b"payload=%5B%5D", FORM),
        (b"payload=7", FORM),
        (b"payload=%7B%22type%22%3A5%7D", FORM),
        (b"command=%2Fprivacy", FORM),
        (b'{"type"', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"type": "block_actions"}', "application/json"),
        (b'{"type": "block_actions", "actions": [7]}', "application/json"),
        (b'{"type": "block_actions", "actions": [{"action_id": "press:0"}], "user": "U"}', "application/json"),
        (b'{"type": "block_actions", "actions": [{}], "user": {"id": "U"}, "team": 5}', "application/json"),
        (b'{"type": "view_submission", "user": {"id": "U"}, "view": {"state": {"values": 3}}}', "application/json"),
        (
            b'{"type": "view_submission", "user": {"id": "U"}, "view": {"state": {"values": {"a": {"answer": 3}}}}}',
            "application/json",
        ),
        (
            json.dumps(
                {
                    "type": "view_submission",
                    "user": {"id": "U"},
                    "view": {"state": {"values": {"a": {"answer": {"selected_options": [7]}}}}},
                }
            ).encode(),
            "application/json",
        ),
    ],
)
async def test_garbage_is_refused(anna: Person, body: bytes, content_type: str) -> None:
    answer = await anna.send(body, signature(SIGNING_SECRET, now(), body), content_type)
    assert answer.status == 400


async def test_slack_may_look_at_the_certificate(anna: Person, session: ClientSession) -> None:
    assert (await anna.send(b"ssl_check=1&token=old", {})).status == 200
    async with session.get(anna.events_url, params={"ssl_check": "1", "token": "old"}) as reply:
        assert reply.status == 200
    async with session.get(anna.events_url) as reply:
        assert (reply.status, reply.headers["Allow"]) == (405, "POST")


async def test_the_address_proves_itself(anna: Person) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "c123", "token": "old"}).encode()
    answer = await anna.send(body, signature(SIGNING_SECRET, now(), body), "application/json")
    assert answer.status == 200
    assert "c123" in answer.text


@pytest.mark.parametrize(
    "payload",
    [
        {"type": "event_callback", "event": {"type": "tokens_revoked"}, "event_id": "E1"},
        {"type": "app_rate_limited", "minute_rate_limited": 1},
        {"type": "view_closed", "view": {}, "user": {"id": "U0ANNA"}},
        {"type": "message_action", "callback_id": "request_from_message"},
        {"type": "something_new"},
        {"type": "block_actions", "actions": [{"action_id": "of_an_older_desk"}], "user": {"id": "U0ANNA"}},
        {"type": "view_submission", "view": {"type": "modal", "callback_id": "older"}, "user": {"id": "U0ANNA"}},
    ],
    ids=lambda payload: str(payload["type"]),
)
async def test_whatever_else_slack_sends_is_thanked_for(anna: Person, payload: dict[str, object]) -> None:
    assert (await anna.interact(payload)).status == 200
    body = json.dumps(payload).encode()
    assert (await anna.send(body, signature(SIGNING_SECRET, now(), body), "application/json")).status == 200


async def test_a_command_of_another_app_is_thanked_for(anna: Person) -> None:
    assert (await anna.post({"command": "/other", "user_id": "U0ANNA"})).status == 200


async def test_the_first_request_asks_slack_nothing(anna: Person, slack: SlackStandIn) -> None:
    assert (await anna.command("hjälp")).status == 200
    assert slack.calls == []


async def test_words_typed_and_bodies_reach_no_log(
    anna: Person, desk: SmallDesk, slack: SlackStandIn, caplog: pytest.LogCaptureFixture
) -> None:
    """D14, D16: an address may be typed in a command and in a form, and stays there."""
    caplog.set_level(logging.DEBUG)
    await anna.command("hitta secret.person@example.org")
    await anna.command("ny")
    (view,) = slack.views.values()
    await anna.submit(view, {"received_why": "said secret.person@example.org", "text": "secret.person@example.org"})
    await anna.post({"command": "/other", "user_id": "U0ANNA", "text": "secret.person@example.org"})
    await anna.interact({"type": "secret", "message": {"text": "secret.person@example.org"}})
    desk.breaks = True
    message = slack.show_privately("U0ANNA", "C1", "x", [])
    answer = await anna.interact(
        {
            "type": "block_actions",
            "user": {"id": "U0ANNA"},
            "actions": [{"action_id": "press:0", "value": "press:confirm|t1|0"}],
            "message": {"text": "secret.person@example.org"},
            "response_url": slack.new_response_url(message),
        }
    )
    assert answer.status == 500
    assert desk.heard[0] == "hitta secret.person@example.org"
    assert "secret.person" not in caplog.text
    assert "somebody@example" not in caplog.text
    assert "slack request failed: RuntimeError in press" in caplog.text


async def test_a_word_of_bolts_own_is_heard_too(anna: Person, desk: SmallDesk) -> None:
    """bolt itself would drop a command whose text contains "payload"."""
    await anna.command("hitta payload@example.org")
    assert desk.heard == ["hitta payload@example.org"]


async def test_a_press_waits_for_no_network(anna: Person, slack: SlackStandIn, desk: SmallDesk) -> None:
    message = slack.show_privately("U0ANNA", "C1", "x", [])
    slack.slow("response_url", 0.2)
    before = asyncio.get_running_loop().time()
    await anna.interact(
        {
            "type": "block_actions",
            "user": {"id": "U0ANNA"},
            "actions": [{"action_id": "press:0", "value": "press:review|t1|0"}],
            "response_url": slack.new_response_url(message),
        }
    )
    assert asyncio.get_running_loop().time() - before < 0.15
    assert desk.looks == ["anna"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(body=st.binary(max_size=400), content_type=st.sampled_from([FORM, "application/json", "text/plain", ""]))
def test_no_body_breaks_the_reading(body: bytes, content_type: str) -> None:
    try:
        read = parsed(body, content_type)
    except Unreadable:
        return
    assert "command" in read or isinstance(read["type"], str)
