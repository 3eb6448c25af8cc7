"""The duty to remove the original chat message, and why a mail is not (all) here: marks, read back as written."""

from dataclasses import replace

import pytest

from bot.domain.errors import NotAllowedNow
from bot.domain.original import mark_of, original_with, removed
from bot.domain.ticket import Ticket
from bot.domain.unfetched import PARTLY_HERE, Unfetched, unfetched
from bot.domain.unfetched import mark_of as unfetched_mark
from tests.cards.tickets import CLOSED, NEW


@pytest.mark.parametrize("ticket", [NEW, CLOSED], ids=["new", "closed"])
def test_the_duty_is_laid_on_one_colleague_and_taken_off_once(ticket: Ticket) -> None:
    owed = replace(ticket, flags=ticket.flags | mark_of("sara"))
    assert original_with(owed) == "sara"
    assert removed(owed) == ticket, "the ticket is otherwise as it was, closed ones too"
    assert original_with(ticket) == ""
    with pytest.raises(NotAllowedNow):
        removed(ticket)


def test_nobody_owes_nothing() -> None:
    assert mark_of("") == frozenset()


def test_each_reason_is_read_back_from_its_mark() -> None:
    assert [unfetched({"sender_missing", unfetched_mark(why)}) for why in Unfetched] == list(Unfetched)
    assert unfetched({"sender_missing"}) is None
    assert set(Unfetched) > PARTLY_HERE
