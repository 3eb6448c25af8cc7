"""The queue: the same promises from memory, SQLite and PostgreSQL."""

import asyncio
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta

from bot.jobs.queue import Claimed, Queue
from bot.ports import Job, JobKind, Work
from bot.store import Store
from tests.databases import opened
from tests.fakes import FixedClock

LEASE = timedelta(seconds=60)
SOON = timedelta(seconds=1)


async def put(work: Work, *jobs: Job) -> None:
    """Enqueue in a unit of its own."""
    async with work() as unit:
        for job in jobs:
            await unit.jobs.put(job)


def a_job(key: str = "card:t1", run_after: datetime | None = None) -> Job:
    """Return a job."""
    return Job(JobKind.REFRESH_CARD, key, ("t1", "p1"), run_after)


async def one(queue: Queue) -> Claimed:
    """Claim the only job there is."""
    (claimed,) = await queue.claim(8, LEASE)
    return claimed


async def test_a_job_comes_out_as_it_went_in_and_once(work: Work, queue: Queue) -> None:
    await put(work, a_job())
    claimed = await one(queue)
    assert (claimed.call.kind, claimed.call.ids, claimed.call.attempts) == (JobKind.REFRESH_CARD, ("t1", "p1"), 1)
    assert claimed.call.token
    assert await queue.claim(8, LEASE) == []
    assert await queue.finish(claimed)
    assert await queue.next_due() is None
    assert not await queue.finish(claimed)


async def test_when_a_waiting_job_is_to_run_can_be_asked(work: Work, queue: Queue, clock: FixedClock) -> None:
    """A card says when a system is tried again: as the job has it, and nothing of one that runs or is none."""
    at = clock.now() + timedelta(minutes=9)
    await put(work, a_job("slow", at), a_job("now"))
    async with work() as unit:
        assert await unit.jobs.due(("slow", "now", "none")) == {"slow": at, "now": clock.now()}
        assert await unit.jobs.due(()) == {}
    await one(queue)
    async with work() as unit:
        assert await unit.jobs.due(("slow", "now")) == {"slow": at}


async def test_jobs_come_when_they_are_due_oldest_first_and_so_many_as_asked(
    work: Work, queue: Queue, clock: FixedClock
) -> None:
    now = clock.now()
    for key, seconds in (("late", 3600), ("b", -5), ("a", -10), ("c", 0)):
        await put(work, a_job(key, now + timedelta(seconds=seconds)))
    first = await queue.claim(2, LEASE)
    rest = await queue.claim(8, LEASE)
    assert (len(first), len(rest)) == (2, 1)
    for claimed in (*first, *rest):
        await queue.finish(claimed)
    assert await queue.next_due() == now + timedelta(hours=1)
    clock.advance(timedelta(hours=1))
    assert len(await queue.claim(8, LEASE)) == 1


async def test_a_waiting_key_is_one_job_at_the_earlier_time(work: Work, queue: Queue, clock: FixedClock) -> None:
    now = clock.now()
    await put(work, a_job(run_after=now + timedelta(hours=2)), a_job(run_after=now + timedelta(hours=1)))
    await put(work, a_job(run_after=now + timedelta(hours=3)))
    assert await queue.next_due() == now + timedelta(hours=1)
    await put(work, a_job())
    assert len(await queue.claim(8, LEASE)) == 1


async def test_the_same_key_put_by_many_at_once_is_one_job(work: Work, queue: Queue) -> None:
    await asyncio.gather(*(put(work, a_job()) for _ in range(8)))
    assert len(await queue.claim(8, LEASE)) == 1


async def test_a_waiting_job_can_be_taken_back_and_a_running_one_not(work: Work, queue: Queue) -> None:
    await put(work, a_job("a"), a_job("b"))
    async with work() as unit:
        await unit.jobs.cancel("a")
        await unit.jobs.cancel("nothing")
    claimed = await one(queue)
    async with work() as unit:
        await unit.jobs.cancel("b")
    assert await queue.finish(claimed)


async def test_jobs_with_one_key_never_run_side_by_side(work: Work, queue: Queue, clock: FixedClock) -> None:
    await put(work, a_job())
    first = await one(queue)
    await put(work, a_job())
    assert await queue.claim(8, LEASE) == []
    assert await queue.next_due() == clock.now() + LEASE
    await queue.finish(first)
    assert (await one(queue)).id != first.id


