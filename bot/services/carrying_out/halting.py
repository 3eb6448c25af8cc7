"""Work in the background that was given up: what it was about waits for a person from then on.

A job is only a wake-up call, so giving it up must not look like patience: a task becomes
STUCK, a letter doubtful, each with its button and somebody told. The look after 31 days
is owed to a person and comes back the next day. What belongs to nobody is put before who
is on call, once a day, and counted in the morning.

A card that a chat does not take is never given up: a channel is opened again, a key put
in, and then the card must become true, of a closed ticket too. It is tried every hour,
and who is on call hears of the chat, once a working morning, with the cause.
"""

from datetime import datetime, timedelta
from typing import Final

from bot.domain.deadline import SWEDEN
from bot.domain.errors import NotFound, SystemTrouble
from bot.ports import Call, Job, JobKind
from bot.services.answering import reply
from bot.services.carrying_out import execution, rechecking
from bot.services.house import MORNING, House
from bot.services.intake import chat_mail
from bot.services.showing.board import HALTED
from bot.services.showing.due import latest_morning
from bot.services.showing.posting import tell

#: What puts cards before people, and how often it is tried while a chat takes none.
SHOWS: Final = frozenset({JobKind.BURST, JobKind.REFRESH_CARD, JobKind.TELL})
HOURLY: Final = timedelta(hours=1)


async def set_aside(house: House, call: Call, why: Exception) -> timedelta | None:
    """Let a person know of a job that is about to be given up; return when it is tried again instead, if so.

    Harmless twice.
    """
    telling = call.kind is JobKind.TELL and call.ids[0].startswith(HALTED)
    if call.kind in SHOWS and isinstance(why, SystemTrouble) and _chat(house, why):
        if not telling:  # telling once more of telling would go round for ever
            await _say_unreached(house, why)
        return HOURLY
    try:
        match call.kind:
            case JobKind.RUN_TASK:
                await execution.give_up(house, call.ids[0])
            case JobKind.DRAFT_REPLY | JobKind.SEND_LETTER:
                await reply.give_up(house, call.ids[0])
            case JobKind.FETCH_MAIL:
                await chat_mail.give_up(house, call.ids)
            case JobKind.RECHECK:
                await rechecking.put_off(house, call)
            case _ if telling:
                return None
            case _:
                pass
    except NotFound:
        return None  # forgotten meanwhile: nobody needs it done
    async with house.work() as unit:
        await tell(unit, f"{HALTED}{house.today()}", house.on_call())
    return None


def _chat(house: House, why: SystemTrouble) -> bool:
    """Whether it was a chat that said no; a mail server in its place is another matter."""
    return why.facts.get("system", "").casefold() in house.messengers


async def _say_unreached(house: House, why: SystemTrouble) -> None:
    """Tell who is on call why a chat takes no cards: however many wait for it, once a working morning."""
    day, system = latest_morning(house), why.facts["system"]
    about = f"{HALTED}{day}:{why.key}:{system}:{why.facts.get('scope', '')}"
    on_call = house.on_call()
    job = Job(JobKind.TELL, f"tell:{about}:{on_call.id}", (about, on_call.id))
    at = datetime.combine(day, MORNING, SWEDEN)
    async with house.work() as unit:
        await unit.jobs.fire(f"{HALTED}{why.key}:{system}", at, [job])
