"""Who is looked for, and what of a record is the person's alone.

Only an address says who somebody is. A name may be a namesake's and a mention is somebody
else's text, so what was found that way is never the person's alone: it is marked shared,
and a colleague judges it before anything is erased (D20).
"""

import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from bot.domain.errors import NeedsHuman
from bot.domain.system import Identifier, IdentifierKind
from integrations.office365.places import KEY

#: An address that can stand in a search as it is.
PLAIN: Final = re.compile(r"[\w.!#$%&'*+/=?^{|}~-]+@[\w.-]+")
#: Fewer words than these are half the town's name.
LEAST_WORDS: Final = 2


@dataclass(frozen=True, slots=True)
class Sought:
    """A person by addresses (lower case) and full names. `domains` are ours: from there colleagues write."""

    addresses: frozenset[str] = field(repr=False)
    names: tuple[str, ...] = field(repr=False)
    domains: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return bool(self.addresses or self.names)

    def others(self, present: frozenset[str]) -> bool:
        """Whether somebody from outside beside the person is among those *present*."""
        return any(one.rpartition("@")[2] not in self.domains for one in present - self.addresses)

    def named_in(self, text: str) -> bool:
        """Whether all words of a full name stand in *text*, in any order, with or without accents."""
        there = words(text)
        return any(words(name) <= there for name in self.names)

    def mentioned_in(self, text: str) -> bool:
        """Whether *text* names the person or holds an address of theirs."""
        plain = text.lower()
        return self.named_in(text) or any(address in plain for address in self.addresses)


def sought(person: Sequence[Identifier], domains: frozenset[str] = frozenset()) -> Sought:
    """Return whom *person* describes. Raises `NeedsHuman` for an address no search can hold."""
    addresses = frozenset(one.value.strip().lower() for one in person if one.kind is IdentifierKind.EMAIL)
    if not all(PLAIN.fullmatch(one) for one in addresses):
        raise NeedsHuman("trouble.not_known_by", {"system": KEY})
    names = (_name(one.value) for one in person if one.kind is IdentifierKind.NAME)
    return Sought(addresses, tuple(dict.fromkeys(one for one in names if len(words(one)) >= LEAST_WORDS)), domains)


def _name(text: str) -> str:
    """Return a name without the marks that mean something in a search."""
    return " ".join(re.sub(r"[^\w\s'’.-]", " ", text).split())


def words(text: str) -> frozenset[str]:
    """Return the words of *text* without case and accents: "Öberg" and "oberg" are the same."""
    bare = "".join(one for one in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(one))
    return frozenset(re.findall(r"[^\W_]+", bare))


@cache
def _special() -> re.Pattern[str]:
    lists = tomllib.loads(Path(__file__).with_name("special.toml").read_text(encoding="utf-8"))
    return re.compile(rf"\b(?:{'|'.join(re.escape(stem) for stem in (*lists['sv'], *lists['en']))})", re.IGNORECASE)


def is_special(*texts: str) -> bool:
    """Whether a subject, preview, note or file name smells of Art. 9; in doubt it does."""
    return any(_special().search(text.replace("_", " ")) for text in texts)
