"""How long each vendor may still hold what was erased: said of every system, in every letter that tells of it."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bot.domain.letter import LetterKind
from bot.domain.request import EVERYTHING, Language, RequestType
from bot.domain.system import Mode, Operation
from bot.domain.task import Task, TaskState
from bot.letters import compose, missing, results_of
from integrations.registry import Found, discover
from tests.domain.examples import NOW
from tests.letters.examples import STATIONERY, Words, matter

#: What the letter must name, by system: HubSpot's purge and its bin, Exchange's own days, Google's two clean-ups.
FIGURES = {
    "hubspot": ("30", "90"),
    "office365": ("14",),
    "office365_personal": ("30",),
    "google_analytics": ("72", "63"),
    "google_display": (),
    "eventbrite": (),
}
STANZAS: Mapping[str, Mapping[str, object]] = {"office365": {"deleted_items_days": 14}}
TELLING = (LetterKind.ERASURE_DONE, LetterKind.REFUSED, LetterKind.CONSENT_WITHDRAWN, LetterKind.GENERAL)


def test_the_five_are_all_looked_at() -> None:
    assert set(FIGURES) <= set(discover())


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("key", FIGURES)
@pytest.mark.parametrize("mode", [Mode.AUTOMATIC, Mode.MANUAL])
def test_the_letter_says_when_the_vendor_has_let_go(key: str, language: Language, mode: Mode) -> None:
    """Gone for us is not gone everywhere at once; a colleague's edit cannot drop it either."""
    folder: Found = discover()[key]
    said = folder.said(STANZAS.get(key, {}))
    words = Words(key.title(), {one: said[one.value] for one in Language})
    lasts = said[language.value]["letter.lasts"]
    assert not [figure for figure in FIGURES[key] if figure not in lasts]
    erased = Task("e", "p", key, Operation.ERASE, mode, TaskState.DONE, done={"contact": 1}, settled_at=NOW)
    asked = (RequestType.ERASURE, EVERYTHING)
    results = results_of(STATIONERY.texts, language, asked, (erased,), {key: words})
    for kind in TELLING:
        before = matter(kind)
        about = replace(before, results=(*before.results, *results))
        text = compose(kind, language, about).text
        assert said[language.value]["letter.erase"] in text, kind
        assert lasts in text, kind
        assert "lasts" not in missing(kind, language, text, about), kind
        if kind is not LetterKind.GENERAL:
            assert "lasts" in missing(kind, language, text.replace(lasts, ""), about), kind
