"""How typed words become commands: every word as we spell it, and what may follow it."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Final

from bot.commands.values import (
    MOST_DAYS,
    OF_ONE,
    Command,
    Due,
    Evidence,
    Extend,
    Find,
    Help,
    Hold,
    Home,
    Lacks,
    Mine,
    New,
    OnCall,
    OpenTickets,
    Resume,
    Retention,
    SetOnCall,
    Show,
    Stats,
    Stop,
    Systems,
    Unknown,
    Withdraw,
    Wrong,
)

#: What parts an address from the words around it, and what of a sentence may hang on it.
_APART: Final = re.compile(r"[\s<>|\",;:()]+")
_AROUND: Final = ".!?…*~[]{}"
#: Letters; no word of ours is nearly as long, and comparing a pasted one would take its time.
_LONGEST_WORD: Final = 40
_REFERENCE: Final = re.compile(r"(?:pr)?[ -]*(?:(20\d\d)[ -]+)?#?(\d{1,6})", re.IGNORECASE)
_QUOTES: Final = '"“”„«»`'
_APOSTROPHES: Final = "'‘’"
#: One that quotes, and does not stand within a word.
_QUOTING: Final = re.compile(r"(?<!\w)'|'(?!\w)")
#: Unicode's kinds of dashes, of signs nobody sees, of spaces and line ends, and what each becomes.
_BECOMES: Final = {"Pd": "-", "Cf": "", "Cc": " ", "Zl": " ", "Zp": " ", "Zs": " "}
_PLAIN: Final = (
    {sign: _BECOMES[kind] for sign in range(0x10000) if (kind := unicodedata.category(chr(sign))) in _BECOMES}
    | dict.fromkeys(map(ord, _QUOTES), "")
    | dict.fromkeys(map(ord, _APOSTROPHES), "'")
    | {ord("\N{MINUS SIGN}"): "-"}
)
_SEEN: Final = {
    sign: becomes for sign, becomes in _PLAIN.items() if becomes == "'" or unicodedata.category(chr(sign)) == "Cf"
}
#: How a chat writes the desk's own name in front of a command.
_ADDRESSED: Final = re.compile(r"^\s*(?:<@[^>]+>|[/@]privacy(?: desk)?\b|privacy\b)[\s:,]*", re.IGNORECASE)


def parse(text: str, year: int) -> Command:
    """Return what *text* asks; a bare number counts as a reference of *year* (four digits)."""
    said = _ADDRESSED.sub("", plain(text)).strip()
    if not said:
        return Help()
    word, _, rest = said.partition(" ")
    spelled = _SPELLED.get(folded(word.rstrip(":,.!?")))
    if spelled is not None:
        return WORDS[spelled](Said(spelled, rest.strip(), year))
    if address := _address(said):
        return Find(address)
    if turned := _turned(said, year):
        return turned
    if ref := reference(said, year):
        return Show(ref)
    alike = get_close_matches(folded(word), _SPELLED, n=1, cutoff=0.6) if len(word) <= _LONGEST_WORD else []
    return Unknown(_SPELLED[alike[0]] if alike else "")


def _turned(said: str, year: int) -> Command | None:
    """Return the command of "42 akt": the reference first, as one says it; None when the last word is none of those."""
    ref, _, last = said.rpartition(" ")
    spelled = _SPELLED.get(folded(last.rstrip(".,!?")), "")
    return WORDS[spelled](Said(spelled, ref, year)) if spelled in _OF_ONE and reference(ref, year) else None


def reference(text: str, year: int) -> str:
    """Return the reference *text* stands for ("42", "pr-2026-42" -> "PR-2026-0042"), or "" when it is none."""
    words = plain(text).strip().rstrip(".,!?")
    found = _REFERENCE.fullmatch(words) or _REFERENCE.fullmatch(words.partition(" ")[0])
    return f"PR-{found[1] or year}-{int(found[2]):04}" if found else ""


def seen(text: str) -> str:
    """Return *text* without signs that nobody sees, with one apostrophe: an address spelled otherwise is nobody's."""
    return text.translate(_SEEN)


def plain(text: str) -> str:
    """Return *text* without what keyboards and pastes slip in: no quotes, one kind of hyphen, one kind of space."""
    return _QUOTING.sub("", text.translate(_PLAIN))