async def test_a_lease_that_ran_out_is_taken_over_and_the_old_holder_is_not_heard(
    work: Work, queue: Queue, clock: FixedClock
) -> None:
    await put(work, a_job())
    lost = await one(queue)
    await put(work, a_job())
    clock.advance(LEASE)
    taken = await one(queue)
    assert taken.id == lost.id
    assert taken.call.attempts == 2
    assert taken.call.token != lost.call.token
    assert not await queue.extend([lost], LEASE)
    assert not await queue.finish(lost)
    assert not await queue.reschedule(lost, clock.now(), failed=True)
    assert not await queue.fail(lost)
    assert await queue.finish(taken)
    assert len(await queue.claim(8, LEASE)) == 1


async def test_a_lease_is_extended_while_the_work_goes_on(work: Work, queue: Queue, clock: FixedClock) -> None:
    await put(work, a_job("a"), a_job("b"))
    held = await queue.claim(8, LEASE)
    clock.advance(LEASE - SOON)
    assert set(await queue.extend(held[:1], LEASE)) == {held[0].id}
    assert not await queue.extend([], LEASE)
    clock.advance(SOON)
    (taken,) = await queue.claim(8, LEASE)
    assert taken.id == held[1].id
    assert await queue.next_due() == clock.now() + LEASE - SOON


async def test_a_job_put_off_waits_and_counts_only_its_failures(work: Work, queue: Queue, clock: FixedClock) -> None:
    await put(work, a_job())
    later = clock.now() + timedelta(minutes=5)
    assert await queue.reschedule(await one(queue), later, failed=True)
    assert await queue.claim(8, LEASE) == []
    assert await queue.next_due() == later
    clock.advance(timedelta(minutes=5))
    again = await one(queue)
    assert (again.failures, again.call.attempts) == (1, 2)
    assert await queue.reschedule(again, clock.now(), failed=False)
    assert (await one(queue)).failures == 1


async def test_a_job_put_off_becomes_one_with_its_twin_at_the_earlier_time(
    work: Work, queue: Queue, clock: FixedClock
) -> None:
    for mine, twin in ((5, 2), (2, 5)):
        await put(work, a_job())
        claimed = await one(queue)
        await put(work, a_job(run_after=clock.now() + timedelta(minutes=twin)))
        assert await queue.reschedule(claimed, clock.now() + timedelta(minutes=mine), failed=True)
        assert await queue.next_due() == clock.now() + timedelta(minutes=2)
        clock.advance(timedelta(minutes=5))
        both = await one(queue)
        assert both.failures == 1
        assert await queue.finish(both)
        assert await queue.next_due() is None


async def test_a_job_set_aside_is_kept_and_counted_and_does_not_stand_in_the_way(work: Work, queue: Queue) -> None:
    await put(work, a_job())
    assert await queue.fail(await one(queue))
    assert await queue.failed_jobs() == 1
    assert await queue.next_due() is None
    await put(work, a_job("card:t2"))
    assert await queue.finish(await one(queue))
    assert await queue.failed_jobs() == 1


async def test_what_was_set_aside_is_forgotten_once_the_same_is_done(
    work: Work, queue: Queue, clock: FixedClock
) -> None:
    """A card drawn since is no work that halted: the morning would count it for ever."""
    for key in ("card:t1", "card:t2"):
        await put(work, a_job(key))
        assert await queue.fail(await one(queue))
    await put(work, a_job())
    lost = await one(queue)
    assert await queue.reschedule(lost, clock.now(), failed=False)
    assert not await queue.finish(lost), "no longer ours"
    assert await queue.failed_jobs() == 2
    assert await queue.finish(await one(queue))
    assert await queue.failed_jobs() == 1


async def test_what_was_set_aside_is_forgotten_by_its_kind_and_what_waits_is_not(work: Work, queue: Queue) -> None:
    """A look at somebody unknown names their handle: it does not lie there longer than the look is of use."""
    await put(work, Job(JobKind.KNOW_PEOPLE, "know:teams:u1", ("teams", "u1")))
    assert await queue.fail(await one(queue))
    await put(work, a_job("other"))
    assert await queue.fail(await one(queue))
    await put(work, Job(JobKind.KNOW_PEOPLE, "know:teams:u2", ("teams", "u2")))
    async with work() as unit:
        await unit.jobs.forget_set_aside(JobKind.KNOW_PEOPLE)
    assert await queue.failed_jobs() == 1
    assert (await one(queue)).call.ids == ("teams", "u2")


async def test_left_over_leases_end_at_once_where_nobody_else_can_hold_one(
    work: Work, queue: Queue, clock: FixedClock, backend: object
) -> None:
    await put(work, a_job("a"), a_job("b"))
    held = await queue.claim(8, LEASE)
    store: Store | None = getattr(backend, "store", None)
    if store is not None and store.place.postgres:
        assert await queue.clear_leases() == 0
        assert await queue.claim(8, LEASE) == []
        clock.advance(LEASE)
    else:
        assert await queue.clear_leases() == 2
    assert {claimed.id for claimed in await queue.claim(8, LEASE)} == {claimed.id for claimed in held}


