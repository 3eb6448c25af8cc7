"""Who asks, about whom: the sender, or somebody the sender speaks for or about.

An address in the text never becomes a recipient; it only says whose data is meant
(R66, D7b). Where the text claims another address than the sender's own, that is doubt,
and it is flagged as such.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.reading.forwards import Original
from bot.reading.matching import Reader
from bot.reading.message import ReadingContext
from bot.reading.rights import Found
from bot.reading.routes import DISCLOSING
from bot.reading.sentences import ADDRESS, Sentence

_NAME: Final = r"[A-ZÅÄÖÉÜ][\w'’-]+(?:[ \t]+(?:(?:av|de|von|van|af)[ \t]+)?[A-ZÅÄÖÉÜ][\w'’-]+){1,3}"
_FORM_ADDRESS = re.compile(
    r"^[^\w\n]{0,10}(?:e-?post(?:adress)?|e-?mail(?: address)?|mejl(?:adress)?|mail(?:adress)?)"
    r"[^\w\n]{0,10}[:=][ \t]*(\S{1,64}@\S{1,200})",
    re.IGNORECASE | re.MULTILINE,
)
_FORM_NAME = re.compile(r"^[^\w\n]{0,10}(?:namn|name)[^\w\n]{0,10}[:=][ \t]*(.{2,80})$", re.IGNORECASE | re.MULTILINE)
_RELATION = re.compile(
    r"\b(?:min|mitt|my|our|vår|late|klienten|client|företräder|represent|f[öo]r|behalf of|hire|anställa)\b"
    rf"[\w\s]{{0,24}}?,?\s+(?P<name>{_NAME})"
)


@dataclass(frozen=True, slots=True)
class Persons:
    """The person the text is about, and who asks.

    `relation` says how the sender stands to somebody else it is about; empty when it is about the sender.
    `claims_address` when the sender says that another address is theirs; `reported` when a colleague tells of it
    in own words, so that only the colleague knows when it was said.
    """

    subject: str | None = field(repr=False)
    subject_name: str | None = field(repr=False)
    requester: str | None = field(repr=False)
    relation: str = ""
    claims_address: bool = False
    reported: bool = False


def persons_of(
    original: Original,
    sentences: Sequence[Sentence],
    readers: Sequence[Reader],
    found: Sequence[Found],
    context: ReadingContext,
) -> Persons:
    """Return who asks about whom; *found* are the rights, whose sentences may speak of somebody else."""
    requester, name, reported = _requester(original, context)
    told = destinations(sentences, readers)
    others = [one for one in _others(original.text, requester, context) if one not in told]
    relation = "" if reported else _relation(readers, found, others)
    if relation:
        subject = others[0] if others else None
        return Persons(subject, _name_near(original.text, subject), requester or None, relation)
    claimed = [one for one in claimed_addresses(sentences, readers) if one in others]
    subject = claimed[0] if claimed else requester
    return Persons(subject or None, name or None, requester or None, "", bool(claimed), reported)


def _requester(original: Original, context: ReadingContext) -> tuple[str, str, bool]:
    """Return address and name of who asks, and whether a colleague tells it; our web form names them itself."""
    sender = original.sender
    if sender.address and not context.is_ours(sender.address):
        return sender.address, sender.name, False
    form, named = _FORM_ADDRESS.search(original.text), _FORM_NAME.search(original.text)
    if form:
        return _address(form[1]), named[1].strip() if named else "", False
    others = _others(original.text, sender.address, context)
    told = bool(sender.address) and not original.hops
    return (others[0], "", told) if others else (sender.address, sender.name, told)


def relation_of(readers: Sequence[Reader]) -> str:
    """Return how the sender stands to somebody else the text is about; empty when it is about the sender."""
    has = _Signals(readers)
    speaks_of_other = has("third")
    if has("deceased") and (has("family") or speaks_of_other or has("colleague")):
        return "deceased"
    if has("child") and (has("family") or speaks_of_other):
        return "child"
    if has("agent"):
        return "agent"
    if has("stranger") and speaks_of_other:
        return "stranger"
    if has("family") and speaks_of_other:
        return "family"
    if has("colleague") and speaks_of_other:
        return "colleague"
    return ""


def _relation(readers: Sequence[Reader], found: Sequence[Found], others: Sequence[str]) -> str:
    """Return the relation by the whole text, corrected by whom the deciding sentences speak of."""
    relation = relation_of(readers)
    if relation in {"family", "colleague"} and found and not others and _is_own(found, readers):
        return ""
    return relation or (_of_another(found, readers) if others else "")


def _is_own(found: Sequence[Found], readers: Sequence[Reader]) -> bool:
    """Whether the deciding sentences speak of the writer only."""
    decided = {number for one in found for number in one.sentences}
    return decided <= _sentences("mine", readers) and not decided & _sentences("third", readers)


def _sentences(signal: str, readers: Sequence[Reader]) -> set[int]:
    return {hit.sentence for reader in readers for hit in reader.signal(signal)}


def _of_another(found: Sequence[Found], readers: Sequence[Reader]) -> str:
    """Return the relation when the deciding sentences speak of a third person and nobody says why."""
    spoken = _sentences("third", readers)
    about = [one.type for one in found if one.sentences & spoken]
    return ("stranger" if DISCLOSING & set(about) else "colleague") if about else ""


class _Signals:
    def __init__(self, readers: Sequence[Reader]) -> None:
        self._readers = readers

    def __call__(self, name: str) -> bool:
        return any(reader.any(name) for reader in self._readers)


def claimed_addresses(sentences: Sequence[Sentence], readers: Sequence[Reader]) -> list[str]:
    """Return addresses the writer calls their own ("my old address ...")."""
    return _addresses_at("claimed", sentences, readers, set(destinations(sentences, readers)))


def destinations(sentences: Sequence[Sentence], readers: Sequence[Reader]) -> list[str]:
    """Return addresses the writer only wants something sent to."""
    return _addresses_at("destination", sentences, readers, set())


def _addresses_at(
    signal: str, sentences: Sequence[Sentence], readers: Sequence[Reader], without: Collection[str]
) -> list[str]:
    found: list[str] = []
    for reader in readers:
        for hit in reader.signal(signal):
            before = sum(word == "@address" for word in sentences[hit.sentence].words[: hit.end - 1])
            written = ADDRESS.findall(sentences[hit.sentence].text)
            if before < len(written):
                found.append(_address(written[before]))
    return [one for one in dict.fromkeys(found) if one not in without]


def _address(text: str) -> str:
    match = ADDRESS.search(text)
    return match[0].strip(".'").lower() if match else ""


def _others(text: str, requester: str, context: ReadingContext) -> list[str]:
    """Return the addresses in the text that are neither the requester's nor ours."""
    every = dict.fromkeys(_address(one) for one in ADDRESS.findall(text))
    return [one for one in every if one and one != requester and not context.is_ours(one)]


def _name_near(text: str, address: str | None) -> str | None:
    """Return the name written before an address in brackets, or after the word that tells the relation."""
    if address:
        match = re.search(rf"({_NAME})[\s,]*[(<\[]\s*{re.escape(address)}", text, re.IGNORECASE)
        if match:
            exact = re.findall(_NAME, match[1])
            return exact[-1] if exact else None
    match = _RELATION.search(text)
    return match["name"] if match else None
