"""Letters as the ticket knows them: which, for which parts, how far on its way.

The words of a letter and its recipient are personal data and lie in the vault under
`letter/<id>`; here stand only the template's number and the state. A letter is drafted
first, then approved, then sent and looked up: a doubtful one goes to a person (D34).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LetterKind(StrEnum):
    """The letters of domain.md section 4 that the desk can write."""

    ACKNOWLEDGEMENT = "T1"
    IDENTITY_NEEDED = "T2"
    CLARIFICATION = "T3"
    EXTENDED = "T4"  # the answer takes longer (Art. 12(3)): sent in time, it is what extends the deadline
    ACCESS_ANSWER = "T5"
    NOTHING_FOUND = "T6"
    ERASURE_DONE = "T7"
    REFUSED = "T8"
    RECTIFIED = "T9"
    RESTRICTED = "T10"
    LIFTING = "T10B"  # told before a restriction ends (R40)
    OPTED_OUT = "T11"
    OBJECTION_WEIGHED = "T12"
    PORTABLE = "T13"
    TRANSFERRED = "T13B"  # what came of handing the file to somebody else, once the answer has left (Art. 20(2))
    CANNOT_IDENTIFY = "T15"
    ID_NEEDED = "T15B"  # asks for the id that cookie data could be found by (Art. 11(2)); T15 closes
    CONTRACT = "T16"
    JOB_SITE = "T17"
    AUTHORITY_NEEDED = "T18"
    CONSENT_WITHDRAWN = "T19"
    DECEASED = "T20"
    NEUTRAL = "T21"
    GENERAL = "T22"
    CONFIRM_ERASURE = "D7"
    CODE = "CODE"
    NEW_LINK = "LINK"
    UNDONE = "UNDO"
    TAKEN_BACK = "F41"  # confirms that a request was taken back before anything was done
    NO_REPLY = "F20"  # closes kindly what we asked about and nobody answered

    @property
    def answers(self) -> bool:
        """Whether the letter answers what was asked (an acknowledgement, a question or a code does not)."""
        return self not in _ON_THE_WAY

    @property
    def number(self) -> str:
        """The number people know it by, "" for none: T15 both asks for a cookie's id and closes without one."""
        number = self.value.removesuffix("B")
        return number if number.startswith("T") else ""

    @property
    def sends_itself(self) -> bool:
        """Whether it leaves without a press of its own: receipts, questions, referrals, opt-outs done (R70)

        So does the neutral letter: only a press asks for it, and its words say nothing.
        """
        return self in _ON_THE_WAY or self in _UNREAD


_ON_THE_WAY = frozenset(
    {
        LetterKind.ACKNOWLEDGEMENT,
        LetterKind.IDENTITY_NEEDED,
        LetterKind.CLARIFICATION,
        LetterKind.EXTENDED,
        LetterKind.ID_NEEDED,
        LetterKind.CONTRACT,
        LetterKind.JOB_SITE,
        LetterKind.AUTHORITY_NEEDED,
        LetterKind.CONFIRM_ERASURE,
        LetterKind.CODE,
        LetterKind.NEW_LINK,
        LetterKind.LIFTING,
        LetterKind.TRANSFERRED,
        LetterKind.TAKEN_BACK,
    }
)


_UNREAD = frozenset({LetterKind.OPTED_OUT, LetterKind.UNDONE, LetterKind.NEUTRAL})


class LetterState(StrEnum):
    """How far a letter is on its way."""

    REQUESTED = "requested"  # a job writes it
    DRAFT = "draft"
    APPROVED = "approved"
    SENDING = "sending"  # written down before the mail server is asked
    SENT = "sent"
    RETURNED = "returned"  # it left and came back: nobody got it, and a person sees to it
    UNDELIVERED = "undelivered"  # it came back, and a person has seen to it
    DOUBTFUL = "doubtful"  # the answer was lost and looking did not settle it: a person decides


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter of a ticket. `message_id` is ours and made from the id, so it can be looked up."""

    id: str
    kind: LetterKind
    part_ids: tuple[str, ...]
    state: LetterState = LetterState.REQUESTED
    drafted_at: datetime | None = None
    edited_by: str = ""
    approved_by: str = ""
    sent_at: datetime | None = None
    version: int = 1

    @property
    def answers(self) -> bool:
        """Whether this letter answers its parts."""
        return self.kind.answers

    @property
    def unwritten(self) -> bool:
        """Whether its words could not be written: nobody approved it, so nothing can have left."""
        return self.state is LetterState.DOUBTFUL and not self.approved_by

    @property
    def standing(self) -> str:
        """How far it is, in a word of `letter_state`: one that was never written is not said to be in doubt."""
        return "unwritten" if self.unwritten else self.state
