"""Tickets to measure with: typed requests, taken in as a colleague would, many at once."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.app.wiring import Opened
from bot.domain.request import Channel, Proposal
from bot.reading import read_text
from bot.services.intake.intake import take_in

WORDS = "Hello, I would like all of my personal data deleted."
BY = "sara"  # a handler in config/desk.toml
AT_ONCE = 50  # tickets in one transaction


@dataclass(frozen=True, slots=True)
class Known:
    """The ids of one ticket, in the order in which `same_ids` compares them."""

    ticket: str
    ref: str
    part: str
    version: int


def proposal_for(desk: Opened, address: str) -> Proposal:
    """Return what the desk reads from *address*'s request."""
    house = desk.house
    read = read_text(WORDS, received=house.now(), channel=Channel.PHONE, requester_email=address, context=house.reading)
    return replace(read, is_request=True, subject_email=address, message_id=None)


async def take_in_many(desk: Opened, first: int, count: int) -> None:
    """Open *count* tickets of people numbered from *first*."""
    addresses = [f"person{number}@example.org" for number in range(first, first + count)]
    proposal = proposal_for(desk, addresses[0])
    for start in range(0, count, AT_ONCE):
        async with desk.house.work() as unit:
            for address in addresses[start : start + AT_ONCE]:
                own = replace(proposal, requester_email=address, subject_email=address)
                raw = f"{address}\n{WORDS}".encode()
                await take_in(unit, desk.house, own, raw, Channel.PHONE, BY)


def forget_jobs(database: Path) -> None:
    """Take every job off the queue of a closed store: what is measured must not stand behind old work."""
    with sqlite3.connect(database) as connection:
        connection.execute("DELETE FROM job")
    connection.close()


def known_tickets(database: Path) -> Sequence[Known]:
    """Return the tickets of a store that no desk has open, oldest first."""
    connection = sqlite3.connect(database)
    rows = connection.execute(
        "SELECT t.id, t.ref, p.id, t.version FROM ticket t JOIN part p ON p.ticket_id = t.id ORDER BY t.ref"
    ).fetchall()
    connection.close()
    return [Known(*row) for row in rows]
