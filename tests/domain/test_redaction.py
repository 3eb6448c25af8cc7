"""Who says what becomes of a record of a copy, what the ticket counts, and what blanking out leaves (Art. 15(4))."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Incomplete, NotAllowedNow, NotYours
from bot.domain.people import Colleague, Duty
from bot.domain.redaction import (
    BLANK,
    Decision,
    Judging,
    Way,
    absent,
    awaited,
    blanked,
    blanked_text,
    decide,
    judging_of,
    judgings,
    leaves,
    left_out,
    may_concern_others,
    passages,
    recounted,
    refuse_leaks,
    taken_out,
    with_judging,
    without_judgings,
)
from bot.domain.request import Channel, Language, RequestType
from bot.domain.system import Mode, Operation, Record
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Part, Stage, Ticket

AT = datetime(2026, 3, 9, 9, tzinfo=UTC)
OWNER = Colleague("karin", "Karin", "karin@goto.work", owns=frozenset({"hubspot"}))
DEPUTY = Colleague("jonas", "Jonas", "jonas@goto.work", deputises=frozenset({"hubspot"}))
OFFICER = Colleague("maria", "Maria", "maria@goto.work", duties=frozenset({Duty.OFFICER}))
STRANGER = Colleague("sara", "Sara", "sara@goto.work", duties=frozenset({Duty.HANDLER}))
LEAVE = Decision(Way.LEAVE_OUT, "rights_of_others")
PART = Part("p1", 1, RequestType.ACCESS, AT, stage=Stage.EXECUTING)
DONE = Task("t1", "p1", "hubspot", Operation.EXPORT, Mode.AUTOMATIC, TaskState.DONE)
TICKET = Ticket("1", "PR-2026-0001", Channel.MAIL, Language.SV, AT, (PART,), tasks=(DONE,), flags=frozenset({"x"}))


def said(earlier: Decision | None, wanted: Decision, by: Colleague) -> Decision:
    return decide(earlier, wanted, by, "hubspot", own_request=False)


def test_what_others_are_in_and_what_colleagues_wrote_is_judged() -> None:
    assert may_concern_others(Record("hubspot", "deal", "1", shared=True))
    assert may_concern_others(Record("hubspot", "note", "1", narrative=True))
    assert not may_concern_others(Record("hubspot", "contact", "1"))


@pytest.mark.parametrize("way", [Way.AS_IT_IS, Way.BLANK])
def test_one_word_lets_out_or_blanks_out(way: Way) -> None:
    first = said(None, Decision(way), OWNER)
    assert (first.settled, first.yes) == (True, ("karin",))
    assert said(first, Decision(way), DEPUTY).yes == ("jonas",), "said anew, not seconded"


def test_leaving_out_takes_two_and_an_officer_among_them() -> None:
    proposed = said(None, LEAVE, OWNER)
    assert not proposed.settled
    with pytest.raises(NotYours, match="same_person"):
        said(proposed, LEAVE, OWNER)
    with pytest.raises(NotYours, match="officer"):
        said(proposed, LEAVE, DEPUTY)
    assert said(proposed, LEAVE, OFFICER).settled
    by_officer = said(None, LEAVE, OFFICER)
    assert not by_officer.settled, "never one alone"
    assert said(by_officer, LEAVE, OWNER).settled


def test_another_reason_or_way_begins_anew() -> None:
    proposed = said(None, LEAVE, OWNER)
    other = said(proposed, Decision(Way.LEAVE_OUT, "secrecy"), OFFICER)
    assert (other.yes, other.settled) == (("maria",), False)
    assert said(proposed, Decision(Way.AS_IT_IS), OFFICER).settled
    assert said(Decision(Way.AS_IT_IS, yes=("karin",)), LEAVE, OWNER).yes == ("karin",)


def test_who_may_not_and_what_is_no_reason() -> None:
    with pytest.raises(NotYours, match="owner"):
        said(None, LEAVE, STRANGER)
    with pytest.raises(NotYours, match="own_request"):
        decide(None, LEAVE, OFFICER, "hubspot", own_request=True)
    for wanted in (Decision(Way.LEAVE_OUT), Decision(Way.LEAVE_OUT, "because"), Decision(Way.BLANK, "secrecy")):
        with pytest.raises(Incomplete, match="copy_reason"):
            said(None, wanted, OWNER)


# --- counts --------------------------------------------------------------------------------------


def test_the_ticket_carries_counts_and_nothing_else() -> None:
    marked = with_judging(TICKET, Judging("t1", undecided=2, blanked=3))
    assert marked.flags == {"x", "copy:t1:2:0:0:3"}
    assert judging_of(marked, "t1") == Judging("t1", 2, 0, 0, 3)
    assert judging_of(marked, "t2") == Judging("t2")
    again = with_judging(marked, Judging("t1", 1))
    assert again.flags == {"x", "copy:t1:1:0:0:0"}
    assert without_judgings(again.flags) == {"x"}
    assert judging_of(taken_out(again, "t1", 2, 5), "t1") == Judging("t1", 3, 0, 0, 5)


def test_a_part_waits_while_anything_is_undecided_or_unseconded() -> None:
    assert awaited(TICKET, PART) == ()
    for judging in (Judging("t1", undecided=1), Judging("t1", proposed=1)):
        assert awaited(with_judging(TICKET, judging), PART) == (judging,)
    assert awaited(with_judging(TICKET, Judging("t1", left_out=1, blanked=2)), PART) == ()
    marked = with_judging(TICKET, Judging("t1", 1))
    assert awaited(marked, replace(PART, stage=Stage.DECIDING)), "while another system is still decided on"
    assert awaited(marked, replace(PART, stage=Stage.REPLYING)) == ()


@pytest.mark.parametrize("state", [TaskState.DECLINED, TaskState.EXCEPTION, TaskState.RUNNING])
def test_what_is_not_taken_out_holds_up_nothing(state: TaskState) -> None:
    marked = with_judging(TICKET, Judging("t1", undecided=1, left_out=1)).with_task(replace(DONE, state=state))
    assert judgings(marked, PART) == ()
    assert not left_out(marked, PART)


def test_another_parts_copy_is_not_this_ones() -> None:
    marked = with_judging(TICKET, Judging("t1", left_out=1))
    assert left_out(marked, PART)
    assert not left_out(marked, replace(PART, id="p2"))


def test_counts_follow_every_decision_and_every_change_of_it() -> None:
    start = Judging("t1", undecided=2)
    blank = Decision(Way.BLANK, yes=("karin",), blanked=4)
    proposed, settled = replace(LEAVE, yes=("karin",)), replace(LEAVE, yes=("karin", "maria"), officer=True)
    one = recounted(start, None, blank)
    assert one == Judging("t1", 1, 0, 0, 4)
    assert recounted(one, blank, Decision(Way.AS_IT_IS)) == Judging("t1", 1)
    two = recounted(one, None, proposed)
    assert two == Judging("t1", 0, 1, 0, 4)
    assert two.waits == 1
    three = recounted(two, proposed, settled)
    assert three == Judging("t1", 0, 0, 1, 4)
    assert three.waits == 0


# --- words ---------------------------------------------------------------------------------------


def test_passages_are_lines_without_what_nobody_sees() -> None:
    assert passages(" Kim  Holm \r\n\nKim Holm\nB\u00ado\n") == ("Kim Holm", "Bo")
    assert passages(" \n ") == ()
    with pytest.raises(Incomplete, match="short"):
        passages("Kim\nK")
    with pytest.raises(Incomplete, match="many"):
        passages("x" * 401)
    with pytest.raises(Incomplete, match="many"):
        passages("\n".join(f"ord{n}" for n in range(101)))


@pytest.mark.parametrize(
    "text",
    [
        "Kim Holm",
        "KIM HOLM",
        "Kim\n  Holm",
        "Kim\n> Holm",
        "Kim&nbsp;Holm",
        "<b>Kim</b> <i>Holm",
        "K\u00adim H\u200bolm",
        "&#75;im &amp;#72;olm",
    ],
)
def test_words_are_found_however_they_are_written(text: str) -> None:
    without, found = blanked_text(f"before {text} after", ["Kim Holm"])
    assert found == 1
    assert BLANK in without
    assert "im" not in without.lower()
    assert without.startswith("before ")
    assert without.endswith(" after")


def test_composed_letters_and_composing_ones_are_the_same() -> None:
    assert blanked_text("A\u030asa", ["Åsa"])[1] == 1
    assert blanked_text("Åsa", passages("A\u030asa"))[1] == 1


def test_a_short_name_is_blanked_out_only_where_it_stands_by_itself() -> None:
    assert blanked_text("Ek, Eks, veckan, direkt, bo-ek@x.se", ["Ek"]) == (
        f"{BLANK}, {BLANK}s, veckan, direkt, bo-{BLANK}@x.se",
        3,
    )
    assert blanked_text("Holmgrens", ["Holm"]) == (f"{BLANK}grens", 1)


def test_the_longer_passage_goes_first() -> None:
    assert blanked_text("Kim Holmgren", ["Kim", "Kim Holmgren"]) == (BLANK, 1)


def test_what_holds_none_of_the_words_stays_as_it_was() -> None:
    assert blanked_text("A &amp; B", ["Kim"]) == ("A &amp; B", 0)
    assert blanked_text("A &amp; B", []) == ("A &amp; B", 0)


def test_fields_are_gone_through_to_their_leaves_and_keep_their_names() -> None:
    fields = {"Kim": ["Kim", 5, {"a": ("Kim", None)}], "phone": 70174, "yes": True, "part": 1.5}
    assert blanked(fields, ["Kim", "70174"]) == (
        {"Kim": [BLANK, 5, {"a": [BLANK, None]}], "phone": BLANK, "yes": True, "part": 1.5},
        3,
    )
    assert leaves(fields) == ["Kim", "5", "Kim", "70174", "True", "1.5"]


def test_what_cannot_be_blanked_out_safely_is_refused() -> None:
    refuse_leaks({"a": [BLANK, 1, "K<b>ari</b>n"]}, ["Kim"])
    refuse_leaks({"Kim": "Kim"}, [])
    for value in ({"Kim": BLANK}, {"a": ["K<b>im</b>"]}, ("Kim",)):
        with pytest.raises(NotAllowedNow, match="leaks"):
            refuse_leaks(value, ["Kim"])


def test_the_line_that_stands_nowhere_is_named_by_its_number() -> None:
    assert absent(["Kim &amp; Bo"], ["Kim & Bo"]) == 0
    assert absent(["Kim", "Bo"], ["Bo", "Alva", "Nils"]) == 2
    assert absent([], ["Kim"]) == 1


WORDS = st.text("abcåé K<>&;.\u00ad", min_size=2, max_size=8).filter(lambda text: len(text.split()) > 0)


@given(st.lists(WORDS, min_size=1, max_size=3), st.text("abcåé K<>&;.\u00ad", max_size=60))
def test_nothing_typed_is_ever_left_in_silence(typed: list[str], text: str) -> None:
    """Whatever is typed: either the words are gone, or the record is refused."""
    try:
        words = passages("\n".join(typed))
    except Incomplete:
        return
    without, _ = blanked(text, words)
    try:
        refuse_leaks(without, words)
    except NotAllowedNow:
        return
    assert blanked_text(str(without), words)[1] == 0
