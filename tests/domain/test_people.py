"""Colleagues, their duties and the rota (D9, D28)."""

from dataclasses import replace
from datetime import date

import pytest

from bot.domain.errors import NotFound, PrivacyDeskError
from bot.domain.people import Colleague, People, Shift, comparable
from tests.domain.examples import BO, EVA, EVERYBODY, HUGO, KARIN, SARA, VERA

ROTA = (Shift(date(2026, 3, 2), date(2026, 3, 8), "hugo"), Shift(date(2026, 3, 5), date(2026, 3, 5), "eva"))
PEOPLE = People(EVERYBODY, ROTA)


def test_who_is_on_call_is_the_latest_shift_that_covers_the_day() -> None:
    assert PEOPLE.on_call(date(2026, 3, 2)) is HUGO
    assert PEOPLE.on_call(date(2026, 3, 8)) is HUGO
    assert PEOPLE.on_call(date(2026, 3, 5)) is EVA  # an override


def test_a_gap_falls_to_the_first_officer_and_is_known_beforehand() -> None:
    assert PEOPLE.on_call(date(2026, 3, 9)) is BO
    assert PEOPLE.gaps(date(2026, 3, 7), 4) == (date(2026, 3, 9), date(2026, 3, 10))
    with pytest.raises(NotFound, match=r"refusal\.nobody_on_call"):
        People((HUGO,)).on_call(date(2026, 3, 9))


@pytest.mark.parametrize(
    ("colleague", "approves", "handles", "officer"),
    [
        (KARIN, True, False, False),
        (SARA, True, False, False),
        (BO, True, True, True),
        (HUGO, False, True, False),
        (VERA, False, False, False),
    ],
)
def test_handler_owner_officer_and_viewer_are_different_things(
    colleague: Colleague, approves: bool, handles: bool, officer: bool
) -> None:
    assert colleague.approves_in("hubspot") is approves
    assert colleague.approves_in("eventbrite") is officer
    assert colleague.handles_tickets is handles
    assert colleague.is_officer is officer


def test_people_are_found_by_id_and_by_what_a_chat_calls_them() -> None:
    karin = replace(KARIN, handles={"slack": "U01"})
    people = People((karin, SARA))
    assert people.by_id("sara") is SARA
    assert people.by_handle("slack", "U01") is karin
    with pytest.raises(PrivacyDeskError, match=r"refusal\.unknown_colleague"):
        people.by_id("nobody")
    with pytest.raises(PrivacyDeskError, match=r"refusal\.unknown_colleague"):
        people.by_handle("slack", "U02")
    with pytest.raises(NotFound):
        people.by_handle("console", "U01")


def test_owners_approvers_and_officers() -> None:
    assert PEOPLE.owners("hubspot") == (KARIN,)
    assert PEOPLE.approvers("hubspot") == (KARIN, SARA, BO, EVA)
    assert PEOPLE.officers() == (BO, EVA)


def test_of_a_colleagues_addresses_only_those_at_work_are_a_colleagues() -> None:
    """D9 and D7b: all of them say that a request is their own, and a private one makes no forward of a mail."""
    at_work, private = "Karin.H@Goto.Work", "karin@example.net"
    karin = replace(KARIN, email="karin@goto.work", addresses=(at_work, private))
    assert karin.every_address == ("karin@goto.work", at_work, private)
    assert karin.work_addresses == ("karin@goto.work", at_work)
    assert replace(karin, email="").work_addresses == ()
    assert private not in repr(karin)


def test_what_a_person_would_call_the_same_address_is_the_same() -> None:
    assert comparable(" Sara@Example.SE ") == comparable("sara@example.se")
    assert comparable("sara@example.se") != comparable("sara@example.com")
