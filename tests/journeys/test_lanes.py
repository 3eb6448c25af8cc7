"""A system that does not answer holds up its own tasks alone (F42)."""

import asyncio
from collections.abc import MutableMapping, Sequence
from dataclasses import replace

import pytest

from bot.card import Verb
from bot.domain.errors import TryLater
from bot.domain.system import Identifier, Record
from bot.domain.task import TaskState
from bot.ports import Call, JobKind, System
from bot.services.lanes import Lanes
from integrations.hubspot import HubSpot
from tests.journeys.furnished import Furnished
from tests.journeys.walks import states


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
