"""What a ticket knows of other mails and other tickets, sealed with its case: `case/thread`.

Ids, references and keys only, but who wrote with whom is nobody's business after the case
is forgotten, so it is forgotten with it.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Final

from bot.cards.particulars import NO_THREAD, Asked, Thread
from bot.domain.errors import NotFound, Shredded
from bot.domain.request import SenderEvidence
from bot.domain.threads import FOLLOWS, SAYS_IT_BELONGS, later_parts
from bot.domain.ticket import Outcome, Part, Ticket
from bot.ports import Shelf, Unit

THREAD: Final = "thread"


async def thread_of(unit: Unit, ticket_id: str) -> Thread:
    """Open what the ticket knows of others; nothing when it never met any, or was forgotten."""
    try:
        kept: dict[str, Any] = json.loads(await unit.vault.get(ticket_id, Shelf.CASE, THREAD))
    except (NotFound, Shredded):
        return NO_THREAD
    asked = {part: Asked(**one | {"sender": SenderEvidence(one["sender"])}) for part, one in kept.pop("asked").items()}
    return Thread(**kept, asked=asked)


async def keep_thread(unit: Unit, ticket_id: str, thread: Thread) -> None:
    """Seal it."""
    await unit.vault.put(ticket_id, Shelf.CASE, THREAD, json.dumps(asdict(thread)).encode())


async def note_asked(unit: Unit, ticket_id: str, asked: Mapping[str, Asked]) -> None:
    """Note by which mail parts came, `{part id: how}`."""
    if asked:
        thread = await thread_of(unit, ticket_id)
        await keep_thread(unit, ticket_id, replace(thread, asked={**thread.asked, **asked}))


async def note_settled(unit: Unit, ticket_id: str, part: Part) -> None:
    """Note that a colleague settled what the reading left open about a later part: its receipt, or how wide it is."""
    thread = await thread_of(unit, ticket_id)
    if part.id in thread.asked:
        settled = replace(thread.asked[part.id], guessed=False, limited=False)
        await keep_thread(unit, ticket_id, replace(thread, asked={**thread.asked, part.id: settled}))


def has_thread(ticket: Ticket) -> bool:
    """Whether the ticket's card has anything to say of other mails or tickets."""
    joined = any(part.outcome is Outcome.JOINED for part in ticket.parts)
    return joined or bool({SAYS_IT_BELONGS, FOLLOWS} & ticket.flags) or bool(later_parts(ticket))
