"""The forty labelled mails, scored as issue 3 measures them, by the line that `read-mail` prints."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import pytest

from bot.reading import read, read_mail_line
from config.calendar import swedish_calendar
from tests.reading.mails import CONTEXT, HUGE, Labelled, huge_mail, labelled

MAILS: Final = list(labelled())
EXACT: Final = ("is_request", "subject_email", "requester_email", "language", "subject_role")
DEADLINE: Final = ("last_day", "safe_target", "extended_last_day")
#: Flags that somebody acts on; the others are free aids.
WORTH: Final = frozenset(
    {"forwarded_by_staff", "late_forward", "quoted_request_only", "new_right_in_thread", "scope_limited"}
    | {"special_category", "protected_identity", "personnummer_in_text", "orgnr_not_personnummer", "identity_doubt"}
    | {"sender_not_on_file", "phishing_suspected", "third_party_no_authority", "on_behalf", "authority_attached"}
    | {"authority_missing", "child", "deceased", "gdpr_not_applicable", "prompt_injection", "hidden_text"}
    | {"out_of_scope_contract", "out_of_scope_third_party", "possible_legal_hold", "breach_suspected"}
    | {"auto_generated", "id_copy_attached", "huge_attachment", "malformed_headers", "ordered_requests"}
)


def line_of(mail: Labelled) -> Mapping[str, Any]:
    line: Mapping[str, Any] = json.loads(read_mail_line(f"{mail.name}.eml", mail.raw, CONTEXT, swedish_calendar()))
    return line


def same_moment(read_as: str | None, label: str | None) -> bool:
    if read_as is None or label is None:
        return read_as is label
    return datetime.fromisoformat(read_as) == datetime.fromisoformat(label)


def verdicts(line: Mapping[str, Any], label: Mapping[str, Any]) -> dict[str, bool]:
    """Return measure by measure whether the line is right."""
    found = {measure: line[measure] == label[measure] for measure in EXACT}
    found["deadline"] = all(line[day] == label[day] for day in DEADLINE)
    found |= {measure: same_moment(line[measure], label[measure]) for measure in ("received", "clock_start")}
    found["rights"] = set(line["rights"]) in [set(rights) for rights in label["rights_acceptable"]]
    found["best rights"] = line["rights"] == label["rights"]
    found["route"] = line["route"] in label["route_acceptable"]
    found["best route"] = line["route"] == label["expected_route"]
    found["id_tier"] = line["id_tier"] == label["id_tier"]
    found["personnummer"] = line["personnummer"] == len(label["personnummer"])
    found["flags"] = set(line["flags"]) & WORTH == set(label["flags"]) & WORTH
    return found


def test_forty_mails_reach_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    scores: Counter[str] = Counter()
    wrong: list[str] = []
    for mail in MAILS:
        for measure, right in verdicts(line_of(mail), mail.label).items():
            scores[measure] += right
            wrong += [] if right else [f"{mail.name} {measure}"]
    with capsys.disabled():
        table = [f"  {measure:<16}{count:>3} / {len(MAILS)}" for measure, count in scores.items()]
        print("", "the forty labelled mails, as read:", *table, f"  not so: {', '.join(wrong)}", sep="\n")  # noqa: T201
    assert len(MAILS) == 40
    whole = ("is_request", "deadline", "received", "clock_start", "language", "subject_email", "requester_email")
    assert {measure: scores[measure] for measure in whole} == dict.fromkeys(whole, 40), wrong
    assert scores["route"] >= 39, wrong
    assert scores["rights"] >= 38, wrong
    assert scores["personnummer"] == 40, wrong
    assert scores["flags"] >= 39, wrong
    assert scores["id_tier"] >= 39, wrong


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.name)
def test_no_request_is_missed_and_nothing_else_becomes_one(mail: Labelled) -> None:
    line = line_of(mail)
    assert line["is_request"] == mail.label["is_request"]
    assert line["evidence"] or not line["is_request"], "a request shows the sentences that decided"


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail.name)
def test_the_line_has_the_fields_of_the_contract(mail: Labelled) -> None:
    promised = {"file", "is_request", "rights", "subject_email", "requester_email", "language", "subject_role"}
    promised |= {"received", "clock_start", "last_day", "safe_target", "extended_last_day", "route", "id_tier"}
    promised |= {"flags", "personnummer", "evidence", "errors"}
    assert not promised - line_of(mail).keys()


def test_the_evidence_stands_in_the_text_it_was_taken_from() -> None:
    for mail in MAILS:
        proposal = read(mail.raw, CONTEXT)
        shown = " ".join(f"{proposal.title} {proposal.text}".split())
        assert not [sentence for sentence in proposal.evidence if sentence not in shown], mail.name


def test_the_mails_are_those_that_were_labelled() -> None:
    assert {mail.name: len(mail.raw) for mail in MAILS} == {mail.name: mail.label["size_bytes"] for mail in MAILS}
    assert len(huge_mail()) == next(mail for mail in MAILS if mail.name == HUGE).label["size_bytes"]
