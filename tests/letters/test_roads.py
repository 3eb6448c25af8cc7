"""The letters of the special roads: what each may and may not say."""

from dataclasses import replace

import pytest

from bot.domain.letter import LetterKind
from bot.domain.request import Language, RequestType
from bot.domain.system import Operation
from bot.letters import Told, compose, missing, required
from bot.letters.required import CLOSING
from tests.letters.examples import BASE, ERASED, matter, result

SV, EN = Language.SV, Language.EN


def text(kind: LetterKind, language: Language, **road: object) -> str:
    about = matter(kind)
    return compose(kind, language, replace(about, road=replace(about.road, **road))).text  # type: ignore[arg-type]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", [LetterKind.AUTHORITY_NEEDED, LetterKind.DECEASED])
def test_who_writes_for_another_is_told_nothing_about_them(kind: LetterKind, language: Language) -> None:
    """P16, R61: neither a name nor a system nor a link."""
    said = text(kind, language)
    assert "Anna" not in said
    assert "Hubspot" not in said
    assert "https://" not in said


@pytest.mark.parametrize("document", ["power", "guardian", "appointment", "any"])
@pytest.mark.parametrize("language", Language)
def test_every_document_can_be_asked_for(document: str, language: Language) -> None:
    about = matter(LetterKind.AUTHORITY_NEEDED)
    about = replace(about, road=replace(about.road, authority=document))
    written = compose(LetterKind.AUTHORITY_NEEDED, language, about).text
    assert missing(LetterKind.AUTHORITY_NEEDED, language, written, about) == ()


def test_silence_means_everything_only_in_a_letter_about_copies() -> None:
    assert "hela din begäran" in text(LetterKind.CLARIFICATION, SV, reads_only=True)
    assert "the whole of your request" in text(LetterKind.CLARIFICATION, EN, reads_only=True)
    for language, words in ((SV, "Inget raderas bara för att"), (EN, "Nothing is erased just because")):
        assert words in text(LetterKind.CLARIFICATION, language)


def test_a_stop_is_told_only_where_something_stops() -> None:
    assert "stoppas genast" in text(LetterKind.CLARIFICATION, SV)
    assert "stoppas" not in text(LetterKind.CLARIFICATION, SV, stopped=False)
    assert "utskick" not in text(LetterKind.NO_REPLY, SV, stopped=False)
    assert "stopped_already" not in required(
        LetterKind.CLARIFICATION, replace(BASE, road=replace(BASE.road, stopped=False))
    )


@pytest.mark.parametrize("kind", [LetterKind.CLARIFICATION, LetterKind.AUTHORITY_NEEDED])
def test_a_reminder_says_that_it_is_one(kind: LetterKind) -> None:
    about = matter(kind)
    again = compose(kind, SV, replace(about, road=replace(about.road, again=True)))
    assert again.subject.startswith("Påminnelse: ")
    assert "en gång tidigare" in again.text
    assert "Påminnelse" not in compose(kind, SV, about).subject


@pytest.mark.parametrize("language", Language)
def test_consent_withdrawn_tells_what_was_left_and_the_ways_to_complain(language: Language) -> None:
    left = (*ERASED, result("office365", Operation.ERASE, Told.DECLINED, "it is needed for legal claims", mail=2))
    about = replace(matter(LetterKind.CONSENT_WITHDRAWN), results=left)
    written = compose(LetterKind.CONSENT_WITHDRAWN, language, about).text
    assert set(CLOSING) <= set(required(LetterKind.CONSENT_WITHDRAWN, about))
    assert missing(LetterKind.CONSENT_WITHDRAWN, language, written, about) == ()
    assert {SV: "Det som byggde på det har upphört", EN: "What was built on it has stopped"}[language] not in written


def test_consent_withdrawn_claims_no_erasure_that_was_not_done() -> None:
    about = replace(matter(LetterKind.CONSENT_WITHDRAWN), results=(result("hubspot", Operation.SUPPRESS, Told.DONE),))
    assert "Inget har raderats utöver" in compose(LetterKind.CONSENT_WITHDRAWN, SV, about).text


def test_for_the_dead_only_what_was_done_is_said() -> None:
    stopped = replace(matter(LetterKind.DECEASED), asked=(RequestType.UNSUBSCRIBE,))
    assert "borttagna" not in compose(LetterKind.DECEASED, SV, stopped).text
    failed = (result("hubspot", Operation.ERASE, Told.FAILED, "no access"),)
    left = compose(LetterKind.DECEASED, SV, replace(matter(LetterKind.DECEASED), results=failed)).text
    assert "Allt har inte gått att ta bort." in left
    assert "har sett till" not in left


@pytest.mark.parametrize("language", Language)
def test_an_answer_to_who_acts_for_another_says_whom_it_means(language: Language) -> None:
    words = {SV: "den person du företräder", EN: "the person you act for"}[language]
    for kind in (LetterKind.ACCESS_ANSWER, LetterKind.ACKNOWLEDGEMENT, LetterKind.CONTRACT):
        assert words in text(kind, language, on_behalf=True)
        assert words not in text(kind, language)
    for kind in (LetterKind.AUTHORITY_NEEDED, LetterKind.NO_REPLY, LetterKind.DECEASED):
        assert words not in text(kind, language, on_behalf=True)


def test_only_answers_say_that_a_contract_governs_the_rest() -> None:
    words = "kundavtal ingår inte"
    assert words in text(LetterKind.NOTHING_FOUND, SV)
    assert words not in text(LetterKind.NOTHING_FOUND, SV, beside_contract=False)
    assert words not in text(LetterKind.ACKNOWLEDGEMENT, SV)
