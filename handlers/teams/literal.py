"""Texts that are shown letter by letter: nothing in them is read as markup, a link or a function.

`TextRun` knows no markup, so every text of a card is one. What remains is decided here:
clients replace `{{DATE(…)}}` and `{{TIME(…)}}` even there, and a few places (headings,
alternatives beside a circle or a box) are read as Markdown by some clients and not by
others, so that escaping would show the backslashes in the rest. Such a place gets only
texts that are the same read either way; `unmarked` tells which are.
"""

import re
from typing import Final

#: Unseen, of no width, and no break in a line: parts the braces of what would be a function.
JOINER: Final = "\u2060"
_FUNCTION: Final = re.compile(r"\{(?=\{(?:DATE|TIME)\()", re.IGNORECASE)
#: Signs Markdown reads inside a line, and those it reads at the beginning of one.
_MARKED: Final = re.compile(r"[*_`~\[\]<>&\\|!#{}\n]|^\s*(?:[-+=]|\d+[.)](?:\s|$))|^\s{4}|://|www\.")


def literal(text: str) -> str:
    """Return *text* so that no client sees a function in it."""
    return _FUNCTION.sub("{" + JOINER, text) if "{{" in text else text


def unmarked(text: str) -> bool:
    """Whether *text* is the same read as Markdown and read letter by letter."""
    return _MARKED.search(text) is None
