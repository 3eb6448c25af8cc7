"""What an asker who may be somebody else gets: nothing but the neutral letter, and only where nothing was confirmed."""

from bot.domain.protection import answered_neutrally
from bot.domain.request import RequestType
from bot.domain.ticket import Stage
from tests.domain.examples import part, ticket


def test_only_what_nobody_has_confirmed_is_answered_neutrally() -> None:
    confirmed, new = part(stage=Stage.DECIDING), part(RequestType.ACCESS, 2)
    after = answered_neutrally(ticket(confirmed, new))
    assert after.part("part1").stage is Stage.DECIDING
    assert after.part("part2").stage not in (Stage.RECEIVED, Stage.DECIDING)
