"""How often a proposal was right: every way a colleague can judge one, and what proves nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.accuracy import Accuracy, Report, Verdict, band_of, report
from bot.domain.ledger import Entry, LedgerEvent

E = LedgerEvent
AT = datetime(2026, 3, 9, 9, 5, tzinfo=UTC)
NOTHING: Mapping[str, str | int] = {}


class Chains:
    """Writes entries as the ledger would, a minute apart."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.at: datetime | None = None

    def write(
        self, chain: str, event: LedgerEvent, facts: Mapping[str, str | int] = NOTHING, actor: str = "sara"
    ) -> "Chains":
        moment = self.at or AT + timedelta(minutes=len(self.entries))
        self.entries.append(Entry(chain, len(self.entries) + 1, moment, event, actor, facts, "", ""))
        return self

    def proposal(self, chain: str, confidence: int = 95, at: datetime | None = None) -> "Chains":
        self.at = at
        self.write(chain, E.TICKET_OPENED, {"confidence": confidence}, "desk")
        self.at = None
        return self


@pytest.fixture
def ledger() -> Chains:
    """An empty ledger."""
    return Chains()


def whole(ledger: Chains) -> Accuracy:
    return report(ledger.entries).whole


def test_nothing_says_nothing() -> None:
    assert report([]) == Report(Accuracy(), {}, {})
    assert Accuracy().right is None


def test_confirmed_as_it_stood_is_right(ledger: Chains) -> None:
    ledger.proposal("t1").write("t1", E.CONFIRMED)
    assert whole(ledger) == Accuracy({Verdict.UNCHANGED: 1})
    assert whole(ledger).right == 100


def test_a_correction_names_what_was_wrong_once_however_often_it_was_made(ledger: Chains) -> None:
    ledger.proposal("t1").write("t1", E.CHANGED, {"changed": "scope,rights"})
    ledger.write("t1", E.CHANGED, {"changed": "rights,subject"})
    assert whole(ledger).verdicts == {Verdict.WAITING: 1}
    ledger.write("t1", E.CONFIRMED).proposal("t2").write("t2", E.CONFIRMED)
    assert whole(ledger).changed == {"rights": 1, "scope": 1, "subject": 1}
    assert (whole(ledger).decided, whole(ledger).right) == (2, 50)


def test_a_form_sent_as_it_stood_corrects_nothing(ledger: Chains) -> None:
    ledger.proposal("t1").write("t1", E.CHANGED, {"changed": ""}).write("t1", E.CONFIRMED)
    assert whole(ledger) == Accuracy({Verdict.UNCHANGED: 1})


def test_dismissed_counts_with_its_reason_until_it_is_taken_back(ledger: Chains) -> None:
    ledger.proposal("t1").write("t1", E.DISMISSED, {"reason": "duplicate"})
    assert whole(ledger) == Accuracy({Verdict.DISMISSED: 1}, reasons={"duplicate": 1})
    ledger.write("t1", E.REOPENED)
    assert whole(ledger) == Accuracy({Verdict.WAITING: 1}, undone=1)
    ledger.write("t1", E.CONFIRMED)
    assert whole(ledger) == Accuracy({Verdict.UNCHANGED: 1}, undone=1)


def test_what_happens_after_the_confirmation_judges_no_proposal(ledger: Chains) -> None:
    ledger.proposal("t1").write("t1", E.CONFIRMED).write("t1", E.REOPENED).write("t1", E.CHANGED, {"changed": "rights"})
    assert whole(ledger) == Accuracy({Verdict.UNCHANGED: 1})


def test_a_decision_left_open_in_a_system_is_no_correction(ledger: Chains) -> None:
    ledger.proposal("t1").write("t1", E.CHANGED, {"system": "hubspot"}).write("t1", E.CONFIRMED)
    assert whole(ledger) == Accuracy({Verdict.UNCHANGED: 1})


def test_what_nobody_judged_counts_nowhere(ledger: Chains) -> None:
    ledger.proposal("by itself").write("by itself", E.CONFIRMED, actor="desk")
    ledger.write("typed", E.TICKET_OPENED, {"confidence": 100}).write("typed", E.CONFIRMED)
    ledger.write("no proposal", E.CONFIRMED)
    assert whole(ledger) == Accuracy()


def test_a_missed_request_and_what_was_rightly_quiet(ledger: Chains) -> None:
    ledger.write("t1", E.TICKET_OPENED, {"promoted": 1, "confidence": 40}).write("t1", E.CONFIRMED)
    for item in ("i1", "i2", "i3"):
        ledger.write("desk", E.ITEM_DISMISSED, {"item": item})
    ledger.write("desk", E.ITEM_RETURNED, {"item": "i2"})
    assert whole(ledger) == Accuracy(missed=1, quiet=2)
    assert whole(ledger).right is None, "what was missed is no proposal"


def test_by_month_of_the_proposal_and_by_confidence(ledger: Chains) -> None:
    late_in_february = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)  # March in Sweden
    ledger.proposal("t1", 91).write("t1", E.CONFIRMED)
    ledger.proposal("t2", 55, late_in_february).write("t2", E.DISMISSED, {"reason": "business"})
    ledger.proposal("t3", 20, AT - timedelta(days=40)).write("t3", E.CHANGED, {"changed": "roles"}).write(
        "t3", E.CONFIRMED
    )
    ledger.write("t4", E.TICKET_OPENED, actor="desk")
    found = report(ledger.entries)
    assert {month: one.decided for month, one in found.months.items()} == {"2026-01": 1, "2026-03": 2}
    assert {band: one.right for band, one in found.bands.items()} == {
        "90-100": 100,
        "50-69": 0,
        "0-49": 0,
        "unknown": None,
    }


@pytest.mark.parametrize(
    ("confidence", "band"),
    [(100, "90-100"), (90, "90-100"), (89, "70-89"), (70, "70-89"), (50, "50-69"), (49, "0-49"), (0, "0-49")],
)
def test_bands_meet_without_a_gap(confidence: int, band: str) -> None:
    assert band_of(confidence) == band


def test_a_confidence_that_is_none_has_no_band() -> None:
    assert band_of(None) == band_of("95") == "unknown"
