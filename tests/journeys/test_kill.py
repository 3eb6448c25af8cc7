"""kill -9 at every step: the desk comes back, nothing is lost, nothing happens twice (D34).

`make test` lets a spread of axes fall; `make chaos` kills at every single request of the
journey, before it is carried out and after, and at many moments of every press.
"""

import os
from pathlib import Path

import pytest

from tests.journeys.killing import REF, Axe, Ending, Yard, ending, walk, yard_in

pytestmark = pytest.mark.long

FATIMA = "fatima.haddad@example.com"
#: How access then erasure ends, killed or not. Approvals: one for each export, two for each erasure.
WELL = Ending(
    tickets=1,
    outcome=["fulfilled", "fulfilled"],
    tasks=[
        ("eventbrite", "erase", "done"),
        ("eventbrite", "export", "done"),
        ("eventbrite", "find", "done"),
        ("google_analytics", "find", "not_applicable"),
        ("google_display", "find", "not_applicable"),
        ("hubspot", "erase", "done"),
        ("hubspot", "export", "done"),
        ("hubspot", "find", "done"),
        ("office365", "find", "not_held"),
        ("office365_personal", "find", "not_held"),
    ],
    letters={
        (FATIMA, f"Vi har tagit emot din begäran ({REF})"): 1,
        (FATIMA, f"Dina uppgifter hos GoToWork ({REF})"): 1,
        (FATIMA, f"Dina uppgifter är raderade ({REF})"): 1,
    },
    deleted=1,
    left_at_vendor=False,
    approvals=6,
    sound=True,
)
#: Seconds from the start of the process to its first request of what was interrupted, and where other programs share
#: the processors: then so many times as long as programs wait for each of them.
SOON, SOON_BESIDE_OTHERS = 5.0, 20.0
#: About this many requests leave the desk on the whole way; beyond them nothing is left to interrupt.
REQUESTS = 90
STRIDE = 10
ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "0"))
#: Moments after an act, in seconds: within its request, its transaction, the jobs that follow.
MOMENTS = (0.0, 0.004, 0.01, 0.02, 0.04, 0.08, 0.15, 0.3)


async def ended_well(yard: Yard, kills: int) -> None:
    """Check the ending, that the axe fell, and that the desk was soon on its way again each time."""
    assert yard.axe.fallen >= kills
    assert await ending(yard, FATIMA) == WELL
    assert not yard.slack.complaints
    waiting = max(os.getloadavg()[:2]) / (os.cpu_count() or 1)  # of the last minute and the last five
    alone = "PYTEST_XDIST_WORKER" not in os.environ and waiting < 1
    assert max(yard.back, default=0.0) < (SOON if alone else SOON_BESIDE_OTHERS * max(1, waiting)), yard.back


@pytest.mark.parametrize("after", [False, True], ids=["before it is carried out", "carried out but unanswered"])
async def test_killed_while_a_request_is_under_way(tmp_path: Path, after: bool) -> None:
    """The search, the content, the deletion, the card: each in the middle."""
    at = range(7 if after else 3, REQUESTS, 15)
    async with yard_in(tmp_path, Axe(at, after)) as yard:
        await walk(yard)
        await ended_well(yard, kills=3)


async def test_killed_while_the_deletion_is_under_way(tmp_path: Path) -> None:
    """The one write that must not be sent twice, carried out and unanswered."""
    axe = Axe(after=True, path="gdpr-delete")
    async with yard_in(tmp_path, axe) as yard:
        await walk(yard)
        await ended_well(yard, kills=1)


async def test_killed_while_the_package_is_on_its_way(tmp_path: Path) -> None:
    """Half a copy is no copy: what waits for it stays locked until the person has fetched it whole (D3)."""
    async with yard_in(tmp_path, Axe()) as yard:
        yard.stalls = 2
        await walk(yard)
        assert not yard.noted_too_soon
        assert yard.axe.fallen == 2
        assert await ending(yard, FATIMA) == WELL


async def test_killed_between_the_steps(tmp_path: Path) -> None:
    """A moment after a mail fell into the box, after a press, after a form."""
    async with yard_in(tmp_path, Axe()) as yard:
        await walk(yard, kill_after=MOMENTS[::2])
        await ended_well(yard, kills=len(MOMENTS[::2]))


@pytest.mark.chaos
@pytest.mark.skipif(not ROUNDS, reason="kills at every single request: make chaos")
@pytest.mark.parametrize("number", range(ROUNDS))
async def test_killed_at_every_request(tmp_path: Path, number: int) -> None:
    """Round by round another tenth of all requests is cut off, on both sides; twenty rounds are all of them."""
    first, after = number // 2 % STRIDE + 1, bool(number % 2)
    async with yard_in(tmp_path, Axe(range(first, REQUESTS, STRIDE), after)) as yard:
        await walk(yard)
        await ended_well(yard, kills=3)


@pytest.mark.chaos
@pytest.mark.skipif(not ROUNDS, reason="kills at many moments of every act: make chaos")
@pytest.mark.parametrize("number", range(ROUNDS))
async def test_killed_at_many_moments(tmp_path: Path, number: int) -> None:
    """Each of the first acts is cut off once, each round a little later."""
    async with yard_in(tmp_path, Axe()) as yard:
        await walk(yard, kill_after=[(number + 0.5) * 0.012 + n * 0.003 for n in range(6)])
        await ended_well(yard, kills=6)
