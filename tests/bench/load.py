"""Requests as Slack and Teams send them, one after the other or many at once, each timed."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
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
from tests.standins.teams import TENANT

USER = "U0SARA"
TEAMS_USER = "7c1e0a5b-3d2f-4b8a-9e61-0f6d3a100001"  # the same colleague in config/desk.toml
CHANNEL = "C0BENCH"
AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Sent:
    """One request."""

    body: bytes
    headers: Mapping[str, str]


Makes = Callable[[Known], Sent]
_triggers = count(1)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long each request took (seconds), and how many came back a second."""

    seconds: Sequence[float]
    a_second: float


def command(ticket: Known) -> Sent:
    """Return `/privacy visa REF` in Slack."""
    return _signed(
        urlencode(
            {
                "command": "/privacy",
                "text": f"visa {ticket.ref}",
                "user_id": USER,
                "team_id": TEAM,
                "channel_id": CHANNEL,
                "trigger_id": f"{next(_triggers)}.bench",
            }
        ).encode()
    )


def press(ticket: Known) -> Sent:
    """Return a press of Confirm on the card in Slack's channel: it writes, and counts once for each ticket.

    Each ticket has a card of its own, whose first press the desk also meets it by.
    """
    value = PRESS + _confirm(ticket)
    number = next(_triggers)
    payload = {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": USER},
        "trigger_id": f"{number}.bench",
        "actions": [{"type": "button", "action_id": f"{PRESS}0", "value": value}],
        "container": {"type": "message", "message_ts": f"{number}.0", "is_ephemeral": False},
        "channel": {"id": CHANNEL},
        "response_url": "",
    }
    return _signed(urlencode({"payload": json.dumps(payload)}).encode())


def execute(ticket: Known) -> Sent:
    """Return the same press in Teams (Action.Execute), answered by the new card."""
    return _acted({"verb": "press", "data": {"press": _confirm(ticket)}}, "manual")


def view(ticket: Known) -> Sent:
    """Return what Teams sends when a card that asks for the reader's own view is looked at."""
    return _acted({"verb": "refresh", "data": {"about": ticket.ticket}}, "automatic")


def _acted(action: Mapping[str, object], trigger: str) -> Sent:
    number = next(_triggers)
    activity = {
        "type": "invoke",
        "name": "adaptiveCard/action",
        "id": f"f:{number}",
        "channelId": "msteams",
        "serviceUrl": "http://127.0.0.1:9/teams/",
        "from": {"id": "29:bench", "aadObjectId": TEAMS_USER},
        "recipient": {"id": "28:bench"},
        "conversation": {"id": "19:bench@thread.tacv2", "conversationType": "channel", "tenantId": TENANT},
        "channelData": {"tenant": {"id": TENANT}},
        "replyToId": str(number),
        "value": {"action": {"type": "Action.Execute", **action}, "trigger": trigger},
    }
    return Sent(json.dumps(activity).encode(), {"Content-Type": "application/json"})


def _confirm(ticket: Known) -> str:
    return Press(Verb.CONFIRM, ticket.ticket, ticket.version).pack()


def _signed(body: bytes) -> Sent:
    now = int(SystemClock().now().timestamp())
    return Sent(body, {"Content-Type": FORM, **signature(SIGNING_SECRET, now, body)})


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


async def _timed(session: ClientSession, url: str, sent: Sent) -> float:
    began = perf_counter()
    async with session.post(url, data=sent.body, headers=sent.headers) as answer:
        answer.raise_for_status()
        await answer.read()
    return perf_counter() - began
