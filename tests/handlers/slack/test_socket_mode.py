"""Socket Mode: one connection kept through everything that ends one; nothing is done twice or lost."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import ClientSession
from slack_bolt.response import BoltResponse

from handlers.pace import Rests
from handlers.slack import SlackMessenger, slack_client
from handlers.slack.socket_mode import DRAIN, LONG, PAUSES, SocketMode
from tests.handlers.slack.small_desk import CHANNEL, SmallDesk
from tests.handlers.slack.test_listeners import until
from tests.standins.slack import APP_TOKEN, TOKEN, SlackStandIn
from tests.standins.slack_people import Person

COMMAND = {"command": "/privacy", "text": "hjälp", "user_id": "U0ANNA", "trigger_id": "1"}


@pytest.fixture
def way() -> str:
    return "socket"


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [one.getMessage() for one in caplog.records if one.name == "handlers.slack.socket_mode"]


class Hours:
    """A sleep that lasts a moment and remembers how long it should have been."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._slept = asyncio.Condition()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        async with self._slept:
            self._slept.notify_all()
        await asyncio.sleep(0.005)

    async def times(self, number: int) -> None:
        """Wait until it was slept so many times."""
        async with asyncio.timeout(3), self._slept:
            await self._slept.wait_for(lambda: len(self.slept) >= number)


@pytest.fixture
def hours() -> Hours:
    return Hours()


@pytest.fixture
def answers() -> list[object]:
    """What was asked over the connection."""
    return []


Kept = Callable[[str], SocketMode]


@pytest.fixture
async def kept(slack: SlackStandIn, session: ClientSession, hours: Hours, answers: list[object]) -> AsyncIterator[Kept]:
    """Begin to keep a connection with a token."""
    begun: list[SocketMode] = []

    async def answered(body: object) -> BoltResponse:
        answers.append(body)
        return BoltResponse(status=200, body="")

    def keep(token: str = APP_TOKEN) -> SocketMode:
        client = slack_client(None, slack.api_url, session, Rests("Slack", lambda: sum(hours.slept)))
        begun.append(SocketMode(client, token, session, answered, hours.sleep))
        begun[-1].start()
        return begun[-1]

    yield keep
    for one in begun:
        await one.close()


async def test_the_signed_address_is_not_served(anna: Person, session: ClientSession) -> None:
    """Without a signing secret anybody could sign."""
    async with session.post(anna.events_url, data=b"command=%2Fprivacy") as reply:
        assert reply.status == 404


async def test_each_connection_has_mail_looked_for(
    anna: Person, slack: SlackStandIn, desk: SmallDesk, caplog: pytest.LogCaptureFixture
) -> None:
    """Slack does not tell later what it could not tell while there was none (F04)."""
    await until(lambda: desk.looked_for_mail == 1)
    await slack.sockets.disconnect("refresh_requested")
    await until(lambda: desk.looked_for_mail == 2)
    desk.breaks = True
    await slack.sockets.disconnect("refresh_requested")
    await until(lambda: "nothing looked for, RuntimeError" in caplog.text)
    assert (await anna.command("hjälp")).status == 200


async def test_a_lost_ack_is_sent_again_and_counts_once(
    anna: Person, slack: SlackStandIn, desk: SmallDesk, messenger: SlackMessenger
) -> None:
    posted = slack.messages[CHANNEL, await messenger.post(CHANNEL, desk.card())]
    payload = anna.pressed(posted, "Bekräfta")
    await slack.sockets.send({"envelope_id": "lost", "type": "interactive", "payload": payload})
    slack.sockets.break_off()
    await slack.sockets.connected(2)
    again = await slack.sockets.deliver("interactive", payload, retry_attempt=1, retry_reason="timeout")
    assert again is not None
    assert desk.tickets["t1"].confirmed_by == ("Anna",)
    assert slack.private == [], "and nobody is told that the card has changed"


