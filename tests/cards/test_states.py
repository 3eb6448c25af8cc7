"""Corners of a ticket's life: each state says in words where it is and who is waited for."""

from dataclasses import replace
from datetime import date

import pytest

from bot.card import StepState, Table
from bot.cards.closed import answered
from bot.cards.home import home_card
from bot.cards.lists import ticket_table
from bot.cards.particulars import Particulars
from bot.cards.progress import steps
from bot.cards.rows import answer_state, found, state
from bot.cards.ticket import ticket_card
from bot.cards.wait import For, Waiter
from bot.cards.waiting import waits, waits_for
from bot.domain.deadline import Calendar
from bot.domain.identity import Identity, IdentityState
from bot.domain.letter import LetterKind, LetterState
from bot.domain.people import People
from bot.domain.request import RequestType
from bot.domain.system import Operation
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Outcome, Part, Stage, Ticket
from tests.cards import tickets as t
from tests.cards.scenes import DAVID, JONAS, MARIA, SARA, scene
from tests.cards.test_rules import strings


def task(task_state: TaskState) -> Task:
    return replace(t.erases(task_state)[0], settled_at=t.MONDAY)


def said(one: Task) -> str:
    ticket = replace(t.EXECUTING, tasks=(one,))
    return state(scene(), ticket, one)


def test_each_state_of_a_task_has_its_words() -> None:
    assert said(task(TaskState.READY)) == "på väg"
    assert said(replace(task(TaskState.READY), approvals=(t.YES,))) == "godkänt 09:05"
    assert said(task(TaskState.RUNNING)) == "pågår"
    assert said(replace(task(TaskState.RUNNING), trouble="trouble.later")) == "nytt försök pågår (svarar inte just nu)"
    slow = replace(task(TaskState.READY), system="office365", trouble="trouble.slow", done={"message": 5})
    why = "(Microsoft tar längre tid än vanligt)"
    for after, when in ((t.HOUR / 2, "10:35"), (t.DAY, "i morgon 10:05"), (3 * t.DAY, "tors 12 mars 10:05")):
        beside = Particulars(tries={slow.id: t.MONDAY + after})
        assert state(scene(), t.EXECUTING, slow, beside) == f"5 av 18 · nytt försök {when} {why}"
    assert said(slow) == f"5 av 18 · nytt försök pågår {why}", "no moment is guessed"
    passed = Particulars(tries={slow.id: t.MONDAY})
    assert state(scene(), t.EXECUTING, slow, passed) == said(slow)
    assert said(replace(slow, done={}, system="hubspot")) == "nytt försök pågår (tar längre tid än vanligt)"
    assert said(replace(slow, state=TaskState.STUCK)).startswith("5 av 18 · behöver en kollega")
    by_hand = state(scene(), t.EXECUTING, task(TaskState.BY_HAND), Particulars(reminded=date(2026, 3, 13)))
    assert by_hand.endswith(" · påminnelse fre 13 mars")
    assert said(replace(task(TaskState.STUCK), trouble="trouble.never_heard_of")).endswith("väntar på Karin")
    assert said(replace(task(TaskState.BY_HAND), waiting_since=None)) == "manuellt steg · Karin"
    assert said(task(TaskState.DONE)) == "raderat 10:05 · kontrollerat: inget kvar"
    assert said(replace(task(TaskState.DONE), settled_by="sara")) == "raderat 10:05 · för hand av Sara"
    assert said(replace(task(TaskState.DONE), settled_at=t.MONDAY - 2 * t.DAY)).startswith("raderat lör 7 mars 10:05")
    assert said(task(TaskState.NOT_HELD)) == "inget att göra"
    assert said(task(TaskState.DECLINED)) == "avslaget · brevet förklarar"
    refused = replace(task(TaskState.EXCEPTION), reason="exception.no_access")
    assert said(refused) == "gick inte att utföra · åtkomst saknas · brevet förklarar"
    assert said(replace(refused, reason="")) == "gick inte att utföra · brevet förklarar"
    assert said(task(TaskState.NOT_APPLICABLE)) == "brevet förklarar"


def test_what_a_locked_erasure_waits_for_is_said() -> None:
    locked = task(TaskState.LOCKED)
    assert said(locked) == "godkänt, på väg", "nothing holds it back any longer"
    waiting = replace(t.LOCKED, tasks=(*t.DONE_EXPORTS, locked))
    assert "paketet är hämtat" in state(scene(now=t.MONDAY + 4 * t.DAY), waiting, locked)
    assert "Ja, radera" in state(scene(), t.UNPRESSED, t.UNPRESSED.tasks[-1])


