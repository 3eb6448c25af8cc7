"""From tasks to what may be said: one line per system, by its operation, else by its search."""

from dataclasses import replace

import pytest

from bot.domain.request import EVERYTHING, Language, RequestType, Scope, ScopeKind
from bot.domain.system import Mode, Operation
from bot.domain.task import Task, TaskState
from bot.letters import SystemResult, Told, results_of
from bot.letters.results import counted, told_of
from tests.domain.examples import NOW
from tests.letters.examples import STATIONERY, Words

SWEDISH = {
    "letter.erase": "Borta ur HubSpot.",
    "letter.lasts": "Deras kopior lever i 30 dagar.",
    "reason.erase": "Det går inte där.",
    "kind.contact.one": "kontakt",
    "kind.contact.other": "kontakter",
    "kind.note.other": "{n} anteckningar",
}
VOICES = {
    "hubspot": Words("HubSpot", {Language.SV: SWEDISH, Language.EN: {}}),
    "paper": Words("Papper"),
}


def search(system: str = "hubspot", state: TaskState = TaskState.DONE, reason: str = "", **found: int) -> Task:
    return Task(f"f-{system}", "p", system, Operation.FIND, Mode.AUTOMATIC, state, found=found, reason=reason)


def erase(state: TaskState = TaskState.DONE, mode: Mode = Mode.AUTOMATIC, **found: int) -> Task:
    return Task("e", "p", "hubspot", Operation.ERASE, mode, state, found=found, settled_at=NOW)


def results(
    *tasks: Task, right: RequestType = RequestType.ERASURE, scope: Scope = EVERYTHING, special: str = ""
) -> tuple[SystemResult, ...]:
    return results_of(STATIONERY.texts, Language.SV, (right, scope), tasks, VOICES, {special})


@pytest.mark.parametrize("state", TaskState)
@pytest.mark.parametrize("operation", [Operation.FIND, Operation.ERASE])
def test_every_state_becomes_exactly_what_may_be_said(state: TaskState, operation: Operation) -> None:
    finds = operation is Operation.FIND
    told = {
        TaskState.DONE: Told.HELD if finds else Told.DONE,
        TaskState.NOT_HELD: Told.NOT_HELD,
        TaskState.DECLINED: Told.DECLINED,
        TaskState.EXCEPTION: Told.FAILED,
        TaskState.NOT_APPLICABLE: Told.BLIND if finds else Told.NOT_APPLICABLE,
    }
    task = replace(erase(state), operation=operation, reason="reason.erase")
    assert told_of(task) is told.get(state, Told.OPEN)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("reason.not_proven", Told.NOT_DONE),
        ("reason.not_confirmed", Told.UNCONFIRMED),
        ("reason.withdrawn", Told.TAKEN_BACK),
    ],
)
def test_what_was_dropped_was_not_impossible(reason: str, told: Told) -> None:
    task = replace(erase(TaskState.NOT_APPLICABLE), reason=reason)
    assert told_of(task) is told
    assert results(task)[0].why == STATIONERY.texts.say(Language.SV, reason)


def test_who_did_it_is_told() -> None:
    assert told_of(erase(mode=Mode.MANUAL)) is Told.BY_HAND
    assert told_of(replace(erase(), settled_by="karin")) is Told.BY_HAND


def test_a_system_is_spoken_of_by_what_was_asked_of_it() -> None:
    one, two = results(search(contact=1), search("paper", TaskState.NOT_HELD), erase(contact=1))
    assert (one.system, one.operation, one.told) == ("hubspot", Operation.ERASE, Told.DONE)
    assert one.sentence == "Borta ur HubSpot."
    assert one.what == "1 kontakt"
    assert str(one.on) == "2026-03-09"
    assert (two.name, two.told, two.sentence, two.on) == ("Papper", Told.NOT_HELD, "", None)
    assert results(search(contact=1))[0].told is Told.HELD


def test_what_a_search_found_is_remembered_when_the_operation_counted_nothing() -> None:
    (one,) = results(search(contact=2), erase())
    assert one.found == {"contact": 2}
    assert one.what == "2 kontakter"
    (done,) = results(search(contact=2), replace(erase(contact=2), done={"contact": 1}))
    assert done.what == "1 kontakt"


