"""Two things at the same instant, and one that comes while another is half-way."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta

import pytest

from bot.card import Form, Verb
from bot.domain.errors import Shredded
from bot.domain.ticket import Ticket
from bot.ports import Call, JobKind, Shelf
from bot.services.house import House
from bot.services.keeping import forgetting
from tests.journeys.furnished import FIRST, Furnished
from tests.journeys.test_hold import GIVEN
from tests.journeys.walks import erased

NIGHT = Call(JobKind.FORGET, ("forget", "2028-03-20T02:30:00+00:00"), "token", 1)


async def hold(desk: Furnished) -> None:
    """Let an officer set a hold."""
    form = await desk.opened.desk.say(desk.who("maria"), f"bevara {FIRST}")
    assert isinstance(form, Form)
    await desk.send("maria", form, {**GIVEN, "review_on": "2028-06-01"})


async def reopen(desk: Furnished) -> None:
    """Let an officer open the ticket again."""
    await desk.fill("maria", Verb.REOPEN, {"reason": "person_came_back"})


@pytest.mark.parametrize("meets", [hold, reopen])
async def test_what_an_officer_keeps_while_the_night_forgets_is_not_forgotten(
    desk: Furnished, monkeypatch: pytest.MonkeyPatch, meets: Callable[[Furnished], Awaitable[None]]
) -> None:
    """P76, D24: the list of what may go is made first, and may be long: each ticket counts as it is at its turn."""
    await erased(desk)
    await desk.later(timedelta(days=735))
    listed = forgetting._forgettable

    async def met(house: House) -> Iterable[Ticket]:
        found = await listed(house)
        assert [one.ref for one in found] == [FIRST]
        await meets(desk)
        return found

    monkeypatch.setattr(forgetting, "_forgettable", met)
    await forgetting.forget(desk.opened.house, NIGHT)
    ticket = await desk.ticket()
    async with desk.opened.house.work() as unit:
        try:
            assert await unit.vault.get(ticket.id, Shelf.CASE, "mail")
        except Shredded:
            pytest.fail("the case is gone")
