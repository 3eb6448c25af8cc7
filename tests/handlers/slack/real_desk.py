"""The real desk behind Slack: its rules, cards, jobs, letters and the systems' sandboxes, on a store in memory."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from aiohttp import ClientSession, web

from bot.app.demo import _sandboxes
from bot.app.wiring import handlers_of, make_house
from bot.desk import PRIVATE_VERBS, Desk
from bot.domain.people import People
from bot.i18n import Texts
from bot.jobs.embedded import Runner
from bot.ports import Messenger, Work
from bot.services.carrying_out import halting
from bot.services.house import House
from bot.store import Store, new_key
from config.settings import load
from handlers.slack import PATH, SlackDoor, SlackMessenger, mount, slack_client
from tests.fakes import FixedClock
from tests.handlers.slack.small_desk import CHANNEL, MAIL_CHANNEL, an_easy_pace
from tests.memory import MemoryQueue, MemoryWork
from tests.standins.slack import SIGNING_SECRET, TOKEN, Message, SlackStandIn
from tests.standins.slack_people import Answer, Person


@dataclass(frozen=True, slots=True)
class Street:
    """A desk at work: its house, the loop that carries jobs out, and the workspace it speaks to."""

    house: House
    runner: Runner
    slack: SlackStandIn
    session: ClientSession
    url: str

    def person(self, user: str) -> Person:
        """Return a colleague by Slack id, in the desk's channel."""
        return Person(self.slack, self.session, self.url, user, CHANNEL)

    @property
    def card(self) -> Message:
        """The one card in the channel."""
        (card,) = self.slack.in_channel(CHANNEL)
        return card

    async def press(self, who: Person, label: str) -> None:
        """Press a button of the card and let the jobs run."""
        assert (await who.press(self.card, label)).status == 200
        await self.runner.drain()

    async def fill(self, who: Person, label: str, given: Mapping[str, Any]) -> Answer:
        """Press a button that opens a form, send the form, let the jobs run."""
        await self.press(who, label)
        (view,) = self.slack.views.values()
        answer = await who.submit(view, given)
        await self.runner.drain()
        return answer


def door_of(house: House, slack: SlackStandIn, session: ClientSession) -> SlackDoor:
    """Return what Slack's handlers are given of a house."""
    return SlackDoor(
        bot_token=TOKEN,
        signing_secret=SIGNING_SECRET,
        api_url=slack.api_url,
        channel=CHANNEL,
        language=house.language,
        session=session,
        desk=Desk(house),
        people=house.people,
        texts=house.texts,
        private=PRIVATE_VERBS,
        mail_channel=MAIL_CHANNEL,
    )


@asynccontextmanager
async def street(folder: Path, clock: FixedClock, slack: SlackStandIn, session: ClientSession) -> AsyncIterator[Street]:
    """Give a desk with Slack on its door, everything else as the demo has it."""
    async with AsyncExitStack() as stack:
        work = MemoryWork(clock)
        house = await _house(stack, folder, clock, work, slack, session)
        door = door_of(house, slack, session)
        application = web.Application()
        mount(application, door)
        server = web.AppRunner(application, access_log=None)
        await server.setup()
        stack.push_async_callback(server.cleanup)
        await web.TCPSite(server, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{server.addresses[0][1]}{PATH}"
        given_up = partial(halting.set_aside, house)
        runner = Runner(MemoryQueue(work), handlers_of(house), clock, on_set_aside=given_up)
        yield Street(house, runner, slack, session, url)


async def _house(
    stack: AsyncExitStack,
    folder: Path,
    clock: FixedClock,
    work: MemoryWork,
    slack: SlackStandIn,
    session: ClientSession,
) -> House:
    settings = load(
        {
            "keys": new_key(),
            "index_key": new_key(),
            "signing_key": new_key(),
            "systems": await _sandboxes(stack, clock.now().date()),
            "mailbox": {"kind": "folder", "folder": folder / "mail", "address": "info@goto.work"},
            "digest_file": folder / "digests.txt",
            "slack": {"bot_token": TOKEN, "signing_secret": SIGNING_SECRET, "channel": CHANNEL},
        }
    )

    def messengers(session: ClientSession, texts: Texts, people: People, work: Work) -> Mapping[str, Messenger]:
        client = slack_client(TOKEN, slack.api_url, session)
        return {"slack": SlackMessenger(client, texts, people, settings.language, an_easy_pace())}

    return make_house(settings, clock, cast("Store", SimpleNamespace(work=work)), session, messengers)


async def typed_in(street_: Street, request: Mapping[str, str]) -> None:
    """Have Sara type a request in, and do what is due."""
    sara = street_.person("U0SARA")
    await sara.command("ny")
    (view,) = street_.slack.views.values()
    await sara.submit(view, request)
    await street_.runner.drain()
