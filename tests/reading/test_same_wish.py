"""The same wish in another dress: capitals, no stops, no dots, slips of the finger, HTML, inside a business mail."""

import random
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from bot.reading.lexicon import plain
from tests.reading.mails import variants
from tests.reading.measure import judged

Wish = Mapping[str, Any]
ASKED: Final = [
    wish
    for wish in variants("own_short.toml", "own_classes.toml")
    if wish["rights"][0] and wish.get("body") and not re.search(r"\n>|Från:|From:", wish["body"])
]
AROUND: Final = {
    "sv": "Hej Maria! Tack för ett bra möte i tisdags. Vi är nöjda med offerten.\n\n{}\n\nVi hörs om tiderna.",
    "en": "Hi Maria, thanks for a good meeting on Tuesday. The quote is fine.\n\n{}\n\nTalk soon about the times.",
}
_LONG_WORD = re.compile(r"[A-Za-zåäöÅÄÖ]{6,}")


def in_capitals(wish: Wish) -> Wish:
    return {**wish, "subject": wish["subject"].upper(), "body": wish["body"].upper()}


def without_stops(wish: Wish) -> Wish:
    return {**wish, "body": re.sub(r"[.,!?;:]+(?=\s|$)", "", wish["body"].lower())}


def without_dots(wish: Wish) -> Wish:
    return {**wish, "subject": plain(wish["subject"]), "body": plain(wish["body"])}


def in_business(wish: Wish) -> Wish:
    return {**wish, "body": AROUND[wish["language"]].format(wish["body"])}


def above_our_newsletter(wish: Wish) -> Wish:
    return {
        **wish,
        "body": wish["body"] + "\n\n> Hej! Här är vårens rapport.\n> Vill du inte ha fler mejl? Avregistrera dig här.",
    }


def as_page(wish: Wish) -> Wish:
    return {**wish, "html": "".join(f"<div>{line}</div>" for line in wish["body"].split("\n"))}


def with_slips(wish: Wish) -> Wish:
    """Two letters swapped in one long word of four; the same ones every time."""
    chance = random.Random(wish["id"])  # noqa: S311 - slips, not secrets

    def slipped(match: re.Match[str]) -> str:
        word, at = match[0], chance.randrange(1, len(match[0]) - 2)
        return word if chance.random() > 0.25 else word[:at] + word[at + 1] + word[at] + word[at + 2 :]

    return {**wish, "body": _LONG_WORD.sub(slipped, wish["body"])}


@pytest.mark.parametrize(
    "dressed",
    [in_capitals, without_stops, without_dots, in_business, above_our_newsletter, as_page, with_slips],
    ids=lambda one: one.__name__,
)
def test_a_wish_is_seen_in_any_dress(dressed: Callable[[Wish], Wish]) -> None:
    verdicts = [judged(dressed(wish)) for wish in ASKED]
    assert len(verdicts) > 190
    assert sum(one.missed for one in verdicts) <= 0.02 * len(verdicts), [one.id for one in verdicts if one.missed]
    assert sum(one.right for one in verdicts) >= 0.92 * len(verdicts)
