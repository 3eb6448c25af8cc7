"""Other open tickets of the same person: found by the blind index, told apart by whom they are about.

One address may speak for several people, an agent's or a parent's; only the person a
ticket is about makes two tickets one person's. What is the officer's alone is nobody
else's to know of (D12).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.policy import officer_only
from bot.domain.ticket import Ticket
from bot.ports import TicketQuery, Unit
from bot.services import casefile

#: Open tickets of one address that are looked at, oldest first: a card is read at a glance, however many there are.
AT_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Kin:
    """`twins`: a right asked here is open there, of the same person. `others`: the same person's, other rights."""

    twins: tuple[Ticket, ...] = ()
    others: tuple[Ticket, ...] = ()


async def kin_of(unit: Unit, ticket: Ticket, *, for_officer: bool) -> Kin:
    """Return the other open tickets of the person a ticket is about, oldest first."""
    address = (await casefile.person_of(unit, ticket.id)).email.casefold()
    if not address:
        return Kin()
    near = await unit.tickets.matching(TicketQuery(digest=unit.index.digest("email", address), limit=AT_MOST))
    same = [
        one
        for one in near
        if one.id != ticket.id
        and (for_officer or not officer_only(one))
        and (await casefile.person_of(unit, one.id)).email.casefold() == address
    ]
    twins = tuple(one for one in same if shares_a_right(ticket, one))
    return Kin(twins, tuple(one for one in same if one not in twins))


def shares_a_right(ticket: Ticket, other: Ticket) -> bool:
    """Whether a right open in one is open in the other."""
    return bool(_open_rights(ticket) & _open_rights(other))


def _open_rights(ticket: Ticket) -> set[str]:
    return {part.type for part in ticket.parts if part.open}


async def candidates(unit: Unit, ticket: Ticket, named: str, *, for_officer: bool) -> Sequence[Ticket]:
    """Return the tickets a colleague may put *ticket* together with: the one its mail names, then the person's own."""
    kin = await kin_of(unit, ticket, for_officer=for_officer)
    found = [await unit.tickets.load(named)] if named else []
    return tuple({one.id: one for one in (*found, *kin.twins, *kin.others)}.values())
