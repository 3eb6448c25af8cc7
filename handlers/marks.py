"""Sentences of a text highlighted, whatever their white space; everything is escaped here, in one place."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from markupsafe import Markup, escape

MARKED: Final = Markup('<mark><span class="unseen">{} </span>{}</mark>')


def marked(text: str, sentences: Sequence[str], mark: str) -> Markup:
    """Return the text escaped, with each of the sentences (however their white space fell) in a <mark>.

    The word *mark* begins each for those who do not see colour.
    """
    pieces, end = [], 0
    for start, stop in _merged(sorted(_found(text, sentences))):
        pieces.append(escape(text[end:start]))
        pieces.append(MARKED.format(mark, text[start:stop]))
        end = stop
    return Markup("").join([*pieces, escape(text[end:])])


def _found(text: str, sentences: Sequence[str]) -> Iterator[tuple[int, int]]:
    for sentence in sentences:
        words = [re.escape(word) for word in sentence.split()]
        if words:
            yield from (found.span() for found in re.finditer(r"\s+".join(words), text))


def _merged(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    end = 0
    for start, stop in spans:
        if stop > end:
            yield max(start, end), stop
            end = stop
