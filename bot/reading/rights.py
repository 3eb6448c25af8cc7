"""Which rights a text asks for, in which sentences, and how wide.

Words are only counted where the writer asks: what is negated ("Radera inte"), taken back
by an `unless` phrase, or stands in a sentence nobody may steer us with (disclaimers,
footers, instructions aimed at a bot) never counts. Each right keeps the sentences that
decided it, for the colleague to judge.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from bot.domain.request import EVERYTHING, RequestType, Role, Scope, ScopeKind
from bot.reading.lexicon import NO_PHRASES, NO_WORDS, Phrases, RightWords
from bot.reading.matching import Hit, Reader

SHORT_TEXT: Final = 25  # words; in a longer text a lone word is a heading or a footer
LONE: Final = 5
CONTEXT_BEFORE: Final = 2
CONTEXT_AFTER: Final = 1
PURPOSES: Final = frozenset(
    {"newsletter", "invitations", "sms", "profiling", "tracking", "phone_calls", "advertising", "direct_marketing"}
    | {"statistics"}
)
ROLES: Final = MappingProxyType({"application": Role.CANDIDATE, "registration": Role.ATTENDEE})
#: Scope words that say how much, not what; "whole" also when a part is named as an example ("including my CV").
WIDE: Final = frozenset({"everything", "whole"})
#: Where two rights stand in the same sentences only, the first is what was meant.
PREFERRED: Final = (
    (RequestType.OBJECTION, RequestType.UNSUBSCRIBE),
    (RequestType.RESTRICTION, RequestType.OBJECTION),
    (RequestType.PORTABILITY, RequestType.ACCESS),
    (RequestType.CONSENT_WITHDRAWAL, RequestType.UNSUBSCRIBE),
    (RequestType.CONSENT_WITHDRAWAL, RequestType.OBJECTION),
    (RequestType.CONSENT_WITHDRAWAL, RequestType.RESTRICTION),
)


@dataclass(frozen=True, slots=True)
class Found:
    """A right and where it was found; `sure` when a phrase said it by itself."""

    type: RequestType
    hits: tuple[Hit, ...]
    sure: bool

    @property
    def sentences(self) -> frozenset[int]:
        """The sentences that decided."""
        return frozenset(hit.sentence for hit in self.hits)


def find_rights(readers: Sequence[Reader], unheard: Collection[int]) -> tuple[Found, ...]:
    """Return the rights asked for outside the *unheard* sentences, in the order of the text."""
    found = {right: one for right in RequestType if (one := _find(readers, right, unheard))}
    for meant, said in PREFERRED:
        if meant in found and said in found and found[said].sentences <= found[meant].sentences:
            del found[said]
    _drop_questions_about_erasure(found, readers)
    _drop_headings(found, readers)
    return tuple(sorted(found.values(), key=lambda one: min(hit.sentence * 1000 + hit.start for hit in one.hits)))


def in_order(found: Sequence[Found], *, erase_first: bool) -> tuple[Found, ...]:
    """Return the rights as they are to be done: as asked, but access before erasure unless said otherwise (R6)."""
    types = [one.type for one in found]
    pair = {RequestType.ACCESS, RequestType.ERASURE}
    if erase_first or not pair <= set(types) or types.index(RequestType.ACCESS) < types.index(RequestType.ERASURE):
        return tuple(found)
    access = found[types.index(RequestType.ACCESS)]
    rest = [one for one in found if one is not access]
    at = next(i for i, one in enumerate(rest) if one.type is RequestType.ERASURE)
    return (*rest[:at], access, *rest[at:])


def _find(readers: Sequence[Reader], right: RequestType, unheard: Collection[int]) -> Found | None:
    hits: list[Hit] = []
    sure = False
    for reader in readers:
        words = reader.lexicon.rights.get(right, NO_WORDS)
        vetoes = [veto for veto in reader.hits(words.unless) if not veto.negated]
        plain = [*reader.hits(words.sure), *_alone(reader, words), *_titles(reader, words.title)]
        kept = [hit for hit in plain if _counts(hit, vetoes, unheard) and not _is_excepted(hit, reader)]
        sure = sure or bool(kept)
        hits += kept
        doubtful = _in_context(reader, words, unheard)
        hits += [hit for hit in doubtful if _counts(hit, vetoes, unheard) and not _is_excepted(hit, reader)]
    return Found(right, tuple(sorted(hits, key=lambda hit: (hit.sentence, hit.start))), sure) if hits else None


def _counts(hit: Hit, vetoes: Iterable[Hit], unheard: Collection[int]) -> bool:
    return not hit.negated and hit.sentence not in unheard and not any(map(hit.touches, vetoes))


def _is_excepted(hit: Hit, reader: Reader) -> bool:
    """Whether "except" stands inside the words or leads them: then they name what shall stay."""
    return any(
        hit.spans(other) or (other.end <= hit.start and reader.share_clause(hit, other))
        for other in reader.signal("except")
    )


def _titles(reader: Reader, phrases: Phrases) -> list[Hit]:
    return [hit for hit in reader.hits(phrases) if reader.sentences[hit.sentence].is_title]


def _alone(reader: Reader, words: RightWords) -> list[Hit]:
    """Return the bare words that stand (nearly) alone in a short text."""
    short = sum(len(one.words) for one in reader.sentences if not one.is_title) <= SHORT_TEXT
    return [hit for hit in reader.hits(words.bare) if short and _is_alone(hit, reader)]


def _is_alone(hit: Hit, reader: Reader) -> bool:
    words = reader.sentences[hit.sentence].words
    beside = {*words[: hit.start], *words[hit.end :]}
    return len(words) <= LONE and beside <= reader.lexicon.polite


def _in_context(reader: Reader, words: RightWords, unheard: Collection[int]) -> list[Hit]:
    """Return the unsure phrases near which the text speaks of what they need."""
    unsure = reader.hits(words.unsure)
    if not unsure:
        return []
    around = [hit for hit in reader.hits(words.context) if hit.sentence not in unheard]
    return [hit for hit in unsure if any(_is_near(hit, other) for other in around)]


def _is_near(hit: Hit, other: Hit) -> bool:
    near = -CONTEXT_BEFORE <= other.sentence - hit.sentence <= CONTEXT_AFTER
    return near and not hit.touches(other)


def find_hints(readers: Sequence[Reader], unheard: Collection[int]) -> tuple[Found, ...]:
    """Return the rights that words standing together hint at: a doubt, for a person to settle."""
    found: list[Found] = []
    for right in RequestType:
        hits: list[Hit] = []
        for reader in readers:
            words = reader.lexicon.rights.get(right, NO_WORDS)
            vetoed = {veto.sentence for veto in reader.hits(words.unless)} | set(unheard)
            hits += [hit for hit in reader.together(words.hints) if hit.sentence not in vetoed]
        if hits:
            found.append(Found(right, tuple(hits), sure=False))
    return tuple(found)


def _drop_questions_about_erasure(found: dict[RequestType, Found], readers: Sequence[Reader]) -> None:
    """Who was told of an erasure is part of the erasure's answer (Art. 19), not a wish for access."""
    access = found.get(RequestType.ACCESS)
    told = {hit.sentence for reader in readers for hit in reader.signal("recipients")}
    done = {RequestType.ERASURE, RequestType.RECTIFICATION} & found.keys()
    if access and not access.sure and done and access.sentences <= told:
        del found[RequestType.ACCESS]


