"""How the sections of a colleague's page are drawn: which block of review.html, and the text with its marks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, assert_never

from markupsafe import Markup

from bot.services.dossier import Dossier
from bot.services.views import (
    CopyList,
    CopyRecord,
    CorrectionSheet,
    FileSlot,
    Incoming,
    LetterDraft,
    Notice,
    Prose,
    Question,
    Ready,
    Rows,
    Section,
    UploadSlot,
)
from handlers.marks import marked


@dataclass(frozen=True, slots=True)
class Told:
    """What the page says about the last press: a sentence's key, or a letter that could not be saved as typed."""

    key: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    unsaved: LetterDraft | None = None


NO_BODY: Final = Markup()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A section with the name of its template block; `body` is a prose's text with its marks."""

    kind: str
    section: Section
    body: Markup = NO_BODY


#: Sections that are drawn from their fields alone, by the name of their place in review.html.
AS_IT_IS: Final[Mapping[type, str]] = {
    UploadSlot: "upload",
    FileSlot: "file",
    Ready: "ready",
    CorrectionSheet: "correct",
    Incoming: "incoming",
    Notice: "notice",
    Question: "question",
    CopyList: "copies",
    CopyRecord: "copy",
    Dossier: "dossier",
}


def drawn(section: Section, told: Told, mark: str) -> Drawn:
    """Return the section with the name of its block; *mark* is the word that begins a marked sentence."""
    match section:
        case Prose():
            return Drawn("hidden" if section.hidden else "prose", section, marked(section.text, section.marks, mark))
        case Rows():
            return Drawn("rows", section)
        case LetterDraft():
            unsaved = told.unsaved
            return Drawn("letter", unsaved if unsaved and unsaved.letter_id == section.letter_id else section)
        case (
            UploadSlot()
            | FileSlot()
            | Ready()
            | CorrectionSheet()
            | Incoming()
            | Notice()
            | Question()
            | CopyList()
            | CopyRecord()
            | Dossier()
        ):
            return Drawn(AS_IT_IS[type(section)], section)
        case _:
            assert_never(section)
