"""Putting cards where colleagues are, and keeping them true.

One card per ticket and chat, edited in place; history goes below it, one line per ledger
entry (cards.md rule 1). Always a job, never part of a press (D33). Asking a chat twice is
harmless: an edit is an edit, and a post is remembered before it is told of again.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.card import Card
from bot.cards.history import history_line
from bot.domain.errors import CardGone, NeedsHuman, NotFound, SystemTrouble
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


async def _everywhere(
    house: House, about: str, places: Sequence[tuple[str, str]], reader: Colleague | None = None
) -> tuple[bool, list[SystemTrouble]]:
    """Draw the card in each place; return whether any took it, and the troubles met."""
    reached, troubles = False, list[SystemTrouble]()
    for chat, address in places:
        if not address:
            continue
        try:
            await _draw(house, house.messengers[chat], address, about, reader)
            reached = True
        except SystemTrouble as refused:
            troubles.append(refused)
    return reached, troubles


async def _draw(house: House, messenger: Messenger, address: str, about: str, reader: Colleague | None) -> None:
    try:
        async with house.work() as unit:
            card = await card_about(unit, house, reader, about)
            posts = [p for p in await unit.posts.about(about) if p.chat == messenger.chat and p.address == address]
            told = posts[0].told_seq if posts else 0
            open_to_reader = await may_read_history(Look(unit, house, reader), about)
            entries = (await unit.ledger.entries(about, told))[:LINES_AT_ONCE] if open_to_reader else []
    except NotFound:
        return  # forgotten meanwhile: nothing to show
    post = posts[0] if posts else await _first(house, messenger, address, about, card)
    if posts:
        post = await _edited(house, messenger, post, card)
    if open_to_reader and post.told_seq < told:  # it was posted anew: below it nothing has been told
        async with house.work() as unit:
            entries = (await unit.ledger.entries(about))[:LINES_AT_ONCE]
    scene = house.scene(reader.language if reader else house.language)
    await _tell(house, messenger, post, [(entry.seq, history_line(entry, scene)) for entry in entries])


async def _tell(house: House, messenger: Messenger, post: Post, lines: Sequence[tuple[int, str]]) -> None:
    """Tell what is new, as one message: each would sound in a pocket, and a channel takes so many an hour (D36)."""
    if not lines:
        return
    told = "\n".join(line for _, line in lines if line)
    if told:
        await messenger.tell(post.address, post.message_id, told)
    async with house.work() as unit:
        await unit.posts.put(replace(post, told_seq=lines[-1][0]))


async def _edited(house: House, messenger: Messenger, post: Post, card: Card) -> Post:
    """Edit a card; a new one takes the place of one that was removed from the chat, with its history below (F68)."""
    try:
        await messenger.edit(post.address, post.message_id, card)
    except CardGone:
        post = replace(post, message_id=await messenger.post(post.address, card), told_seq=0)
        async with house.work() as unit:
            await unit.posts.put(post)
    return post


async def _first(house: House, messenger: Messenger, address: str, about: str, card: Card) -> Post:
    message_id = await messenger.post(address, card)
    post = Post(new_id(), messenger.chat, address, about, message_id, created_at=house.now())
    async with house.work() as unit:
        await unit.posts.put(post)
    return post
