"""The words people type: both languages, sloppy spelling, nothing echoed."""

import time
import unicodedata
from dataclasses import fields
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import commands as c
from bot.commands.grammar import WORDS

YEAR = 2026
REF = "PR-2026-0042"

CONTRACT = [
    ("help", "hjälp", c.Help()),
    ("home", "hem", c.Home()),
    ("new", "ny", c.New()),
    ("show 42", "visa 42", c.Show(REF)),
    ("find anna@example.org", "hitta anna@example.org", c.Find("anna@example.org")),
    ("find", "hitta", c.Find()),
    ("mine", "mina", c.Mine()),
    ("open", "öppna", c.OpenTickets()),
    ("due", "förfaller", c.Due(c.DAYS_AHEAD)),
    ("due 14", "förfaller 14", c.Due(14)),
    ("systems", "system", c.Systems()),
    ("retention", "gallring", c.Retention()),
    ("oncall", "jour", c.OnCall()),
    ("stats", "statistik", c.Stats()),
    ("evidence 42", "akt 42", c.Evidence(REF)),
    ("hold 42", "bevara 42", c.Hold(REF)),
    ("extend 42", "förläng 42", c.Extend(REF)),
    ("withdraw 42", "återkalla 42", c.Withdraw(REF)),
    ("wrong 42", "fel 42", c.Wrong(REF)),
    ("stop", "stoppa", c.Stop()),
    ("stop hubspot", "stoppa HubSpot", c.Stop("hubspot")),
    ("resume google analytics", "återuppta Google Analytics", c.Resume("google_analytics")),
]


@pytest.mark.parametrize(("english", "swedish", "command"), CONTRACT)
def test_every_command_of_the_contract_is_understood_in_both_languages(
    english: str, swedish: str, command: c.Command
) -> None:
    assert c.parse(english, YEAR) == command
    assert c.parse(swedish, YEAR) == command
    assert c.parse(swedish.upper(), YEAR) == c.parse(english.upper(), YEAR)
    assert c.parse(c.folded(swedish), YEAR) == command, "without dots and rings"


@pytest.mark.parametrize(
    "shape",
    [
        "42",
        "#42",
        "0042",
        "pr-42",
        "PR-2026-42",
        "pr-2026-0042",
        "2026-42",
        "PR 2026 42",
        '"42"',
        "PR–2026–0042",
        "42.",
    ],
)
def test_a_reference_may_be_written_in_many_shapes(shape: str) -> None:
    assert c.parse(f"visa {shape}", YEAR) == c.Show(REF)
    assert c.reference(shape, YEAR) == REF


@pytest.mark.parametrize(
    "typed",
    [
        "visa\t42",
        "visa\n42",
        "visa PR-2026-0042\n\nTack!",
        "visa\u00a042",
        "visa\u202f42",
        "visa\u3000PR-2026-0042",
        "\u200bvisa 42",
        "visa 42\u200b",
        "\ufeffvisa PR-2026-\u00ad0042",
        "visa PR\u20102026\u20100042",
        "visa PR\u20112026\u20110042",
        "visa PR\u22122026\u22120042",
        "\u201cvisa 42\u201d",
    ],
    ids=ascii,
)
def test_what_a_keyboard_or_a_paste_slips_in_does_not_matter(typed: str) -> None:
    """Line ends, spaces that hold words together, marks nobody sees, hyphens of every kind."""
    assert c.parse(typed, YEAR) == c.Show(REF)


@pytest.mark.parametrize("word", ["öppna", "förfaller", "återkalla 42", "förläng 42"])
def test_dots_and_rings_may_come_as_marks_of_their_own(word: str) -> None:
    assert c.parse(unicodedata.normalize("NFD", word), YEAR) == c.parse(word, YEAR)


def test_a_reference_of_another_year_keeps_its_year() -> None:
    assert c.parse("show pr-2025-7", YEAR) == c.Show("PR-2025-0007")


def test_a_bare_reference_shows_and_a_bare_address_finds() -> None:
    assert c.parse("PR-2026-42", YEAR) == c.Show(REF)
    assert c.parse("anna@example.org", YEAR) == c.Find("anna@example.org")


@pytest.mark.parametrize(
    "written",
    [
        "find anna@example.org",
        "hitta “anna@example.org”",
        "hitta <mailto:anna@example.org|anna@example.org>",
        "/privacy hitta anna@example.org",
        "@Privacy hitta anna@example.org, tack",
        "<@U123> find (anna@example.org)",
        "Hitta: anna@example.org.",
        "hitta [anna@example.org](mailto:anna@example.org)",
        "hitta\u200b anna@example.org\u200b",
        "\ufeffhitta anna\u2060@example.org",
    ],
)
def test_an_address_is_recognised_however_a_chat_writes_it(written: str) -> None:
    assert c.parse(written, YEAR) == c.Find("anna@example.org")