def test_what_was_found_is_counted_or_told_briefly() -> None:
    assert found(scene(), task(TaskState.PROPOSED)) == "1 kontakt · 14 aktiviteter · 3 formulär"
    assert found(scene(), task(TaskState.NOT_HELD)) == "inget fanns"
    assert found(scene(), task(TaskState.NOT_APPLICABLE)) == "går inte där"
    assert found(scene(), replace(task(TaskState.NOT_APPLICABLE), operation=Operation.FIND)) == "kan inte sökas"
    blind = replace(task(TaskState.NOT_APPLICABLE), operation=Operation.FIND)
    assert found(scene(), replace(blind, reason="reason.not_known_by")) == "kan inte sökas med e-post"
    assert found(scene(), replace(blind, system="google_display", reason="reason.find")) == "ingen målgruppssynk"
    unheard = replace(task(TaskState.PROPOSED), system="paper", found={"folder": 2, "none": 0})
    assert found(scene(), unheard) == "2 poster"


def test_where_an_answer_is() -> None:
    part = t.REPLYING.parts[0]
    assert answer_state(scene(), t.REPLYING, part) == "svar att godkänna"
    assert answer_state(scene(), replace(t.REPLYING, letters=()), part) == "skrivs"
    withdrawn = replace(part, stage=Stage.CLOSED, outcome=Outcome.WITHDRAWN)
    ticket = replace(t.REPLYING, parts=(withdrawn, t.ERASURE), letters=())
    assert answer_state(scene(), ticket, withdrawn) == "återkallad av personen"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (10, "besvarad 11 arbetsdagar före sista dag"),
        (29, "besvarad på sista dagen"),
        (30, "besvarad 1 arbetsdag efter sista dag"),
    ],
)
def test_a_closed_card_says_whether_the_answer_was_in_time(days: int, words: str) -> None:
    assert answered(scene(), replace(t.CLOSED, closed_at=t.MONDAY + days * t.DAY)) == words


def test_nothing_is_said_of_an_answer_nobody_was_owed() -> None:
    assert answered(scene(), t.DISMISSED) == ""


def test_a_closed_ticket_without_any_work_says_only_its_end() -> None:
    bare = replace(t.CLOSED, tasks=())
    texts = list(strings(ticket_card(scene(), bare)))
    assert "Besvarad 8 arbetsdagar före sista dag" in texts


@pytest.mark.parametrize("ticket", [t.DISMISSED, replace(t.DISMISSED, parts=t.JOINED.parts)])
def test_what_closed_at_once_calls_no_step_done_that_was_not_taken(ticket: Ticket) -> None:
    line = steps(scene(), ticket)
    assert line.steps[0] == ("Mottagen", StepState.DONE)
    assert {state for _, state in line.steps[1:]} == {StepState.SKIPPED}
    assert all(word.endswith(" (behövdes inte)") for word, _ in line.steps[1:]), "in words, not by sign alone"
    assert line.spoken == "Ärendet är avslutat. Behövdes inte: Sök, Identitet, Beslut, Utför och Svar."


def test_an_identity_nobody_asked_for_was_not_needed() -> None:
    known = replace(t.DECIDING, identity=Identity(IdentityState.AUTHENTICATED, 1))
    line = steps(scene(), known)
    assert line.steps[1:4] == (
        ("Sök", StepState.DONE),
        ("Identitet (behövdes inte)", StepState.SKIPPED),
        ("Beslut", StepState.NOW),
    )
    assert line.spoken == "Steg 4 av 6: Beslut. Behövdes inte: Identitet."


def test_the_progress_line_is_done_when_all_is_answered() -> None:
    line = steps(scene(), t.CLOSED)
    assert {step for _, step in line.steps} == {StepState.DONE}
    assert line.spoken == "Alla steg är klara."


def test_an_identity_letter_under_way_or_lost_is_said() -> None:
    under_way = replace(t.VERIFYING, letters=(replace(t.QUESTION, state=LetterState.SENDING, sent_at=None),))
    assert [wait.what for wait in waits(scene(), under_way)] == [For.MAIL, For.MAIL]
    assert "Frågan är inte skickad än · 1 av 5 försök" in strings(ticket_card(scene(), under_way))
    doubtful = replace(t.QUESTION, state=LetterState.DOUBTFUL, sent_at=None, approved_by="desk")
    lost = replace(t.VERIFYING, letters=(doubtful,))
    assert waits(scene(), lost)[0].what is For.DOUBTFUL
    unwritten = replace(t.VERIFYING, letters=(replace(doubtful, approved_by=""),))
    assert waits(scene(), unwritten)[0].what is For.UNWRITTEN
    assert "Brev T2 (fråga om identitet) gick inte att skriva." in strings(ticket_card(scene(), unwritten))


def test_a_letter_that_was_never_written_is_not_said_to_be_in_doubt() -> None:
    """Nothing can have left, and no package goes with what there is not."""
    beside = Particulars(package_bytes=4_200_000)
    said = "\n".join(strings(ticket_card(scene(), t.UNWRITTEN, beside)))
    assert "Brev T5 på svenska: svar på begäran om tillgång · inte skrivet" in said
    assert answer_state(scene(), t.UNWRITTEN, t.UNWRITTEN.parts[0]) == "inte skrivet"
    for wrong in ("oklart", "paket 4,2 MB"):
        assert wrong not in said
    assert "oklart om det gick iväg" in "\n".join(strings(ticket_card(scene(), t.DOUBTFUL, beside)))


