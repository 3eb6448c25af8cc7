"""The real desk behind Teams: its rules, cards, jobs, letters and the systems' sandboxes, on a store in memory."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from aiohttp import ClientSession

from bot.app.demo import _sandboxes
from bot.app.wiring import handlers_of, make_house
from bot.desk import PRIVATE_VERBS, Desk
from bot.domain.people import People
from bot.i18n import Texts
from bot.jobs.embedded import Runner
from bot.ports import Messenger, Work
from bot.services.house import House
from bot.store import Store, new_key
from config.settings import HERE, desk_toml, load
from handlers.teams import CHAT, Connector, References, TeamsDoor, TeamsMessenger
from tests.fakes import FixedClock
from tests.handlers.slack.small_desk import an_easy_pace
from tests.handlers.teams.door.conftest import served
from tests.memory import MemoryQueue, MemoryWork
from tests.standins.teams import CHANNEL, Message, TeamsStandIn
from tests.standins.teams_people import Answer, TeamsPerson

#: The directory's ids of the colleagues in desk.toml, in its order.
IDS = {one["id"]: f"bbbbbbbb-0000-4000-8000-{number:012}" for number, one in enumerate(desk_toml(HERE)["colleague"], 1)}


@dataclass(frozen=True, slots=True)
class Street:
    """A desk at work: its house, the loop that carries jobs out, and the tenant it speaks to."""

    house: House
    runner: Runner
    teams: TeamsStandIn
    session: ClientSession
    url: str

    def person(self, name: str) -> TeamsPerson:
        """Return a colleague, in the desk's channel."""
        return TeamsPerson(self.teams, self.session, self.url, IDS[name])

    @property
    def card(self) -> Message:
        """The one card in the channel."""
        (card,) = self.teams.in_room(CHANNEL)
        return card

    async def press(self, who: TeamsPerson, label: str) -> Answer:
        """Press a button of the card and let the jobs run."""
        answer = await who.press(self.card, label)
        assert answer.status == 200
        await self.runner.drain()
        return answer

    async def fill(self, who: TeamsPerson, label: str, given: Mapping[str, str | Sequence[str]]) -> Answer:
        """Press a button that opens a form, send the form, let the jobs run."""
        opened = await who.open(self.card, label)
        answer = await who.send(self.card, opened.card, given)
        await self.runner.drain()
        return answer


@asynccontextmanager
async def street(
    folder: Path, clock: FixedClock, teams: TeamsStandIn, session: ClientSession, unwritten: Sequence[str] = ()
) -> AsyncIterator[Street]:
    """Give a desk with Teams on its door, all else as the demo has it; the ids of the *unwritten* are in no file."""
    async with AsyncExitStack() as stack:
        work = MemoryWork(clock)
        written = desk_toml(HERE)["colleague"]
        colleagues = [{**one, "teams": IDS[one["id"]] if one["id"] not in unwritten else ""} for one in written]
        settings = load(
            {
                **{name: new_key() for name in ("keys", "index_key", "signing_key")},
                "systems": await _sandboxes(stack, clock.now().date()),
                "mailbox": {"kind": "folder", "folder": folder / "mail", "address": "info@goto.work"},
                "digest_file": folder / "digests.txt",
                "teams": {"anonymous": True, "channel": CHANNEL},
                "colleague": colleagues,
            }
        )

        def messengers(session: ClientSession, texts: Texts, people: People, work: Work) -> Mapping[str, Messenger]:
            connector = Connector(session, "", None, loopback=True)
            places = References(work, clock, "", loopback=True)
            return {CHAT: TeamsMessenger(connector, places, texts, people, settings.language, an_easy_pace())}

        house = make_house(settings, clock, cast("Store", SimpleNamespace(work=work)), session, messengers)
        messenger = house.messengers[CHAT]
        assert isinstance(messenger, TeamsMessenger)
        door = TeamsDoor("", "", CHANNEL, house.language, Desk(house), house.texts, PRIVATE_VERBS, messenger)
        server, url = await served(door)
        stack.push_async_callback(server.cleanup)
        yield Street(house, Runner(MemoryQueue(work), handlers_of(house), clock), teams, session, url)
