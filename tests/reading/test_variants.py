"""Our own mails: other words, slips, moods, senders and traps, in tables that anybody may add to."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final

import pytest

from bot.domain.request import Proposal
from bot.reading import read
from tests.reading.mails import CONTEXT, RECEIVED, variants, written

MAILS: Final = list(variants())
NAMES: Final = [wish["id"] for wish in MAILS]
USUAL_ROADS: Final = ["open_case", "open_case_verify_identity", "human_review"]


@cache
def proposal_of(number: int) -> Proposal:
    """Return how one of the mails is read; two tests look at it."""
    return read(written(MAILS[number]), CONTEXT)


@pytest.mark.parametrize(("number", "wish"), list(enumerate(MAILS)), ids=NAMES)
def test_read_as_a_person_would(number: int, wish: Mapping[str, Any]) -> None:
    proposal = proposal_of(number)
    acceptable = [frozenset(rights.split()) for rights in wish["rights"]]
    assert frozenset(map(str, proposal.rights)) in acceptable
    assert proposal.is_request in {bool(rights) for rights in acceptable}
    assert proposal.route in wish.get("route", USUAL_ROADS)
    assert proposal.language == wish["language"]
    assert set(wish.get("flags", [])) <= proposal.flags
    assert proposal.roles[0] == wish.get("role", proposal.roles[0])
    assert proposal.id_tier == wish.get("tier", proposal.id_tier)
    assert proposal.clock_unsure == wish.get("clock_unsure", False)


@pytest.mark.parametrize(("number", "wish"), list(enumerate(MAILS)), ids=NAMES)
def test_whose_and_since_when(number: int, wish: Mapping[str, Any]) -> None:
    proposal = proposal_of(number)
    asked = wish["rights"][0] != ""
    sender = wish.get("from", "kim.holm@example.org").rpartition("<")[2].strip(">")
    subject = wish.get("subject_email", sender if asked else "any")
    if subject != "any":
        assert proposal.subject_email == (None if subject == "none" else subject)
    if "clock" in wish:
        started = RECEIVED if wish["clock"] == "received" else wish["clock"]
        assert proposal.clock_start == datetime.fromisoformat(started)
    if "scope" in wish:
        assert proposal.parts[0].scope.kind == wish["scope"]


def test_there_are_many_of_every_kind() -> None:
    languages = Counter(wish["language"] for wish in MAILS)
    assert len(MAILS) >= 580
    assert len({wish["id"] for wish in MAILS}) == len(MAILS)
    assert min(languages["sv"], languages["en"]) >= 200
    assert sum(wish["rights"][0] == "" for wish in MAILS) >= 110
