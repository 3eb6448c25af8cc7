"""Two things at the same instant, and one that comes while another is half-way."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.watching import PeopleWatch
from bot.card import Form, Verb
from bot.domain.errors import Shredded
from bot.domain.ticket import Ticket
from bot.ports import Call, Job, JobKind, Shelf
from bot.services.house import House
from bot.services.keeping import forgetting
from bot.services.staff.identities import ask_everybody
from tests.journeys.furnished import FIRST, Furnished
from tests.journeys.test_hold import GIVEN
from tests.journeys.test_people import KARIN, TeamsDirectory, rewritten, unknown
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


class Overtaken(TeamsDirectory):
    """A directory during whose first answer the people file changes."""

    def __init__(self, members: Mapping[str, str], meanwhile: Callable[[], Awaitable[None]]) -> None:
        super().__init__(members)
        self._meanwhile: Callable[[], Awaitable[None]] | None = meanwhile

    async def _overtaken(self) -> None:
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile is not None:
            await meanwhile()

    async def handle_of(self, email: str) -> str:
        found = await super().handle_of(email)
        if found:
            await self._overtaken()
        return found


@pytest.mark.parametrize(
    "asked", [ask_everybody(), Job(JobKind.KNOW_PEOPLE, "know:teams:aad-old", ("teams", "aad-old"))]
)
async def test_an_account_asked_for_by_an_address_that_changes_meanwhile_is_nobodys(
    desk: Furnished, tmp_path: Path, asked: Job
) -> None:
    """D9: what the directory says of an old address would make its next holder the colleague until the night."""
    no_id = ('teams = "7c1e0a5b-3d2f-4b8a-9e61-0f6d3a100002"\n', "")
    watch = PeopleWatch(rewritten(tmp_path), desk.opened.house, worker=True)
    rewritten(tmp_path, no_id)
    await watch.look()
    await desk.settle()

    async def moved() -> None:
        rewritten(tmp_path, no_id, (f'email = "{KARIN}"', 'email = "karin.berg@gotowork.example"'))
        await watch.look()

    directories = desk.opened.house.directories
    assert isinstance(directories, dict)
    directories["teams"] = Overtaken({"aad-old": KARIN, "aad-new": "karin.berg@gotowork.example"}, moved)
    async with desk.opened.house.work() as unit:
        await unit.jobs.put(asked)
    await desk.settle()
    await unknown(desk, "aad-old", "teams")
    assert (await desk.opened.desk.recognise("teams", "aad-new")).id == "karin"