async def test_what_failed_is_not_acknowledged(anna: Person, slack: SlackStandIn, desk: SmallDesk) -> None:
    desk.breaks = True
    value = {"action_id": "press:0", "value": "press:confirm|t1|0"}
    pressed = {"type": "block_actions", "user": {"id": "U0ANNA"}, "trigger_id": "7", "actions": [value]}
    assert (await anna.interact(pressed)).status == 500
    desk.breaks = False
    assert (await anna.interact(pressed)).status == 200
    assert desk.tickets["t1"].confirmed_by == ("Anna",)


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "hello",
        "{",
        "[" * 10_000,
        "[]",
        "7",
        "null",
        b"\xff\xfe",
        {"type": "something_new"},
        {"type": "interactive"},
        {"type": "interactive", "envelope_id": 7, "payload": {}},
    ],
    ids=repr,
)
async def test_garbage_ends_nothing(
    anna: Person, slack: SlackStandIn, frame: object, caplog: pytest.LogCaptureFixture
) -> None:
    await slack.sockets.send(frame)
    assert (await anna.command("hjälp")).body["text"] == "Hjälp."
    assert slack.sockets.opened == 1
    assert "slack sent an unreadable frame" in said(caplog)


@pytest.mark.parametrize("payload", ["words", 7, None, {}, {"type": "block_actions"}, {"command": "/privacy"}])
async def test_an_unreadable_request_is_acknowledged_so_that_it_is_not_sent_for_ever(
    anna: Person, slack: SlackStandIn, payload: object
) -> None:
    assert await slack.sockets.deliver("interactive", payload) is not None


async def test_a_frame_too_large_costs_a_connection_and_no_more(anna: Person, slack: SlackStandIn) -> None:
    await slack.sockets.send("x" * ((1 << 20) + 1))
    await slack.sockets.connected(2)
    assert (await anna.command("hjälp")).status == 200


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_the_next_connection_is_opened_before_the_old_one_ends(
    anna: Person, slack: SlackStandIn, reason: str, desk: SmallDesk
) -> None:
    await slack.sockets.disconnect(reason)
    await slack.sockets.connected(2)
    assert slack.sockets.live == [1, 2]
    await slack.sockets.send({"envelope_id": "old", "type": "slash_commands", "payload": COMMAND}, number=1)
    assert (await anna.command("hjälp")).status == 200
    assert slack.sockets.by["old"] == 1, "an answer goes back where its request came from"
    assert len(desk.heard) == 2
    await slack.sockets.hang_up(1)
    await slack.sockets.only(2)


