"""Very many mails at once and kill -9 in the middle: each becomes exactly what it is, once, on one summary card.

`make test` pours in a hundred and twenty and kills once; `make chaos` pours in a thousand,
one of them of 8.6 MB, and kills twice.
"""

import asyncio
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from bot.app.clock import SystemClock
from bot.domain.ledger import LedgerEvent
from bot.ports import EVERY, TicketQuery
from bot.services.showing.bursts import MANY
from bot.store import KeyRing, key_bytes, open_store
from tests.bench.mails import AUTHSERV, Pile, lay, pile, request_senders
from tests.journeys.furnished import CHANNEL
from tests.journeys.killing import Axe, Yard, yard_in

pytestmark = pytest.mark.long

ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "0"))
PATIENCE = 400.0  # seconds


async def poured(yard: Yard, mails: Pile, kills: int) -> None:
    """Let the mails lie in the box at once; kill the desk *kills* times while it takes them in; wait for the rest."""
    yard.environment = {**yard.environment, "PRIVACY_MAILBOX__AUTHSERV_ID": AUTHSERV}
    inbox = yard.folder / "mail" / "in"
    lay(mails.raws, inbox)
    marks = [len(mails.raws) * (n + 1) // (kills + 1) for n in range(kills)]
    begun = time.monotonic()
    while left := len(list((inbox / "new").iterdir())):
        assert time.monotonic() - begun < PATIENCE, f"{left} mails left"
        await yard.up()
        if marks and len(mails.raws) - left >= marks[0]:
            marks.pop(0)
            yard.axe.fallen += 1
            yard.fell()
        await asyncio.sleep(0.02)
    await yard.up()
    assert yard.axe.fallen == kills


async def none_lost_none_double(yard: Yard, mails: Pile) -> None:
    """Look into the store beside the desk: every source is one item, every request one ticket of its own sender."""
    database = yard.folder / "desk.sqlite3"
    with closing(sqlite3.connect(database)) as connection:
        states = dict(connection.execute("SELECT state, count(*) FROM item GROUP BY state").fetchall())
    assert states == {"ticket": mails.requests + mails.broken, "waiting": mails.newsletters}
    keys = {name: yard.environment[f"PRIVACY_{name}"] for name in ("KEYS", "INDEX_KEY")}
    store = await open_store(
        f"sqlite://{database}",
        keys=KeyRing.parse(keys["KEYS"]),
        index_key=key_bytes(keys["INDEX_KEY"], "PRIVACY_INDEX_KEY"),
        clock=SystemClock(),
    )
    try:
        async with store.work() as unit:
            every = await unit.tickets.matching(TicketQuery(open_only=False, limit=EVERY))
            assert len(every) == len({one.ref for one in every}) == mails.requests + mails.broken
            for sender in request_senders(len(mails.raws)):
                query = TicketQuery(digest=unit.index.digest("email", sender))
                assert len(await unit.tickets.matching(query)) == 1, sender
            opened = await unit.ledger.told({LedgerEvent.TICKET_OPENED})
    finally:
        await store.close()
    assert sorted(entry.chain for entry in opened) == sorted(one.id for one in every)
    assert (await yard.command("ledger", "verify"))[0] == 0


async def on_one_card(yard: Yard, kills: int) -> None:
    """One burst, one card for it; a kill may lose the answer to a post, and nothing else may post one twice."""
    with closing(sqlite3.connect(yard.folder / "desk.sqlite3")) as connection:
        bursts = connection.execute("SELECT count(DISTINCT burst) FROM burst WHERE burst <> ''").fetchall()
    assert bursts == [(1,)]
    begun = time.monotonic()
    while not (summaries := [one for one in yard.slack.in_channel(CHANNEL) if "nya begäranden väntar" in one.text]):
        assert time.monotonic() - begun < 30
        await asyncio.sleep(0.2)
    assert len(summaries) <= 1 + kills
    assert len(yard.slack.in_channel(CHANNEL)) <= MANY + 1 + kills
    assert not yard.slack.complaints
    assert not list((yard.folder / "mail" / "out" / "new").glob("*")), "no receipt before somebody confirms (D5)"


async def test_many_mails_with_a_kill_in_the_middle(tmp_path: Path) -> None:
    mails = pile(120, SystemClock().now(), large=False)
    async with yard_in(tmp_path, Axe()) as yard:
        await poured(yard, mails, kills=1)
        await none_lost_none_double(yard, mails)
        await on_one_card(yard, kills=1)


@pytest.mark.chaos
@pytest.mark.skipif(not ROUNDS, reason="a thousand mails and two kills: make chaos")
async def test_a_thousand_mails_with_two_kills(tmp_path: Path) -> None:
    mails = pile(1_000, SystemClock().now())
    async with yard_in(tmp_path, Axe()) as yard:
        await poured(yard, mails, kills=2)
        await none_lost_none_double(yard, mails)
        await on_one_card(yard, kills=2)
