"""What a letter hands out: a link to a package goes with it, or it only says something (cards.md rule 6).

Sent to the wrong person a package is a leak that nobody can call back, so whoever lets such a letter go types the
ticket's reference first. Receipts, questions and letters that only say what was done leave by one press.
"""

from typing import Final

from bot.domain.letter import Letter, LetterKind
from bot.domain.system import Operation
from bot.domain.task import TaskState
from bot.domain.ticket import Part, Ticket

#: Letters whose link opens the person's page, where packages lie.
LINKED_TO_PACKAGES: Final = frozenset(
    {LetterKind.ACCESS_ANSWER, LetterKind.PORTABLE, LetterKind.REFUSED, LetterKind.NEW_LINK}
)


def packed_parts(ticket: Ticket, letter: Letter) -> tuple[Part, ...]:
    """Return the parts whose package the letter's link opens; none for a letter that hands nothing out.

    A new link is to the whole page, so to every package there is.
    """
    if letter.kind not in LINKED_TO_PACKAGES:
        return ()
    whole = letter.kind is LetterKind.NEW_LINK
    parts = (part for part in ticket.parts if whole or part.id in letter.part_ids)
    return tuple(part for part in parts if copied_from(ticket, part))


def copied_from(ticket: Ticket, part: Part) -> tuple[str, ...]:
    """Return the systems a part's copy was taken out of."""
    taken = (task for task in ticket.tasks_of(part) if task.operation is Operation.EXPORT)
    return tuple(task.system for task in taken if task.state is TaskState.DONE)


def hands_out(ticket: Ticket, letter: Letter) -> bool:
    """Whether a package goes with the letter."""
    return bool(packed_parts(ticket, letter))
