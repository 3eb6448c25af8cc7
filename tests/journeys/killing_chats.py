"""People in Slack and in Teams at once, around a desk that is killed: what they press, and what their cards then say.

Everybody acts in both chats at the same moment, and what they press arrives twice, as it
does where a chat heard no answer. Which of the four comes first is for the desk to say;
that it counts once is for the test.
"""

import asyncio
import time
import tomllib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from aiohttp import ClientError

from handlers.teams import PATH as TEAMS_PATH
from integrations.sandbox import serve
from tests.journeys.furnished import CHANNEL
from tests.journeys.killing import HERE, REF, Axe, Yard, world_in
from tests.standins import teams as tenant
from tests.standins.slack import Message
from tests.standins.slack_people import Answer as SlackAnswer
from tests.standins.teams import Message as TeamsMessage
from tests.standins.teams import TeamsStandIn
from tests.standins.teams_people import Answer, TeamsPerson, words
from tests.standins.teams_people import labels as teams_labels

#: Seconds until every card says what is so: a chat that answers 503 is asked again after two, ten, thirty; the rest is
#: for a busy machine.
SETTLED: Final = 240.0
LOOK: Final = 0.5
LOST: Final = (ClientError, OSError, TimeoutError)
_PEOPLE: Final = tomllib.loads((HERE / "config" / "desk.toml").read_text(encoding="utf-8"))["colleague"]
#: A colleague's id in Teams by their id in Slack.
IN_TEAMS: Final[Mapping[str, str]] = {one["slack"]: one["teams"] for one in _PEOPLE if "slack" in one}


@dataclass(frozen=True, slots=True)
class Sent:
    """A press as a chat sends it."""

    chat: str
    user: str
    pressed: dict[str, Any]


