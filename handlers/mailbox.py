"""Looks into the mailbox now and then; when something lies there, a job takes it in.

The look is cheap and changes nothing. Reading is a job so that it survives a crash and
never runs twice side by side.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from bot.domain.errors import SystemTrouble, TryLater
from bot.ports import Mailbox

log = logging.getLogger(__name__)

#: Seconds after which lasting trouble is told of once more.
TOLD_AGAIN: Final = 3_600.0


async def watch(mailbox: Mailbox, read: Callable[[], Awaitable[None]], every: float) -> None:
    """Look every *every* seconds, for ever; call *read* when there is something.

    Trouble is logged once per spell. Trouble that waiting does not cure is the reading's too: the job fails as any
    other, and who is on call hears of it (`halting`).
    """
    troubled, told = False, float("-inf")
    clock = asyncio.get_running_loop().time
    while True:
        try:
            if await mailbox.waiting():
                await read()
            troubled = False
        except SystemTrouble as trouble:
            if not troubled:
                log.warning("mailbox unreachable %s", trouble.key)
            troubled = True
            if not isinstance(trouble, TryLater) and clock() - told > TOLD_AGAIN:
                told = clock()
                await read()
        await asyncio.sleep(every)
