"""Work in the background that was given up: what it was about waits for a person from then on.

A job is only a wake-up call, so giving it up must not look like patience: a task becomes
STUCK, a letter doubtful, each with its button and somebody told. The look after 31 days
is owed to a person and comes back the next day. What belongs to nobody is put before who
is on call, once a day, and counted in the morning.
"""

from typing import Final

from bot.domain.errors import NotFound
from bot.ports import Call, JobKind
from bot.services.answering import reply
from bot.services.carrying_out import execution, rechecking
from bot.services.house import House
from bot.services.intake import chat_mail
from bot.services.showing.posting import tell

HALTED: Final = "halted:"


async def set_aside(house: House, call: Call) -> None:
    """Let a person know of a job that is about to be given up; harmless twice."""
    try:
        match call.kind:
            case JobKind.RUN_TASK:
                await execution.give_up(house, call.ids[0])
            case JobKind.DRAFT_REPLY | JobKind.SEND_LETTER:
                await reply.give_up(house, call.ids[0])
            case JobKind.FETCH_MAIL:
                await chat_mail.give_up(house, call.ids)
            case JobKind.TELL if call.ids[0].startswith(HALTED):
                return  # telling of trouble is what fails: telling once more would go round for ever
            case JobKind.RECHECK:
                await rechecking.put_off(house, call)
            case _:
                pass
    except NotFound:
        return  # forgotten meanwhile: nobody needs it done
    async with house.work() as unit:
        await tell(unit, f"{HALTED}{house.today()}", house.on_call())
