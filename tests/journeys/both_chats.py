"""A desk whose colleagues have Slack and Teams: the same people in both, one card in each channel."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import ClientSession

from handlers.slack import PATH as SLACK_PATH
from handlers.teams import PATH as TEAMS_PATH
from tests.journeys.furnished import CHANNEL, FIRST, Furnished
from tests.standins import teams as tenant
from tests.standins.slack import Message as SlackMessage
from tests.standins.slack_people import Person
from tests.standins.teams import Message
from tests.standins.teams_people import Answer, TeamsPerson, labels


@dataclass(frozen=True, slots=True)
class BothChats:
    """A furnished desk with people in both chats."""

    desk: Furnished
    session: ClientSession

    def in_slack(self, name: str) -> Person:
        """Return a colleague in Slack."""
        url = f"{self.desk.opened.house.public_url}{SLACK_PATH}"
        return Person(self.desk.slack, self.session, url, self.desk.who(name).handles["slack"], CHANNEL)

    def in_teams(self, name: str, room: str = tenant.CHANNEL) -> TeamsPerson:
        """Return a colleague in Teams."""
        return self.person_in_teams(self.desk.who(name).handles["teams"], room)

    def person_in_teams(self, person: str, room: str = tenant.CHANNEL) -> TeamsPerson:
        """Return anybody of the tenant."""
        url = f"{self.desk.opened.house.public_url}{TEAMS_PATH}"
        return TeamsPerson(self.desk.teams, self.session, url, person, room)

    @property
    def teams_card(self) -> Message:
        """The one card in Teams' channel."""
        (card,) = self.desk.teams.in_room(tenant.CHANNEL)
        return card

    @property
    def slack_card(self) -> SlackMessage:
        """The one card in Slack's channel."""
        (card,) = self.desk.slack.in_channel(CHANNEL)
        return card

    async def press(self, name: str, label: str) -> Answer:
        """Press a button of Teams' card and let follow what follows."""
        answer = await self.in_teams(name).press(self.teams_card, label)
        assert answer.status == 200
        await self.desk.settle()
        return answer

    async def fill(self, name: str, label: str, given: Mapping[str, str | Sequence[str]]) -> Answer:
        """Open the form behind a button of Teams' card, send it, and let follow what follows."""
        person, card = self.in_teams(name), self.teams_card
        opened = await person.open(card, label)
        assert opened.card, opened
        answer = await person.send(card, opened.card, given)
        await self.desk.settle()
        return answer

    async def decide_in_teams(self, name: str, typed: str = FIRST) -> Answer:
        """Say yes to every row that is theirs, in Teams."""
        opened = await self.in_teams(name).open(self.teams_card, "Besluta…")
        assert opened.card, opened.sentence
        rows = {part["id"]: "Godkänn" for part in opened.card["body"] if str(part.get("id")).startswith("task:")}
        answer = await self.in_teams(name).send(self.teams_card, opened.card, {**rows, "reference": typed})
        await self.desk.settle()
        return answer

    async def decide_in_slack(self, name: str, typed: str = FIRST) -> None:
        """Say yes to every row that is theirs, in Slack."""
        person = self.in_slack(name)
        await person.press(self.slack_card, "Besluta…")
        (view,) = self.desk.slack.views.values()
        rows = [one for one in (block.get("block_id", "") for block in view["blocks"]) if one.startswith("task:")]
        answer = await person.submit(view, {**dict.fromkeys(rows, "Godkänn"), "reference": typed})
        assert answer.status == 200
        await self.desk.settle()

    def can_press(self, label: str) -> bool:
        """Whether a button stands on Teams' card."""
        return label in labels(self.teams_card.card)

    @asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Let the desk carry its jobs out by itself for a while, as it does when it runs."""
        await self.desk.opened.runner.start()
        try:
            yield
        finally:
            await self.desk.opened.runner.stop()

    async def until_both_edited(self, act: Callable[[], Awaitable[object]]) -> float:
        """Do something in a chat; return the seconds until both channels' cards were edited."""
        before = self.teams_card.edits, self.slack_card.edits
        began = time.monotonic()
        await act()
        await until(lambda: self.teams_card.edits > before[0] and self.slack_card.edits > before[1])
        return time.monotonic() - began


async def until(came: Callable[[], bool], seconds: float = 10) -> None:
    """Wait for something to come true; look every two milliseconds."""
    for _ in range(int(seconds * 500)):
        if came():
            return
        await asyncio.sleep(0.002)
    raise AssertionError("it did not come")


@asynccontextmanager
async def met(desk: Furnished) -> AsyncIterator[BothChats]:
    """Let Teams' channel have the app; give the people of both chats."""
    async with ClientSession() as session:
        both = BothChats(desk, session)
        assert (await both.in_teams("maria").install()).status == 202
        yield both
