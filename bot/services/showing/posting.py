"""Putting cards where colleagues are, and keeping them true.

One card per ticket and chat, edited in place; history goes below it, one line per ledger
entry (cards.md rule 1). Always a job, never part of a press (D33). Asking a chat twice is
harmless: an edit is an edit, and a post has its row before the chat is asked, so that one
whose answer was lost is looked for (D34), or met by whoever presses it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.card import Card
from bot.cards.history import history_line
from bot.domain.errors import CardGone, NeedsHuman, NotFound, OutcomeUnknown, SystemTrouble
from bot.domain.people import Colleague
from bot.ports import Call, Job, JobKind, Messenger, Post, Unit
from bot.services.house import House, new_id
from bot.services.showing.board import Look, card_about, may_read_history
from bot.services.showing.by_mail import tell_by_mail

#: How many history lines one refresh tells at most; the rest follows with the next (D36).
LINES_AT_ONCE = 20
#: Attempts (some minutes) after which a chat that does not answer is gone round by mail (D28).
ATTEMPTS = 5
#: What a chat says of somebody who is no longer in it.
LEFT = "trouble.chat_person_gone"


async def refresh(unit: Unit, ticket_id: str) -> None:
    """Have the ticket's card drawn afresh in every chat once this transaction is written."""
    await unit.jobs.put(Job(JobKind.REFRESH_CARD, f"card:{ticket_id}", (ticket_id,)))


async def tell(unit: Unit, about: str, colleague: Colleague, at: datetime | None = None) -> None:
    """Have something put before one colleague, in every chat they are in; not before *at*."""
    await unit.jobs.put(Job(JobKind.TELL, f"tell:{about}:{colleague.id}", (about, colleague.id), at))


async def redraw(unit: Unit, house: House, about: str) -> None:
    """Have a card drawn afresh with every colleague it was put before; nobody is given it who has not got it."""
    places = {(post.chat, post.address) for post in await unit.posts.about(about)}
    for colleague in house.people.colleagues:
        if places & set(colleague.handles.items()):
            await tell(unit, about, colleague)


async def draw_in_channels(house: House, about: str) -> None:
    """Bring a card up to date in every chat's channel; one chat's trouble does not keep it from the others."""
    places = [(chat, house.channels.tickets.get(chat, "")) for chat in house.messengers]
    _, troubles = await _everywhere(house, about, places)
    if troubles:
        raise troubles[0]


async def deliver(house: House, call: Call) -> None:
    """Job: put a card before one colleague, in every chat they have a handle in; by mail where none takes it (D28).

    What no retry cures is not waited for: one chat that took it is enough, and of somebody who has left a chat the
    officers hear beside them, since their mail may be read by nobody either.
    """
    about, colleague_id = call.ids
    try:
        colleague = house.people.by_id(colleague_id)
    except NotFound:
        return  # they left: what they walked is put before an officer (`roster`)
    places = [(chat, colleague.handles.get(chat, "")) for chat in house.messengers]
    reached, troubles = await _everywhere(house, about, places, colleague)
    curable = [trouble for trouble in troubles if not isinstance(trouble, NeedsHuman)]
    if curable and (reached or call.attempts < ATTEMPTS):
        raise curable[0]  # a chat that says no for good is no loss where another took it, and gone round where none did
    if not reached:
        left = any(trouble.key == LEFT for trouble in troubles)
        await tell_by_mail(house, about, colleague, left=left)


async def adopt(house: House, chat: str, address: str, message_id: str, target: str) -> None:
    """Make a card that somebody met ours, where we know nothing of it: the answer to its posting was lost.

    A card still without a message is that one; beside another it is a copy, true henceforth as the first is. Only in
    the chat's channel, and only of what stands there already. *target* is what it is about, or a press on it aims at.
    """
    if not message_id or address != house.channels.tickets.get(chat):
        return
    try:
        async with house.work() as unit:
            about = target if ":" in target else (await unit.tickets.load(target)).id
            posts = _at(await unit.posts.about(about), chat, address)
            if not posts or any(post.message_id == message_id for post in posts):
                return
            if await unit.posts.known(chat, address, message_id):
                return  # a burst's card, with a button that aims at one of its tickets
            lost = next((post for post in posts if not post.message_id), None)
            copy = lost or Post(new_id(), chat, address, about, told_seq=posts[0].told_seq, created_at=house.now())
            await unit.posts.put(replace(copy, message_id=message_id))
            if ":" not in about:
                await refresh(unit, about)
    except NotFound:
        return  # forgotten meanwhile


