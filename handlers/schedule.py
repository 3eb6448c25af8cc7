"""The calendar of what happens by itself: names, hours in Sweden, and the jobs each wakes.

A tick only wakes a job, once, whatever number of processes hear it (D35).
"""

from datetime import datetime
from typing import Final

from bot.ports import Job, JobKind, Work

#: Hours in Europe/Stockholm, in cron's fields.
HOURS: Final = {
    "morning": {"hour": "8", "minute": "0"},
    "forget": {"hour": "3", "minute": "30"},
    "digest": {"hour": "23", "minute": "55"},
    "retention": {"day": "1", "hour": "7", "minute": "0"},
    "be_told": {"hour": "4", "minute": "15"},
    "people": {"hour": "4", "minute": "45"},
    "chat_mail": {"hour": "5", "minute": "15"},
}
WAKES: Final = {
    "morning": JobKind.TICK,
    "forget": JobKind.FORGET,
    "digest": JobKind.DIGEST,
    "retention": JobKind.REVIEW,
    "be_told": JobKind.BE_TOLD,
    "people": JobKind.KNOW_PEOPLE,
    "chat_mail": JobKind.FIND_MAIL,
}


async def ring(work: Work, name: str, at: datetime) -> None:
    """Enqueue what a tick wakes, unless somebody has."""
    async with work() as unit:
        await unit.jobs.fire(name, at, [Job(WAKES[name], f"tick:{name}", (name, at.isoformat()))])
