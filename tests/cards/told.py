"""Tickets with somebody still to be told of what was done: while others work, and after the letter has left."""

from dataclasses import replace

from bot.domain.recipients import marked, step
from bot.domain.request import RequestType
from bot.domain.system import Operation
from bot.domain.task import TaskState
from bot.domain.ticket import Ticket
from bot.domain.transfer import Approved, Given, approved
from tests.cards import tickets as t

KEY = "recipient_1"


def with_notice(ticket: Ticket, key: str) -> Ticket:
    """Return the ticket with one to be told of what its first part that erased something did."""
    done = next(task for task in ticket.tasks if task.operation is Operation.ERASE and task.state is TaskState.DONE)
    part = ticket.part(done.part_id)
    return replace(ticket, tasks=(*ticket.tasks, step(part, key, Operation.NOTIFY, f"notify-{key}", t.MONDAY)))


TELLING = marked(with_notice(with_notice(t.EXECUTING, "caterer"), KEY), KEY)
TOLD_ONE = TELLING.with_task(
    replace(
        TELLING.task("notify-caterer"),
        state=TaskState.EXCEPTION,
        reason="exception.disproportionate",
        settled_at=t.MONDAY,
        settled_by="sara",
    )
)
STILL_TO_TELL = marked(with_notice(t.CLOSED, KEY), KEY)
FILED = replace(
    t.CLOSED,
    parts=(replace(t.CLOSED.parts[0], type=RequestType.PORTABILITY),),
    tasks=tuple(task for task in t.CLOSED.tasks if task.part_id == t.CLOSED.parts[0].id),
)
HANDING, _ = approved(FILED, Approved(Given.MAIL, t.MONDAY, "sara", t.MONDAY), "transfer-1")
TO_TELL = {
    "closed_filed": FILED,
    "closed_handing": HANDING,
    "telling": TELLING,
    "told_one": TOLD_ONE,
    "closed_still_to_tell": STILL_TO_TELL,
}
