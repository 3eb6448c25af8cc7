"""A text, heard: its rights, persons, kind, language and roles, before a road is proposed.

Here stand the few judgements that need more than one module's word: what a complaint
without a wish means, when a quotation is a reminder, what counts in mail from machines.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.request import Language, RequestType, Role
from bot.reading.forwards import Original
from bot.reading.kinds import (
    Signals,
    is_answering_machine,
    is_bulk,
    is_machine,
    is_mixed,
    kind_by_words,
    language_of,
    roles_of,
    sounds_absent,
    unheard,
)
from bot.reading.leaning import Lean
from bot.reading.matching import Hit, Reader
from bot.reading.message import ReadingContext
from bot.reading.people import Persons, persons_of
from bot.reading.rights import Found, find_hints, find_rights, in_order
from bot.reading.sentences import Sentence, sentences

QUIET_KINDS: Final = frozenset({"newsletter", "sales", "invoice", "absent"})
#: What people write themselves, as far as words tell.
SPOKEN_KINDS: Final = frozenset({"business", "application", "unread"})
QUOTED_LETTERS: Final = 20_000
#: From which leaning on a text that no phrase knows is taken for a request, and from which a person looks at it.
ASKING: Final = 0.75
DOUBTFUL: Final = 0.5
APPLYING: Final = 0.5  # more of it, in an application: it speaks of its writer anyhow
TOLD_BY_US: Final = 0.3  # a colleague who writes of it in own words
#: Below which leaning words that were found are not believed without a person: the firmer they said it, the lower.
#: For words that only mean it through their neighbours, for one firm phrase, and for several.
UNLIKELY: Final = (0.2, 0.0, -0.5)
_CASE = re.compile(r"\b(?:PR|GTW)-\d{4}-\d{3,6}\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Heard:
    """What was made out of one text.

    `vague` is a complaint without a wish, `reminds` an unanswered request in the quotation, `foreign` a text in
    no language we know, `instructs` hidden text aimed at a machine. `case_ref` is our reference in the thread.
    `lean` is the second reader's word, `guessed` whether the rights are its guess and no phrase's; `hinted` when only
    words that stand together raised them. `mixed` is text in two languages.
    """

    original: Original
    text: Sequence[Sentence]
    readers: Sequence[Reader]
    signals: Signals
    persons: Persons
    kind: str
    found: Sequence[Found]
    roles: tuple[Role, ...]
    vague: bool
    reminds: bool
    instructs: bool
    language: Language
    foreign: bool
    case_ref: str | None
    lean: Lean
    hinted: bool
    guessed: bool
    mixed: bool

    @property
    def doubtful(self) -> bool:
        """Whether no phrase found anything in what a person wrote, and it still sounds like a request."""
        least = TOLD_BY_US if self.persons.reported else _from(DOUBTFUL, self.kind)
        return not self.asked and self.kind in SPOKEN_KINDS and self.lean.asked >= least

    @property
    def unlikely(self) -> bool:
        """Whether phrases found a right in what does not sound like a request at all."""
        firm = sum(len(one.hits) for one in self.found) if any(one.sure for one in self.found) else 0
        return bool(self.found) and self.lean.asked < UNLIKELY[min(firm, 2)]

    @property
    def rights(self) -> tuple[RequestType, ...]:
        """The rights asked for, in the order they are to be done."""
        return tuple(one.type for one in self.found)

    @property
    def quiet(self) -> bool:
        """Whether it is mail from machines and sellers."""
        return self.kind in QUIET_KINDS or self.kind == "auto"

    @property
    def asked(self) -> bool:
        """Whether somebody asks something; when in doubt, they do."""
        return bool(self.found) or self.reminds


def hear(original: Original, context: ReadingContext) -> Heard:
    """Return what *original* says, as far as words tell it."""
    spoken = "" if original.replies and not original.hops and original.text.strip() else original.title
    text = sentences(original.text, spoken)
    lexicons = tuple(context.lexicons.values())
    readers = [Reader(text, lexicon) for lexicon in lexicons]
    signals = Signals(readers)
    kind = _kind(original, signals, context)
    case_ref = _case_ref(original)
    silent = unheard(text, signals)
    lean = context.leaning.of(text, silent)
    found, vague = _found(text, readers, signals, kind)
    hinted, guessed = False, False
    if not found and case_ref is None:
        found = find_hints(readers, silent) if kind == "business" else ()
        hinted = bool(found)
        guessed = not found and kind in SPOKEN_KINDS and lean.asked >= _from(ASKING, kind)
        found = (_guess(lean, text),) if guessed else found
    language, foreign = language_of((original.text, original.title, original.signature), lexicons)
    hidden = original.mail.body.hidden
    return Heard(
        original,
        text,
        readers,
        signals,
        persons_of(original, text, readers, found, context),
        kind,
        found,
        _roles(found, signals, kind, named=not vague and (bool(found) or case_ref is not None)),
        vague,
        kind == "business" and case_ref is None and "reminder" in signals and _asked_in(original.quoted, readers),
        bool(hidden) and _instructs(hidden, readers),
        language,
        foreign,
        case_ref,
        lean,
        hinted,
        guessed,
        is_mixed(text, lexicons),
    )


def _from(least: float, kind: str) -> float:
    """Return from which leaning on a mail of this kind is in doubt."""
    return least + APPLYING if kind == "application" else least


def _guess(lean: Lean, text: Sequence[Sentence]) -> Found:
    """Return the right a text leans to; its sentences are whole, for no words of them decided."""
    hits = tuple(Hit(number, 0, len(text[number].words), "") for number in sorted(lean.sentences))
    return Found(lean.right, hits, sure=False)


def _kind(original: Original, signals: Signals, context: ReadingContext) -> str:
    """Return the kind of mail; a forward has the words of the original, not its head, nor has our own web form."""
    if not original.hops and is_answering_machine(original.mail):
        return "auto"
    if not original.hops and sounds_absent(original.mail, signals, original.title):
        return "absent"
    ours = context.is_ours(original.mail.sender.address)
    bulk = not ours and (is_bulk(original.mail) or is_machine(original.mail))
    return kind_by_words(signals, bulk=bulk, empty=not (original.text.strip() or original.title.strip()))


def _found(
    text: Sequence[Sentence], readers: Sequence[Reader], signals: Signals, kind: str
) -> tuple[Sequence[Found], bool]:
    """Return the rights asked for, and whether they are only what a vague complaint would need."""
    if kind == "auto":
        return (), False
    silent = unheard(text, signals)
    found = find_rights(readers, silent)
    if kind in QUIET_KINDS:
        return tuple(one for one in found if one.sure and _is_framed(one, text, signals)), False
    found = in_order(_with_registration(found, signals, silent), erase_first="erasefirst" in signals)
    vague = kind == "business" and _is_vague(found, signals)
    if vague and not found:
        found = _vague_rights(signals)
    if not found and "injection" in signals:
        only = signals.sentences("injection")
        found = tuple(one for one in find_rights(readers, only) if one.sure and _is_framed(one, text, signals))
    return found, vague


def _with_registration(found: Sequence[Found], signals: Signals, silent: Collection[int]) -> Sequence[Found]:
    """Add the wish to have a registration erased; who only cannot come cancels, which is no request."""
    lists = signals.hits("listregistration")
    hits = tuple(
        one
        for one in signals.hits("erasesregistration")
        if not one.negated and one.sentence not in silent and not any(map(one.touches, lists))
    )
    erasure = next((one for one in found if one.type is RequestType.ERASURE), None)
    if not hits:
        return found
    if "excuse" not in signals:
        return found if erasure else (*found, Found(RequestType.ERASURE, hits, sure=True))
    if erasure and all(any(map(one.touches, hits)) for one in erasure.hits):
        return tuple(one for one in found if one is not erasure)
    return found


def _is_framed(found: Found, text: Sequence[Sentence], signals: Signals) -> bool:
    """Whether the writer asks in the first person, outside the title."""
    framed = signals.sentences("frame")
    return any(number in framed and not text[number].is_title for number in found.sentences)


def _is_vague(found: Sequence[Found], signals: Signals) -> bool:
    """Whether somebody complains of what we know or send, without saying what we should do."""
    if "unwanted" not in signals:
        return False
    asked = signals.sentences("source")
    return all(one.type is RequestType.ACCESS and one.sentences <= asked for one in found)


def _vague_rights(signals: Signals) -> tuple[Found, ...]:
    """Return the least that would answer a complaint: stop, and say where it came from."""
    wanted = [Found(RequestType.OBJECTION, signals.hits("unwanted"), sure=False)]
    if "source" in signals:
        wanted.append(Found(RequestType.ACCESS, signals.hits("source"), sure=False))
    return tuple(wanted)


def _asked_in(quoted: str, readers: Sequence[Reader]) -> bool:
    """Whether a request stands in a quotation: one that nobody answered, if the writer reminds us of it (R9)."""
    text = sentences(quoted[:QUOTED_LETTERS])
    return bool(find_rights([Reader(text, reader.lexicon) for reader in readers], ()))


def _instructs(hidden: str, readers: Sequence[Reader]) -> bool:
    """Whether hidden text speaks to a machine."""
    text = sentences(hidden[:QUOTED_LETTERS])
    return any(Reader(text, reader.lexicon).any("injection") for reader in readers)


def _case_ref(original: Original) -> str | None:
    for text in (original.mail.head.get("subject"), original.title, original.text, original.quoted):
        match = _CASE.search(text)
        if match:
            return match[0].upper()
    return None


def _roles(found: Sequence[Found], signals: Signals, kind: str, *, named: bool) -> tuple[Role, ...]:
    """Return the roles the text shows; who asks something clear, or has a case, is a contact at least."""
    if not found and ("breach" in signals or kind in QUIET_KINDS or kind == "auto"):
        return (Role.UNKNOWN,)
    roles = roles_of(signals)
    if not found:  # a customer's ordinary business is none of ours
        roles = tuple(role for role in roles if role is not Role.CONTRACT_CUSTOMER)
        if not roles and "eventquestion" in signals:
            roles = (Role.ATTENDEE,)
    return roles or ((Role.CONTACT,) if named else (Role.UNKNOWN,))
