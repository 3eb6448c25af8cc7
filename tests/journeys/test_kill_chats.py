"""kill -9 while people press in Slack and in Teams: each decision stands once, and every card ends up true (D34, D33).

`make test` kills a few times; `make chaos` at many moments between a press's commit and the cards' edits, and while
the chats themselves fail.
"""

import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.app.clock import SystemClock
from bot.services.showing.bursts import MANY
from tests.bench.mails import AUTHSERV, lay, pile
from tests.journeys.killing import REF, Axe, ending, walk
from tests.journeys.killing_chats import LOOK, SETTLED, Square, both, square_in
from tests.journeys.test_kill import FATIMA, WELL
from tests.standins.slack_people import labels

pytestmark = pytest.mark.long

ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "0"))
#: Each is pressed in two chats, and each press arrives twice: twenty in flight.
FEW = 5
RESULT = {"result": "Fanns inte"}


async def opened(square: Square, tickets: int) -> list[str]:
    """Let so many requests arrive; return their references once each has its card in both chats."""
    square.environment = {**square.environment, "PRIVACY_MAILBOX__AUTHSERV_ID": AUTHSERV}
    asked = [raw for raw in pile(3 * tickets, SystemClock().now(), large=False).raws if b"Subject: " in raw]
    requests = list(dict.fromkeys(raw for raw in asked if b"List-Unsubscribe" not in raw))[:tickets]
    await square.up()
    lay(requests, square.folder / "mail" / "in")
    refs = [f"{REF[:-4]}{number:04}" for number in range(1, tickets + 1)]
    await square.settled(refs)
    return refs


async def wave(square: Square, refs: Sequence[str], user: str, label: str, kill_after: Sequence[float] = ()) -> None:
    """Press on every card at once, kill the desk a moment later, and press what still stands there; until none does."""
    kills, ends = list(kill_after), time.monotonic() + 2 * SETTLED
    while not all(offers(square, ref, label) for ref in refs):
        assert time.monotonic() < ends, label
        await asyncio.sleep(LOOK)
    while waiting := [ref for ref in refs if offers(square, ref, label)]:
        assert time.monotonic() < ends, waiting
        await square.up()
        pressed = asyncio.ensure_future(both([press(square, user, ref, label) for ref in waiting]))
        if kills:
            await asyncio.sleep(kills.pop(0))
            square.axe.fallen += 1
            square.fell()
        await pressed
        await square.settled(refs)


def offers(square: Square, ref: str, label: str) -> str:
    """Return the words of the button that stands on a ticket's card in Slack's channel; "" where none does."""
    return next((one for one in labels(square.slack_cards(ref)[-1].blocks) if one.startswith(label)), "")


async def press(square: Square, user: str, ref: str, label: str) -> None:
    """Press a button in both chats; its form says that nothing was there."""
    card, words = square.slack_cards(ref)[-1], offers(square, ref, label)
    await (square.fill(user, card, words, RESULT) if words.endswith("…") else square.press(user, card, words))


async def events(square: Square) -> dict[str, Counter[str]]:
    """Return how often each thing was written down, by ticket: read in the store, beside the desk."""
    _, listed = await square.command("ticket", "list", "--json")
    return {one["ref"]: Counter(event["event"] for event in one["events"]) for one in json.loads(listed)}


async def confirmed_once(square: Square, refs: Sequence[str]) -> None:
    """Each ticket was confirmed once and its person told once, though every press arrives yet again; both are heard."""
    await square.send_again()
    await square.settled(refs)
    written = await events(square)
    assert sorted(written) == sorted(refs)
    assert {(one["ticket.confirmed"], one["letter.sent"]) for one in written.values()} == {(1, 1)}
    assert len({one.to for one in square.letters()}) == len(square.letters()) == len(refs)
    assert (await square.command("ledger", "verify"))[0] == 0
    assert set(square.heard_of) == {"slack", "teams"}
    assert square.axe.fallen


@pytest.mark.parametrize(
    ("edit", "after"),
    [("chat.update", False), ("/activities/", True)],
    ids=["before Slack's card is edited", "after Teams' card was edited"],
)
async def test_killed_between_presses_and_the_edits_of_their_cards(tmp_path: Path, edit: str, after: bool) -> None:
    """Tickets are confirmed in both chats at the same moment, and the chats answer the edits badly."""
    async with square_in(tmp_path, Axe(after=after)) as square:
        refs = await opened(square, FEW)
        square.axe.path = edit
        square.trouble()
        await wave(square, refs, "U0SARA", "Bekräfta")
        await confirmed_once(square, refs)


@pytest.mark.chaos
@pytest.mark.skipif(not ROUNDS, reason="kills at many moments while presses are in flight: make chaos")
@pytest.mark.parametrize("number", range(ROUNDS))
async def test_killed_while_presses_are_in_flight(tmp_path: Path, number: int) -> None:
    """As many tickets as get a card of their own. Presses first, then forms; each round the desk falls a bit later."""
    async with square_in(tmp_path, Axe()) as square:
        refs = await opened(square, MANY)
        square.trouble(times=2)
        moment = 0.01 + number * 0.03
        await wave(square, refs, "U0SARA", "Bekräfta", [moment, moment])
        await confirmed_once(square, refs)
        square.trouble(times=2)
        await wave(square, refs, "U0JONAS", "Avsluta steget i Office 365", [moment])
        assert {one["task.by_hand"] for one in (await events(square)).values()} == {1}


@pytest.mark.chaos
@pytest.mark.skipif(not ROUNDS, reason="kills between what people do in both chats: make chaos")
@pytest.mark.parametrize("number", range(0, ROUNDS, 2))
async def test_killed_between_what_people_do_in_both_chats(tmp_path: Path, number: int) -> None:
    """Access then erasure, every act in Slack and in Teams, twice: six approvals, and not one more."""
    async with square_in(tmp_path, Axe()) as square:
        square.trouble(times=2)
        kills = [(number + 0.5) * 0.012 + n * 0.003 for n in range(6)]
        await walk(square, kill_after=kills)
        assert square.axe.fallen == len(kills)
        assert await ending(square, FATIMA) == WELL
        await square.settled()
