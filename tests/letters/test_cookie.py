"""The letters of Article 11: what would let us find cookie data, and what is said when nothing came."""

from dataclasses import replace

import pytest

from bot.domain.cookie import EXAMPLE, client_ids
from bot.domain.letter import LetterKind
from bot.domain.request import Language
from bot.domain.system import Operation
from bot.letters import Matter, Told, compose, missing, required
from bot.letters.required import CLOSING
from tests.letters.examples import NOTHING, matter, result

ASKS, CLOSES = LetterKind.ID_NEEDED, LetterKind.CANNOT_IDENTIFY
UNSEEN = result("google_analytics", Operation.FIND, Told.BLIND, "it knows only a random number")


def cookie(kind: LetterKind, *, again: bool = False) -> Matter:
    about = replace(matter(kind), results=(*NOTHING, UNSEEN))
    return replace(about, road=replace(about.road, cookie=True, again=again, beside_contract=False))


@pytest.mark.parametrize("language", Language)
def test_the_question_names_the_one_id_that_helps_and_how_to_read_it(language: Language) -> None:
    """R20, T15, F24: Article 11, the id, the steps, our own answer's day and the ways to complain."""
    about = cookie(ASKS)
    text = compose(ASKS, language, about).text
    assert missing(ASKS, language, text, about) == ()
    assert {"no_link", "article_11", "the_id", "what_helps", "own_check", "last_day", *CLOSING} <= set(
        required(ASKS, about)
    )
    for word in ("F12", "_ga", f"GA1.1.{EXAMPLE}"):
        assert word in text
    assert client_ids(text) == (), "quoted below a reply, the example is nobody's id"


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("block", "word"), [("the_id", EXAMPLE), ("article_11", "11")])
def test_the_question_cannot_leave_without_what_makes_it_one(language: Language, block: str, word: str) -> None:
    about = cookie(ASKS)
    text = compose(ASKS, language, about).text
    without = "\n".join(row for row in text.splitlines() if word not in row)
    assert block in missing(ASKS, language, without, about)


def test_the_question_is_put_once_more_as_a_reminder() -> None:
    again = compose(ASKS, Language.SV, cookie(ASKS, again=True))
    assert again.subject.startswith("Påminnelse: ")
    assert "en gång tidigare" in again.text
    assert "Påminnelse" not in compose(ASKS, Language.SV, cookie(ASKS)).subject


@pytest.mark.parametrize("language", Language)
def test_without_an_id_the_closing_letter_says_what_was_searched_and_asks_for_no_proof_of_who_one_is(
    language: Language,
) -> None:
    about = cookie(CLOSES)
    text = compose(CLOSES, language, about).text
    assert missing(CLOSES, language, text, about) == ()
    assert "Hubspot" in text
    assert STANDS_FOR_ITSELF[language] in text
    assert PROOF[language] not in text
    assert "results" in required(CLOSES, about)


def test_the_closing_letter_to_somebody_who_was_not_proven_still_tells_nothing() -> None:
    about = replace(cookie(CLOSES), road=replace(cookie(CLOSES).road, cookie=False))
    text = compose(CLOSES, Language.SV, about).text
    assert "Hubspot" not in text
    assert "inget om huruvida" in text


STANDS_FOR_ITSELF = {
    Language.SV: "Där hittade vi inga uppgifter om dig.",
    Language.EN: "We found no data about you there.",
}
PROOF = {Language.SV: "visa att det är du", Language.EN: "show that it is you"}