def test_a_letter_that_sends_itself_needs_no_press() -> None:
    part = Part("part-1", 1, RequestType.UNSUBSCRIBE, t.THURSDAY, stage=Stage.REPLYING)
    letter = replace(t.DRAFT, kind=LetterKind.OPTED_OUT, state=LetterState.APPROVED)
    ticket = replace(t.NEW, parts=(part,), letters=(letter,))
    assert [wait.on for wait in waits(scene(), ticket)] == [Waiter.DESK]
    assert "Godkänn och skicka" not in list(strings(ticket_card(scene(), ticket)))


@pytest.mark.parametrize("kind", [kind for kind in LetterKind if kind.sends_itself])
def test_a_letter_that_could_not_send_itself_waits_for_a_press(kind: LetterKind) -> None:
    stage = Stage.REPLYING if kind.answers else Stage.LOCATING
    part = Part("part-1", 1, RequestType.UNSUBSCRIBE, t.THURSDAY, stage=stage)
    letter = replace(t.DRAFT, kind=kind, drafted_at=t.MONDAY)
    ticket = replace(t.NEW, parts=(part,), letters=(letter,), handler="sara", tasks=(t.LOCATING.tasks[2],))
    (wait,) = [one for one in waits(scene(), ticket) if one.on is Waiter.COLLEAGUES]
    assert (wait.what, wait.about, wait.colleagues) == (For.LETTER, letter.id, (SARA,))
    said = list(strings(ticket_card(scene(), ticket)))
    assert "Godkänn och skicka" in said
    assert any(scene().say(f"letter.{kind}") in line for line in said)


def test_whoever_is_waited_for_by_name_or_as_a_handler_finds_it() -> None:
    assert {wait.what for wait in waits_for(scene(), t.NEW, SARA)} == {For.CONFIRMATION}
    assert waits_for(scene(), t.NEW, DAVID) == ()
    assert {wait.system for wait in waits_for(scene(), t.DECIDING, JONAS)} == {"office365"}
    assert waits_for(scene(), t.CLOSED, SARA) == ()
    assert waits_for(scene(), t.PROTECTED, SARA) == ()
    assert {wait.what for wait in waits_for(scene(), t.PROTECTED, MARIA)} == {For.CONFIRMATION}


def test_a_closed_ticket_in_a_list_has_no_dates_left() -> None:
    table = ticket_table(scene(), (t.CLOSED,))
    assert isinstance(table, Table)
    assert table.rows == (("PR-2026-0042", "Tillgång, sedan radering", "Avslutad", "", "", ""),)
    late = ticket_table(scene(now=t.MONDAY + 25 * t.DAY), (t.NEW,))
    assert late.rows[0][3] == "tors 2 april (passerat)"


def test_a_gap_in_the_rota_is_filled_by_the_officer_and_an_empty_house_says_so() -> None:
    at = scene()
    no_rota = replace(at, people=replace(at.people, rota=()))
    assert "Nu: Maria" in list(strings(home_card(no_rota, SARA, ())))
    nobody = replace(at, people=People((DAVID,)))
    assert any("Ingen har jour" in text for text in strings(home_card(nobody, DAVID, ())))


def test_a_day_just_passed_is_not_counted_in_no_working_days() -> None:
    at = replace(scene(now=t.MONDAY + 33 * t.DAY), calendar=Calendar())  # a Saturday, after a Friday
    late = replace(t.NEW, parts=(replace(t.ACCESS, received=t.MONDAY + t.DAY),))
    assert "har passerat" in " ".join(strings(ticket_card(at, late)))
    assert "0 arbetsdagar" not in " ".join(strings(ticket_card(at, late)))


def test_an_erasure_about_to_be_released_waits_for_nobody() -> None:
    ticket = replace(t.EXECUTING, tasks=(task(TaskState.LOCKED),))
    assert [wait.on for wait in waits(scene(), ticket)] == [Waiter.DESK]


def test_names_are_short_until_two_colleagues_share_one() -> None:
    at = scene()
    another = replace(SARA, id="sara2", name="Sara Ek")
    both = replace(at, people=replace(at.people, colleagues=(*at.people.colleagues, another)))
    assert at.name("sara") == "Sara"
    assert both.name("sara") == "Sara Lind"
    assert at.name("gone") == "en kollega"
    assert at.names(("sara", "karin", "jonas", "maria")) == "Sara, Karin, Jonas och andra"
    assert at.names(("sara", "sara", "karin"), either=True) == "Sara eller Karin"
    assert at.names(()) == ""
