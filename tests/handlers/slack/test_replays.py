"""Whatever Slack brings again is harmless: at once, after a restart, to another process, signed anew or as it was.

A signature is good for five minutes and there is no nonce in it, so a request may come
twice within them whoever sends it. Here each kind is sent, then sent again byte for byte
and as Slack's own retry, to the same desk and to one that has just been started over the
same store. Compared are every ticket, every item, what the ledger says of them, and
everything that stands in the chat. A look by a button brought again to another process is one
look more, and a press an old one refused; both are written down as just that.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web

from bot.domain.ledger import LedgerEvent
from bot.ports import EVERY, TicketQuery
from handlers.slack import PATH, mount
from tests.fakes import FixedClock
from tests.handlers.slack.real_desk import Street, door_of, street, typed_in
from tests.handlers.slack.small_desk import CHANNEL, MAIL_CHANNEL
from tests.handlers.slack.test_listeners import until
from tests.standins.slack import SlackStandIn
from tests.standins.slack_people import Person

REQUEST = {
    "channel": "telefon",
    "subject": "priya.natarajan@example.org",
    "name": "Priya Natarajan",
    "text": "Hello, I would like all of my personal data deleted.",
}
MESSAGE = {
    "user": "U0MARIA",
    "ts": "1767600000.000001",
    "text": "Please erase what you have about me.",
    "type": "message",
}
RETRY = {"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": "http_timeout"}

Sends = Callable[[Person], Awaitable[object]]


@dataclass(slots=True)
class Recorder:
    """Keeps what a person sent last, headers and all, so that it can be sent again as it was."""

    sent: list[tuple[bytes, Mapping[str, str], str]]


@dataclass(frozen=True, slots=True)
class Recorded(Person):
    """A person whose requests are kept."""

    recorder: Recorder = None  # type: ignore[assignment]

    async def send(
        self, body: bytes, headers: Mapping[str, str], content_type: str = "application/x-www-form-urlencoded"
    ) -> Any:
        self.recorder.sent.append((body, headers, content_type))
        return await Person.send(self, body, headers, content_type)


@pytest.fixture
async def at_work(
    tmp_path: Path, clock: FixedClock, slack: SlackStandIn, session: ClientSession
) -> AsyncIterator[Street]:
    """A desk with one ticket that waits to be confirmed."""
    async with street(tmp_path, clock, slack, session) as street_:
        await typed_in(street_, REQUEST)
        yield street_


@pytest.fixture
async def restarted(at_work: Street) -> AsyncIterator[str]:
    """The address of a desk that was just started over the same store: it remembers nothing of what came before."""
    application = web.Application()
    mount(application, door_of(at_work.house, at_work.slack, at_work.session))
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}{PATH}"
    await runner.cleanup()


async def store_of(at: Street) -> dict[str, object]:
    """Return what the store holds, refusals and look-ups in the ledger apart: they are themselves what happened."""
    await at.runner.drain()
    async with at.house.work() as unit:
        tickets = await unit.tickets.matching(TicketQuery(open_only=False, limit=EVERY))
        return {
            "tickets": tickets,
            "items": [*await unit.items.waiting(), *await unit.items.older()],
            "ledger": {
                one.id: [e for e in await unit.ledger.entries(one.id) if e.event not in ASKED] for one in tickets
            },
            "failed": await unit.jobs.set_aside(),
            "duty": await unit.shifts.since(at.house.today()),
            "stops": await unit.pauses.every(),
        }


ASKED = frozenset({LedgerEvent.REFUSED, LedgerEvent.LOOKED, LedgerEvent.SOUGHT})


def chat_of(slack: SlackStandIn) -> list[object]:
    """Return everything in the channels that all can see."""
    return [(one.channel, one.text, one.blocks, list(one.thread)) for _, one in sorted(slack.messages.items())]


async def confirms(at: Street, who: Person) -> None:
    await who.press(at.card, "Bekräfta")


async def looks(at: Street, who: Person) -> None:
    await who.press(at.card, "Visa bara för mig")


async def opens_form(at: Street, who: Person) -> None:
    await who.press(at.card, "Ändra…")


async def types_one_in(at: Street, who: Person) -> None:
    await who.command("ny")
    await who.submit(max(at.slack.views.items())[1], REQUEST)


async def changes(at: Street, who: Person) -> None:
    await who.press(at.card, "Ändra…")
    await who.submit(max(at.slack.views.items())[1], {"language": "svenska"})


async def asks(at: Street, who: Person) -> None:
    await who.command("visa PR-2026-0001")


async def chooses(at: Street, who: Person) -> None:
    await replace(who, channel="C0OTHER").choose(MESSAGE)


async def wants(at: Street, who: Person) -> None:
    await who.shortcut()


async def opens_home(at: Street, who: Person) -> None:
    await who.open_home()


async def writes(at: Street, who: Person) -> None:
    await who.mention("visa PR-2026-0001")


async def posts_link(at: Street, who: Person) -> None:
    await who.post_link("https://desk.example.org/PR-2026-0001")


async def mail_comes(at: Street, who: Person) -> None:
    event = {
        "type": "message",
        "subtype": "file_share",
        "channel": MAIL_CHANNEL,
        "files": [{"id": "F1", "mode": "email"}],
    }
    await who.tell(who.happens(event))


async def sets_duty(at: Street, who: Person) -> None:
    officer = replace(who, user="U0MARIA")
    await officer.write("jour set Sara 2026-03-10 2026-03-12")
    await answered(at, officer)


async def stops(at: Street, who: Person) -> None:
    officer = replace(who, user="U0MARIA")
    await officer.write("stoppa hubspot")
    await answered(at, officer)


async def asks_for_the_file(at: Street, who: Person) -> None:
    await who.write("akt PR-2026-0001")
    await answered(at, who)


async def orders_duty(at: Street, who: Person) -> None:
    await replace(who, user="U0MARIA").command("jour set Sara 2026-03-10 2026-03-12")


async def answered(at: Street, who: Person) -> None:
    """Wait for the answer in the direct message, which comes after the ack."""
    await until(lambda: bool(at.slack.in_channel(who.direct)))


KINDS = (
    confirms,
    looks,
    opens_form,
    types_one_in,
    changes,
    asks,
    chooses,
    wants,
    opens_home,
    writes,
    posts_link,
    mail_comes,
    sets_duty,
    stops,
    asks_for_the_file,
    orders_duty,
)

#: Those that change a ticket or make one (a mail that cannot be had too), a duty or a stop; the others open and show.
WRITES = (confirms, types_one_in, changes, chooses, mail_comes, sets_duty, stops, orders_duty)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("how", ["same process", "restarted"])
async def test_what_comes_again_changes_nothing(
    at_work: Street,
    slack: SlackStandIn,
    restarted: str,
    clock: FixedClock,
    kind: Callable[[Street, Person], Awaitable[None]],
    how: str,
) -> None:
    recorder = Recorder([])
    sara = Recorded(slack, at_work.session, at_work.url, "U0SARA", CHANNEL, recorder=recorder)
    before = await store_of(at_work)
    await kind(at_work, sara)
    store, chat = await store_of(at_work), chat_of(slack)
    assert recorder.sent
    assert (store != before) is (kind in WRITES), "what writes nothing at first proves nothing by writing nothing again"
    clock.advance(timedelta(minutes=1))
    address = at_work.url if how == "same process" else restarted
    for body, headers, content_type in list(recorder.sent):
        for more in ({}, RETRY):
            again = replace(sara, events_url=address)
            assert (await Person.send(again, body, {**headers, **more}, content_type)).status == 200
    assert await store_of(at_work) == store
    await asyncio.sleep(0.05)
    assert chat_of(slack) == chat
