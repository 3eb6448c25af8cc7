"""The ledger: chains on all three, and on both databases proof of what was tampered with."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from tortoise.exceptions import BaseORMException

from bot.domain.ledger import LedgerEvent, first_bad
from bot.domain.ticket import Stage
from bot.ports import Work
from bot.store import Bad, Digest, Store, What, verify
from tests.databases import SIGNING_KEY
from tests.fakes import FixedClock


async def write(work: Work, chain: str, *facts: int) -> None:
    """Write entries into a chain, each in a unit of its own."""
    for number in facts:
        async with work() as unit:
            await unit.ledger.write(chain, LedgerEvent.STAGE, "karin", {"n": number})


async def test_entries_come_back_in_order_and_prove_themselves(work: Work, clock: FixedClock) -> None:
    async with work() as unit:
        await unit.ledger.write("t1", LedgerEvent.TICKET_OPENED, "desk")
        clock.advance(timedelta(microseconds=1))
        await unit.ledger.write("t2", LedgerEvent.TICKET_OPENED, "desk")
        facts: dict[str, str | int] = {"part": "p1", "to": Stage.LOCATING, "å": "ö", "n": 3, "yes": True}
        await unit.ledger.write("t1", LedgerEvent.STAGE, "karin", facts)
    await write(work, "t1", 1)
    async with work() as unit:
        entries = await unit.ledger.entries("t1")
        assert [(entry.seq, entry.event) for entry in entries] == [
            (1, LedgerEvent.TICKET_OPENED),
            (2, LedgerEvent.STAGE),
            (3, LedgerEvent.STAGE),
        ]
        assert entries[1].facts == {"part": "p1", "to": "locating", "å": "ö", "n": 3, "yes": 1}
        assert entries[1].at - entries[0].at == timedelta(microseconds=1)
        assert first_bad(entries) is None
        assert [entry.seq for entry in await unit.ledger.entries("t1", after_seq=1)] == [2, 3]
        assert {chain: head[0] for chain, head in (await unit.ledger.heads()).items()} == {"t1": 3, "t2": 1}


async def test_what_a_unit_wrote_it_reads(work: Work) -> None:
    async with work() as unit:
        await unit.ledger.write("t1", LedgerEvent.LOOKED, "karin")
        assert len(await unit.ledger.entries("t1")) == 1
        await unit.ledger.write("t1", LedgerEvent.LOOKED, "karin")
        assert (await unit.ledger.heads())["t1"][0] == 2


async def test_many_writing_into_the_same_chains_at_once_make_whole_chains(work: Work) -> None:
    async def look(n: int) -> None:
        async with work() as unit:
            for chain in ("desk", "t1") if n % 2 else ("t1", "desk"):
                await unit.ledger.write(chain, LedgerEvent.LOOKED, f"c{n}")
                await asyncio.sleep(0)

    await asyncio.gather(*(look(n) for n in range(12)))
    async with work() as unit:
        for chain in ("desk", "t1"):
            entries = await unit.ledger.entries(chain)
            assert len(entries) == 12
            assert first_bad(entries) is None


async def closed_days(store: Store) -> list[Digest]:
    """Return three days' digests over two chains."""
    days = []
    for n in range(3):
        await write(store.work, "t1", n, n)
        if n == 0:
            await write(store.work, "t2", n)
        async with store.work() as unit:
            days.append(await unit.ledger.close_day(SIGNING_KEY))
    return days


async def bad(store: Store, outside: Sequence[str] = ()) -> list[Bad]:
    """Return what is wrong."""
    return list(await verify(store, outside, SIGNING_KEY))


