"""The special roads: which leads, what it closes, until when a reply is waited for."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.domain.letter import LetterKind
from bot.domain.request import RequestType, Role, Route
from bot.domain.roads import (
    ROADS,
    Road,
    Then,
    authority_shown,
    awaits_id,
    closed_to_confirm,
    contract_governs,
    covered,
    forgotten,
    heard,
    id_settled,
    leading,
    open_roads,
    overdue,
    patience,
    reads_only,
    reply_by,
    speaks_for_self,
    taken,
    to_be_reminded,
    took,
    uncovered,
    unidentified,
)
from bot.domain.ticket import Stage, Ticket
from config.calendar import swedish_calendar
from tests.domain.examples import part, ticket

CALENDAR = swedish_calendar()
MONDAY = date(2026, 3, 9)


def flagged(*flags: str, right: RequestType = RequestType.ACCESS) -> Ticket:
    return replace(ticket(part(right)), flags=frozenset(flags))


def test_every_road_has_its_row_and_a_letter_that_fits_what_follows() -> None:
    assert set(ROADS) == set(Road)
    for rule in ROADS.values():
        on_the_way = rule.then in (Then.SEARCH, Then.IDENTIFY, Then.WAIT)
        assert rule.letter.answers is not on_the_way
        assert rule.letter.sends_itself is on_the_way, "what answers is read by a colleague first"


@pytest.mark.parametrize(
    ("flags", "road"),
    [
        ({"deceased", "on_behalf", "gdpr_not_applicable"}, Road.DECEASED),
        ({"on_behalf", "authority_missing"}, Road.AUTHORITY),
        ({"third_party_no_authority"}, Road.AUTHORITY),
        ({"on_behalf", "authority_attached"}, Road.AUTHORITY),
        ({"out_of_scope_third_party"}, Road.JOB_SITE),
        ({"cookie_data"}, Road.COOKIE),
        ({"cookie_data", "out_of_scope_third_party"}, Road.JOB_SITE),
        ({"privacy_question"}, Road.QUESTION),
        ({"vague"}, Road.CLARIFICATION),
        ({"child"}, None),
        (set(), None),
    ],
)
def test_what_was_read_says_which_road_leads(flags: set[str], road: Road | None) -> None:
    assert leading(flagged(*flags)) is road


def test_a_contract_leads_by_role_and_a_colleague_may_say_otherwise() -> None:
    customer = replace(flagged(), roles=(Role.CONTRACT_CUSTOMER, Role.CONTACT))
    assert leading(customer) is Road.CONTRACT
    assert closed_to_confirm(customer) == "refusal.contract_first"
    assert closed_to_confirm(replace(customer, roles=(Role.CONTACT,))) == ""
    assert contract_governs(customer)
    assert contract_governs(took(flagged(), Road.CONTRACT))
    assert not contract_governs(flagged())


@pytest.mark.parametrize("flag", ["on_behalf", "authority_missing", "cookie_data"])
def test_a_bare_opt_out_needs_no_authority_and_no_contract(flag: str) -> None:
    """R18: stopping harms nobody."""
    stops = replace(flagged(flag, right=RequestType.UNSUBSCRIBE), roles=(Role.CONTRACT_CUSTOMER,))
    assert leading(stops) is None
    assert closed_to_confirm(stops) == ""
    assert not {Road.CLARIFICATION, Road.COOKIE} & set(open_roads(stops)), "neither meaning nor an id is missing"


def test_an_officers_ticket_and_one_under_way_have_no_road() -> None:
    assert open_roads(flagged("phishing_suspected", "third_party_no_authority")) == ()
    assert open_roads(replace(flagged("on_behalf"), route=Route.SECURITY_REVIEW)) == ()
    assert open_roads(ticket(part(RequestType.ACCESS, stage=Stage.LOCATING))) == ()


@pytest.mark.parametrize(
    ("road", "refusal"),
    [
        (Road.DECEASED, "refusal.deceased_first"),
        (Road.AUTHORITY, "refusal.authority_first"),
        (Road.CONTRACT, "refusal.contract_first"),
        (Road.JOB_SITE, ""),
        (Road.COOKIE, ""),
        (Road.QUESTION, ""),
        (Road.CLARIFICATION, ""),
    ],
)
def test_a_plain_confirm_is_closed_where_it_would_write_to_the_wrong_one(road: Road, refusal: str) -> None:
    assert ROADS[road].closed_to_confirm == refusal


def test_asked_for_authority_confirm_stays_closed_until_it_is_shown() -> None:
    asked = took(flagged("on_behalf", "authority_missing"), Road.AUTHORITY, MONDAY)
    assert closed_to_confirm(asked) == "refusal.authority_first"
    shown = replace(asked, flags=covered(asked.flags, (RequestType.ACCESS,)))
    assert closed_to_confirm(shown) == ""
    assert "authority_missing" not in shown.flags
    assert reply_by(shown) is None


def test_an_authority_covers_what_it_says_and_nothing_added_later() -> None:
    shown = replace(flagged("on_behalf"), flags=covered(frozenset({"on_behalf"}), (RequestType.ACCESS,)))
    assert authority_shown(shown)
    added = replace(shown, parts=(*shown.parts, part(RequestType.ERASURE, 2)))
    assert not authority_shown(added)
    assert closed_to_confirm(added) == "refusal.authority_first"
    stops = replace(shown, parts=(*shown.parts, part(RequestType.UNSUBSCRIBE, 2)))
    assert authority_shown(stops)
    assert not authority_shown(replace(shown, flags=uncovered(shown.flags)))


def test_who_writes_for_themselves_is_on_the_plain_street() -> None:
    flags = frozenset({"on_behalf", "deceased", "gdpr_not_applicable", "sender_passed"})
    assert speaks_for_self(covered(flags, (RequestType.ACCESS,))) == {"sender_passed"}
    asked = took(flagged("on_behalf"), Road.AUTHORITY, MONDAY)
    assert speaks_for_self(asked.flags) == frozenset(), "nothing had to be shown"
    unclear = took(flagged("on_behalf"), Road.CLARIFICATION, MONDAY)
    assert reply_by(replace(unclear, flags=speaks_for_self(unclear.flags))) == MONDAY


def test_one_road_is_on_a_ticket_at_a_time_and_a_new_beginning_forgets_it() -> None:
    asked = took(took(flagged("vague"), Road.AUTHORITY, MONDAY), Road.CLARIFICATION, MONDAY)
    assert (taken(asked), reply_by(asked)) == (Road.CLARIFICATION, MONDAY)
    assert leading(asked) is None
    assert open_roads(asked) == (), "its reply is waited for"
    replied = replace(asked, flags=heard(asked.flags))
    assert open_roads(replied) == (Road.CLARIFICATION,)
    assert forgotten(covered(asked.flags, (RequestType.ACCESS,))) == {"vague"}


def test_an_id_is_awaited_until_it_is_noted_or_the_case_goes_on_without() -> None:
    """R20: a reply alone settles nothing, because somebody has to take the id out of it."""
    asked = took(flagged("cookie_data"), Road.COOKIE, MONDAY)
    assert (awaits_id(asked), unidentified(asked), reply_by(asked)) == (True, True, MONDAY)
    replied = replace(asked, flags=heard(asked.flags))
    assert (awaits_id(replied), reply_by(replied)) == (True, None)
    for noted in (True, False):
        settled = replace(asked, flags=id_settled(asked.flags, noted=noted))
        assert (awaits_id(settled), unidentified(settled), reply_by(settled)) == (False, not noted, None)
        assert taken(settled) is Road.COOKIE
        assert forgotten(settled.flags) == {"cookie_data"}, "a new beginning asks anew"
    assert not unidentified(flagged("cookie_data"))
    assert not awaits_id(took(flagged("vague"), Road.CLARIFICATION, MONDAY))


# --- time -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "today", "until"),
    [
        (date(2026, 3, 5), date(2026, 3, 9), date(2026, 3, 23)),  # two weeks
        (date(2026, 3, 5), date(2026, 3, 25), date(2026, 4, 2)),  # the safe target
        (date(2026, 3, 5), date(2026, 4, 1), date(2026, 4, 7)),  # three working days, within the last day
        (date(2026, 3, 5), date(2026, 4, 7), date(2026, 4, 7)),  # on the last day: that day
        (date(2026, 3, 5), date(2026, 4, 20), date(2026, 4, 20)),  # past it: never in the past
    ],
)
def test_a_question_waits_two_weeks_but_never_past_our_own_clock(received: date, today: date, until: date) -> None:
    """R27: asking does not pause it."""
    at = datetime(received.year, received.month, received.day, 9, tzinfo=UTC)
    one = replace(ticket(replace(part(RequestType.ACCESS), received=at)), received=at)
    assert patience(one, today, CALENDAR) == until


def test_a_question_is_put_once_more_and_no_more() -> None:
    asked = took(flagged("vague"), Road.CLARIFICATION, date(2026, 3, 23))
    sent = datetime(2026, 3, 9, 9, tzinfo=UTC)
    days = [date(2026, 3, 9) + timedelta(days=n) for n in range(20)]
    due = [day for day in days if to_be_reminded(asked, (sent,), day, CALENDAR)]
    assert (due[0], due[-1]) == (date(2026, 3, 16), date(2026, 3, 22)), "after a week, while there is time to answer"
    assert not any(to_be_reminded(asked, (sent, sent), day, CALENDAR) for day in days)
    assert not any(to_be_reminded(flagged("vague"), (sent,), day, CALENDAR) for day in days)


def test_silence_is_overdue_the_day_after() -> None:
    asked = took(flagged("vague"), Road.CLARIFICATION, MONDAY)
    assert not overdue(asked, MONDAY)
    assert overdue(asked, MONDAY + timedelta(days=1))
    assert not overdue(flagged("vague"), MONDAY)


def test_silence_means_everything_only_for_copies() -> None:
    assert reads_only(flagged())
    assert not reads_only(flagged(right=RequestType.ERASURE))


def test_the_letters_of_the_table() -> None:
    """The list a lawyer reads."""
    assert {road: rule.letter for road, rule in ROADS.items()} == {
        Road.DECEASED: LetterKind.DECEASED,
        Road.AUTHORITY: LetterKind.AUTHORITY_NEEDED,
        Road.CONTRACT: LetterKind.CONTRACT,
        Road.JOB_SITE: LetterKind.JOB_SITE,
        Road.COOKIE: LetterKind.ID_NEEDED,
        Road.QUESTION: LetterKind.GENERAL,
        Road.CLARIFICATION: LetterKind.CLARIFICATION,
    }
