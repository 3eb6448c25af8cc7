"""One card per ticket and chat, whatever becomes of the chat's answers; and no chat waits for another (cards.md 1)."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.card import Card, Verb
from bot.domain.errors import NeedsHuman, OutcomeUnknown, TryLater
from bot.ports import Messenger, Post
from bot.services.house import Channels, House
from bot.services.showing.posting import adopt, draw_in_channels
from tests.fakes import MemoryMessenger
from tests.journeys.both_chats import until
from tests.journeys.furnished import CHANNEL, Furnished

PLACES = {"slack": "C0CARDS", "teams": "19:tickets", "console": "cards"}


def chatting(desk: Furnished, *chats: Messenger) -> House:
    """Return the house with these chats alone, each with a channel."""
    channels = Channels({chat.chat: PLACES[chat.chat] for chat in chats})
    return replace(desk.opened.house, messengers={chat.chat: chat for chat in chats}, channels=channels)


async def a_ticket(desk: Furnished) -> str:
    """Return the id of a ticket that came in."""
    return (await desk.ticket(await desk.sample("erase"))).id


async def posts(desk: Furnished, about: str, chat: str) -> Sequence[Post]:
    """Return what is remembered of a ticket's cards in a chat of these tests."""
    async with desk.opened.house.work() as unit:
        return [p for p in await unit.posts.about(about) if (p.chat, p.address) == (chat, PLACES[chat])]


async def moved(desk: Furnished, about: str) -> None:
    """Let the ticket's card look otherwise."""
    await desk.press("sara", Verb.CONFIRM)
    assert about == (await desk.ticket()).id


async def test_a_lost_answer_leaves_one_card_where_the_chat_can_be_asked(desk: Furnished) -> None:
    """D34: looked for before it is posted again; its history is told below it once."""
    about, chat = await a_ticket(desk), MemoryMessenger("slack")
    house = chatting(desk, chat)
    chat.will_lose_answer()
    with pytest.raises(OutcomeUnknown):
        await draw_in_channels(house, about)
    await draw_in_channels(house, about)
    (shown,) = chat.messages.values()
    assert len(shown.thread) == 1
    (post,) = await posts(desk, about, "slack")
    assert post.message_id == "m1"
    await draw_in_channels(house, about)
    assert len(chat.messages) == 1


async def test_a_desk_that_died_before_it_wrote_the_answer_down_posts_no_second_card(desk: Furnished) -> None:
    """The row stands before the chat is asked, so that even a process that ends there leaves a trace."""
    about = await a_ticket(desk)

    class Dying(MemoryMessenger):
        async def post(self, address: str, card: Card, key: str = "") -> str:
            await super().post(address, card, key)
            raise asyncio.CancelledError

    chat = Dying("slack")
    with pytest.raises(asyncio.CancelledError):
        await draw_in_channels(chatting(desk, chat), about)
    again = MemoryMessenger("slack")
    again.messages, again.keys = chat.messages, chat.keys
    await draw_in_channels(chatting(desk, again), about)
    assert len(again.messages) == 1


async def test_what_was_never_taken_is_posted(desk: Furnished) -> None:
    about, chat = await a_ticket(desk), MemoryMessenger("slack")
    house = chatting(desk, chat)
    chat.will_raise(OutcomeUnknown("trouble.lost"))
    with pytest.raises(OutcomeUnknown):
        await draw_in_channels(house, about)
    await draw_in_channels(house, about)
    assert len(chat.messages) == 1


