"""Work asked for once more: a yes to fewer records is no yes to more (D10)."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.domain.again import STOOD_STILL, asked_anew, more_than_approved
from bot.domain.people import Colleague
from bot.domain.policy import approve, decline, propose_decline
from bot.domain.request import RequestType
from bot.domain.system import Operation, Record
from bot.domain.task import MORE_THERE, Approval, TaskState
from bot.domain.ticket import Stage
from tests.domain.examples import BO, HUBSPOT, KARIN, NOW, SARA, part, task, ticket

KEEPS_MAIL = replace(HUBSPOT, correspondence=frozenset({"email"}))
APPROVED = replace(
    task(TaskState.READY),
    irreversible=True,
    found={"contact": 1, "note": 2},
    approvals=(Approval("karin", NOW), Approval("sara", NOW)),
)


def there(counts: Mapping[str, int], *, shared: bool = False) -> list[Record]:
    """Return so many records of each kind."""
    return [
        Record("hubspot", kind, f"{kind}{n}", shared=shared) for kind, count in counts.items() for n in range(count)
    ]


@pytest.mark.parametrize(
    ("counts", "more"),
    [
        ({}, False),
        ({"contact": 1, "note": 2}, False),
        ({"note": 1}, False),
        ({"contact": 1, "note": 3}, True),
        ({"contact": 1, "call": 1}, True),
        ({"contact": 1, "note": 2, "email": 9}, False),
    ],
)
def test_more_of_any_kind_but_correspondence_is_more_than_was_approved(counts: Mapping[str, int], more: bool) -> None:
    assert more_than_approved(APPROVED, there(counts), KEEPS_MAIL, NOW) is more
    begun = replace(APPROVED, writing_since=NOW)
    assert not more_than_approved(begun, there(counts), KEEPS_MAIL, NOW), "what comes while we erase goes with the rest"
    late = NOW + STOOD_STILL
    assert more_than_approved(begun, there(counts), KEEPS_MAIL, late) is more, "unless the work has stood still"
    assert not more_than_approved(APPROVED, there(counts, shared=True), KEEPS_MAIL, NOW), "each of those is ruled on"


def test_asked_anew_it_says_why_until_it_is_decided() -> None:
    """Two people again, with what is there now in its row and in its search."""
    search = replace(task(TaskState.DONE, Operation.FIND), id="find1", found={"contact": 1})
    old = ticket(part(RequestType.ERASURE, 1, Stage.EXECUTING)).with_task(APPROVED)
    old = replace(old, tasks=(*old.tasks, search))
    asked = asked_anew(old, APPROVED, {"contact": 1, "note": 7}, NOW)
    anew = asked.task(APPROVED.id)
    assert (anew.state, anew.approvals, anew.trouble) == (TaskState.PROPOSED, (), MORE_THERE)
    assert anew.found == asked.task("find1").found == {"contact": 1, "note": 7}
    once = approve(anew, KARIN, NOW, own_request=False)
    assert (once.state, once.trouble) == (TaskState.PROPOSED, MORE_THERE)
    twice = approve(once, SARA, NOW, own_request=False)
    assert (twice.state, twice.trouble) == (TaskState.LOCKED, "")
    refused = propose_decline(anew, asked.parts[0], "legal_claims", KARIN, own_request=False)
    officer: Colleague = BO
    assert decline(refused, officer, NOW, own_request=False).trouble == ""