def test_a_second_part_of_the_same_system_does_not_hide_the_first_operation() -> None:
    (one,) = results(erase(), search(contact=1))
    assert one.operation is Operation.ERASE


def test_reasons_come_from_the_system_or_from_the_house() -> None:
    (own,) = results(replace(erase(TaskState.NOT_APPLICABLE), reason="reason.erase"))
    assert own.why == "Det går inte där."
    (house,) = results(search("paper", TaskState.NOT_APPLICABLE, "reason.not_known_by"))
    assert house.why == STATIONERY.texts.say(Language.SV, "reason.not_known_by")
    (failed,) = results(replace(erase(TaskState.EXCEPTION), reason="exception.vendor"))
    assert failed.why == STATIONERY.texts.say(Language.SV, "exception_letter.vendor")
    (declined,) = results(replace(erase(TaskState.DECLINED), ground="legal_claims"))
    assert "artikel 17.3 e" in declined.why
    assert declined.on is None


@pytest.mark.parametrize("mode", [Mode.AUTOMATIC, Mode.MANUAL])
def test_how_long_the_vendor_holds_it_is_said_of_what_was_erased_alone(mode: Mode) -> None:
    (gone,) = results(search(contact=1), erase(mode=mode, contact=1))
    assert gone.lasts == "Deras kopior lever i 30 dagar."
    others = (search(contact=1), erase(TaskState.DECLINED), erase(TaskState.EXCEPTION), erase(TaskState.NOT_HELD))
    assert not any(results(replace(one, ground="legal_claims", reason="exception.vendor"))[0].lasts for one in others)
    assert not results(replace(erase(), operation=Operation.SUPPRESS))[0].lasts


def test_special_categories_are_marked_by_system() -> None:
    assert [one.special for one in results(search(contact=1), search("paper"), special="hubspot")] == [True, False]


def test_what_a_system_has_no_word_for_is_a_record() -> None:
    counts = {"contact": 1, "note": 14, "thing": 3, "none": 0}
    said = counted(STATIONERY.texts, Language.SV, SWEDISH, counts)
    assert said == "1 kontakt, 14 anteckningar och 3 poster"


@pytest.mark.parametrize(
    ("one", "holds"),
    [
        (SystemResult("x", "X", Operation.FIND, Told.NOT_HELD), False),
        (SystemResult("x", "X", Operation.FIND, Told.BLIND), False),
        (SystemResult("x", "X", Operation.FIND, Told.HELD), True),
        (SystemResult("x", "X", Operation.EXPORT, Told.BY_HAND), True),
        (SystemResult("x", "X", Operation.ERASE, Told.FAILED), True),
        (SystemResult("x", "X", Operation.SUPPRESS, Told.DONE), False),  # stopping mailings proves no record
        (SystemResult("x", "X", Operation.SUPPRESS, Told.DONE, {"contact": 1}), True),
    ],
)
def test_what_shows_that_something_is_held(one: SystemResult, holds: bool) -> None:
    assert one.holds is holds


def test_two_things_done_in_one_system_are_both_told() -> None:
    """A withdrawn consent stops mailings and erases; the one must not hide the other."""
    stopped = replace(erase(), operation=Operation.SUPPRESS)
    lines = results(search(contact=1), stopped, erase(contact=1), right=RequestType.CONSENT_WITHDRAWAL)
    assert [one.operation for one in lines] == [Operation.SUPPRESS, Operation.ERASE]


def test_single_mailings_stopped_by_hand_are_not_all_of_them() -> None:
    """The system's own sentence says that every mailing has stopped."""
    some = Scope(ScopeKind.PURPOSES, ("newsletter",))
    by_hand = replace(erase(mode=Mode.MANUAL), operation=Operation.SUPPRESS)
    (line,) = results(by_hand, right=RequestType.UNSUBSCRIBE, scope=some)
    assert line.sentence == STATIONERY.texts.say(Language.SV, "manner_letter.some")
