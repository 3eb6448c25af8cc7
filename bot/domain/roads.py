"""The special roads: what is answered by a letter of its own, before or instead of the plain street.

`ROADS` is the one table: for each road the letter, to whom, what follows, and whether the plain
Confirm is closed until it was taken. What the reading saw only says which button leads on card 1;
a colleague presses, and may take another (R70). Which road was taken, and until when a reply is
waited for, are marks of the ticket beside the reading's flags: keys and a date, nothing about anybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from bot.domain.deadline import Calendar, deadlines, local_date
from bot.domain.letter import LetterKind
from bot.domain.optout import is_opt_out
from bot.domain.policy import READS, officer_only
from bot.domain.request import RequestType, Role, Route
from bot.domain.ticket import Part, Stage, Ticket

#: Days a question waits for its reply, never past the safe target and never fewer than so many working days.
PATIENCE_DAYS: Final = 14
SOONEST_DAYS: Final = 3
#: Working days after which an unanswered question is put once more (F20).
REMIND_AFTER: Final = 5

TAKEN: Final = "road:"
REPLY_BY: Final = "reply_by:"
#: Mark of a ticket whose parts are not decided yet, because the person may still name what we could find them by.
ID_AWAITED: Final = "id_awaited"
ID_NOTED: Final = "id_noted"
COVERS: Final = "authority:"
NO_AUTHORITY: Final = frozenset({"authority_missing", "third_party_no_authority", "on_behalf"})


class Road(StrEnum):
    """A road of its own, the weightiest first: whoever wrote of a death is not asked for an authority."""

    DECEASED = "deceased"
    AUTHORITY = "authority"
    CONTRACT = "contract"
    JOB_SITE = "job_site"
    COOKIE = "cookie"
    QUESTION = "question"
    CLARIFICATION = "clarification"


class Then(StrEnum):
    """What follows once the letter is on its way."""

    SEARCH = "search"  # our own data is looked for in the same case, and that part has its ordinary answer
    IDENTIFY = "identify"  # the same, and beside it an id is waited for, with which more could be looked for
    WAIT = "wait"  # for the reply of whoever wrote; the clock is not paused (R27)
    ANSWER = "answer"  # the letter is the answer, and the ticket closes with it
    ERASE = "erase"  # the ordinary street of an erasure, with this letter as its answer


@dataclass(frozen=True, slots=True)
class RoadRule:
    """One row: `seen` are flags and roles of the reading that make the road lead on card 1.

    `closed_to_confirm` is the refusal of a plain Confirm while the road leads and was not taken; "" leaves it open.
    """

    letter: LetterKind
    then: Then
    seen: frozenset[str]
    closed_to_confirm: str = ""


ROADS: Final = MappingProxyType(
    {
        # The dead are outside the GDPR: mailings stop, contact data goes as a courtesy, nothing is given out (R61).
        Road.DECEASED: RoadRule(
            LetterKind.DECEASED, Then.ERASE, frozenset({"deceased"}), closed_to_confirm="refusal.deceased_first"
        ),
        # Somebody speaks for another: the authority first, and not a word on whether the person is known (R59, R60).
        Road.AUTHORITY: RoadRule(
            LetterKind.AUTHORITY_NEEDED, Then.WAIT, NO_AUTHORITY, closed_to_confirm="refusal.authority_first"
        ),
        # A contract governs: a referral with a named next step, and our own contact database all the same (P5, P6).
        Road.CONTRACT: RoadRule(
            LetterKind.CONTRACT,
            Then.SEARCH,
            frozenset({Role.CONTRACT_CUSTOMER}),
            closed_to_confirm="refusal.contract_first",
        ),
        # A site of others: whose it is and how to reach it, and our own recruitment all the same (P78-P80, R58).
        Road.JOB_SITE: RoadRule(LetterKind.JOB_SITE, Then.SEARCH, frozenset({"out_of_scope_third_party"})),
        # It is about cookie data, which no name or address leads to: the id is asked for, the rest is searched (R20).
        Road.COOKIE: RoadRule(LetterKind.ID_NEEDED, Then.IDENTIFY, frozenset({"cookie_data"})),
        # No right is asked, but nobody is met with silence (P1, P86).
        Road.QUESTION: RoadRule(LetterKind.GENERAL, Then.ANSWER, frozenset({"privacy_question"})),
        # What is meant is unclear: asked with choices, and dealt with whatever comes of it (R27).
        Road.CLARIFICATION: RoadRule(LetterKind.CLARIFICATION, Then.WAIT, frozenset({"needs_clarification", "vague"})),
    }
)


def leading(ticket: Ticket) -> Road | None:
    """Return the road the reading points to, as long as none was taken; it leads on card 1."""
    if taken(ticket) is not None:
        return None
    seen = ticket.flags | frozenset(ticket.roles)
    return next((road for road in open_roads(ticket) if ROADS[road].seen & seen and _fits(road, ticket)), None)


def _fits(road: Road, ticket: Ticket) -> bool:
    """A bare opt-out needs neither an authority nor a contract: stopping harms nobody (R18)."""
    stops_only = all(is_opt_out(part) for part in ticket.parts)
    if road is Road.AUTHORITY:
        return not authority_shown(ticket) and not stops_only
    return not (road in (Road.CONTRACT, Road.COOKIE) and stops_only)


def open_roads(ticket: Ticket) -> tuple[Road, ...]:
    """Return the roads a colleague may take now: none of an officer's ticket, which has its own (D12)."""
    if not waiting_parts(ticket) or officer_only(ticket) or ticket.route is Route.SECURITY_REVIEW:
        return ()
    if taken(ticket) is not None:  # what was asked may be asked again once the reply left it open
        return tuple(road for road in Road if road is taken(ticket) and reply_by(ticket) is None)
    unclear = any(not is_opt_out(part) for part in waiting_parts(ticket))
    return tuple(road for road in Road if road not in (Road.CLARIFICATION, Road.COOKIE) or unclear)


