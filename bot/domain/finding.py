"""By what a ticket is found from a person, and which spellings of a name or a number are the same (D16).

What is found this way is a hint to look at, never a proof: a name has many bearers and a number may be shared. That two
tickets are one person's, or that one is a colleague's own, goes by address alone. So these spellings may be generous:
one ticket too many costs a look, one that is missed costs somebody their answer.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

#: Kinds of digest in the blind index. `SHORTER` is a longer name without what stands between its first and last word.
WRITTEN, NAMED, SHORTER, CALLED = "email", "name", "name_shorter", "phone"
#: What belongs to a word and parts none: O'Brien, O’Brien and OBrien are one name.
_APOSTROPHES: Final = dict.fromkeys(map(ord, "'’‘`´ʼ"))
#: Letters that are not made of a plain one and a mark, so that taking marks away leaves them.
_PLAIN: Final = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
#: What may stand in a name: letters, their marks, figures. Anything else parts words.
_IN_WORDS: Final = "LMN"
SWEDEN: Final = "46"  # the country of a number that names none
SHORTEST, LONGEST = 7, 15  # figures of a number with its country (E.164)


class By(StrEnum):
    """What somebody may be looked for by, the surest first."""

    EMAIL = "email"
    NAME = "name"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a ticket is found by in the blind index: a kind of digest, and the value it is made of."""

    kind: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sought:
    """Whom a colleague looks for; what is left empty is not looked for, and what agrees with one of them is found."""

    address: str = field(default="", repr=False)
    name: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)

    def marks(self) -> Mapping[By, tuple[Mark, ...]]:
        """Return by which marks to look, for each of what was given."""
        every = {
            By.EMAIL: (Mark(WRITTEN, self.address),) if self.address else (),
            By.NAME: _looked_for(self.name),
            By.PHONE: _calls(self.phone),
        }
        return {by: marks for by, marks in every.items() if marks}


def marks_of(addresses: Iterable[str], name: str, numbers: Iterable[str]) -> tuple[Mark, ...]:
    """Return what a ticket about a person is found by, each once."""
    words, shorter = _words(name), _shorter(name)
    found = [Mark(WRITTEN, address) for address in addresses if address]
    found += [Mark(NAMED, words)] if words else []
    found += [Mark(SHORTER, shorter)] if shorter else []
    for number in numbers:
        found += _calls(number)
    return tuple(dict.fromkeys(found))


def _looked_for(name: str) -> tuple[Mark, ...]:
    """Return the marks of a name and of those that only leave out, or put in, what stands between first and last."""
    words, shorter = _words(name), _shorter(name)
    if not words:
        return ()
    return (Mark(NAMED, words), Mark(NAMED, shorter) if shorter else Mark(SHORTER, words))


def _calls(number: str) -> tuple[Mark, ...]:
    whole = international(number)
    return (Mark(CALLED, whole),) if whole else ()


def _words(name: str) -> str:
    """Return a name's words in one order: "Berg, Eva" is Eva Berg."""
    return " ".join(sorted(_in_order(name)))


def _shorter(name: str) -> str:
    """Return the first and the last of a name's three or more words, "" of a shorter name; of "Berg, Eva Maria" too."""
    family, comma, given = name.partition(",")
    words = [*_in_order(given), *_in_order(family)] if comma else _in_order(name)
    return " ".join(sorted((words[0], words[-1]))) if len(words) > 2 else ""


def _in_order(name: str) -> list[str]:
    """Return a name's words without case and marks.

    å, ä and ö are letters of their own in Swedish, and é is none of e's; yet a keyboard abroad, a form or an address
    drops what stands above them, and Söderström writes as Soderstrom. Whoever searches cannot know which.
    """
    folded = unicodedata.normalize("NFKC", name.translate(_APOSTROPHES)).casefold()
    apart = unicodedata.normalize("NFKD", folded).translate(_PLAIN)
    bare = (sign for sign in apart if not unicodedata.combining(sign))
    kinds = ((sign, unicodedata.category(sign)) for sign in bare)
    return "".join(sign if kind[0] in _IN_WORDS else " " for sign, kind in kinds if kind != "Cf").split()


def international(number: str) -> str:
    """Return a telephone number as + and figures only; "" when it is none. One without a country is Swedish.

    070-123 45 67, +46 (0)70 123 45 67 and 0046701234567 are the same.
    """
    figures = (str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in number)
    plain = re.sub(r"[^0-9+()]", "", unicodedata.normalize("NFKC", "".join(figures)))
    abroad = re.match(r"\(?(\+|00)", plain)
    digits = re.sub(r"[^0-9]", "", plain.replace("(0)", "") if abroad else plain)  # which is dialled at home only
    if abroad:
        whole = digits.removeprefix("00") if abroad[1] == "00" else digits
    else:
        whole = SWEDEN + digits[1:] if digits.startswith("0") else digits
    whole = re.sub(f"^{SWEDEN}0+", SWEDEN, whole)
    return f"+{whole}" if SHORTEST <= len(whole) <= LONGEST else ""