def _drop_headings(found: dict[RequestType, Found], readers: Sequence[Reader]) -> None:
    """A lone word above a text that asks something else ("Stop") is a heading, no second wish."""
    if not any(not readers[0].sentences[number].is_title for one in found.values() for number in one.sentences):
        return
    for right, one in list(found.items()):
        bare = {
            phrase.written for reader in readers for phrase in reader.lexicon.rights.get(right, NO_WORDS).bare.every
        }
        if all(readers[0].sentences[hit.sentence].is_title and hit.phrase in bare for hit in one.hits):
            del found[right]


def names_a_part(found: Found, readers: Sequence[Reader]) -> bool:
    """Whether one thing ("my account", "my answers") is to be erased, and nothing says that it stands for all."""
    wide = [
        hit for reader in readers for name in WIDE for hit in reader.hits(reader.lexicon.scopes.get(name, NO_PHRASES))
    ]
    parts = {hit.sentence for reader in readers for hit in reader.signal("part") if not hit.negated}
    return bool(parts & found.sentences) and not any(hit.sentence in found.sentences for hit in wide)


def scope_of(found: Found, readers: Sequence[Reader], *, narrowed: bool) -> Scope:
    """Return how wide a right is asked for, by the words of its sentences; *narrowed* when something is to stay.

    What a clause says shall stay is never what is asked; where nothing else is named the scope stays everything,
    and `scope_limited` tells a colleague to set it.
    """
    named: dict[str, int] = {}
    spared = False
    for reader in readers:
        kept = reader.signal("keep")
        for name, phrases in reader.lexicon.scopes.items():
            for hit in reader.hits(phrases):
                if hit.sentence not in found.sentences or hit.negated:
                    continue
                if any(reader.share_clause(hit, other) for other in kept):
                    spared = spared or name not in WIDE
                else:
                    named.setdefault(name, hit.sentence * 1000 + hit.start)
    names = tuple(name for name in sorted(named, key=lambda name: named[name]) if name not in WIDE)
    if "whole" in named and found.type is RequestType.ERASURE:
        return EVERYTHING
    return _scope(found.type, names, everything="everything" in named, narrowed=narrowed and not spared)


def _scope(right: RequestType, names: Sequence[str], *, everything: bool, narrowed: bool) -> Scope:
    purposes = tuple(name for name in names if name in PURPOSES)
    fields = tuple(name for name in names if name not in PURPOSES)
    if right is RequestType.OBJECTION or (right is RequestType.UNSUBSCRIBE and narrowed):
        return Scope(ScopeKind.PURPOSES, purposes) if purposes else EVERYTHING
    if right is RequestType.ERASURE:
        return _erased(fields, everything=everything, narrowed=narrowed)
    if right in {RequestType.RECTIFICATION, RequestType.CONSENT_WITHDRAWAL} and fields and not everything:
        return Scope(ScopeKind.FIELDS, fields)
    return EVERYTHING


def _erased(names: Sequence[str], *, everything: bool, narrowed: bool) -> Scope:
    roles = tuple(ROLES[name].value for name in names if name in ROLES)
    if roles and (len(roles) == len(names) or everything or not narrowed):
        return Scope(ScopeKind.ROLES, roles)
    fields = tuple(name for name in names if name not in ROLES)
    return Scope(ScopeKind.FIELDS, fields) if fields and not everything else EVERYTHING
