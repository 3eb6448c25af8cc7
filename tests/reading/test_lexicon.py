"""The lexicon: what its notation means, and that a malformed one stops the start."""

from typing import Any

import pytest

from bot.domain.request import Language, RequestType
from bot.reading.lexicon import lexicon_from
from bot.reading.matching import Reader
from bot.reading.sentences import sentences
from bot.reading.spelling import Speller, slips
from config.lexicons import load_lexicons


def made(*phrases: str, **words: list[str]) -> Any:
    return lexicon_from(
        {
            "language": "sv",
            "negations": ["inte"],
            "turns": ["och"],
            "words": words or {"erase": ["radera", "ta ~ bort"], "record": ["uppgift*", "*brev"]},
            "signals": {"here": list(phrases)},
        }
    )


def found(text: str, *phrases: str) -> list[tuple[int, int, bool]]:
    reader = Reader(sentences(text), made(*phrases))
    return [(hit.start, hit.end, hit.negated) for hit in reader.signal("here")]


@pytest.mark.parametrize(
    ("text", "phrase", "places"),
    [
        ("radera mina uppgifter", "<erase> - <record>", [(0, 3)]),
        ("radera alla mina uppgifter", "<erase> - <record>", []),
        ("radera alla mina gamla uppgifter", "<erase> ~ <record>", [(0, 5)]),
        ("radera a b c d uppgifter", "<erase> ~ <record>", []),
        ("radera a b c d e f g h i uppgifter", "<erase> ... <record>", [(0, 11)]),
        ("ta genast bort nyhetsbrev", "<erase> <record>", [(0, 4)]),
        ("ta bort ditt nyhetsbrev", "bort ~ <record>", [(1, 4)]),
        ("Radera nu! Uppgifter", "<erase> ~ <record>", []),
    ],
)
def test_a_phrase_means_what_its_notation_says(text: str, phrase: str, places: list[tuple[int, int]]) -> None:
    assert [(start, end) for start, end, _ in found(text, phrase)] == places


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("radera mina uppgifter", False),
        ("radera inte mina uppgifter", True),
        ("jag vill inte att ni raderar, radera mina uppgifter", False),
        ("ni får inte radera mina uppgifter", True),
        ("glöm inte det och radera mina uppgifter", False),
    ],
)
def test_a_negation_is_told(text: str, negated: bool) -> None:
    assert [hit[2] for hit in found(text, "<erase> ~ <record>")] == [negated]


FORMS = {"a": ["a", "ar", "as"], "-": ["-", "s"]}


def classed(words: dict[str, list[str]], **more: object) -> Any:
    return lexicon_from({"language": "sv", "words": words, "signals": {"here": ["<it>"]}, "forms": FORMS, **more})


def hears(lexicon: Any, text: str) -> bool:
    return Reader(sentences(text), lexicon).any("here")


def test_a_word_with_a_plus_is_heard_in_its_usual_forms() -> None:
    lexicon = classed({"it": ["radera+", "kort+"]})
    assert [word for word in ("radera", "raderar", "raderas", "raderat", "kort", "korts") if hears(lexicon, word)] == [
        "radera", "raderar", "raderas", "kort", "korts",
    ]  # fmt: skip


def test_a_class_may_hold_another() -> None:
    assert hears(classed({"it": ["<other>", "brev"], "other": ["mejl"]}), "ett mejl")


def test_heads_are_heard_at_the_end_of_compounds() -> None:
    lexicon = classed({"it": ["uppgifter", "brev"]}, heads=["it"])
    assert hears(lexicon, "kandidatuppgifter")
    assert not hears(lexicon, "vårbrev"), "short words end too many others"
    assert not hears(classed({"it": ["uppgifter"]}), "kandidatuppgifter")


@pytest.mark.parametrize(
    ("text", "negated"), [("ta bort brevet", False), ("ta genast bort brevet", False), ("ta inte bort brevet", True)]
)
def test_a_negation_inside_a_row_of_words_negates_it(text: str, negated: bool) -> None:
    assert [hit[2] for hit in found(text, "<erase> ~ brevet")] == [negated]


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ({"language": "sv", "words": {"a": ["<b>"], "b": ["<a>"]}}, "holds itself"),
        ({"language": "sv", "words": {"a": ["<nothing>"]}}, "no class <nothing>"),
        ({"language": "sv", "words": {"a": ["ord+"]}}, "no forms"),
        ({"language": "sv", "heads": ["b"]}, "no class b"),
        ({"language": "sv", "words": {"erase": "radera"}}, "words.erase"),
        ({"language": "sv", "signals": {"x": ["<nothing> here"]}}, "signals.x"),
        ({"language": "sv", "signals": {"x": ["... here"]}}, "begins and ends"),
        ({"language": "sv", "signals": {"x": ["here ~"]}}, "begins and ends"),
        ({"language": "sv", "rights": {"erasure": {"certain": ["x"]}}}, "rights.erasure"),
        ({"language": "sv", "rights": {"murder": {"sure": ["x"]}}}, "murder"),
        ({"language": "sv", "words": ["x"]}, "words must be a table"),
        ({"language": "tlh"}, "tlh"),
        ({"language": "sv", "common": [1]}, "common"),
    ],
)
def test_a_malformed_lexicon_names_its_fault(entries: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        lexicon_from(entries)


def test_both_lexicons_know_every_right_and_the_same_signals() -> None:
    swedish, english = (load_lexicons()[language] for language in Language)
    assert set(swedish.rights) == set(english.rights) == set(RequestType)
    assert swedish.signals.keys() == english.signals.keys()
    assert swedish.scopes.keys() == english.scopes.keys()


def test_no_address_and_no_person_stands_in_a_lexicon() -> None:
    for lexicon in load_lexicons().values():
        words = {*lexicon.full.whole, *lexicon.full.beginnings, *lexicon.full.rows}
        assert not [word for word in words if "@" in word and word not in {"@address", "@link"}]
        assert not {"example", "exempel", "hellgren", "wallin", "stone"} & words


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("radea", "radera"),
        ("raddera", "radera"),
        ("arnedra", "arnedra"),
        ("radera", "radera"),
        ("raderna", "raderna"),
        ("registerutdarg", "registerutdrag"),
        ("hus", "hus"),
    ],
)
def test_slips_of_the_finger_are_righted_and_words_are_left_alone(written: str, meant: str) -> None:
    speller = Speller.of(["radera", "registerutdrag"], ["raderna", "hus"])
    assert speller.right(written) == meant


def test_a_known_beginning_is_a_known_word() -> None:
    assert Speller.of(["utskick"], ["utskick*"]).right("utskicka") == "utskicka"


@pytest.mark.parametrize(
    ("a", "b", "count"), [("abc", "abc", 0), ("abc", "acb", 1), ("abc", "abcd", 1), ("a", "abcd", 3)]
)
def test_slips_are_counted_as_typists_make_them(a: str, b: str, count: int) -> None:
    assert slips(a, b) == count
