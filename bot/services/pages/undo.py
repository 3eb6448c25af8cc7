"""The page behind "Ångra" in the letter that answers an opt-out (D8): knock, enter, look, press.

A link of its own and not the person's page: that page proves who somebody is, and an opt-out asked for no proof.
Here nothing is shown but what was stopped, and nothing can be done but putting it back.
"""

from dataclasses import dataclass

from bot.domain.errors import NotAllowedNow, PrivacyDeskError
from bot.domain.ledger import PERSON, LedgerEvent
from bot.domain.optout import asked_as, is_opt_out
from bot.domain.ticket import Part, Ticket
from bot.domain.undoing import undoable, undoing, undone
from bot.ports import LinkPurpose, TicketQuery, Unit
from bot.services import casefile, links
from bot.services.casework.progress import carry_on
from bot.services.house import House, new_ids
from bot.services.pages import doorstep
from bot.services.person_views import Knock, UndoPage, UndoState


@dataclass(frozen=True, slots=True)
class Undo:
    """The page, as the handlers see it."""

    house: House

    async def knock(self, token: str) -> Knock:
        """Say what a link is worth; changes nothing."""
        return await doorstep.knock(self.house, LinkPurpose.UNDO, token)

    async def enter(self, token: str) -> str:
        """Exchange the token for a session value; opening is written down. Raises `NotAllowedNow`."""
        return await doorstep.enter(self.house, LinkPurpose.UNDO, token)

    async def page(self, session: str) -> UndoPage:
        """Return the page; raises `NotFound` when the session is over."""
        async with self.house.work() as unit:
            ticket, part = await self._part(unit, session)
            if undoing(part):
                state = UndoState.DONE
            else:
                state = UndoState.OPEN if await self._may(unit, ticket, part) else UndoState.TOO_LATE
        asked = self.house.texts.say(ticket.language, f"right_asked.{asked_as(part.type, part.scope)}")
        return UndoPage(ticket.ref, ticket.language, asked, state)

    async def undo(self, session: str) -> None:
        """Take the opt-out back; pressing twice does it once. Raises `NotAllowedNow` when it cannot be taken back."""
        async with self.house.work() as unit:
            ticket, part = await self._part(unit, session)
            if undoing(part):
                return
            if not await self._may(unit, ticket, part):
                raise NotAllowedNow("refusal.not_undoable")
            after = undone(ticket, part, new_ids(), self.house.now())
            await unit.ledger.write(ticket.id, LedgerEvent.UNDONE, PERSON, {"part": part.position})
            await carry_on(unit, self.house, ticket, after)

    async def _part(self, unit: Unit, session: str) -> tuple[Ticket, Part]:
        link = await links.by_session(unit, LinkPurpose.UNDO, session, self.house.now())
        ticket = await unit.tickets.load(link.about)
        return ticket, ticket.part(link.about)

    async def _may(self, unit: Unit, ticket: Ticket, part: Part) -> bool:
        return undoable(ticket, part) and not await _said_no_again(unit, ticket, part)


async def _said_no_again(unit: Unit, ticket: Ticket, part: Part) -> bool:
    """Whether the same address opted out once more since: the newest word counts, and that one was no."""
    try:
        person = await casefile.person_of(unit, ticket.id)
    except PrivacyDeskError:
        return True  # forgotten: nobody can tell any more
    query = TicketQuery(open_only=False, digest=unit.index.digest("email", person.email))
    others = [one for other in await unit.tickets.matching(query) for one in other.parts if one.id != part.id]
    return any(is_opt_out(one) and not undoing(one) and one.received > part.received for one in others)