@pytest.mark.parametrize("refusal", [TryLater("trouble.busy"), NeedsHuman("trouble.chat_archived")])
async def test_after_a_plain_no_nobody_looks(
    desk: Furnished, refusal: TryLater | NeedsHuman, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing happened there: in a burst a look for every card that waits its turn would cost more than the cards."""
    about, chat = await a_ticket(desk), MemoryMessenger("slack")
    house = chatting(desk, chat)
    chat.will_raise(refusal)
    with pytest.raises(type(refusal)):
        await draw_in_channels(house, about)
    assert await posts(desk, about, "slack") == []
    monkeypatch.delattr(MemoryMessenger, "posted")
    await draw_in_channels(house, about)
    assert len(chat.messages) == 1


async def test_a_card_that_was_removed_and_whose_successor_was_lost_is_one_card_too(desk: Furnished) -> None:
    about, chat = await a_ticket(desk), MemoryMessenger("slack")
    house = chatting(desk, chat)
    await draw_in_channels(house, about)
    chat.removed.add("m1")
    chat.keys["m1"] = ""
    chat.will_lose_answer()
    with pytest.raises(OutcomeUnknown):
        await draw_in_channels(house, about)
    await draw_in_channels(house, about)
    assert list(chat.messages) == ["m1", "m2"]
    assert len(chat.messages["m2"].thread) == 1, "a new card with its history below, told once (F68)"


async def test_a_no_to_a_removed_cards_successor_forgets_nothing(desk: Furnished) -> None:
    about, chat = await a_ticket(desk), MemoryMessenger("slack")
    house = chatting(desk, chat)
    await draw_in_channels(house, about)
    before = await posts(desk, about, "slack")
    chat.removed.add("m1")

    class Full(MemoryMessenger):
        async def post(self, address: str, card: Card, key: str = "") -> str:
            raise TryLater("trouble.busy")

    full = Full("slack")
    full.messages, full.removed = chat.messages, chat.removed
    with pytest.raises(TryLater):
        await draw_in_channels(chatting(desk, full), about)
    assert await posts(desk, about, "slack") == before


async def test_a_copy_that_somebody_meets_is_true_henceforth(desk: Furnished) -> None:
    """Where nobody can look, a lost answer makes a second card; whoever meets it makes it ours."""
    about, chat = await a_ticket(desk), MemoryMessenger("teams")
    chat.blind = True
    house = chatting(desk, chat)
    chat.will_lose_answer()
    with pytest.raises(OutcomeUnknown):
        await draw_in_channels(house, about)
    await draw_in_channels(house, about)
    assert list(chat.messages) == ["m1", "m2"]
    for _ in range(2):
        await adopt(house, "teams", PLACES["teams"], "m1", (await desk.ticket()).parts[0].id)
    assert [post.message_id for post in await posts(desk, about, "teams")] == ["m2", "m1"]
    await moved(desk, about)
    await draw_in_channels(house, about)
    cards = [shown.card for shown in chat.messages.values()]
    assert cards[0] == cards[1]
    assert chat.messages["m1"].thread == [], "history stands below one of them"


async def test_a_card_met_before_its_answer_is_the_card(desk: Furnished) -> None:
    """Met while we know of none: then nothing is posted a second time, even where nobody can look."""
    about, chat = await a_ticket(desk), MemoryMessenger("teams")
    chat.blind = True
    house = chatting(desk, chat)
    chat.will_lose_answer()
    with pytest.raises(OutcomeUnknown):
        await draw_in_channels(house, about)
    await adopt(house, "teams", PLACES["teams"], "m1", about)
    await draw_in_channels(house, about)
    assert list(chat.messages) == ["m1"]


async def test_nothing_else_is_adopted(desk: Furnished) -> None:
    """What stands elsewhere, and what was never posted about."""
    about, chat = await a_ticket(desk), MemoryMessenger("teams")
    house = chatting(desk, chat)
    await adopt(house, "teams", PLACES["teams"], "m9", about)
    await draw_in_channels(house, about)
    before = await posts(desk, about, "teams")
    for place, message, target in (
        ("19:elsewhere", "m9", about),
        (PLACES["teams"], "", about),
        (PLACES["teams"], "m1", about),
        (PLACES["teams"], "m9", "burst:none"),
        (PLACES["teams"], "m9", "nothing"),
    ):
        await adopt(house, "teams", place, message, target)
    assert await posts(desk, about, "teams") == before


async def test_a_card_about_something_else_is_never_taken_for_a_copy(desk: Furnished) -> None:
    """A burst's card has buttons that aim at its tickets, each of which may have a card of its own."""
    about, chat = await a_ticket(desk), MemoryMessenger("slack")
    house = chatting(desk, chat)
    await draw_in_channels(house, about)
    async with desk.opened.house.work() as unit:
        await unit.posts.put(Post("burst", "slack", PLACES["slack"], "burst:b1", "m9"))
    before = await posts(desk, about, "slack")
    await adopt(house, "slack", PLACES["slack"], "m9", about)
    assert await posts(desk, about, "slack") == before


async def test_a_copy_that_can_no_longer_be_edited_is_forgotten(desk: Furnished) -> None:
    """It is never posted anew: the card itself stands there."""
    about, chat = await a_ticket(desk), MemoryMessenger("teams")
    house = chatting(desk, chat)
    await draw_in_channels(house, about)
    chat.removed.add("m9")
    await adopt(house, "teams", PLACES["teams"], "m9", about)
    await draw_in_channels(house, about)
    assert list(chat.messages) == ["m1"]
    assert [post.message_id for post in await posts(desk, about, "teams")] == ["m1"]


class Slow(MemoryMessenger):
    """A chat that answers when it is let."""

    def __init__(self, chat: str) -> None:
        super().__init__(chat)
        self.answers = asyncio.Event()

    async def post(self, address: str, card: Card, key: str = "") -> str:
        await self.answers.wait()
        return await super().post(address, card, key)


async def test_a_slow_chat_keeps_no_other_waiting(desk: Furnished) -> None:
    about, slack, teams = await a_ticket(desk), Slow("slack"), MemoryMessenger("teams")
    drawing = asyncio.create_task(draw_in_channels(chatting(desk, slack, teams), about))
    await until(lambda: bool(teams.messages))
    assert not drawing.done()
    slack.answers.set()
    await drawing
    assert len(slack.messages) == len(teams.messages) == 1


@pytest.mark.parametrize("failure", [TryLater("trouble.busy"), ZeroDivisionError()], ids=["trouble", "unforeseen"])
async def test_one_chats_failure_does_not_hinder_another(desk: Furnished, failure: Exception) -> None:
    """Not even one nobody foresaw: what the other has under way is ended before it is heard of."""
    about, teams = await a_ticket(desk), Slow("teams")

    class Failing(MemoryMessenger):
        async def post(self, address: str, card: Card, key: str = "") -> str:
            asyncio.get_running_loop().call_later(0.05, teams.answers.set)
            raise failure

    with pytest.raises(type(failure)):
        await draw_in_channels(chatting(desk, Failing("slack"), teams), about)
    assert len(teams.messages) == 1


async def test_a_stop_ends_every_chat(desk: Furnished) -> None:
    about, slack, teams = await a_ticket(desk), Slow("slack"), Slow("teams")
    drawing = asyncio.create_task(draw_in_channels(chatting(desk, slack, teams), about))
    await asyncio.sleep(0.2)
    drawing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await drawing
    for chat in (slack, teams):
        chat.answers.set()
    await asyncio.sleep(0.05)
    assert slack.messages == teams.messages == {}


async def test_a_pause_slack_asks_for_is_one_for_all_cards_which_then_come_in_order(desk: Furnished) -> None:
    """One job hears of it; the others ask nothing until it is over, and none is lost."""
    desk.slack.too_many("chat.postMessage", 30)
    refs = [await desk.sample(key) for key in ("erase", "access-then-erase", "access")]
    await desk.later(timedelta(seconds=29), steps=3)
    assert len(desk.slack.asked("chat.postMessage")) == 1, "the one that was refused"
    await desk.later(timedelta(seconds=1))
    cards = [message.text for message in desk.slack.in_channel(CHANNEL)]
    assert [next(ref for ref in refs if ref in text) for text in cards] == refs
    assert all(len(message.thread) == 1 for message in desk.slack.in_channel(CHANNEL))
