"""A suspected breach: the 72 hours of Art. 33(1), counted in hours, nights and weekends included (R63).

The clock is not the ticket's: it starts when GoToWork became aware, and only a person ends it, by notifying IMY
or by writing down why no notification is needed (Art. 33(5)). Closing, dismissing or answering a ticket never
does. Reg. 1182/71 would give more time over a weekend; the strict reading holds under every other.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.errors import Incomplete, NotAllowedNow
from bot.domain.ticket import Ticket

#: The mark of a ticket whose 72 hours run.
INCIDENT_OPEN: Final = "incident_open"
#: The mark by which the reading says that something may have leaked: the ticket is the officer's until it is settled.
BREACH: Final = "breach_suspected"
#: The mark that it was settled, whichever way: the ordinary work goes on with those whose it is.
SETTLED: Final = "breach_settled"
NO_BREACH: Final = "no_breach"
LASTS: Final = timedelta(hours=72)
#: Hours after which whoever has duty is told again; past the last one once more every day.
ALARMS: Final = (24, 48, 66, 72)
EVERY: Final = 24
#: Why no notification is needed: the words of Art. 33(1), and the two ways in which there is nothing to notify.
NOT_NEEDED: Final = (NO_BREACH, "risk_unlikely", "notified_before", "not_controller")
#: Why a notification came later than 72 hours (Art. 33(1)).
LATE: Final = ("found_out_gradually", "told_late_by_processor", "measures_first", "missed")
#: A reference as an authority gives it: letters, digits and signs, no room for an address or a sentence.
REFERENCE: Final = re.compile(r"(?=.*\d)[A-Za-zÅÄÖåäö0-9][A-Za-zÅÄÖåäö0-9/:.\-]{2,39}")


class Ending(StrEnum):
    """How the clock was ended."""

    NOTIFIED = "notified"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class Incident:
    """One clock. Moments are aware; `reference` is IMY's, `reason` a key of `LATE` or `NOT_NEEDED`."""

    aware_at: datetime
    ending: Ending | None = None
    ended_at: datetime | None = None
    ended_by: str = ""
    notified_at: datetime | None = None
    reference: str = ""
    reason: str = field(default="")

    @property
    def ends_at(self) -> datetime:
        """The moment by which IMY must have been notified."""
        return self.aware_at + LASTS

    def alarm_after(self, moment: datetime) -> datetime:
        """Return the first alarm later than *moment*."""
        hours = next((one for one in ALARMS if self.aware_at + timedelta(hours=one) > moment), ALARMS[-1])
        while self.aware_at + timedelta(hours=hours) <= moment:
            hours += EVERY
        return self.aware_at + timedelta(hours=hours)

    def alarm_at(self, moment: datetime) -> datetime | None:
        """Return the latest alarm not later than *moment*, None before the first."""
        last = None
        following = self.alarm_after(self.aware_at)
        while following <= moment:
            last, following = following, self.alarm_after(following)
        return last


def runs(ticket: Ticket) -> bool:
    """Whether the ticket's 72 hours run."""
    return INCIDENT_OPEN in ticket.flags


def suspected(ticket: Ticket) -> bool:
    """Whether something may have leaked and nobody has settled it yet."""
    return BREACH in ticket.flags


def clocked(ticket: Ticket) -> bool:
    """Whether the ticket has a clock, running or ended, whose lines stand on its card."""
    return bool({BREACH, SETTLED} & ticket.flags)


def released(ticket: Ticket) -> Ticket:
    """Return the ticket settled: what made it the officer's alone (D12) lets go, other marks stay as they are."""
    return replace(ticket, flags=ticket.flags - {BREACH, INCIDENT_OPEN} | {SETTLED})


def notified(incident: Incident, at: datetime, now: datetime, by: str, *, reference: str, reason: str) -> Incident:
    """Return the clock ended by a notification. Later than 72 hours needs the reason the law asks for."""
    _still_running(incident)
    if at > now or at < incident.aware_at:
        raise Incomplete("refusal.field_bad", {"field": "notified_at"})
    if not REFERENCE.fullmatch(reference):
        raise Incomplete("refusal.reference_bad", {"field": "imy_reference"})
    if at > incident.ends_at and reason not in LATE:
        raise Incomplete("refusal.late_reason_missing", {"field": "late_reason"})
    late = reason if at > incident.ends_at else ""
    return replace(
        incident,
        ending=Ending.NOTIFIED,
        ended_at=now,
        ended_by=by,
        notified_at=at,
        reference=reference,
        reason=late,
    )


def not_needed(incident: Incident, now: datetime, by: str, reason: str) -> Incident:
    """Return the clock ended without a notification, on a reason that is kept (Art. 33(5))."""
    _still_running(incident)
    if reason not in NOT_NEEDED:
        raise Incomplete("refusal.field_missing", {"field": "reason"})
    return replace(incident, ending=Ending.NOT_NEEDED, ended_at=now, ended_by=by, reason=reason)


def aware_from(incident: Incident, at: datetime, now: datetime) -> Incident:
    """Return the clock started at another moment: when GoToWork in fact became aware."""
    _still_running(incident)
    if at > now:
        raise Incomplete("refusal.field_bad", {"field": "aware_at"})
    return replace(incident, aware_at=at)


def _still_running(incident: Incident) -> None:
    if incident.ending is not None:
        raise NotAllowedNow("refusal.already_decided")
