"""How long things are kept, as rules with the policy's own words behind them.

Candidates: the calendar year of the latest activity and the two after it, so deletion
is due on 1 January of the third year (P75, R68). A storage limit is a maximum, not a
period for acting: it is never rolled to a working day (C12).
Contacts have no fixed date (P57, P59); a review lists those without interest and a
person decides (P60).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.deadline import local_date
from bot.domain.request import Role

#: Calendar years kept after the year of the latest activity (P75); a setting (R69).
YEARS_AFTER: Final = 2


class RetentionState(StrEnum):
    """Why a due date is what it is."""

    SCHEDULED = "scheduled"
    ON_HOLD = "on_hold"
    HOLD_RELEASED = "hold_released"
    OVERDUE_HOLD_TOO_LATE = "overdue_hold_too_late"
    ERASURE_GRANTED = "erasure_granted"
    ON_HOLD_ERASURE_PARTLY_REFUSED = "on_hold_erasure_partly_refused"
    RULE_ONLY = "rule_only"


@dataclass(frozen=True, slots=True)
class LegalHold:
    """A recorded reason to keep what would be due (Art. 17(3)(e)); `released` None while it stands."""

    since: date
    released: date | None = None


@dataclass(frozen=True, slots=True)
class RetentionDue:
    """When deletion is due (None: no date by itself), and why."""

    due: date | None
    state: RetentionState


@dataclass(frozen=True, slots=True)
class NoInterestRule:
    """Which contacts a review lists (P60). The months are a required setting: the policy names none (G8)."""

    months: int
    postpone_days: int = 30


def candidate_due(
    activities: Sequence[datetime],
    *,
    years_after: int = YEARS_AFTER,
    hold: LegalHold | None = None,
    erasure_granted: date | None = None,
) -> RetentionDue:
    """Return the first day on which a candidate's data must be gone.

    The latest activity governs all applications. A hold set before the due date moves it to the day
    after release; one set later does not cure lateness. A granted erasure wins over the rule unless held.
    """
    latest = max(local_date(moment) for moment in activities)
    base = date(latest.year + years_after + 1, 1, 1)
    if erasure_granted is not None:
        if hold is not None and _stands_on(hold, erasure_granted):
            return RetentionDue(None, RetentionState.ON_HOLD_ERASURE_PARTLY_REFUSED)
        return RetentionDue(erasure_granted, RetentionState.ERASURE_GRANTED)
    if hold is None:
        return RetentionDue(base, RetentionState.SCHEDULED)
    if hold.since > base:
        return RetentionDue(base, RetentionState.OVERDUE_HOLD_TOO_LATE)
    if hold.released is None:
        return RetentionDue(None, RetentionState.ON_HOLD)
    return RetentionDue(max(base, hold.released + timedelta(days=1)), RetentionState.HOLD_RELEASED)


def due_for(role: Role, activities: Sequence[datetime], *, years_after: int = YEARS_AFTER) -> RetentionDue:
    """Return when the data of *role* is due: only candidates have a date of their own."""
    if role is Role.CANDIDATE and activities:
        return candidate_due(activities, years_after=years_after)
    return RetentionDue(None, RetentionState.RULE_ONLY)


def _stands_on(hold: LegalHold, day: date) -> bool:
    return hold.since <= day and (hold.released is None or hold.released >= day)
