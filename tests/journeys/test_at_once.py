"""Two things at the same instant, and one that comes while another is half-way."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.watching import PeopleWatch
from bot.card import Card, Form, Verb
from bot.domain.errors import NotAllowedNow, OutcomeUnknown, Shredded, StaleCard, SystemTrouble, TryLater
from bot.domain.ticket import Ticket
from bot.ports import Call, Job, JobKind, Pause, Shelf
from bot.services.house import House
from bot.services.keeping import forgetting, retention
from bot.services.showing.board import NO_INTEREST
from bot.services.showing.posting import adopt, draw_in_channels
from bot.services.staff.identities import ask_everybody
from bot.services.staff.roster import catch_up
from bot.store.people import StoredPauses
from tests.fakes import FixedClock, MemoryMessenger
from tests.journeys.furnished import FIRST, Furnished, find, furnished
from tests.journeys.test_calendar import the_review
from tests.journeys.test_decisions import fields
from tests.journeys.test_hold import GIVEN
from tests.journeys.test_people import KARIN, TeamsDirectory, rewritten, unknown
from tests.journeys.test_posting import PLACES, a_ticket, chatting, moved, posts
from tests.journeys.walks import PRIYA, at_decision, confirmed_by_link, erased

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


class Crowded(MemoryMessenger):
    """A chat that cannot be searched, in which somebody presses a lost card while it is being posted again."""

    def __init__(self, meanwhile: Callable[[], Awaitable[None]], no: SystemTrouble | None = None) -> None:
        super().__init__("teams")
        self.blind = True
        self._meanwhile, self._no = meanwhile, no

    async def post(self, address: str, card: Card, key: str = "") -> str:
        if self.messages:
            await self._meanwhile()
            if self._no is not None:
                no, self._no = self._no, None
                raise no
        return await super().post(address, card, key)


@pytest.mark.parametrize("no", [None, TryLater("trouble.busy")], ids=["taken", "refused"])
async def test_a_lost_card_met_while_it_is_posted_again_stays_ours(desk: Furnished, no: SystemTrouble | None) -> None:
    """Rule 1: once it was met nobody tells of it again, so what is written after must not lose it."""
    about = await a_ticket(desk)

    async def pressed() -> None:
        await adopt(house, "teams", PLACES["teams"], "m1", about)

    chat = Crowded(pressed, no)
    house = chatting(desk, chat)
    chat.will_lose_answer()
    with pytest.raises(OutcomeUnknown):
        await draw_in_channels(house, about)
    with nullcontext() if no is None else pytest.raises(TryLater):
        await draw_in_channels(house, about)
    await moved(desk, about)
    await draw_in_channels(house, about)
    assert "m1" in {post.message_id for post in await posts(desk, about, "teams")}
    assert len({repr(shown.card) for shown in chat.messages.values()}) == 1
    assert [name for name, shown in chat.messages.items() if shown.thread] == [list(chat.messages)[-1]]


async def test_no_card_of_a_ticket_is_remembered_that_was_forgotten_while_it_was_drawn(desk: Furnished) -> None:
    """D24: what is written down after the chat's answer must not bring back the row that went meanwhile."""
    about = await a_ticket(desk)

    class Slow(MemoryMessenger):
        async def post(self, address: str, card: Card, key: str = "") -> str:
            async with desk.opened.house.work() as unit:
                await unit.posts.drop(about)
            return await super().post(address, card, key)

    chat = Slow("teams")
    await draw_in_channels(chatting(desk, chat), about)
    assert not await posts(desk, about, "teams")


async def test_two_reviews_begun_at_once_make_one_list(desk: Furnished) -> None:
    """P60: the month's look and that of a list put off may ring together, as after a stop; both find nothing open."""
    house, call = desk.opened.house, Call(JobKind.REVIEW, (), "token", 1)
    await asyncio.gather(retention.review_contacts(house, call), retention.review_contacts(house, call))
    async with house.work() as unit:
        assert len(await unit.reviews.open_for(NO_INTEREST)) == len(house.contacts)


async def test_a_review_two_put_off_at_once_is_put_off_once(desk: Furnished) -> None:
    """P60: the job of the first day would find the second's, and nobody would look on that one."""
    await desk.tick("retention")
    about = await the_review(desk)
    first, second = [await desk.form("maria", Verb.POSTPONE_REVIEW, about) for _ in range(2)]
    await desk.send("maria", first, {"why": "kampanj pågår", "days": "10"})
    with pytest.raises(NotAllowedNow, match=r"refusal\.already_decided"):
        await desk.send("maria", second, {"why": "semester", "days": "12"})
    await desk.later(timedelta(days=10))
    assert await the_review(desk) != about


async def test_an_older_reading_of_what_is_set_here_never_takes_the_place_of_a_newer(
    tmp_path: Path, postgres_url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D9: on PostgreSQL two read side by side; a handle that went elsewhere would be theirs again."""
    every, read, go_on = StoredPauses.every, asyncio.Event(), asyncio.Event()

    async def slow(pauses: StoredPauses) -> Sequence[Pause]:
        found = await every(pauses)
        if not read.is_set():
            read.set()
            await go_on.wait()
        return found

    async with furnished(tmp_path, postgres_url, clock) as desk:
        house = desk.opened.house
        async with house.work() as unit:
            await unit.pauses.put(Pause("hubspot", "maria", clock.now()))
        monkeypatch.setattr(StoredPauses, "every", slow)
        older = asyncio.create_task(catch_up(house))
        await read.wait()
        async with house.work() as unit:
            await unit.pauses.lift("hubspot")
        newer = asyncio.create_task(catch_up(house))
        await asyncio.wait([newer], timeout=0.3)
        go_on.set()
        await asyncio.gather(older, newer)
        assert not house.stops.standing


async def test_a_second_edit_by_the_same_hand_is_not_written_over_nor_let_go_unread(desk: Furnished) -> None:
    """D32: who edits twice is the same editor, and yet the words are others than those somebody else has open."""
    await at_decision(desk, "erase")
    await desk.decide("karin")
    await desk.decide("jonas")
    await confirmed_by_link(desk)
    await desk.later(timedelta(seconds=10))

    async def edit(name: str, words: str) -> None:
        browser, at, page = await desk.review(name)
        text = f"{fields(page)['text']}\n{words}\n"
        assert (await browser.post(f"{at}/letter", fields(page) | {"text": text}))[0] == 200

    await edit("sara", "Först.")
    browser, at, page = await desk.review("maria")
    seen = find(await desk.card("maria"), Verb.SEND_LETTER).press
    await edit("sara", "Sedan.")
    status, _ = await browser.post(f"{at}/letter", fields(page) | {"text": fields(page)["text"] + "\nMaria\n"})
    assert status == 409
    with pytest.raises(StaleCard):
        await desk.opened.desk.press(desk.who("maria"), seen)
    await desk.settle()
    await desk.press("maria", Verb.SEND_LETTER)
    assert "Sedan." in desk.letters(PRIYA)[-1].text
