"""Texts that are shown letter by letter: nothing in them is read as markup, a link or a function.

`TextRun` knows no markup, so every text of a card is one. What remains is decided here.
Clients replace `{{DATE(…)}}` and `{{TIME(…)}}` even there: `literal` parts the braces. A
heading and the words beside a circle or a box are read as Markdown by some clients and not
by others, where a backslash would be shown: `unmarked` tells which texts are the same read
either way, and `lookalike` makes one that is, for where nothing else is left.
"""

import re
from typing import Final

#: Unseen, of no width, and no break in a line: parts the braces of what would be a function.
JOINER: Final = "\u2060"
_FUNCTION: Final = re.compile(r"\{(?=\{(?:DATE|TIME)\()", re.IGNORECASE)
#: Signs Markdown reads inside a line, and those it reads at the beginning of one.
_MARKED: Final = re.compile(r"[*_`~\[\]<>&\\|#{}\n]|^\s*(?:[-+=]|\d+[.)](?:\s|$))|^\s{4}|://|www\.")
_ALIKE: Final = str.maketrans("*_`~[]<>&\\|#{}\n", "∗＿ˋ∼［］‹›＆＼￨＃｛｝ ")


def literal(text: str) -> str:
    """Return *text* so that no client sees a function in it."""
    return _FUNCTION.sub("{" + JOINER, text) if "{{" in text else text


def unmarked(text: str) -> bool:
    """Whether *text* is the same read as Markdown and read letter by letter."""
    return _MARKED.search(text) is None


def lookalike(text: str) -> str:
    """Return *text* with each sign Markdown would read replaced by one that looks like it."""
    if unmarked(text):
        return text
    parted = text.translate(_ALIKE).replace("://", f":{JOINER}//").replace("www.", f"www{JOINER}.")
    return parted if unmarked(parted) else JOINER + parted
