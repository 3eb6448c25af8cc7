"""Makes `config/lexicon/leaning.txt` anew from the tables: `python -m tests.reading.learn`; deterministic.

Logistic regression by plain gradient steps, once for "is anything asked" and once for each right among requests. Words
seen once are left out, and so is every name of a sender: the file must hold no person.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import exp, sqrt
from pathlib import Path
from typing import Any, Final

from bot.domain.request import RequestType
from bot.reading.forwards import original_of
from bot.reading.leaning import Leaning, features, leaning_from, lines_of
from bot.reading.lexicon import plain
from bot.reading.message import read_mail
from bot.reading.sentences import Sentence, sentences, words_of
from config.lexicons import LEANING
from tests.reading.mails import CONTEXT, LEARNT, variants, written

ROUNDS: Final = 25
OFTEN: Final = 2
FORGETTING: Final = 0.005  # of each weight at each step: keeps rare words from deciding
SMALL: Final = 0.05
Example = tuple[tuple[str, ...], bool]


def heard(wish: Mapping[str, Any]) -> Sequence[Sentence]:
    """Return the sentences of a row as the reading hears them."""
    raw = written(wish)
    original = original_of(read_mail(raw, CONTEXT), raw, CONTEXT)
    spoken = "" if original.replies and not original.hops and original.text.strip() else original.title
    return sentences(original.text, spoken)


def learnt(wishes: Sequence[Mapping[str, Any]]) -> Leaning:
    """Return the weights that tell the rows of the tables apart."""
    names = {plain(word)[:6] for wish in wishes for word in words_of(wish.get("from", "").partition("<")[0])[0]}
    names -= {plain(word)[:6] for lexicon in CONTEXT.lexicons.values() for word in lexicon.common}
    found = [{one for text in heard(wish) for one in features(text) if not names & set(one.split())} for wish in wishes]
    often = Counter(one for row in found for one in row)
    rows = [tuple(sorted(one for one in row if often[one] >= OFTEN)) for row in found]
    first, columns = [], []
    for examples in _questions(wishes, rows):
        bias, weights = _fitted(examples)
        first.append(bias)
        columns.append(weights)
    every = sorted({one for weights in columns for one, weight in weights.items() if abs(weight) >= SMALL})
    return Leaning(tuple(first), {one: tuple(weights.get(one, 0.0) for weights in columns) for one in every})


def _questions(wishes: Sequence[Mapping[str, Any]], rows: Sequence[tuple[str, ...]]) -> Iterator[list[Example]]:
    """Yield what is to be told apart: requests from other mail, then, among requests, each right from the others."""
    rights = [wish["rights"][0].split() for wish in wishes]
    yield [(row, bool(asked)) for row, asked in zip(rows, rights, strict=True)]
    for right in RequestType:
        yield [(row, right in asked) for row, asked in zip(rows, rights, strict=True) if asked]


def _fitted(examples: Sequence[Example]) -> tuple[float, dict[str, float]]:
    """Return the bias and the weights; both answers count alike, however many there are of each."""
    chance = random.Random(1)  # noqa: S311 - the order of examples, the same every time
    names = sorted({one for row, _ in examples for one in row})
    place = {one: number for number, one in enumerate(names)}
    order = [([place[one] for one in row], answer, sqrt(len(row) + 1)) for row, answer in examples]
    yes = sum(answer for _, answer in examples) or 1
    balance = yes / max(1, len(examples) - yes)
    bias, weights, keeping = 0.0, [0.0] * len(names), 1 - FORGETTING
    for turn in range(ROUNDS):
        chance.shuffle(order)
        pace = 0.3 / (1 + turn * 0.2)
        for row, answer, size in order:
            score = bias + sum([weights[one] for one in row]) / size
            miss = (answer - 1 / (1 + exp(-max(-30.0, min(30.0, score))))) * (1.0 if answer else balance)
            bias += pace * miss * 0.1
            step = pace * miss * 3 / size
            for one in row:
                weights[one] = weights[one] * keeping + step
    return bias, dict(zip(names, weights, strict=True))


def made() -> str:
    """Return the file as the tables make it."""
    return lines_of(learnt(list(variants(*LEARNT))))


def main() -> int:
    """Write the file; say how many words it weighs."""
    text = made()
    Path(LEANING).write_text(text, encoding="utf-8")
    sys.stdout.write(f"{len(leaning_from(text).weights)} words and pairs weighed\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
