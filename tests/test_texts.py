"""Texts: both languages hold the same keys and facts, every word of the domain has its text, and the tone holds."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path

import pytest

from bot.card import Verb
from bot.domain.identity import Doubt, IdentityState, Method
from bot.domain.ledger import LedgerEvent
from bot.domain.letter import LetterKind, LetterState
from bot.domain.people import Duty
from bot.domain.request import (
    Channel,
    Language,
    MailError,
    ReadingDoubt,
    RequestType,
    Role,
    Route,
    ScopeKind,
    SenderEvidence,
)
from bot.domain.system import Mode, Operation
from bot.domain.task import Lock, TaskState
from bot.domain.ticket import Outcome, Stage
from bot.i18n import Texts, placeholders
from config.texts import flattened, load_catalogue, load_letters, merged

ROOT = Path(__file__).parents[1]
CATALOGUE = load_catalogue()
SV, EN = CATALOGUE[Language.SV], CATALOGUE[Language.EN]
SPOKEN = Texts(CATALOGUE)
DAY = date(2026, 3, 5)
MOMENT = datetime(2026, 3, 5, 8, 12, tzinfo=UTC)


def test_both_languages_have_the_same_keys() -> None:
    assert set(SV) ^ set(EN) == set()


def test_both_languages_need_the_same_facts() -> None:
    assert [key for key in SV if placeholders(SV[key]) != placeholders(EN[key])] == []


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("right", RequestType),
        ("right_inside", RequestType),
        ("right_asked", RequestType),
        ("stage", Stage),
        ("step", [stage for stage in Stage if stage is not Stage.CLOSED]),
        ("portal.stage", Stage),
        ("outcome", Outcome),
        ("channel", Channel),
        ("role", Role),
        ("scope_named", Role),
        ("route", Route),
        ("scope", ScopeKind),
        ("sender", SenderEvidence),
        ("mail_error", MailError),
        ("doubt", Doubt),
        ("reading_doubt", ReadingDoubt),
        ("method", Method),
        ("identity_state", IdentityState),
        ("task_state", TaskState),
        ("lock", Lock),
        ("operation", Operation),
        ("operation_done", Operation),
        ("mode", Mode),
        ("duty", Duty),
        ("letter", LetterKind),
        ("letter_state", LetterState),
        ("button", Verb),
        ("history", LedgerEvent),
        ("language", Language),
    ],
)
def test_every_word_of_the_domain_can_be_said(prefix: str, words: Iterable[StrEnum]) -> None:
    """A new member without a text would raise in front of a colleague."""
    assert [word for word in words if not SPOKEN.has(f"{prefix}.{word}")] == []


def test_every_refusal_and_trouble_the_code_can_raise_has_its_sentence() -> None:
    used: set[str] = set()
    for folder in ("bot", "handlers", "integrations", "config"):
        for path in (ROOT / folder).rglob("*.py"):
            used |= set(re.findall(r'"((?:refusal|trouble)\.[a-z_]+)"', path.read_text(encoding="utf-8")))
    assert used, "the search found nothing, so it proves nothing"
    assert used - set(SV) == set()


def test_no_refusal_is_kept_that_nothing_raises() -> None:
    """A sentence nobody can hear is translated, corrected and relied upon for nothing."""
    used: set[str] = set()
    for folder in ("bot", "handlers", "integrations", "config"):
        for path in (ROOT / folder).rglob("*.py"):
            used |= set(re.findall(r'"(refusal\.[a-z_]+)"', path.read_text(encoding="utf-8")))
    assert {key for key in SV if key.startswith("refusal.")} - used == set()


def test_what_is_counted_has_both_forms() -> None:
    """A word that is merely called "other" counts nothing: it holds no {n}."""
    for texts in (SV, EN):
        ones = {key.removesuffix(".one") for key in texts if key.endswith(".one")}
        others = {key.removesuffix(".other") for key, text in texts.items() if key.endswith(".other") and "{n}" in text}
        assert ones - {key.removesuffix(".other") for key in texts} == set()
        assert others - ones == set()


@pytest.mark.parametrize("texts", [SV, EN])
def test_the_tone_is_calm(texts: dict[str, str]) -> None:
    """No exclamation marks, no ticket-system jargon (cards.md, rule 8)."""
    loud = [key for key, text in texts.items() if "!" in text]
    jargon = [key for key, text in texts.items() if re.search(r"\b(ticket|job|token|boten|bot|user|användare)\b", text)]
    assert loud == []
    # "python -m bot …" is the command a colleague types, not a word about ourselves
    assert [key for key in jargon if "python -m bot" not in texts[key]] == []


CHAT_SAFE = ("card.", "scope.", "scope_word.", "reminder.", "summary.", "history.", "item.", "stage.", "step.")


@pytest.mark.parametrize("texts", [SV, EN])
def test_what_may_stand_in_a_chat_hints_at_nothing(texts: dict[str, str]) -> None:
    """D14: neither a role, nor special categories, nor an address has a place in a card's sentences."""
    telling = re.compile(
        r"kandidat|candidate|känslig|special categor|allerg|\{(email|address|name_of_person)\}", re.IGNORECASE
    )
    spoken = {key: text for key, text in texts.items() if key.startswith(CHAT_SAFE)}
    assert [key for key, text in spoken.items() if telling.search(text)] == []


