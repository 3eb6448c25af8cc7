"""What the desk answered to one colleague alone: the console's ephemeral messages.

Kept in memory and bounded; one answer per place, so a second press of the same button
shows one answer, not two. Lost on restart, as such answers may be.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

from bot.card import Card

REMEMBERED: Final = 60
IN_NOTE: Final = "note:"


@dataclass(frozen=True, slots=True)
class Note:
    """An answer. `place` is what it answers: a card's `about`, "home", or "" for the command box."""

    place: str
    card: Card | None = None
    sentence: str = ""


class Notes:
    """The answers of all made-up colleagues, the oldest forgotten first."""

    def __init__(self) -> None:
        self._notes: OrderedDict[tuple[str, str], Note] = OrderedDict()

    def keep(self, colleague: str, note: Note) -> None:
        """Show the note to the colleague, in place of an earlier one at the same place."""
        self._notes.pop((colleague, note.place), None)
        self._notes[colleague, note.place] = note
        while len(self._notes) > REMEMBERED:
            self._notes.popitem(last=False)

    def drop(self, colleague: str, place: str) -> None:
        """Forget the note at a place, if there is one."""
        self._notes.pop((colleague, place), None)

    def clear(self, colleague: str) -> None:
        """Forget all of the colleague's notes: they were drawn in the language read until now."""
        for place in [note.place for note in self.of(colleague)]:
            self.drop(colleague, place)

    def of(self, colleague: str) -> tuple[Note, ...]:
        """Return the colleague's notes, newest first."""
        return tuple(note for (whose, _), note in reversed(self._notes.items()) if whose == colleague)
