"""What `check` says where two people are asked for and are not there, and of the mode that does with one (D10)."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.app.check_two import two_people_problems
from bot.domain.people import Colleague, Duty, People
from bot.domain.system import Operation, absent, automatic
from bot.i18n import Texts
from config.settings import load
from config.texts import load_catalogue
from tests.domain.examples import HUBSPOT

TEXTS = Texts(load_catalogue())
MARIA = Colleague("maria", "Maria Ek", "maria@goto.work", frozenset({Duty.OFFICER}))
EVA = Colleague("eva", "Eva Ek", "eva@goto.work", frozenset({Duty.OFFICER}))
KARIN = Colleague("karin", "Karin Holm", "karin@goto.work", owns=frozenset({"hubspot"}))
MILD = replace(
    HUBSPOT,
    key="mild",
    name="Mild",
    capabilities={
        operation: absent("reason.rectify") if operation is Operation.RECTIFY else replace(how, irreversible=False)
        for operation, how in HUBSPOT.capabilities.items()
    },
)
FILLED_IN = replace(
    MILD, key="register", name="Register", capabilities={**MILD.capabilities, Operation.RECTIFY: automatic()}
)


def said(*colleagues: Colleague, single: bool = False) -> list[str]:
    """Return what is said of a company's people, with one system that erases for good, one where a field can be
    emptied and one where nothing lasts.
    """
    return two_people_problems(TEXTS, People(colleagues), (HUBSPOT, FILLED_IN, MILD), single=single)


def test_that_the_mode_is_on_is_one_line_whoever_there_is() -> None:
    for colleagues in ((MARIA,), (MARIA, EVA, KARIN)):
        (line,) = said(*colleagues, single=True)
        assert line.startswith("Single-person mode is on (PRIVACY_SINGLE_PERSON)")


def test_one_officer_is_said_and_the_systems_in_which_nobody_could_be_the_second() -> None:
    officer, system = said(MARIA)
    assert "only one privacy officer" in officer
    assert HUBSPOT.name in system
    assert "Register" in system, "a field can be emptied there, and that takes two"
    assert "Mild" not in system, "nothing there takes two"
    (officer,) = said(MARIA, replace(KARIN, owns=KARIN.owns | {"register"}))
    assert "only one privacy officer" in officer
    (system,) = said(KARIN)
    assert HUBSPOT.name in system, "that there is no officer at all has a line of its own"
    assert said(MARIA, EVA) == []


def test_the_setting_is_off_until_somebody_sets_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("KEYS", "INDEX_KEY", "SIGNING_KEY"):
        monkeypatch.setenv(f"PRIVACY_{name}", "k")
    monkeypatch.setenv("PRIVACY_DIGEST_FILE", str(tmp_path / "digests"))
    assert not load().single_person
    monkeypatch.setenv("PRIVACY_SINGLE_PERSON", "true")
    assert load().single_person