@dataclass(slots=True)
class Square(Yard):
    """The yard with both chats on it."""

    teams: TeamsStandIn = field(default_factory=TeamsStandIn)
    met: bool = False
    sent: list[Sent] = field(default_factory=list)
    heard_of: Counter[str] = field(default_factory=Counter)  # answers to presses, by chat: else nothing was tried

    async def up(self) -> None:
        """Start the desk where it is dead; let it into Teams' channel the first time."""
        await Yard.up(self)
        if not self.met:
            self.met = (await self.in_teams("U0MARIA").install()).status == 202

    def in_teams(self, user: str) -> TeamsPerson:
        """Return a colleague in Teams."""
        return TeamsPerson(self.teams, self.session, f"{self.url}{TEAMS_PATH}", IN_TEAMS[user])

    def slack_cards(self, ref: str = REF) -> list[Message]:
        """Return a ticket's cards in Slack's channel; a kill may lose the answer to a post, which is posted anew."""
        return [one for one in self.slack.in_channel(CHANNEL) if one.text.startswith(ref)]

    def teams_cards(self, ref: str = REF) -> list[TeamsMessage]:
        """Return the cards of a ticket in Teams' channel."""
        return [one for one in self.teams.in_room(tenant.CHANNEL) if ref in one.summary]

    # --- in both chats at once -------------------------------------------------------------------

    async def press(self, user: str, card: Message, label: str) -> None:
        """Press a button, in Slack and in Teams; each press arrives twice."""
        sent = [Sent("slack", user, self.colleague(user).pressed(card, label))]
        if not label.endswith("…"):  # a form is opened and sent there in its own way
            same = [one for one in self.teams_cards(card.text[: len(REF)]) if label in teams_labels(one.card)]
            sent += [Sent("teams", user, self.in_teams(user).pressed(one, label)) for one in same]
        self.sent += sent
        await both([self._send(one) for one in (*sent, *sent)])

    async def send_again(self) -> None:
        """Let every press so far arrive once more: a chat that heard no answer from the desk that died."""
        await both([self._send(one) for one in self.sent])

    async def _send(self, one: Sent) -> None:
        if one.chat == "slack":
            await self._noted(one.chat, self.colleague(one.user).interact(one.pressed))
        else:
            await self._noted(one.chat, self.in_teams(one.user).post(one.pressed))

    async def _noted(self, chat: str, act: Awaitable[SlackAnswer | Answer]) -> None:
        answer = await act
        assert answer.status in (200, 500), answer.status
        self.heard_of[chat] += answer.status == 200

    async def fill(self, user: str, card: Message, label: str, given: Mapping[str, Any]) -> None:
        """Fill in the form behind a button, in Slack and in Teams."""
        in_teams = (self._fill_in_teams(user, one, label, given) for one in self.teams_cards(card.text[: len(REF)]))
        await both([Yard.fill(self, user, card, label, given), *in_teams])

    async def _fill_in_teams(self, user: str, card: TeamsMessage, label: str, given: Mapping[str, Any]) -> None:
        person = self.in_teams(user)
        if label not in teams_labels(card.card):
            return
        form = (await person.open(card, label)).card
        names = [str(part["id"]) for part in form.get("body", ()) if "id" in part]
        if not names:
            return
        rows = {name: "Godkänn" for name in names if name.startswith("task:")}
        asked = {"reference": card.summary[: len(REF)]} if "reference" in names else {}
        filled = {**given, **rows, **asked}
        await both([self._noted("teams", person.send(card, form, filled)) for _ in range(2)])

    # --- what is so ------------------------------------------------------------------------------

    async def truthful(self, ref: str = REF) -> bool:
        """Whether the ticket's card says in each chat what the desk says of it to who asks now."""
        try:
            return await self._truthful(ref)
        except LOST:
            return False

    async def _truthful(self, ref: str) -> bool:
        slack, teams = self.slack_cards(ref), self.teams_cards(ref)
        if not slack or not teams:
            return False
        await self.colleague("U0SARA").command(f"visa {ref}")
        asked = self.slack.private[-1]
        own = await self.in_teams("U0SARA").refresh(teams[-1])
        return (asked.text, asked.blocks) == (slack[-1].text, slack[-1].blocks) and words(own.card) == words(
            teams[-1].card
        )

    async def settled(self, refs: Sequence[str] = (REF,)) -> None:
        """Wait until every card is true in both chats, and stays so when all of them are looked at once more."""
        ends = time.monotonic() + SETTLED
        while left := [ref for ref in refs if not await self.truthful(ref)]:
            assert time.monotonic() < ends, f"cards that are not true: {left}"
            await self.up()
            await asyncio.sleep(LOOK)

    def trouble(self, times: int = 1) -> None:
        """Let both chats answer the next edits badly: fail, ask for a pause, break off once it is done."""
        for _ in range(times):
            self.slack.refuse("chat.update", "", 503)
            self.teams.refuse("edit", 502, body="<html>bad gateway</html>")
            self.slack.too_many("chat.update", 1)
            self.teams.too_many("edit", 1)
            self.slack.lose_answer("chat.update")
            self.teams.lose_answer("edit")


async def both(acts: Sequence[Awaitable[object]]) -> None:
    """Let everybody act at once; whoever hears no answer, because the desk died, looks again later."""
    for ended in await asyncio.gather(*acts, return_exceptions=True):
        if isinstance(ended, BaseException) and not isinstance(ended, LOST):
            raise ended


@asynccontextmanager
async def square_in(folder: Path, axe: Axe) -> AsyncIterator[Square]:
    """Give the world with both chats, and no desk in it yet."""
    async with world_in(folder, axe, Square) as square:
        room = square.teams.application()
        room.middlewares.append(axe.over)
        async with serve(room) as square.teams.url:
            named = {"ANONYMOUS": "true", "CHANNEL": tenant.CHANNEL, "TENANT_ID": tenant.TENANT}
            teams = {f"PRIVACY_TEAMS__{name}": value for name, value in named.items()}
            square.environment = {**square.environment, **teams}
            yield square
            square.fell()
    assert not square.slack.complaints
    assert not square.teams.complaints
