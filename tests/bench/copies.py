"""From a click to the last copy of the card: one ticket in both channels, handed to and fro in both chats.

The desk is a program of its own, at the pace it keeps with chats; between two clicks there
is the while that a person needs. What is timed begins where the form is sent and ends
where both stand-ins hold a new card.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import Any, Final

from aiohttp import ClientSession

from bot.app.clock import SystemClock
from bot.app.wiring import opened
from config.settings import load
from handlers.slack import PATH as SLACK
from handlers.teams import PATH as TEAMS
from handlers.teams import References
from integrations.registry import discover, stand_ins
from tests.bench import load as loads
from tests.bench.children import CHANNEL, Installation, in_teams, installation, running
from tests.bench.figures import Figure, Size, percentile
from tests.bench.polling import until
from tests.bench.tickets import take_in_many
from tests.bench.vitals import today
from tests.standins import slack as workspace
from tests.standins import teams as tenant
from tests.standins.slack_people import Person
from tests.standins.teams_people import TeamsPerson

WITHIN: Final = 1.0  # seconds
PAUSE: Final = 2.0  # seconds between two clicks
PATIENCE: Final = 60.0  # seconds
LOOK: Final = 0.002  # seconds between two looks at the cards
HAND_OVER: Final = "Lämna över…"
FIELD: Final = "colleague"
TO: Final = ("Maria", "Sara")  # who has it is offered nobody but others

Sends = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Both:
    """The same colleague in Slack and in Teams, and the one card in each channel."""

    slack: Person
    teams: TeamsPerson

    @property
    def cards(self) -> tuple[workspace.Message, tenant.Message] | None:
        """Both copies; None while one is yet to come."""
        slack, teams = self.slack.slack.in_channel(CHANNEL), self.teams.teams.in_room(tenant.CHANNEL)
        return (slack[0], teams[0]) if slack and teams else None

    @property
    def edits(self) -> Sequence[int]:
        """How often each copy was edited."""
        return [card.edits for card in self.cards or ()]

    async def filled_in_slack(self, to: str) -> Sends:
        """Open the form in Slack; return what sends it."""
        assert self.cards
        await self.slack.press(self.cards[0], HAND_OVER)
        view = list(self.slack.slack.views.values())[-1]
        (block,) = (one for one in view["blocks"] if one.get("block_id") == FIELD)
        labels = [one["text"]["text"] for one in block["element"]["options"]]
        return partial(self.slack.submit, view, {FIELD: _named(labels, to)})

    async def filled_in_teams(self, to: str) -> Sends:
        """Open the form in Teams; return what sends it."""
        assert self.cards
        card = self.cards[1]
        form: dict[str, Any] = (await self.teams.open(card, HAND_OVER)).card
        (field,) = (part for part in form["body"] if part.get("id") == FIELD)
        labels = [choice["title"] for choice in field["choices"]]
        return partial(self.teams.send, card, form, {FIELD: _named(labels, to)})

    async def both_edited_after(self, sends: Sends) -> float:
        """Send; return the seconds until both copies were edited."""
        before, began = self.edits, perf_counter()
        await sends()
        await until(partial(self._edited_since, before), PATIENCE, LOOK)
        return perf_counter() - began

    async def _edited_since(self, before: Sequence[int]) -> bool:
        return all(now > then for now, then in zip(self.edits, before, strict=True))

    async def drawn(self) -> bool:
        """Whether both copies are there."""
        return self.cards is not None


def _named(labels: Sequence[str], name: str) -> str:
    return next(label for label in labels if label.startswith(name))


async def copies(size: Size, folder: Path) -> list[Figure]:
    """`size.clicks` clicks, one after the other."""
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(workspace.serve_slack())
        teams = await stack.enter_async_context(tenant.serve_teams())
        vendors = await stack.enter_async_context(stand_ins(discover(), today()))
        desk = in_teams(installation(folder / "copies", slack, {key: one.stanza for key, one in vendors.items()}))
        session = await stack.enter_async_context(ClientSession())
        both = Both(
            Person(slack, session, f"{desk.url}{SLACK}", loads.USER, CHANNEL),
            TeamsPerson(teams, session, f"{desk.url}{TEAMS}", loads.TEAMS_USER),
        )
        await _stocked(desk, both.teams)
        await stack.enter_async_context(running(["bot", "run"], desk.variables, f"{desk.url}/readyz"))
        await until(both.drawn, PATIENCE)
        took = await _clicked(both, size.clicks)
    said = f"p50 {percentile(took, 50) * 1000:.0f} ms, slowest {max(took) * 1000:.0f} ms ({len(took)} clicks)"
    return [Figure("click to the last copy", f"< {WITHIN:.0f} s", said, max(took) < WITHIN)]


async def _stocked(desk: Installation, person: TeamsPerson) -> None:
    """Open one ticket, and let the bot be met in Teams' channel."""
    settings, clock = load(desk.overrides()), SystemClock()
    async with opened(settings, clock, lambda *_: {}) as full:
        await take_in_many(full, 0, 1)
        references = References(full.house.work, clock, tenant.TENANT, loopback=True)
        await references.remember({**person.activity("installationUpdate"), "action": "add"})


async def _clicked(both: Both, clicks: int) -> Sequence[float]:
    took = []
    ways = cycle((both.filled_in_teams, both.filled_in_slack))
    for _, to, fills in zip(range(clicks), cycle(TO), ways, strict=False):
        await asyncio.sleep(PAUSE)
        took.append(await both.both_edited_after(await fills(to)))
    return took
