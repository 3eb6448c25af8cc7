"""What a letter hands out, and what it does not."""

from dataclasses import replace

import pytest

from bot.domain.disclosure import copied_from, hands_out, packed_parts
from bot.domain.letter import Letter, LetterKind
from bot.domain.request import RequestType
from bot.domain.system import Operation
from bot.domain.task import TaskState
from bot.domain.ticket import Ticket
from tests.domain.examples import part, task, ticket

WITH_PACKAGE = {LetterKind.ACCESS_ANSWER, LetterKind.PORTABLE, LetterKind.REFUSED, LetterKind.NEW_LINK}


def asked(export: TaskState = TaskState.DONE) -> Ticket:
    """Return a ticket that asks for access, then for erasure; a copy was taken out of one system, or not."""
    access = part(RequestType.ACCESS)
    erasure = replace(part(), id="part2", position=2)
    return replace(
        ticket(access, erasure), tasks=(task(export, Operation.EXPORT), task(TaskState.DONE, Operation.FIND))
    )


@pytest.mark.parametrize("kind", LetterKind)
def test_only_letters_with_a_link_to_a_package_hand_anything_out(kind: LetterKind) -> None:
    assert hands_out(asked(), Letter("l1", kind, ("part1",))) is (kind in WITH_PACKAGE)


@pytest.mark.parametrize("state", TaskState)
def test_a_refusal_hands_out_what_was_taken_out_and_nothing_else(state: TaskState) -> None:
    """R51: refused in one system, a copy of another may still go with the letter."""
    assert hands_out(asked(state), Letter("l1", LetterKind.REFUSED, ("part1",))) is (state is TaskState.DONE)


def test_a_letter_hands_out_the_packages_of_its_own_parts_and_a_new_link_every_one() -> None:
    of_both = asked()
    assert copied_from(of_both, of_both.parts[0]) == ("hubspot",)
    assert copied_from(of_both, of_both.parts[1]) == ()
    assert packed_parts(of_both, Letter("l1", LetterKind.REFUSED, ("part2",))) == ()
    assert packed_parts(of_both, Letter("l1", LetterKind.NEW_LINK, ("part2",))) == of_both.parts[:1]