@pytest.mark.parametrize(
    "typed", ["o'brien@example.org", "o’brien@example.org", "'o'brien@example.org'", "“o’brien@example.org”"]
)
def test_an_apostrophe_within_a_word_is_part_of_it(typed: str) -> None:
    """Without it the address would be another, and nobody by it is known."""
    assert c.parse(f"hitta {typed}", YEAR) == c.Find("o'brien@example.org")
    assert c.parse("jour set Ann O’Brien 2026-03-09", YEAR) == c.SetOnCall(
        "Ann O'Brien", date(2026, 3, 9), date(2026, 3, 9)
    )
    assert c.parse("'visa 42'", YEAR) == c.parse("visa ‘42’", YEAR) == c.Show(REF)


@pytest.mark.parametrize("end", [".", "!", "?", "…", "?!"])
def test_the_end_of_a_sentence_is_no_part_of_an_address(end: str) -> None:
    """The address would be another, and the answer that nobody by it is known would be false."""
    assert c.parse(f"hitta anna@example.org{end}", YEAR) == c.Find("anna@example.org")
    assert c.parse(f"Finns *anna@example.org*{end}", YEAR) == c.Find("anna@example.org")


@pytest.mark.parametrize("piece", ["x", "a@", "a@b.", "1", "-", " -", "pr ", "<@U", "<@U1|", "\u200b", "ö"])
def test_whatever_is_pasted_takes_no_time(piece: str) -> None:
    """One loop answers everybody: who pastes the longest message a chat takes must not make all others wait."""
    pasted = piece * (40_000 // len(piece))
    before = time.process_time()
    for text in (pasted, f"hitta {pasted}", f"visa {pasted}", f"jour set {pasted}", f"stoppa {pasted}"):
        c.parse(text, YEAR)
    assert time.process_time() - before < 5, "by a pattern it took minutes"


def test_a_name_is_not_kept_when_finding() -> None:
    assert c.parse("hitta Anna Andersson", YEAR) == c.Find()


@pytest.mark.parametrize("word", ["visa", "akt", "bevara", "förläng", "återkalla", "fel", "show", "wrong"])
@pytest.mark.parametrize("rest", ["", " Anna", " tjugo"])
def test_a_command_without_its_reference_says_so(word: str, rest: str) -> None:
    assert c.parse(word + rest, YEAR) == c.Lacks(word)


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [
        ("hjälpp", "hjälp"),
        ("forfalr 3", "förfaller"),
        ("gallra", "gallring"),
        ("statistic", "statistik"),
        ("witdraw 42", "withdraw"),
        ("xyzzy", ""),
    ],
)
def test_an_unknown_word_gets_the_nearest_command(typed: str, nearest: str) -> None:
    assert c.parse(typed, YEAR) == c.Unknown(nearest)


def test_days_are_kept_within_a_year() -> None:
    assert c.parse("förfaller 14 dagar", YEAR) == c.Due(14)
    assert c.parse("due 99999", YEAR) == c.Due(c.MOST_DAYS)
    assert c.parse("due soon", YEAR) == c.Lacks("due"), "a week must not be shown to whoever asked for something else"
    assert c.parse("förfaller snart", YEAR) == c.Lacks("förfaller")


def test_the_rota_is_set_with_a_name_and_days() -> None:
    first, last = date(2026, 3, 9), date(2026, 3, 15)
    assert c.parse("jour set Karin Ek 2026-03-09 2026-03-15", YEAR) == c.SetOnCall("Karin Ek", first, last)
    assert c.parse("jour sätt Karin 2026-03-09 – 2026-03-15", YEAR) == c.SetOnCall("Karin", first, last)
    assert c.parse("oncall set karin 2026-03-09", YEAR) == c.SetOnCall("karin", first, first)
    assert c.parse("oncall set karin", YEAR) == c.SetOnCall("karin")
    assert c.parse("oncall set", YEAR) == c.SetOnCall(""), "begun, so it is answered with what is missing"


def test_nothing_said_is_a_cry_for_help() -> None:
    assert c.parse("", YEAR) == c.parse("  /privacy ", YEAR) == c.Help()


@given(st.text(max_size=80))
def test_any_text_is_read_and_an_unknown_one_is_never_echoed(text: str) -> None:
    command = c.parse(text, YEAR)
    if isinstance(command, c.Unknown | c.Lacks):
        ours = {"", *WORDS}
        assert {getattr(command, field.name) for field in fields(command)} <= ours


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("42 akt", c.Evidence(REF)),
        ("PR-2026-0042 fel", c.Wrong(REF)),
        ("pr 2026 42 förläng.", c.Extend(REF)),
        ("42 visa", c.Show(REF)),
        ("öppna 42", c.Show(REF)),
        ("open PR-2026-0042", c.Show(REF)),
        ("open all", c.OpenTickets()),
        ("42 mina", c.Show(REF)),
        ("42 akut", c.Show(REF)),
    ],
)
def test_the_wrong_way_round_is_understood(typed: str, command: c.Command) -> None:
    """Who says the number first must not be shown a card instead of what was asked."""
    assert c.parse(typed, YEAR) == command