def test_a_missing_key_or_fact_is_an_error_not_a_hole() -> None:
    with pytest.raises(KeyError):
        SPOKEN.say(Language.SV, "no.such.key")
    with pytest.raises(KeyError):
        SPOKEN.say(Language.SV, "refusal.no_ticket")
    assert "PR-2026-0042" in SPOKEN.say(Language.EN, "refusal.no_ticket", {"ref": "PR-2026-0042"})
    assert not SPOKEN.has("no.such.key")


def test_dates_are_written_as_on_the_cards() -> None:
    assert SPOKEN.day(Language.SV, DAY) == "tors 5 mars"
    assert SPOKEN.day(Language.EN, DAY) == "Thu 5 March"
    assert SPOKEN.long_day(Language.SV, DAY) == "5 mars 2026"
    assert SPOKEN.long_day(Language.EN, DAY) == "5 March 2026"
    assert SPOKEN.moment(Language.SV, MOMENT) == "tors 5 mars 09:12"
    assert SPOKEN.moment(Language.EN, MOMENT) == "Thu 5 March 09:12"
    assert SPOKEN.long_moment(Language.EN, MOMENT) == "Thu 5 March 2026 09:12"
    assert SPOKEN.time_of_day(MOMENT) == "09:12"
    assert SPOKEN.month(Language.SV, MOMENT) == "mars 2026"


def test_summer_time_is_told_in_swedish_time() -> None:
    assert SPOKEN.time_of_day(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)) == "00:30"
    assert SPOKEN.day(Language.SV, date(2026, 3, 9)) == "mån 9 mars"


def test_numbers_and_lists() -> None:
    assert SPOKEN.count(Language.SV, 1, "count.working_days") == "1 arbetsdag"
    assert SPOKEN.count(Language.SV, 18, "count.working_days") == "18 arbetsdagar"
    assert SPOKEN.count(Language.EN, 1212, "count.contacts") == "1,212 contacts"
    assert SPOKEN.size(Language.SV, 4_212_345) == "4,2 MB"
    assert SPOKEN.size(Language.EN, 5_000_000_000_000) == "5,000 GB"
    assert SPOKEN.size(Language.EN, 12) == "12 B"
    assert SPOKEN.together(Language.SV, ["a", "b", "c"]) == "a, b och c"
    assert SPOKEN.together(Language.EN, []) == ""


def test_catalogues_are_merged_without_doubles() -> None:
    extra = {Language.SV: {"system.a": "A"}, Language.EN: {"system.a": "A"}}
    both = merged(CATALOGUE, extra)
    assert Texts(both).say(Language.SV, "system.a") == "A"
    with pytest.raises(ValueError, match="there twice"):
        merged(extra, extra)


def test_a_value_that_is_no_sentence_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a\.b is not a sentence"):
        dict(flattened({"a": {"b": 3}}))
    with pytest.raises(FileNotFoundError):
        load_catalogue(tmp_path)
    assert load_letters(tmp_path) == {Language.SV: {}, Language.EN: {}}
