"""Signed requests as Slack sends them, one after the other or many at once, each timed."""

import asyncio
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
from time import perf_counter
from urllib.parse import urlencode

from aiohttp import ClientSession

from bot.app.clock import SystemClock
from bot.card import Press, Verb
from handlers.slack.values import PRESS
from tests.bench.tickets import Known
from tests.standins.slack import SIGNING_SECRET, TEAM
from tests.standins.slack_people import FORM, signature

USER = "U0SARA"
CHANNEL = "C0BENCH"
AT_ONCE = 32

Makes = Callable[[Known], bytes]
_triggers = count(1)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long each request took (seconds), and how many came back a second."""

    seconds: Sequence[float]
    a_second: float


def command_body(ticket: Known) -> bytes:
    """Return `/privacy visa REF`."""
    return urlencode(
        {
            "command": "/privacy",
            "text": f"visa {ticket.ref}",
            "user_id": USER,
            "team_id": TEAM,
            "channel_id": CHANNEL,
            "trigger_id": f"{next(_triggers)}.bench",
        }
    ).encode()


def press_body(ticket: Known) -> bytes:
    """Return a press of Confirm on the ticket's card in the channel: it writes, and counts once for each ticket."""
    value = PRESS + Press(Verb.CONFIRM, ticket.ticket, ticket.version).pack()
    payload = {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": USER},
        "trigger_id": f"{next(_triggers)}.bench",
        "actions": [{"type": "button", "action_id": f"{PRESS}0", "value": value}],
        "container": {"type": "message", "message_ts": "1.0", "is_ephemeral": False},
        "channel": {"id": CHANNEL},
        "response_url": "",
    }
    return urlencode({"payload": json.dumps(payload)}).encode()


async def send(session: ClientSession, url: str, makes: Makes, tickets: Sequence[Known], at_once: int) -> Pace:
    """Send one request for each ticket, never more than *at_once* under way. Raises where one is not answered 200."""
    waiting, seconds = list(reversed(tickets)), []

    async def one_after_the_other() -> None:
        while waiting:
            seconds.append(await _timed(session, url, makes(waiting.pop())))

    began = perf_counter()
    async with asyncio.TaskGroup() as senders:
        for _ in range(at_once):
            senders.create_task(one_after_the_other())
    return Pace(seconds, len(seconds) / (perf_counter() - began))


async def _timed(session: ClientSession, url: str, body: bytes) -> float:
    now = int(SystemClock().now().timestamp())
    headers = {"Content-Type": FORM, **signature(SIGNING_SECRET, now, body)}
    began = perf_counter()
    async with session.post(url, data=body, headers=headers) as answer:
        answer.raise_for_status()
        await answer.read()
    return perf_counter() - began
