"""What a colleague's review page shows, as plain values; what the person's own pages show stands in `person_views`.

They carry words, not markup: the handlers escape in one place. Everything here may be
personal data; it is made for one request, shown once and kept nowhere.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.request import Language
from bot.services.dossier import Dossier


@dataclass(frozen=True, slots=True)
class Prose:
    """A text; the sentences in `marks` are to be highlighted. `hidden`: a reader of the mail would not see it."""

    title: str
    text: str = field(repr=False)
    marks: tuple[str, ...] = field(default=(), repr=False)
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """A table."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class LetterDraft:
    """A letter that can be edited, and to whom it goes; `missing` names the required blocks it lacks, in words."""

    letter_id: str
    version: int
    title: str
    subject: str = field(repr=False)
    text: str = field(repr=False)
    missing: tuple[str, ...] = ()
    recipient: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class UploadSlot:
    """Where a colleague adds a file that belongs to a task done by hand."""

    task_id: str
    title: str
    hint: str


@dataclass(frozen=True, slots=True)
class FileSlot:
    """Where a colleague fetches the person's file, to hand it on as they approved."""

    task_id: str
    title: str = field(repr=False)
    text: str = field(repr=False)
    hint: str
    button: str


@dataclass(frozen=True, slots=True)
class CorrectionField:
    """One value that can be put right: what stands there, what is to stand there. `group` heads a record's fields."""

    name: str
    label: str
    now: str = field(repr=False)
    wished: str = field(repr=False)
    group: str = ""


@dataclass(frozen=True, slots=True)
class CorrectionSheet:
    """Where a colleague puts values right: a system's fields, or rows of their own for a step by hand (`by_hand`).

    `seen` comes back with the values, so that nobody writes over what they did not see. `wish` is what the person
    wrote of it. `elsewhere` are the values written for other systems, to be put right here too.
    """

    task_id: str
    title: str
    hint: str
    seen: str
    fields: tuple[CorrectionField, ...] = field(repr=False)
    wish: tuple[str, ...] = field(default=(), repr=False)
    elsewhere: tuple[str, ...] = field(default=(), repr=False)
    by_hand: bool = False


class Act(StrEnum):
    """What can be done with an entry of a list, and the last word of the address it is posted to."""

    OPEN = "open"  # it is a request after all
    DISMISS = "dismiss"  # it is none
    RETURN = "return"  # a dismissal is taken back
    SHOW = "show"  # the ticket gets its own card in the chat


@dataclass(frozen=True, slots=True)
class Ready:
    """Something made ready for a step by hand: what to do or send, and the vendor's page for it ("" for none)."""

    title: str
    text: str = field(repr=False)
    link: str = field(default="", repr=False)
    label: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """Something that came in, with what can be done with it: its first lines, why it was read so, and the rest."""

    item_id: str
    when: str
    road: str
    sender: str = field(repr=False)
    title: str = field(repr=False)
    text: str = field(repr=False)
    why: tuple[str, ...] = field(default=(), repr=False)
    rest: str = field(default="", repr=False)
    acts: tuple[Act, ...] = (Act.OPEN,)
    days: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """Something a colleague is asked here, because it shows content; `about` comes back with the value chosen.

    `reference` is what must be typed with an answer that erases; "" where none does.
    """

    about: str
    title: str = field(repr=False)
    line: str = field(repr=False)
    hint: str
    label: str
    options: tuple[tuple[str, str], ...]
    button: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class CopyRecord:
    """A record that may concern others: what it says, and what a colleague says becomes of it in the copy.

    `texts` are its files that can be read as words, `files` the others, by place in the record. `seen` comes back with
    the decision, so that nobody decides on what they did not see. `way`, `words` and `reason` are what was said before.
    """

    task_id: str
    number: int
    seen: int
    title: str
    rows: tuple[tuple[str, str], ...] = field(repr=False)
    texts: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    files: tuple[tuple[int, str], ...] = field(default=(), repr=False)
    said: str = ""
    way: str = ""
    words: str = field(default="", repr=False)
    reason: str = ""
    ways: tuple[tuple[str, str], ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class CopyTyped:
    """What was sent from the page about one record, as it was typed."""

    task_id: str
    number: int
    seen: int
    way: str
    words: str = field(repr=False)
    reason: str
    file: tuple[str, bytes] | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class CopyList:
    """What heads the records of a copy that are shown; one press lets the undecided ones go out as they are (D29).

    `numbers` are those, and `seen` proves that this reader was shown them. `button` is "" when there is none.
    """

    task_id: str
    title: str
    hint: str
    numbers: str = ""
    seen: str = ""
    button: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence that stands out."""

    text: str


Section = (
    Prose
    | Rows
    | LetterDraft
    | UploadSlot
    | FileSlot
    | CorrectionSheet
    | Ready
    | Incoming
    | Notice
    | Question
    | CopyList
    | CopyRecord
    | Dossier
)


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """A colleague's one-time page. `csrf` must come back with every POST."""

    title: str
    ref: str
    language: Language
    sections: tuple[Section, ...]
    csrf: str = field(repr=False)
