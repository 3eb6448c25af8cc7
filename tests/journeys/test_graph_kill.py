"""kill -9 while a mail in Microsoft 365 is being filed away: kept and not moved, or moved and not known to be."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.app.clock import SystemClock
from bot.app.demo import SAMPLES
from bot.app.samples import as_received
from integrations.mailbox.graph.sandbox import GraphSandbox, stanza
from integrations.sandbox import serve
from tests.journeys.furnished import AUTHSERV
from tests.journeys.killing import HERE, PATIENCE, Axe, Yard, yard_in
from tests.mailbox.conftest import mail

pytestmark = pytest.mark.long

MAILS = 5
TEXT = "Hej,\r\njag vill att ni raderar alla mina personuppgifter.\r\nHälsningar Anna"


async def until(holds: Callable[[], bool]) -> None:
    """Wait, as long as a journey may take."""
    started = time.monotonic()
    while not holds():
        assert time.monotonic() - started < PATIENCE
        await asyncio.sleep(0.05)


def tickets(yard: Yard) -> list[str]:
    """Return the tickets' references, as the command line knows them."""
    command = [sys.executable, "-m", "bot", "ticket", "list", "--json"]
    done = subprocess.run(command, cwd=HERE, env=dict(yard.environment), capture_output=True, text=True, check=True)
    return [str(one["ref"]) for one in json.loads(done.stdout)]


@pytest.mark.parametrize("after", [False, True], ids=["before it is moved", "moved but unanswered"])
async def test_killed_while_a_mail_is_filed_away(tmp_path: Path, after: bool) -> None:
    graph = GraphSandbox()
    async with yard_in(tmp_path, Axe(path="/move", after=after)) as yard:
        graph.middlewares.append(yard.axe.over)
        async with serve(graph.application()) as url:
            set_ = {f"PRIVACY_MAILBOX__{name.upper()}": str(value) for name, value in stanza(url, graph).items()}
            yard.environment = {**yard.environment, **set_, "PRIVACY_MAILBOX__AUTHSERV_ID": AUTHSERV}
            clock = SystemClock()
            for number in range(MAILS):
                raw = as_received(mail(number, text=f"{TEXT} {number}"), SAMPLES, clock, AUTHSERV)
                graph.account.arrive(raw, clock.now())
            await yard.up()
            await until(lambda: bool(yard.axe.fallen))
            await yard.up()
            await until(lambda: not graph.account.lying_in("inbox"))
            await until(lambda: yard.child is not None and yard.child.poll() is None)
            yard.fell()
    assert len(graph.account.mails) == MAILS
    assert len(await asyncio.to_thread(tickets, yard)) == MAILS, "none lost, none double"