def folded(word: str) -> str:
    """Return *word* without case, dots and rings: "Förfaller" -> "forfaller"."""
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(sign for sign in apart if not unicodedata.combining(sign))


def _address(text: str) -> str:
    """Return the first address in *text*, "" when there is none.

    Word by word and not by one pattern: of a long word full of @ a pattern tries every way to part it.
    """
    for word in _APART.split(text.replace("mailto:", "")):
        address = word.strip(_AROUND)
        local, _, domain = address.rpartition("@")
        name, _, end = domain.rpartition(".")
        if local and name and end:
            return address
    return ""


@dataclass(frozen=True, slots=True)
class Said:
    """A recognised word, what came after it, and the year of references that name none."""

    word: str
    rest: str
    year: int


Rule = Callable[[Said], Command]


def _alone(command: Command) -> Rule:
    return lambda _: command


def _about(kind: Callable[[str], Command]) -> Rule:
    def rule(said: Said) -> Command:
        ref = reference(said.rest, said.year)
        return kind(ref) if ref else Lacks(said.word)

    return rule


def _open(said: Said) -> Command:
    """Return every open ticket, or the one that is named: whoever types "open 42" wants to see it."""
    ref = reference(said.rest, said.year)
    return Show(ref) if ref else OpenTickets()


def _find(said: Said) -> Command:
    return Find(_address(said.rest))


def _due(said: Said) -> Command:
    number = re.match(r"\d+", said.rest)
    if said.rest and not number:
        return Lacks(said.word)
    return Due(min(int(number[0]), MOST_DAYS)) if number else Due()


def _system(kind: Callable[[str], Command]) -> Rule:
    return lambda said: kind(folded(said.rest).replace(" ", "_"))


def _on_call(said: Said) -> Command:
    first, *others = said.rest.split() or [""]
    if folded(first) not in _SET:
        return OnCall()
    days = sorted(day for day in map(_day, others) if day is not None)
    who = " ".join(one for one in others if _day(one) is None and one != "-")
    return SetOnCall(who, days[0] if days else None, days[-1] if days else None)


def _day(word: str) -> date | None:
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


_SET: Final = frozenset({"set", "satt", "ange"})

#: Every word, as we spell it, and what may follow it.
WORDS: Final[Mapping[str, Rule]] = {
    "help": _alone(Help()),
    "hjälp": _alone(Help()),
    "home": _alone(Home()),
    "hem": _alone(Home()),
    "new": _alone(New()),
    "ny": _alone(New()),
    "show": _about(Show),
    "visa": _about(Show),
    "find": _find,
    "hitta": _find,
    "mine": _alone(Mine()),
    "mina": _alone(Mine()),
    "open": _open,
    "öppna": _open,
    "due": _due,
    "förfaller": _due,
    "systems": _alone(Systems()),
    "system": _alone(Systems()),
    "retention": _alone(Retention()),
    "gallring": _alone(Retention()),
    "oncall": _on_call,
    "jour": _on_call,
    "stats": _alone(Stats()),
    "statistik": _alone(Stats()),
    "evidence": _about(Evidence),
    "akt": _about(Evidence),
    "hold": _about(Hold),
    "bevara": _about(Hold),
    "extend": _about(Extend),
    "förläng": _about(Extend),
    "withdraw": _about(Withdraw),
    "återkalla": _about(Withdraw),
    "wrong": _about(Wrong),
    "fel": _about(Wrong),
    "stop": _system(Stop),
    "stoppa": _system(Stop),
    "resume": _system(Resume),
    "återuppta": _system(Resume),
}

#: The words that are about one ticket: its reference may stand before them, too.
_OF_ONE: Final = frozenset(word for word, rule in WORDS.items() if isinstance(rule(Said(word, "1", 2026)), OF_ONE))
_SPELLED: Final = {folded(word): word for word in WORDS}
_PAIRS: Final = zip(tuple(WORDS)[::2], tuple(WORDS)[1::2], strict=True)
#: Under which name the texts know a word: the English one, for WORDS names each in English and then in Swedish.
NAMED: Final[Mapping[str, str]] = {word: english for english, swedish in _PAIRS for word in (english, swedish)}
