"""Text cut into sentences, sentences into words.

Everything later works on words, never on raw text, so that spelling, hyphens,
apostrophes and line ends are settled once, here. A bullet keeps its lead-in ("I want
you to:"), because half of all lists only make sense together with it.
"""

import re
import unicodedata
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

ADDRESS: Final = re.compile(r"(?<![\w.+-])[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
URL: Final = re.compile(r"(?:https?://|www\.)[^\s<>\"]+", re.IGNORECASE)
#: What stands in a sentence for an address or a link, whatever its letters say.
ADDRESS_WORD: Final = "@address"
URL_WORD: Final = "@link"
MOST_SENTENCES: Final = 400
LONGEST_SENTENCE: Final = 1_200
LONGEST_LEAD: Final = 90
SHORT_LINE: Final = 45

_BULLET = re.compile(r"\s*(?:[-*•·–o]|\d{1,2}[.)]|[a-z]\))\s+(?=\S)")
_END = re.compile(r"(?<=[.!?…])[\"”’)]*\s+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:t\.?ex|bl\.?a|m\.?m|dvs|art|nr|kl|st|ca|tel|avd|jur|kand|e\.?g|i\.?e|mr|mrs|ms|dr|no|inc|ltd|vs|p\.?s"
    r"|f\.?d|s\.?k|osv|etc|resp|ev|inkl|exkl|sid|approx))\.$",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"\b\d{1,2}\.$")
_WORD = re.compile(r"@address|@link|[^\W_]+(?:['’´`_-][^\W_]+)*|[^\w\s]")
_JOINERS = re.compile(r"['’´`_-]")
_SHORTENED: Final = MappingProxyType(
    {
        "youve": "you have", "ive": "i have", "weve": "we have", "theyve": "they have", "youre": "you are",
        "im": "i am", "id": "i would", "youd": "you would", "wed": "we would", "ill": "i will", "youll": "you will",
        "whats": "what is", "heres": "here is", "theres": "there is", "wheres": "where is", "u": "you", "ur": "your",
        "pls": "please", "plz": "please", "thx": "thanks",
    }
)  # fmt: skip
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: `text` as written, `words` lower-cased, `stops` the words before which punctuation stood.

    A bullet's words begin with those of its lead-in; its text does not.
    `paragraph` numbers the paragraphs from 0; the title (a mail's subject) is paragraph -1.
    """

    text: str
    words: tuple[str, ...]
    stops: frozenset[int]
    paragraph: int

    @property
    def is_title(self) -> bool:
        """Whether this is the subject line."""
        return self.paragraph < 0


def tidy(text: str) -> str:
    """Return *text* in one form: composed letters, plain line ends, nothing invisible, ordinary spaces."""
    composed = unicodedata.normalize("NFKC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _INVISIBLE.sub("", composed).replace("\u00a0", " ").replace("\x00", "")


def words_of(text: str) -> tuple[tuple[str, ...], frozenset[int]]:
    """Return the words of *text* in lower case, and before which of them punctuation stood."""
    bare = URL.sub(f" {URL_WORD} ", ADDRESS.sub(f" {ADDRESS_WORD} ", text)).lower()
    words: list[str] = []
    stops: set[int] = set()
    for piece in _WORD.findall(bare):
        if len(piece) > 1 or piece.isalnum():
            word = _JOINERS.sub("", piece)
            words.extend(_SHORTENED.get(word, word).split())
        else:
            stops.add(len(words))
    return tuple(words), frozenset(stops)


def sentence(text: str, paragraph: int, lead: str = "") -> Sentence:
    """Return *text* as one sentence, heard together with its *lead*."""
    shown = " ".join(text.split())[:LONGEST_SENTENCE]
    words, stops = words_of(f"{lead} {shown}" if lead else shown)
    return Sentence(shown, words, stops, paragraph)


def sentences(text: str, title: str = "") -> tuple[Sentence, ...]:
    """Return the sentences of tidy *text*, the title first; at most `MOST_SENTENCES`."""
    found = [sentence(title, -1)] if title.strip() else []
    lead = ""
    for number, block in enumerate(re.split(r"\n\s*\n", text)):
        for line in _logical_lines(block):
            bullet = _BULLET.match(line)
            pieces = _split(line[bullet.end() :] if bullet else line)
            leads = [lead if bullet else ""] + [""] * len(pieces)
            found.extend(sentence(piece, number, before) for piece, before in zip(pieces, leads, strict=False))
            if not bullet:
                lead = pieces[-1] if pieces and _leads(pieces[-1]) else ""
        if len(found) > MOST_SENTENCES:
            break
    return tuple(one for one in found if one.words)[:MOST_SENTENCES]


def _leads(piece: str) -> bool:
    """Whether *piece* leads into a list: it has no end of its own."""
    return len(piece) <= LONGEST_LEAD and (piece.endswith(":") or piece[-1].isalnum())


def _logical_lines(block: str) -> list[str]:
    """Join lines that were only wrapped; a bullet or a short line (greeting, signature) stays alone."""
    lines: list[str] = []
    whole = True
    for raw in block.split("\n"):
        line = raw.strip()
        if not line:
            continue
        if lines and not whole and not _BULLET.match(raw):
            lines[-1] += f" {line}"
        else:
            lines.append(line)
        whole = len(line) < SHORT_LINE or line[-1] in ".!?:"
    return lines


def _split(line: str) -> list[str]:
    pieces: list[str] = []
    for piece in _END.split(line):
        if pieces and _goes_on(pieces[-1][-12:], piece):
            pieces[-1] += f" {piece}"
        elif piece.strip():
            pieces.append(piece.strip())
    return pieces


def _goes_on(end: str, following: str) -> bool:
    """Whether a full stop only ends an abbreviation, or a number ("den 3. maj")."""
    return bool(_ABBREVIATION.search(end)) or (bool(_ORDINAL.search(end)) and following[:1].islower())
