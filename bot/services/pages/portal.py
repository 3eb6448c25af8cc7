"""The person's own page behind the link in our letters: prove, see, fetch, withdraw.

Nothing a scanner can trigger: every change is a POST inside a session that a single-use
token was exchanged for (D7c). The page never says more than the ticket has proven: a
package is only handed out once the link itself is proof enough or identity is proven.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from bot.cards.progress import steps
from bot.domain.deadline import local_date
from bot.domain.errors import NotAllowedNow, NotFound, PrivacyDeskError
from bot.domain.identity import (
    ASKED_AT_MOST,
    ATTEMPTS,
    LINK_LIVES,
    TIER_OF_LINK,
    IdentityState,
    Method,
    live,
    proven,
    with_shown,
)
from bot.domain.ledger import PERSON, LedgerEvent
from bot.domain.letter import LetterKind, LetterState
from bot.domain.locking import unlock_at
from bot.domain.optout import asked_as, is_opt_out
from bot.domain.system import Operation
from bot.domain.task import TaskState
from bot.domain.ticket import Part, Stage, Ticket, letters_of
from bot.ports import LinkPurpose, Unit
from bot.services import casefile, links
from bot.services.casework.progress import carry_on, requested
from bot.services.deciding import verification, withdrawal
from bot.services.house import House
from bot.services.pages import doorstep
from bot.services.person_views import Asks, Knock, LetterView, PackageOffer, Parcel, SubjectPage
from bot.services.records import packing

NEW_LINKS_A_DAY: Final = 3
ON_THEIR_PAGE: Final = frozenset(
    {LetterKind.CODE, LetterKind.CONFIRM_ERASURE, LetterKind.IDENTITY_NEEDED, LetterKind.NEW_LINK}
)


@dataclass(frozen=True, slots=True)
class Portal:
    """The person's page, as the handlers see it."""

    house: House

    async def knock(self, token: str) -> Knock:
        """Say what a link is worth; changes nothing."""
        return await doorstep.knock(self.house, LinkPurpose.SUBJECT, token)

    async def enter(self, token: str) -> str:
        """Exchange the token for a session value; opening is written down. Raises `NotAllowedNow`."""
        return await doorstep.enter(self.house, LinkPurpose.SUBJECT, token)

    async def page(self, session: str) -> SubjectPage:
        """Return the page; raises `NotFound` when the session is over."""
        async with self.house.work() as unit:
            ticket = await self._ticket(unit, session)
            return await _page(unit, self.house, ticket)

    async def confirm(self, session: str) -> None:
        """The person pressed "Ja": the link to the address on file is their proof (D7)."""
        async with self.house.work() as unit:
            ticket = await self._ticket(unit, session)
            ticket = await verification.pressed_link(unit, self.house, ticket)
            if ticket.identity.state is IdentityState.ASKED and not live(ticket.identity.challenge, self.house.now()):
                await _ask_second_fact(unit, self.house, ticket)

    async def answer(self, session: str, value: str) -> None:
        """Try a code or an order number; raises `NotAllowedNow` when its attempts or its time are spent."""
        async with self.house.work() as unit:
            ticket = await self._ticket(unit, session)
            await verification.answered(unit, self.house, ticket, value.strip())

    async def package(self, session: str) -> Parcel:
        """Return the sealed package, to be read portion by portion; say `package_fetched` after its last."""
        async with self.house.work() as unit:
            ticket = await self._ticket(unit, session)
            part = _packed(ticket)
            if part is None:
                raise NotFound("refusal.no_package")
            size = await packing.size_of(unit, ticket.id, part)
        pieces = packing.pieces_of(self.house, ticket.id, part, lambda unit: links.stands(unit, session))
        return Parcel(part.id, f"{ticket.ref}.zip", size, pieces)

    async def package_fetched(self, about: str) -> None:
        """Note that the person has the whole package: the proof of D7, and what waited for it goes on (D3).

        *about* names its part: a slow line may take longer than the session lives.
        """
        async with self.house.work() as unit:
            ticket = await unit.tickets.load(about)
            part = _packed(ticket)
            if part is None or part.id != about:
                return
            fetched = replace(part, package_fetched_at=part.package_fetched_at or self.house.now())
            after = ticket.with_part(fetched)
            if ticket.identity.shown.state is IdentityState.AUTHENTICATED:
                proof = proven(ticket.identity.shown, Method.LINK, self.house.now())
                after = replace(after, identity=with_shown(ticket.identity, proof))
            await unit.ledger.write(ticket.id, LedgerEvent.PACKAGE_FETCHED, PERSON, {"part": part.position})
            await carry_on(unit, self.house, ticket, after)

    async def withdraw(self, session: str) -> None:
        """Take the request back where nothing is carried out yet; what is under way is answered as usual (F41)."""
        async with self.house.work() as unit:
            ticket = await self._ticket(unit, session)
            await withdrawal.withdraw(unit, self.house, ticket, PERSON)

    async def send_new_link(self, token: str) -> None:
        """Mail a new link to the address on file, at most three a day; never says whether it did."""
        async with self.house.work() as unit:
            link = await links.known(unit, LinkPurpose.SUBJECT, token)
            if link is None:
                return
            ticket = await unit.tickets.load(link.about)
            kind = _letter_again(ticket)
            since = self.house.now() - timedelta(days=1)
            recent = [one for one in ticket.letters if one.kind is kind and one.drafted_at and one.drafted_at > since]
            if kind is None or len(recent) >= NEW_LINKS_A_DAY:
                return
            parts = [part for part in ticket.parts if not is_opt_out(part)]
            await carry_on(unit, self.house, ticket, requested(self.house, ticket, kind, parts))

    async def _ticket(self, unit: Unit, session: str) -> Ticket:
        link = await links.by_session(unit, LinkPurpose.SUBJECT, session, self.house.now())
        return await unit.tickets.load(link.about)


