"""Somebody standing at the desk with a press in hand, and what they may do with it (D9, D12)."""

from dataclasses import dataclass

from bot.card import Press
from bot.domain.errors import NotYours, StaleCard
from bot.domain.letter import Letter
from bot.domain.people import Colleague
from bot.domain.policy import officer_only
from bot.domain.task import Task
from bot.domain.ticket import Part, Ticket
from bot.ports import Unit
from bot.services.deciding.approval import is_own, not_their_own
from bot.services.house import House


@dataclass(frozen=True, slots=True)
class Standing:
    """One press: by whom, on what, in which transaction."""

    unit: Unit
    house: House
    actor: Colleague
    press: Press

    async def ticket(self) -> Ticket:
        """Return the ticket pressed on (or the one a pressed task or letter belongs to); `StaleCard` if that moved.

        By whatever name a press aims, what it aims at has a version: Teams carries a press through the client.
        """
        ticket = await self.unit.tickets.load(self.press.target)
        inner: tuple[Part | Task | Letter, ...] = (*ticket.parts, *ticket.tasks, *ticket.letters)
        versions = {one.id: one.version for one in inner}
        if self.press.version != versions.get(self.press.target, ticket.version):
            raise StaleCard("refusal.stale")
        return ticket

    def part(self, ticket: Ticket) -> Part | None:
        """Return the part pressed on, None where the whole ticket was; `StaleCard` if it moved."""
        found = next((part for part in ticket.parts if part.id == self.press.target), None)
        if found is not None and found.version != self.press.version:
            raise StaleCard("refusal.stale")
        return found

    async def handled(self) -> Ticket:
        """Return the ticket when the presser walks tickets, it is not their own, and it is not the officer's alone."""
        ticket = await self.ticket()
        if not self.actor.handles_tickets:
            raise NotYours("refusal.not_yours_handler", {"who": self._handlers()})
        await self.may_touch(ticket)
        return ticket

    async def may_touch(self, ticket: Ticket) -> None:
        """Refuse what is the officer's alone (D12) and what concerns the presser (D9)."""
        if officer_only(ticket) and not self.actor.is_officer:
            raise NotYours("refusal.not_yours_officer", {"who": self._officers()})
        if await is_own(self.unit, ticket, self.actor):
            raise not_their_own(self.house, self.actor)

    async def able(self, ticket: Ticket) -> tuple[Colleague, ...]:
        """Return who may walk the ticket: whoever could do nothing with it would let its days run out."""
        walk = (one for one in self.house.people.colleagues if one.handles_tickets)
        sees = [one for one in walk if one.is_officer or not officer_only(ticket)]
        return tuple([one for one in sees if not await is_own(self.unit, ticket, one)])

    async def task(self) -> tuple[Ticket, Task]:
        """Return the pressed task and its ticket; `StaleCard` if it moved."""
        ticket = await self.unit.tickets.load(self.press.target)
        task = ticket.task(self.press.target)
        if task.version != self.press.version:
            raise StaleCard("refusal.stale")
        await self.may_touch(ticket)
        return ticket, task

    def officer(self) -> None:
        """Refuse whoever is no privacy officer."""
        if not self.actor.is_officer:
            raise NotYours("refusal.not_yours_officer", {"who": self._officers()})

    def _handlers(self) -> str:
        names = [one.name for one in self.house.people.colleagues if one.handles_tickets]
        return self.house.texts.together(self.actor.language, names)

    def _officers(self) -> str:
        names = [one.name for one in self.house.people.officers()]
        return self.house.texts.together(self.actor.language, names)