def closed_to_confirm(ticket: Ticket) -> str:
    """Return why a plain Confirm is refused now, "" when it is not: the road it passes by comes first."""
    road = leading(ticket)
    if road is None and taken(ticket) is Road.AUTHORITY and not authority_shown(ticket):
        road = Road.AUTHORITY
    return ROADS[road].closed_to_confirm if road else ""


def waiting_parts(ticket: Ticket) -> tuple[Part, ...]:
    """Return the parts nobody has confirmed yet."""
    return tuple(part for part in ticket.parts if part.stage is Stage.RECEIVED)


def reads_only(ticket: Ticket) -> bool:
    """Whether nothing but copies is waited for: then silence means the widest reading, never a loss."""
    return all(part.type in READS for part in waiting_parts(ticket))


# --- the marks --------------------------------------------------------------------------------------


def contract_governs(ticket: Ticket) -> bool:
    """Whether a contract governs some of what is held: that is not ours to hand out or erase here (P5)."""
    return Role.CONTRACT_CUSTOMER in ticket.roles or taken(ticket) is Road.CONTRACT


def taken(ticket: Ticket) -> Road | None:
    """Return the road that was taken, or None."""
    return next((Road(flag.removeprefix(TAKEN)) for flag in ticket.flags if flag.startswith(TAKEN)), None)


def reply_by(ticket: Ticket) -> date | None:
    """Return the day until which a reply is waited for, or None when none is (any longer)."""
    days = (flag.removeprefix(REPLY_BY) for flag in ticket.flags if flag.startswith(REPLY_BY))
    return next((date.fromisoformat(day) for day in days), None)


def took(ticket: Ticket, road: Road, until: date | None = None) -> Ticket:
    """Return the ticket on *road*; *until*: the day until which a reply is waited for."""
    clean = _without(ticket.flags, TAKEN, REPLY_BY)
    waits = {f"{REPLY_BY}{until.isoformat()}"} if until else set()
    waits |= {ID_AWAITED} if ROADS[road].then is Then.IDENTIFY else set()
    return replace(ticket, flags=clean | {f"{TAKEN}{road}"} | waits)


