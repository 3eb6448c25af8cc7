"""Looks into the mailbox now and then; when something lies there, a job takes it in.

The look is cheap and changes nothing. Reading is a job so that it survives a crash and
never runs twice side by side.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.domain.errors import SystemTrouble
from bot.ports import Mailbox

log = logging.getLogger(__name__)


async def watch(mailbox: Mailbox, read: Callable[[], Awaitable[None]], every: float) -> None:
    """Look every *every* seconds, for ever; call *read* when there is something. Trouble is logged once per spell."""
    troubled = False
    while True:
        try:
            if await mailbox.waiting():
                await read()
            troubled = False
        except SystemTrouble as trouble:
            if not troubled:
                log.warning("mailbox unreachable %s", trouble.key)
            troubled = True
        await asyncio.sleep(every)