async def test_an_old_connection_is_not_kept_for_ever(
    slack: SlackStandIn, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("handlers.slack.socket_mode.DRAIN", 0.05)
    assert DRAIN > 5
    kept(APP_TOKEN)
    await slack.sockets.connected()
    await slack.sockets.disconnect("refresh_requested")
    await slack.sockets.connected(2)
    await slack.sockets.only(2)


@pytest.mark.parametrize("end", ["hang_up", "break_off"])
async def test_a_connection_that_ends_is_opened_again(slack: SlackStandIn, kept: Kept, end: str, hours: Hours) -> None:
    socket = kept(APP_TOKEN)
    for number in (1, 2, 3):
        await slack.sockets.connected(number)
        await socket.connected.wait()
        await slack.sockets.hang_up() if end == "hang_up" else slack.sockets.break_off()
    await slack.sockets.connected(4)
    assert hours.slept == [PAUSES[0]] * 3


@pytest.mark.parametrize(
    ("reason", "pause"), [("link_disabled", LONG), ("too_many_websockets", LONG), ("refresh_requested", PAUSES[0])]
)
async def test_it_does_not_storm_slack(
    slack: SlackStandIn, kept: Kept, hours: Hours, reason: str, pause: float, caplog: pytest.LogCaptureFixture
) -> None:
    """Socket Mode switched off, ten connections already, or a workspace that sends us away as soon as we came."""
    kept(APP_TOKEN)
    await slack.sockets.connected()
    await slack.sockets.disconnect(reason)
    await slack.sockets.connected(2)
    assert hours.slept == [pause]
    assert f"slack socket ended: {reason}" in said(caplog)


async def test_a_refused_token_is_one_line(
    slack: SlackStandIn, kept: Kept, hours: Hours, caplog: pytest.LogCaptureFixture
) -> None:
    kept("xapp-old")
    await hours.times(5)
    assert set(hours.slept) == {LONG}
    assert said(caplog) == ["slack socket refused: trouble.credentials invalid_auth"]
    assert "xapp-old" not in caplog.text


async def test_a_revoked_token_may_be_given_back(slack: SlackStandIn, kept: Kept, hours: Hours) -> None:
    slack.revoked = True
    kept(APP_TOKEN)
    await hours.times(2)
    slack.revoked = False
    await slack.sockets.connected()


async def test_too_many_is_tried_when_slack_says(slack: SlackStandIn, kept: Kept, hours: Hours) -> None:
    slack.too_many("apps.connections.open", 17)
    kept(APP_TOKEN)
    await slack.sockets.connected()
    assert hours.slept == [17.0]


async def test_pauses_grow_while_nobody_is_there(
    session: ClientSession, hours: Hours, caplog: pytest.LogCaptureFixture
) -> None:
    async def never(_body: object) -> BoltResponse:
        raise AssertionError

    client = slack_client(None, "http://127.0.0.1:9/api/", session)
    socket = SocketMode(client, APP_TOKEN, session, never, hours.sleep)
    socket.start()
    await hours.times(len(PAUSES) + 2)
    await socket.close()
    assert hours.slept[: len(PAUSES) + 1] == [*PAUSES, PAUSES[-1]]
    assert said(caplog) == ["slack socket refused: trouble.unreachable"]


@pytest.mark.parametrize(
    "url", ["https://evil.example/", "ws://evil.example/link", "", "wss://[bad", "ws://127.0.0.1:9/link"]
)
async def test_a_connection_leads_to_slack_over_tls_only(
    slack: SlackStandIn, kept: Kept, hours: Hours, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack.sockets, "new_address", lambda _base: url)
    kept(APP_TOKEN)
    await hours.times(1)
    assert slack.sockets.opened == 0
    assert hours.slept[0] == LONG


async def test_an_address_that_was_used_up_is_asked_for_anew(
    slack: SlackStandIn, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, given = slack.sockets.new_address, list[str]()

    def address(base: str) -> str:
        given.append(real(base))
        return given[-1] if len(given) > 1 else f"{given[-1]}-used"

    monkeypatch.setattr(slack.sockets, "new_address", address)
    kept(APP_TOKEN)
    await slack.sockets.connected()
    assert len(given) == 2


async def test_stopping_answers_what_is_under_way(slack: SlackStandIn, session: ClientSession) -> None:
    begun = asyncio.Event()

    async def slow(_body: object) -> BoltResponse:
        begun.set()
        await asyncio.sleep(0.1)
        return BoltResponse(status=200, body="done")

    socket = SocketMode(slack_client(None, slack.api_url, session), APP_TOKEN, session, slow)
    await socket.close()
    socket.start()
    await slack.sockets.connected()
    asked = asyncio.create_task(slack.sockets.deliver("slash_commands", COMMAND))
    await begun.wait()
    await socket.close()
    ack = await asked
    assert ack is not None
    assert ack["payload"] == {"text": "done"}


async def test_words_reach_no_log(anna: Person, slack: SlackStandIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await anna.command("hitta secret.person@example.org")
    await slack.sockets.send('{"text": "secret.person@example.org"')
    await slack.sockets.deliver("interactive", {"text": "secret.person@example.org"})
    assert "secret.person" not in caplog.text
    assert TOKEN not in caplog.text
    assert APP_TOKEN not in caplog.text
