"""Which spellings of a name or a number are the same, and what leads to which (D16)."""

import unicodedata
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.finding import By, Mark, Sought, international, marks_of

NAMES = st.text(st.characters(codec="utf-8", categories=("L", "M", "N", "Zs", "Pd")), max_size=30)
ANYTHING = st.text(max_size=40)
#: National numbers of Sweden without the 0 they are dialled with at home.
NATIONAL = st.from_regex(r"[1-9][0-9]{6,8}", fullmatch=True)


def found(sought: str, written: str) -> bool:
    """Whether a ticket about *written* is found by looking for *sought*."""
    return bool(set(Sought(name=sought).marks().get(By.NAME, ())) & set(marks_of((), written, ())))


@pytest.mark.parametrize(
    ("sought", "written"),
    [
        ("Anna Svensson", "Svensson, Anna"),
        ("  anna   SVENSSON ", "Anna\N{NO-BREAK SPACE}Svensson"),
        ("Asa Soderstrom", "Åsa Söderström"),
        ("Åsa Söderström", "Asa Soderstrom"),
        ("André Renée", "Andre Renee"),
        ("Soren Sorensen", "Søren Sørensen"),
        ("Lukasz Berg", "Łukasz Berg"),
        ("Anna-Karin Berg", "Anna Karin Berg"),
        ("Conor O'Brien", "Conor O\N{RIGHT SINGLE QUOTATION MARK}Brien"),
        ("Conor OBrien", "Conor O'Brien"),
        ("\N{FULLWIDTH LATIN CAPITAL LETTER A}nna Berg", "Anna Berg"),
        ("Anna \N{ZERO WIDTH SPACE}Berg", "Anna Berg"),
        ("Karl Groß", "Karl Gross"),
        ("Anna Svensson", "Anna Maria Elisabet Svensson"),
        ("Anna Svensson", "Svensson, Anna Maria"),
        ("Anna Maria Svensson", "Anna Svensson"),
        ("Priya", "priya"),
        ("محمد علي", "علي محمد"),
    ],
)
def test_the_same_name_however_it_is_written(sought: str, written: str) -> None:
    assert found(sought, written)


@pytest.mark.parametrize(
    ("sought", "written"),
    [
        ("Anna", "Anna Svensson"),
        ("Anna Svensson", "Anna"),
        ("Anna Maria Svensson", "Anna Karin Svensson"),
        ("Maria Svensson", "Anna Maria Svensson"),
        ("Anna Svensson", "Anna Svenson"),
        ("", ""),
        ("?", "!"),
        ("?", ""),
    ],
)
def test_another_name(sought: str, written: str) -> None:
    assert not found(sought, written)


@given(NAMES)
def test_a_name_is_found_by_itself_in_any_order_case_and_form(name: str) -> None:
    """Whatever letters it is made of, so long as there are any; other orders of a long one may not change its ends."""
    words = name.split()
    if not marks_of((), name, ()):
        return
    assert found(name, name)
    for form in ("NFC", "NFD"):
        assert found(unicodedata.normalize(form, name), name)
    for order in list(permutations(words))[:6] if len(words) < 4 else ():
        assert found(" ".join(order), name)


@given(ANYTHING)
def test_no_text_is_too_strange(text: str) -> None:
    """Nor is any value that is made of one without letters or figures."""
    marks = Sought("", text, text).marks()
    assert set(marks) <= {By.NAME, By.PHONE}
    assert all(mark.value for them in marks.values() for mark in them)
    assert all(mark.value for mark in marks_of((), text, (text,)))


@pytest.mark.parametrize(
    ("number", "whole"),
    [
        ("070-123 45 67", "+46701234567"),
        ("+46 (70) 123 45 67", "+46701234567"),
        ("(+46) 70 123 45 67", "+46701234567"),
        ("+46 (0)70-123 45 67", "+46701234567"),
        ("+46 070 123 45 67", "+46701234567"),
        ("0046701234567", "+46701234567"),
        ("46701234567", "+46701234567"),
        ("(070) 123 45 67", "+46701234567"),
        ("\N{LEFT-TO-RIGHT OVERRIDE}+46\N{NON-BREAKING HYPHEN}701234567", "+46701234567"),
        ("\N{FULLWIDTH PLUS SIGN}46 701234567", "+46701234567"),
        ("٠٧٠١٢٣٤٥٦٧", "+46701234567"),
        ("08-123 45 6", "+468123456"),
        ("+44 (0)20 7946 0123", "+442079460123"),
        ("00442079460123", "+442079460123"),
        ("12", ""),
        ("ring mig", ""),
        ("1" * 16, ""),
        ("", ""),
    ],
)
def test_a_number_becomes_international(number: str, whole: str) -> None:
    assert international(number) == whole


@given(NATIONAL, st.sampled_from(["0{}", "+46{}", "0046{}", "+46(0){}", "+46 0{}", "46{}"]), st.sampled_from(" -./"))
def test_a_swedish_number_is_one_however_it_is_dialled(national: str, way: str, between: str) -> None:
    spelled = way.format(f"{national[:2]}{between}{national[2:]}")
    assert international(spelled) == f"+46{national}"


@given(ANYTHING)
def test_a_number_written_out_is_written_out_already(text: str) -> None:
    whole = international(text)
    assert international(whole) == whole


def test_what_a_ticket_is_found_by() -> None:
    """Each once; an address that is missing, a number that is none, leave nothing."""
    marks = marks_of(("eva@example.org", ""), "Berg, Eva Maria", ("070-123 45 67", "+46701234567", "12"))
    assert marks == (
        Mark("email", "eva@example.org"),
        Mark("name", "berg eva maria"),
        Mark("name_shorter", "berg eva"),
        Mark("phone", "+46701234567"),
    )


def test_nothing_of_whom_is_sought_shows_in_a_trace() -> None:
    sought = Sought("eva@example.org", "Eva Berg", "070-123 45 67")
    assert "eva" not in repr(sought).casefold()
    assert "eva" not in repr(sought.marks()).casefold()
    assert list(sought.marks()) == [By.EMAIL, By.NAME, By.PHONE]
