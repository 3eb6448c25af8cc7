"""Tickets that take longer, were taken back or went astray, and their forms."""

from collections.abc import Iterator
from dataclasses import replace

from bot.card import Card, Form
from bot.cards.extension import extend_form
from bot.cards.reopening import reopen_form, reopen_part_form
from bot.cards.scene import Scene
from bot.cards.ticket import ticket_card
from bot.cards.withdrawal import withdraw_form
from bot.cards.wrong import wrong_form
from bot.domain.extension import extendable
from bot.domain.letter import Letter, LetterKind, LetterState
from bot.domain.system import Operation
from bot.domain.task import TaskState
from tests.cards import tickets as t

NOTICE = Letter("letter-9", LetterKind.EXTENDED, ("part-1", "part-2"), LetterState.SENT, t.MONDAY, sent_at=t.MONDAY)
EXTENDED = replace(t.DECIDING, letters=(NOTICE,))
EXTENDING = replace(t.DECIDING, letters=(replace(NOTICE, state=LetterState.APPROVED, sent_at=None),))
TO_BE_READ = replace(t.DECIDING, letters=(replace(NOTICE, state=LetterState.DRAFT, sent_at=None),))
#: HubSpot is gone, Eventbrite waits by hand.
HALF_ERASED = replace(
    t.EXECUTING,
    tasks=tuple(
        replace(task, state=TaskState.DONE if task.system == "hubspot" else TaskState.BY_HAND)
        if task.operation == "erase"
        else task
        for task in t.EXECUTING.tasks
    ),
)
#: Closed with everything that a new beginning may leave: a hold, a decline, an authority, a recipient not told yet.
ANSWERED = replace(
    t.HELD,
    flags=t.HELD.flags | {"authority:erasure"},
    tasks=(
        *t.CLOSED.tasks[:-2],
        replace(t.CLOSED.tasks[-2], state=TaskState.DECLINED, approvals=(t.YES,)),
        replace(t.CLOSED.tasks[-1], id="notify-caterer", operation=Operation.NOTIFY, state=TaskState.BY_HAND),
    ),
)
PREVIEW = "Hej,\n\nVi behöver mer tid. Du får svaret senast den 5 juni 2026.\n\nVänliga hälsningar\nGoToWork"


def cards_of(here: Scene) -> Iterator[tuple[str, Card]]:
    """Yield their cards by name."""
    for name, ticket in (("extended", EXTENDED), ("extending", EXTENDING), ("extension_to_be_read", TO_BE_READ)):
        yield f"ticket_{name}", ticket_card(here, ticket)


def forms_of(here: Scene) -> Iterator[tuple[str, Form]]:
    """Yield their forms by name."""
    parts = extendable(t.DECIDING, here.today, here.calendar)
    yield "extend", extend_form(here, t.DECIDING, parts, PREVIEW)
    yield "withdraw", withdraw_form(here, t.DECIDING, t.DECIDING.parts)
    yield "withdraw_half_done", withdraw_form(here, HALF_ERASED, HALF_ERASED.parts[1:])
    yield "reopen", reopen_form(here, t.CLOSED, 31)
    yield "reopen_dismissed", reopen_form(here, t.DISMISSED, 31)
    yield "reopen_joined", reopen_form(here, t.JOINED, 31, "PR-2026-0040")
    yield "reopen_most", reopen_form(here, ANSWERED, 31)
    yield "reopen_part", reopen_part_form(here, t.DISMISSED_PART, t.DISMISSED_PART.parts[-1])
    yield "wrong_person", wrong_form(here, replace(t.CLOSED, letters=(t.QUESTION, replace(NOTICE, id="letter-8"))))