async def _everywhere(
    house: House, about: str, places: Sequence[tuple[str, str]], reader: Colleague | None = None
) -> tuple[bool, list[SystemTrouble]]:
    """Draw the card in each place, side by side; return whether any took it, and the troubles met.

    What nobody foresaw in one chat is heard of when the others have ended.
    """

    async def tried(chat: str, address: str) -> Exception | None:
        try:
            await _draw(house, house.messengers[chat], address, about, reader)
        except Exception as trouble:  # noqa: BLE001 - sorted below: within the group it would end the other chats
            return trouble
        return None

    async with asyncio.TaskGroup() as group:
        drawing = [group.create_task(tried(chat, address)) for chat, address in places if address]
    met = [task.result() for task in drawing]
    troubles = [trouble for trouble in met if isinstance(trouble, SystemTrouble)]
    for trouble in met:
        if trouble is not None and trouble not in troubles:
            raise trouble
    return None in met, troubles


async def _draw(house: House, messenger: Messenger, address: str, about: str, reader: Colleague | None) -> None:
    try:
        async with house.work() as unit:
            card = await card_about(unit, house, reader, about)
            posts = _at(await unit.posts.about(about), messenger.chat, address)
            post, *copies = posts or [Post(new_id(), messenger.chat, address, about, created_at=house.now())]
            if not posts:
                await unit.posts.put(post)
            open_to_reader = await may_read_history(Look(unit, house, reader), about)
            entries = (await unit.ledger.entries(about, post.told_seq))[:LINES_AT_ONCE] if open_to_reader else []
    except NotFound:
        return  # forgotten: nothing to show
    told = post.told_seq
    post = await _shown(house, messenger, post, card) if posts else await _posted(house, messenger, post, card, None)
    for copy in copies:
        await _edit_copy(house, messenger, copy, card)
    if open_to_reader and post.told_seq < told:  # it was posted anew: below it nothing has been told
        async with house.work() as unit:
            entries = (await unit.ledger.entries(about))[:LINES_AT_ONCE]
    scene = house.scene(reader.language if reader else house.language)
    await _tell(house, messenger, post, [(entry.seq, history_line(entry, scene)) for entry in entries])


def _at(posts: Sequence[Post], chat: str, address: str) -> list[Post]:
    return [post for post in posts if (post.chat, post.address) == (chat, address)]


async def _tell(house: House, messenger: Messenger, post: Post, lines: Sequence[tuple[int, str]]) -> None:
    """Tell what is new, as one message: each would sound in a pocket, and a channel takes so many an hour (D36)."""
    if not lines:
        return
    told = "\n".join(line for _, line in lines if line)
    if told:
        await messenger.tell(post.address, post.message_id, told)
    await _kept(house, post, replace(post, told_seq=lines[-1][0]))


async def _shown(house: House, messenger: Messenger, post: Post, card: Card) -> Post:
    """Edit a card. One whose answer was lost is looked for first; one that was removed is posted anew (F68)."""
    if not post.message_id:
        found = await messenger.posted(post.address, post.id, post.created_at or house.now())
        if not found:
            return await _posted(house, messenger, post, card, post)
        post = await _kept(house, post, replace(post, message_id=found))
    try:
        await messenger.edit(post.address, post.message_id, card)
    except CardGone:
        anew = await _kept(house, post, replace(post, message_id="", told_seq=0))
        return await _posted(house, messenger, anew, card, post)
    return post


async def _posted(house: House, messenger: Messenger, post: Post, card: Card, before: Post | None) -> Post:
    """Post a card whose row stands already; after a plain no the row is as *before*, and after a lost answer stays."""
    try:
        message_id = await messenger.post(post.address, card, post.id)
    except OutcomeUnknown:
        raise
    except SystemTrouble:
        async with house.work() as unit:
            now = await _row(unit, post)
            if now and now.message_id == post.message_id:  # neither met nor forgotten meanwhile
                await (unit.posts.put(before) if before else unit.posts.remove(post.id))
        raise
    return await _kept(house, post, replace(post, message_id=message_id))


async def _edit_copy(house: House, messenger: Messenger, copy: Post, card: Card) -> None:
    """Edit a card that is there twice; what the chat no longer lets be edited is forgotten, for the first stands."""
    try:
        await messenger.edit(copy.address, copy.message_id, card)
    except NeedsHuman:
        async with house.work() as unit:
            await unit.posts.remove(copy.id)


async def _kept(house: House, before: Post, post: Post) -> Post:
    """Write down what the chat said of a card, whose row was as *before* when it was asked.

    A row that went meanwhile is forgotten with its ticket and stays so; a card that was met meanwhile (`adopt`) is
    kept beside as a copy, for nobody will tell of it again.
    """
    async with house.work() as unit:
        now = await _row(unit, post)
        if now is not None:
            await unit.posts.put(post)
            if now.message_id not in {"", before.message_id, post.message_id}:
                await unit.posts.put(replace(post, id=new_id(), message_id=now.message_id))
    return post


async def _row(unit: Unit, post: Post) -> Post | None:
    """Return a post as its row has it now."""
    return next((one for one in await unit.posts.about(post.about) if one.id == post.id), None)