async def test_many_claiming_at_once_get_each_job_once(work: Work, queue: Queue) -> None:
    await put(work, *(a_job(f"card:{n}") for n in range(60)))

    async def work_off() -> list[int]:
        mine = []
        while claimed := await queue.claim(3, LEASE):
            mine += [job.id for job in claimed]
            await asyncio.sleep(0)
        return mine

    counted = Counter(job_id for ids in await asyncio.gather(*(work_off() for _ in range(6))) for job_id in ids)
    assert len(counted) == 60
    assert set(counted.values()) == {1}


async def test_a_tick_is_fired_once_by_whoever_comes_first(work: Work, queue: Queue, clock: FixedClock) -> None:
    at = clock.now()

    async def fire(n: int) -> bool:
        async with work() as unit:
            return await unit.jobs.fire("morning", at, [Job(JobKind.TICK, f"tick:{n}")])

    assert sum(await asyncio.gather(*(fire(n) for n in range(8)))) == 1
    assert len(await queue.claim(8, LEASE)) == 1
    async with work() as unit:
        assert await unit.jobs.fire("morning", at + timedelta(days=1), [])
        assert await unit.jobs.fire("evening", at, [])


async def test_a_tick_whose_unit_failed_may_be_fired_again(work: Work, clock: FixedClock) -> None:
    async def fail() -> None:
        async with work() as unit:
            assert await unit.jobs.fire("morning", clock.now(), [])
            raise RuntimeError

    with suppress(RuntimeError):
        await fail()
    async with work() as unit:
        assert await unit.jobs.fire("morning", clock.now(), [])


async def test_old_ticks_go_but_never_the_newest_three(store: Store, clock: FixedClock) -> None:
    at = clock.now()
    async with store.work() as unit:
        await unit.jobs.fire("yearly", at - timedelta(days=365), [])
        for n in range(30):
            await unit.jobs.fire("daily", at + timedelta(days=n), [])
        await unit.jobs.fire("yearly", at, [])
        assert not await unit.jobs.fire("yearly", at - timedelta(days=365), [])
        assert not await unit.jobs.fire("daily", at + timedelta(days=29), [])
    rows = await store.session.rows("SELECT count(*) AS n FROM tick WHERE name = 'daily'")
    assert rows[0]["n"] == 8


async def test_a_job_row_holds_ids_and_nothing_else(store: Store) -> None:
    await put(store.work, a_job())
    (row,) = await store.session.rows("SELECT * FROM job")
    assert set(row) == {
        "id",
        "kind",
        "key",
        "ids",
        "state",
        "run_after",
        "attempts",
        "failures",
        "token",
        "lease_until",
    }
    assert (row["kind"], row["key"], row["ids"]) == ("refresh_card", "card:t1", '["t1", "p1"]')


async def test_a_report_made_while_a_unit_is_open_is_not_undone_by_its_commit(work: Work, queue: Queue) -> None:
    await put(work, a_job("a"))
    claimed = await one(queue)
    begun, leave = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with work() as unit:
            await unit.jobs.put(a_job("b"))
            begun.set()
            await leave.wait()

    holding = asyncio.create_task(hold())
    await begun.wait()
    reporting = asyncio.create_task(queue.finish(claimed))
    await asyncio.sleep(0.01)
    leave.set()
    await holding
    assert await reporting
    assert (await one(queue)).id != claimed.id


async def test_a_twin_put_while_a_job_is_put_off_becomes_one_with_it(postgres_url: str, clock: FixedClock) -> None:
    """On PostgreSQL the twin may appear between looking for it and waiting beside it."""
    async with opened(postgres_url, clock) as store:
        await put(store.work, a_job())
        claimed = await one(store.queue)
        written, leave = asyncio.Event(), asyncio.Event()

        async def twin() -> None:
            async with store.work() as unit:
                await unit.jobs.put(a_job())
                await unit.jobs.cancel("another")  # what was put before is written by then
                written.set()
                await leave.wait()

        putting = asyncio.create_task(twin())
        await written.wait()
        later = clock.now() + timedelta(hours=1)
        waiting = asyncio.create_task(store.queue.reschedule(claimed, later, failed=True))
        await asyncio.sleep(0.2)
        leave.set()
        await putting
        assert await waiting
        both = await one(store.queue)
        assert (both.id, both.failures) == (claimed.id, 1)
        assert await store.queue.finish(both)
        assert await store.queue.next_due() is None
