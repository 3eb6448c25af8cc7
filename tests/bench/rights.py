"""How long five systems take that answer in 200 ms: from the owners' yes to the closed ticket, alone and fifty at once.

The systems are stand-ins in this process, so that only the desk is measured beside the
calls themselves. What waits for a colleague costs nothing here: the yes to a letter is
given the moment its draft lies there, to each by itself, and the whole of the time in
between counts. Beside the pace stands how much of the processor a request took: others on
the machine change the first, and hardly the second.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, Final

from bot.app.clock import SystemClock
from bot.app.wiring import handlers_of, opened
from bot.domain.identity import IdentityState
from bot.domain.letter import LetterState
from bot.domain.policy_text import PolicyText, Recipient
from bot.domain.request import Channel
from bot.domain.system import Exported, Identifier, IdentifierKind, Manifest, Operation, Receipt, Record, automatic
from bot.domain.task import TaskState
from bot.jobs.embedded import Runner
from bot.reading import read_text
from bot.services.casework.progress import carry_on
from bot.services.deciding import approval
from bot.services.house import House
from bot.services.intake import triage
from bot.services.intake.intake import take_in
from config.settings import load
from handlers.console import ConsoleMessenger
from integrations.registry import discover, stand_ins
from tests.bench.children import installation
from tests.bench.figures import Figure, Size
from tests.bench.vitals import today
from tests.standins.slack import serve_slack

SYSTEMS: Final = ("hubspot", "office365", "eventbrite", "google_analytics", "google_display")
WISHES: Final = {
    "access": "Hello, I would like a copy of all my personal data.",
    "erasure": "Hello, I would like all of my personal data deleted.",
}
ASKED: Final = {"access": 1.0, "erasure": 2.0}  # seconds
AT_ONCE_ASKED: Final = 10.0  # requests a second
AT_ONCE: Final = 100  # records asked for by id in one call
BY: Final = "maria"
LOOK: Final = 0.01  # seconds between two looks
PATIENCE: Final = 120.0


class Slow:
    """A system that needs a while for every call, and holds one record of everybody until it is erased."""

    def __init__(self, key: str, seconds: float) -> None:
        self._seconds = seconds
        self._gone: set[str] = set()
        self._manifest = Manifest(
            key,
            key,
            frozenset({IdentifierKind.EMAIL}),
            {operation: automatic(repeat_safe=True) for operation in Operation},
        )

    @property
    def manifest(self) -> Manifest:
        return self._manifest

    async def find(self, person: Sequence[Identifier]) -> Sequence[Record]:
        await asyncio.sleep(self._seconds)
        email = person[0]
        held = email.value not in self._gone
        return [Record(self._manifest.key, "contact", email.value, contacts=(email,))] if held else []

    async def export(self, record: Record) -> Exported:
        await asyncio.sleep(self._seconds)
        return Exported(record, {"email": record.id})

    async def erase(self, record: Record) -> Receipt:
        await asyncio.sleep(self._seconds)
        self._gone.add(record.id)
        return Receipt(Operation.ERASE, record.kind, record.id)

    async def still_there(self, records: Sequence[Record]) -> Sequence[Record]:
        for _ in range(0, len(records), AT_ONCE):
            await asyncio.sleep(self._seconds)
        return [record for record in records if self._holds(record)]

    def _holds(self, record: Record) -> bool:
        return record.id not in self._gone

    async def suppress(self, identifier: Identifier) -> Receipt:
        await asyncio.sleep(self._seconds)
        return Receipt(Operation.SUPPRESS, "address", identifier.value)


async def rights(size: Size, folder: Path) -> list[Figure]:
    """One access, one erasure, then many accesses at once."""
    systems = {key: Slow(key, size.vendor_seconds) for key in SYSTEMS}
    async with street(folder / "rights", systems) as walking:
        alone = {right: await walking.walk(right, 1) for right in WISHES}
        tickets = await walking.ready("access", size.at_once)
        busy = process_time()
        together = await walking.finish(tickets)
        busy = process_time() - busy
    return _figures(alone, together, busy, size)


@asynccontextmanager
async def street(folder: Path, systems: Mapping[str, Slow]) -> AsyncIterator["Street"]:
    """Give a desk at work, with these systems instead of its own."""
    async with serve_slack() as slack, stand_ins(discover(), today()) as vendors:
        desk = installation(folder, slack, {key: one.stanza for key, one in vendors.items()})
        async with opened(load(desk.overrides()), SystemClock(), lambda *_: {"console": ConsoleMessenger()}) as full:
            theirs = replace(full.house.policy, recipients=_recipients(full.house.policy, systems))
            manifests = tuple(one.manifest for one in systems.values())
            house = replace(full.house, systems=systems, manifests=manifests, policy=theirs)
            runner = Runner(full.store.queue, handlers_of(house), house.clock, wake=full.runner._wake)
            await runner.start()
            try:
                with closing(sqlite3.connect(desk.database)) as looking:
                    yield Street(house, looking)
            finally:
                await runner.stop()


def _recipients(policy: PolicyText, systems: Collection[str]) -> tuple[Recipient, ...]:
    """Return those who keep a system here: any other would be told by a colleague, and none is at work (Art. 19)."""
    return tuple(one for one in policy.recipients if one.key in systems)


class Street:
    """What colleagues do from the request to the letter, as fast as the desk lets them."""

    def __init__(self, house: House, looking: sqlite3.Connection) -> None:
        self._house = house
        self._looking = looking
        self._people = 0

    async def walk(self, right: str, number: int) -> float:
        """Return how many seconds pass from the yes to the last of *number* tickets being closed."""
        return await self.finish(await self.ready(right, number))

    async def ready(self, right: str, number: int) -> list[str]:
        """Return *number* tickets that wait for the owners."""
        tickets = [await self._take_in(right) for _ in range(number)]
        await self._until_proposed(tickets)
        return tickets

    async def finish(self, tickets: Sequence[str]) -> float:
        """Say yes to all of them; return how many seconds pass until the last is closed."""
        began = perf_counter()
        await asyncio.gather(*(self._say_yes(ticket) for ticket in tickets))
        await self._send_letters(tickets)
        return perf_counter() - began

    async def _take_in(self, right: str) -> str:
        self._people += 1
        address = f"person{self._people}@example.org"
        house, actor = self._house, self._house.people.by_id(BY)
        read = read_text(
            WISHES[right], received=house.now(), channel=Channel.PHONE, requester_email=address, context=house.reading
        )
        proposal = replace(read, is_request=True, subject_email=address, message_id=None)
        async with house.work() as unit:
            ticket = await take_in(unit, house, proposal, address.encode(), Channel.PHONE, BY)
            assert ticket is not None
            proven = replace(ticket, identity=replace(ticket.identity, state=IdentityState.PROVEN))
            ticket = await unit.tickets.save(ticket, proven)
            return (await triage.confirm(unit, house, ticket, actor)).id

    async def _say_yes(self, ticket_id: str) -> None:
        async with self._house.work() as unit:
            ticket = await unit.tickets.load(ticket_id)
            yes = {task.id: approval.APPROVE for task in ticket.tasks if task.state is TaskState.PROPOSED}
            assert len(yes) == len(self._house.manifests), ticket.tasks
            await approval.decide(unit, self._house, ticket, self._house.people.by_id(BY), yes, ticket.ref)

    async def _send_letters(self, tickets: Sequence[str]) -> None:
        """Say yes to every letter the moment it lies there, to many at once, until all tickets are closed."""
        said: dict[str, asyncio.Task[None]] = {}
        waiting, began = set(tickets), perf_counter()
        while waiting:
            await asyncio.sleep(LOOK)
            if perf_counter() - began > PATIENCE:
                raise TimeoutError
            for letter, ticket_id in self._rows("SELECT id, ticket_id FROM letter WHERE state = 'draft'"):
                if letter not in said:
                    said[letter] = asyncio.create_task(self._send(ticket_id, letter))
            waiting -= {one for (one,) in self._rows("SELECT id FROM ticket WHERE closed_at IS NOT NULL")}
        await asyncio.gather(*said.values())

    async def _send(self, ticket_id: str, letter_id: str) -> None:
        async with self._house.work() as unit:
            ticket = await unit.tickets.load(ticket_id)
            letter = replace(ticket.letter(letter_id), state=LetterState.APPROVED, approved_by=BY)
            await carry_on(unit, self._house, ticket, ticket.with_letter(letter), BY)

    async def _until_proposed(self, tickets: Sequence[str]) -> None:
        began = perf_counter()
        while True:
            rows = self._rows("SELECT ticket_id, count(*) FROM task WHERE state = 'proposed' GROUP BY ticket_id")
            ready = {ticket for ticket, count in rows if count == len(self._house.manifests)}
            if ready >= set(tickets):
                return
            if perf_counter() - began > PATIENCE:
                raise TimeoutError(str(self._rows("SELECT system, state, trouble FROM task")))
            await asyncio.sleep(LOOK)

    def _rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._looking.execute(sql).fetchall()


def _figures(alone: Mapping[str, float], together: float, busy: float, size: Size) -> list[Figure]:
    pace, each = size.at_once / together, busy / size.at_once * 1000
    return [
        *(
            Figure(
                f"{right}, five systems at {size.vendor_seconds * 1000:.0f} ms",
                f"<= {ASKED[right]:.1f} s",
                f"{seconds:.2f} s",
                met=seconds <= ASKED[right],
            )
            for right, seconds in alone.items()
        ),
        Figure(
            f"access, {size.at_once} at once",
            f">= {AT_ONCE_ASKED:.0f} a second",
            f"{pace:.1f} a second ({together:.1f} s; {each:.0f} ms of processor each)",
            met=pace >= AT_ONCE_ASKED,
        ),
    ]
