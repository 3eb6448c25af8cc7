"""Every column of every retention vector (P57-P60, P75)."""

from datetime import date, datetime, timedelta

import pytest

from bot.domain.deadline import local_date
from bot.domain.request import Role
from bot.domain.retention import LegalHold, RetentionState, candidate_due, due_for
from tests.vectors import rows

VECTORS = rows("retention_vectors")
CANDIDATES = [row for row in VECTORS if row["role"] == "candidate"]
OTHERS = [row for row in VECTORS if row["role"] != "candidate"]
ROLES = {
    "contact_self_initiated": (Role.CONTACT,),
    "contact_gotowork_initiated": (Role.CONTACT,),
    "contact_any": (Role.CONTACT,),
    "attendee": (Role.ATTENDEE,),
    "candidate_and_contact": (Role.CANDIDATE, Role.CONTACT),
}


def activities(row: dict[str, str]) -> list[datetime]:
    return [datetime.fromisoformat(one) for one in row["activities"].split("|") if one]


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def shown(due: date | None) -> str:
    return "" if due is None else str(due)


def test_the_vectors_are_whole() -> None:
    assert [row["id"] for row in VECTORS] == [f"C{n:02}" for n in range(1, 25)] + [f"N{n:02}" for n in range(1, 6)]


@pytest.mark.parametrize("row", CANDIDATES, ids=lambda row: row["id"])
def test_every_column_of_a_candidate_vector(row: dict[str, str]) -> None:
    since = day(row["hold_from"])
    hold = LegalHold(since, day(row["hold_released"])) if since else None
    base = due_for(Role.CANDIDATE, activities(row)).due
    assert base is not None
    due = candidate_due(activities(row), hold=hold, erasure_granted=day(row["erasure_granted_on"]))
    assert {
        "latest_activity_local_date": str(max(map(local_date, activities(row)))),
        "kept_through": str(base - timedelta(days=1)),
        "base_deletion_due": str(base),
        "effective_deletion_due": shown(due.due),
        "state": due.state.value,
    } == {key: row[key] for key in row if key in COLUMNS}


COLUMNS = {"latest_activity_local_date", "kept_through", "base_deletion_due", "effective_deletion_due", "state"}


@pytest.mark.parametrize("row", OTHERS, ids=lambda row: row["id"])
def test_every_other_vector(row: dict[str, str]) -> None:
    due = [due_for(role, activities(row)) for role in ROLES[row["role"]]]
    assert (shown(due[0].due), due[0].state) == (row["effective_deletion_due"], row["state"])
    assert shown(due[0].due) == row["base_deletion_due"]
    # the other role of the same person follows its own rule: none is kept or erased for the sake of the other (P62)
    assert all(other.due is None and other.state is RetentionState.RULE_ONLY for other in due[1:])


def test_the_years_are_a_setting() -> None:
    """R69: changing two years to one needs no code."""
    at = [datetime.fromisoformat("2024-05-10T10:00:00+02:00")]
    assert due_for(Role.CANDIDATE, at, years_after=1).due == date(2026, 1, 1)


def test_a_candidate_without_any_activity_has_no_date() -> None:
    assert due_for(Role.CANDIDATE, ()).due is None


def test_a_hold_released_before_the_erasure_does_not_stand_in_its_way() -> None:
    at = [datetime.fromisoformat("2024-05-10T10:00:00+02:00")]
    granted = date(2025, 3, 14)
    before = LegalHold(date(2025, 1, 1), date(2025, 3, 13))
    after = LegalHold(date(2025, 3, 15))
    assert candidate_due(at, hold=before, erasure_granted=granted).due == granted
    assert candidate_due(at, hold=after, erasure_granted=granted).due == granted
    assert candidate_due(at, hold=LegalHold(granted, granted), erasure_granted=granted).due is None