def heard(flags: frozenset[str]) -> frozenset[str]:
    """Return the flags once a reply has come, or is waited for no longer."""
    return _without(flags, REPLY_BY)


def awaits_id(ticket: Ticket) -> bool:
    """Whether nothing is decided yet because the person may still name what their cookie data is found by (R20)."""
    return ID_AWAITED in ticket.flags


def id_settled(flags: frozenset[str], *, noted: bool) -> frozenset[str]:
    """Return the flags once the id was *noted*, or the case goes on without one."""
    return heard(flags) - {ID_AWAITED} | ({ID_NOTED} if noted else set())


def unidentified(ticket: Ticket) -> bool:
    """Whether cookie data was asked for and no id that it could be found by has been noted."""
    return taken(ticket) is Road.COOKIE and ID_NOTED not in ticket.flags


def forgotten(flags: frozenset[str]) -> frozenset[str]:
    """Return the flags of a ticket that begins anew: every road is open again, no authority counts any longer."""
    return _without(flags, TAKEN, REPLY_BY, COVERS) - {ID_AWAITED, ID_NOTED}


def covered(flags: frozenset[str], rights: Iterable[RequestType]) -> frozenset[str]:
    """Return the flags once a colleague has attested an authority for these rights."""
    gone = {"authority_missing", "third_party_no_authority"}
    return (_without(flags, COVERS, REPLY_BY) - gone) | {f"{COVERS}{right}" for right in rights}


def uncovered(flags: frozenset[str]) -> frozenset[str]:
    """Return the flags when the person turns out to be another: the authority was for somebody else."""
    return _without(flags, COVERS)


def speaks_for_self(flags: frozenset[str]) -> frozenset[str]:
    """Return the flags once a colleague says that who writes is the person: the reading was wrong about it."""
    if f"{TAKEN}{Road.AUTHORITY}" in flags:  # nothing had to be shown: the question falls away
        flags = _without(flags, TAKEN, REPLY_BY)
    return uncovered(flags) - NO_AUTHORITY - {"deceased", "gdpr_not_applicable"}


def authority_shown(ticket: Ticket) -> bool:
    """Whether an attested authority covers everything that is still open; a right added later is not covered by it."""
    open_rights = {part.type for part in ticket.parts if part.open and not is_opt_out(part)}
    marks = {flag.removeprefix(COVERS) for flag in ticket.flags if flag.startswith(COVERS)}
    return bool(marks) and open_rights <= marks


def _without(flags: frozenset[str], *marks: str) -> frozenset[str]:
    return frozenset(flag for flag in flags if not flag.startswith(marks))


# --- time -------------------------------------------------------------------------------------------


def patience(ticket: Ticket, today: date, calendar: Calendar) -> date:
    """Return until when a question asked today waits: two weeks, the safe target, but three working days at least.

    Never past the last day: our own clock is not paused by asking (R27).
    """
    first = min((part.received for part in waiting_parts(ticket)), default=ticket.received)
    soonest = calendar.add_working_days(today, SOONEST_DAYS)
    dates = deadlines(first, calendar)
    wanted = max(soonest, min(dates.safe_target, today + timedelta(days=PATIENCE_DAYS)))
    return max(today, min(wanted, dates.last_day))


def overdue(ticket: Ticket, today: date) -> bool:
    """Whether the day until which a reply was waited for has passed."""
    until = reply_by(ticket)
    return until is not None and today > until


def to_be_reminded(ticket: Ticket, sent: tuple[datetime, ...], today: date, calendar: Calendar) -> bool:
    """Whether the question, sent at those moments, is put once more: once, and while there is time to answer."""
    until = reply_by(ticket)
    if until is None or len(sent) != 1:
        return False
    due = calendar.working_days_between(local_date(sent[0]), today) >= REMIND_AFTER
    return due and calendar.working_days_between(today, until) >= 1