async def _ask_second_fact(unit: Unit, house: House, ticket: Ticket) -> None:
    """Above tier 1 the link is not enough: a code to a second contact on file, or an order number we hold (2.7)."""
    if ticket.identity.tier > TIER_OF_LINK + 1:
        return  # tier 3: two colleagues attest
    if ticket.identity.asked >= ASKED_AT_MOST:
        raise NotAllowedNow("refusal.asked_too_often")
    if await verification.second_contact(unit, ticket):
        await verification.send_code(unit, house, ticket)
    elif await verification.order_numbers(unit, house, ticket):
        await verification.ask_order_number(unit, house, ticket)


async def _page(unit: Unit, house: House, ticket: Ticket) -> SubjectPage:
    scene = house.scene(ticket.language)
    dates = house.nearest(ticket)
    challenge = ticket.identity.challenge
    asks, offer = _asks(ticket, house.now()), await _offer(unit, house, ticket)
    return SubjectPage(
        ref=ticket.ref,
        language=ticket.language,
        received=dates.received_local_date,
        last_day=dates.last_day,
        rights=tuple(scene.say(f"right_asked.{asked_as(part.type, part.scope)}") for part in ticket.parts),
        steps=steps(scene, ticket).steps,
        waiting=scene.say(f"portal.stage.{_waiting(ticket, asks, offer)}"),
        asks=asks,
        attempts_left=ATTEMPTS - challenge.attempts if challenge else 0,
        package=offer,
        letters=await _letters(unit, ticket),
        closed=ticket.stage is Stage.CLOSED,
        can_withdraw=any(withdrawal.withdrawable(ticket, part) for part in ticket.parts),
    )


def _asks(ticket: Ticket, now: datetime) -> Asks:
    identity = ticket.identity
    if ticket.stage is Stage.CLOSED:
        return Asks.NOTHING
    if identity.state is IdentityState.AUTHENTICATED:
        erases = any(t.operation is Operation.ERASE and not t.settled for t in ticket.tasks)
        return Asks.CONFIRM_ERASURE if erases and _packed(ticket) is None else Asks.NOTHING
    if identity.state is not IdentityState.ASKED:
        return Asks.NOTHING
    if identity.challenge is not None and identity.link_opened and live(identity.challenge, now):
        return Asks.CODE if identity.challenge.method is Method.CODE else Asks.ORDER_NUMBER
    again = identity.challenge is not None and identity.asked < ASKED_AT_MOST
    if identity.link_opened and not again:
        return Asks.NOTHING
    return Asks.CONFIRM_IDENTITY if identity.tier <= TIER_OF_LINK else Asks.CONFIRM_FIRST


def _packed(ticket: Ticket) -> Part | None:
    """Return the part whose package is ready to be fetched: its letter is out and something was packed."""
    for part in ticket.parts:
        if not ticket.identity_for(part).permits_content:
            continue
        sent = any(
            letter.kind in (LetterKind.ACCESS_ANSWER, LetterKind.PORTABLE, LetterKind.REFUSED)
            and letter.state is LetterState.SENT
            and part.id in letter.part_ids
            for letter in letters_of(ticket, part)
        )
        packed = any(
            task.operation is Operation.EXPORT and task.state is TaskState.DONE for task in ticket.tasks_of(part)
        )
        if sent and packed:
            return part
    return None


async def _offer(unit: Unit, house: House, ticket: Ticket) -> PackageOffer | None:
    part = _packed(ticket)
    if part is None:
        return None
    try:
        size = await packing.size_of(unit, ticket.id, part)
    except PrivacyDeskError:
        return None
    fetched = part.package_fetched_at is not None
    return PackageOffer(size, _expires(house, ticket), fetched, None if fetched else _waits_until(house, ticket))


def _waits_until(house: House, ticket: Ticket) -> date | None:
    """Return the day on which the erasure goes on though nobody fetched the copy (D3); None when none waits for it."""
    erased = packing.erased_after_copy(house, ticket)
    ends = unlock_at(ticket, erased, house.calendar) if erased else None
    return local_date(ends) if ends else None


def _waiting(ticket: Ticket, asks: Asks, offer: PackageOffer | None) -> str:
    """Return what is under way, as a key: an erasure that waits for the person is not being done."""
    if ticket.stage is Stage.EXECUTING:
        if asks is Asks.CONFIRM_ERASURE:
            return "unconfirmed"
        if offer is not None and offer.waits_until:
            return "unfetched"
    return ticket.stage


def _expires(house: House, ticket: Ticket) -> date:
    sent = [one.sent_at for one in ticket.letters if one.answers and one.sent_at is not None]
    return local_date(max(sent) + LINK_LIVES) if sent else house.today()


async def _letters(unit: Unit, ticket: Ticket) -> tuple[LetterView, ...]:
    views = []
    for letter in ticket.letters:
        if letter.state is LetterState.SENT and letter.kind not in ON_THEIR_PAGE and letter.sent_at is not None:
            kept = await casefile.letter_text(unit, ticket.id, letter.id)
            views.append(LetterView(kept.subject, kept.text, local_date(letter.sent_at)))
    return tuple(views)


def _letter_again(ticket: Ticket) -> LetterKind | None:
    match ticket.identity.state:
        case IdentityState.ASKED:
            return LetterKind.IDENTITY_NEEDED
        case IdentityState.AUTHENTICATED | IdentityState.PROVEN:
            return LetterKind.NEW_LINK
        case _:
            return None
