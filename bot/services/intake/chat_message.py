"""A colleague makes a request out of a message in a chat (F02).

The message's own moment is the receipt, its words lie sealed in the vault, and nothing of
them goes back into the chat. Whom it is about is never guessed from the words: a chat
message comes from a colleague, and an address in it may be anybody's; until somebody has
said it under Ändra…, the search is refused.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from bot.domain.errors import NotAllowedNow, NotYours
from bot.domain.people import Colleague
from bot.domain.request import Channel
from bot.domain.ticket import Ticket
from bot.domain.unfetched import Unfetched, mark_of
from bot.ports import Unit
from bot.reading import read_text
from bot.services.house import House
from bot.services.intake.intake import take_in
from bot.services.intake.known import Known

#: Letters; a chat's longest message is twice as long as the longest text a form takes.
LONGEST: Final = 40_000


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A message that somebody passed on in another: its words ("" when the chat gave none), whose, and since when.

    `whole` False: there was more to it than words.
    """

    text: str = field(repr=False)
    by: str = field(default="", repr=False)
    at: datetime | None = None
    whole: bool = True


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """A message as its chat has it: `place` and `id` are the chat's own; `link` leads a member of it there.

    `by_app`: no person wrote it. `files`: how many hang on it. `forwarded`: what was passed on in it.
    """

    chat: str
    place: str
    id: str
    at: datetime
    text: str = field(repr=False)
    link: str = field(default="", repr=False)
    by_app: bool = False
    files: int = 0
    forwarded: tuple[Forwarded, ...] = ()

    @property
    def lacking(self) -> bool:
        """Whether something of it is not here: what may be the request itself, and what D17 would have removed."""
        return bool(self.files) or any(not (one.whole and one.text) for one in self.forwarded)

    @property
    def came(self) -> datetime:
        """When the oldest of it was written: whoever passed it on had it later than we did."""
        return min([self.at, *(one.at for one in self.forwarded if one.at is not None)])


async def take_message(unit: Unit, house: House, message: ChatMessage, actor: Colleague) -> Ticket:
    """Make a ticket of a chat message; raises `NotAllowedNow` saying why not, or which ticket it is already."""
    _refuse(house, message, actor)
    source = f"chat {message.chat} {message.place} {message.id}"
    await _refuse_known(unit, source)
    words = _words(house, message)
    text = words[:LONGEST]
    lacking = message.lacking or len(words) > LONGEST
    received = min(message.came, house.now())
    read = read_text(text, received=received, channel=Channel.CHAT, context=house.reading)
    proposal = replace(
        read,
        is_request=True,
        flags=read.flags | ({mark_of(Unfetched.PART)} if lacking else set()),
        subject_email=None,
        subject_name=None,
        requester_email=None,
        case_ref=None,
        clock_start=received,
        clock_unsure=False,
    )
    known = Known(source, original_with=actor.id, link=message.link)
    ticket = await take_in(unit, house, proposal, text.encode(), Channel.CHAT, actor.id, known)
    if ticket is None:  # somebody else was faster by a moment
        await _refuse_known(unit, source)
        raise NotAllowedNow("refusal.already_decided")
    return ticket


def _words(house: House, message: ChatMessage) -> str:
    """Return the words of a message, and marked off below them those of what was passed on in it."""
    words = [message.text.strip()]
    for one in message.forwarded:
        head = "chat.forwarded_from" if one.by else "chat.forwarded"
        words += [f"{house.texts.say(house.language, head, {'who': one.by})}\n\n{one.text}"] if one.text else []
    return "\n\n".join(part for part in words if part)


async def _refuse_known(unit: Unit, source: str) -> None:
    item = await unit.items.by_source(unit.index.digest("source", source))
    if item is not None and item.ticket_id:
        raise NotAllowedNow("refusal.message_known", {"ref": (await unit.tickets.load(item.ticket_id)).ref})


def _refuse(house: House, message: ChatMessage, actor: Colleague) -> None:
    if not actor.handles_tickets:
        handlers = [one.name for one in house.people.colleagues if one.handles_tickets]
        raise NotYours("refusal.not_yours_handler", {"who": house.texts.together(actor.language, handlers)})
    if message.place == house.channels.tickets.get(message.chat, ""):
        raise NotAllowedNow("refusal.message_of_own_channel")
    if message.by_app:
        raise NotAllowedNow("refusal.message_by_app")
    if not _words(house, message):
        raise NotAllowedNow("refusal.message_only_file" if message.files else "refusal.message_empty")
