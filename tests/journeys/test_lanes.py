"""A system that does not answer, or asks to be left alone for a while, holds up its own tasks alone (F42)."""

import asyncio
from collections import Counter
from collections.abc import MutableMapping, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.card import Verb
from bot.domain.errors import TryLater
from bot.domain.request import Role
from bot.domain.system import Identifier, Operation, Record
from bot.domain.task import TaskState
from bot.ports import Call, JobKind, System
from bot.services.carrying_out.lanes import Lanes
from integrations.hubspot import HubSpot
from integrations.sandbox import Fault, Seen, Trouble
from tests.journeys.furnished import Furnished
from tests.journeys.test_unseen import DISPLAY, asked, decided, display, listed
from tests.journeys.walks import PRIYA, states


class Silent(HubSpot):
    """HubSpot on a day it answers nobody before it is told to."""

    answers: asyncio.Event
    asked: asyncio.Event

    async def find(self, person: Sequence[Identifier]) -> Sequence[Record]:
        self.asked.set()
        await self.answers.wait()
        return []


async def test_a_full_lane_sends_its_own_back_and_nobody_elses(desk: Furnished) -> None:
    await desk.sample("erase")
    systems = desk.opened.house.systems
    assert isinstance(systems, MutableMapping)
    silent = Silent.__new__(Silent)
    silent.answers, silent.asked = asyncio.Event(), asyncio.Event()
    silent._manifest = systems["hubspot"].manifest
    await desk.press("sara", Verb.CONFIRM)
    house, lanes = desk.opened.house, Lanes(width=1)
    search = next(task for task in (await desk.ticket()).tasks if task.system == "hubspot")
    async with house.work() as unit:  # once more, as a lost lease would have it
        ticket = await unit.tickets.load(search.id)
        await unit.tickets.save(ticket, ticket.with_task(replace(search, state=TaskState.READY, settled_at=None)))
    system: System = silent
    systems["hubspot"] = system
    waiting = asyncio.create_task(lanes.run_task(house, Call(JobKind.RUN_TASK, (search.id, "hubspot"), "one", 1)))
    await silent.asked.wait()
    with pytest.raises(TryLater):
        await lanes.run_task(house, Call(JobKind.RUN_TASK, ("another", "hubspot"), "two", 1))
    await lanes.run_task(house, Call(JobKind.RUN_TASK, ("another", "eventbrite"), "three", 1))
    silent.answers.set()
    await waiting
    assert states(await desk.ticket(), "find")["hubspot"] is TaskState.NOT_HELD
    await lanes.run_task(house, Call(JobKind.RUN_TASK, ("another", "hubspot"), "four", 1))


SEEING = ("eventbrite", "hubspot", "office365")
#: What Priya is erased from: HubSpot knows her, and Google hears of her cookie and of her address on a list.
HOLDING = ("google_analytics", "google_display", "hubspot")
AWAY = Fault(Trouble.STATUS, status=429, headers={"Retry-After": "30"}, times=None)


@pytest.mark.parametrize("busy", SEEING)
async def test_a_search_left_alone_for_half_a_minute_delays_no_other(desk: Furnished, busy: str) -> None:
    """All five systems are there; two show nobody who is in them."""
    await desk.sample("erase")
    desk.vendors[busy].sandbox.faults.add(replace(AWAY))
    await desk.press("sara", Verb.CONFIRM)
    assert set(desk.vendors) == {*SEEING, *HOLDING}
    await only_waits(desk, Operation.FIND, busy, SEEING)


@pytest.mark.parametrize("busy", HOLDING)
async def test_an_erasure_left_alone_for_half_a_minute_delays_no_other(desk: Furnished, busy: str) -> None:
    display(desk).add(PRIYA)
    display(desk).polls = 0
    listed(desk, Role.CONTACT)
    await asked(desk, Role.CONTACT)
    method = {"hubspot": "gdpr-delete", DISPLAY: "audienceMembers"}.get(busy, "submitUserDeletion")
    desk.vendors[busy].sandbox.faults.add(replace(AWAY, path=method))
    await decided(desk)
    await only_waits(desk, Operation.ERASE, busy, HOLDING)


async def only_waits(desk: Furnished, operation: Operation, busy: str, systems: Sequence[str]) -> None:
    """See the others done at the same moment, the busy one left alone for as long as it asked, and then done too."""
    began = desk.clock.now()
    tasks = {task.system: task for task in (await desk.ticket()).tasks if task.operation == operation}
    for system in systems:
        assert (tasks[system].settled_at == began) == (system != busy), system
    vendor = desk.vendors[busy].sandbox
    before = told(vendor.seen)
    await desk.later(timedelta(seconds=29), steps=4)
    assert told(vendor.seen) == before, "left alone"
    vendor.faults.clear()
    await desk.later(timedelta(seconds=31), steps=6)
    assert states(await desk.ticket(), operation)[busy] in (TaskState.DONE, TaskState.NOT_HELD)


def told(seen: Sequence[Seen]) -> Counter[str]:
    """Return how often what was asked."""
    return Counter(f"{one.method} {one.path}" for one in seen)