async def tamper(store: Store, sql: str) -> None:
    """Change the rows behind the triggers' back, as somebody with the file in their hands would."""
    for table in ("ledger", "digest"):
        if store.place.postgres:
            await store.session.rows(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            continue
        for verb in ("update", "delete"):
            await store.session.rows(f"DROP TRIGGER {table}_no_{verb}")
    await store.session.rows(sql)


async def test_an_untouched_ledger_proves_itself(store: Store) -> None:
    assert await bad(store) == []
    days = await closed_days(store)
    assert await bad(store, [day.line for day in days]) == []


async def test_a_digest_holds_the_chains_that_moved_and_stands_in_the_desks_own(store: Store) -> None:
    days = await closed_days(store)
    assert [sorted(day.heads) for day in days] == [["t1", "t2"], ["desk", "t1"], ["desk", "t1"]]
    async with store.work() as unit:
        (*_, last) = await unit.ledger.entries("desk")
    assert (last.event, last.facts) == (LedgerEvent.DIGEST, {"number": 3, "chains": 2})
    assert days[2].line == f"3 2026-03-09T09:05:00+00:00 2 {days[2].signature}"


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE ledger SET actor = 'vera' WHERE chain = 't1' AND seq = 2", [Bad("t1", 2, What.BROKEN)]),
        ("""UPDATE ledger SET facts = '{"n": 9}' WHERE chain = 't1' AND seq = 3""", [Bad("t1", 3, What.BROKEN)]),
        ("UPDATE ledger SET seq = 30 - seq WHERE chain = 't1' AND seq > 4", [Bad("t1", 24, What.BROKEN)]),
        ("DELETE FROM ledger WHERE chain = 't1' AND seq = 3", [Bad("t1", 4, What.BROKEN)]),
        ("DELETE FROM ledger WHERE chain = 't1' AND seq = 6", [Bad("t1", 6, What.CUT)]),
        ("DELETE FROM ledger WHERE chain = 't2'", [Bad("t2", 1, What.CUT)]),
        ("UPDATE digest SET signature = 'x' WHERE number = 2", [Bad("digest", 2, What.DIGEST)]),
        ("DELETE FROM digest WHERE number = 1", [Bad("digest", 1, What.DIGEST)]),
    ],
)
async def test_what_was_tampered_with_is_found(store: Store, sql: str, found: list[Bad]) -> None:
    await closed_days(store)
    await tamper(store, sql)
    assert (await bad(store))[: len(found)] == found


async def test_a_chain_written_anew_with_sound_hashes_is_found_by_the_digest(store: Store) -> None:
    await closed_days(store)
    await tamper(store, "DELETE FROM ledger WHERE chain = 't1'")
    await write(store.work, "t1", *range(10, 16))
    assert await bad(store) == [Bad("t1", 2, What.REWRITTEN)]


async def test_the_last_digest_cut_off_is_found_by_its_line_outside(store: Store) -> None:
    lines = [day.line for day in await closed_days(store)]
    await tamper(store, "DELETE FROM digest WHERE number = 3")
    assert await bad(store) == []
    assert await bad(store, lines) == [Bad("digest", 3, What.OUTSIDE)]


async def test_a_digest_signed_with_another_key_is_found(store: Store) -> None:
    await closed_days(store)
    assert await verify(store, [], b"another key") == [Bad("digest", 1, What.DIGEST)]


@pytest.mark.parametrize("table", ["ledger", "digest"])
@pytest.mark.parametrize("sql", ["UPDATE {} SET id = id", "DELETE FROM {}"])
async def test_the_database_itself_refuses_to_change_what_was_written(store: Store, table: str, sql: str) -> None:
    await closed_days(store)
    with pytest.raises(Exception, match="append-only"):
        await store.session.rows(sql.format(table))
    assert await bad(store) == []


async def test_two_entries_cannot_take_the_same_place(store: Store) -> None:
    await write(store.work, "t1", 1)
    with pytest.raises(BaseORMException):
        await store.session.rows(
            "INSERT INTO ledger (chain, seq, at, event, actor, facts, previous, hash) "
            "SELECT chain, seq, at, event, actor, facts, previous, hash FROM ledger"
        )


async def test_events_are_told_across_chains_in_the_order_they_were_written(work: Work, clock: FixedClock) -> None:
    """What a report is counted from."""
    wanted = {LedgerEvent.CONFIRMED, LedgerEvent.DISMISSED}
    for n, event in enumerate((LedgerEvent.CONFIRMED, LedgerEvent.LOOKED, LedgerEvent.DISMISSED)):
        async with work() as unit:
            await unit.ledger.write(f"t{n % 2}", event, "sara", {"n": n})
        clock.advance(timedelta(minutes=1))
    async with work() as unit:
        assert [entry.facts["n"] for entry in await unit.ledger.told(wanted)] == [0, 2]
        since = clock.now() - timedelta(seconds=90)
        assert [entry.chain for entry in await unit.ledger.told(wanted, since)] == ["t0"]
        assert await unit.ledger.told({LedgerEvent.DIGEST}) == []
