"""Looking into the mailbox: cheap, patient, and not silent when only a person can help."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from bot.domain.errors import CredentialsRefused, NeedsHuman, SystemTrouble, TryLater
from handlers import mailbox
from tests.fakes import MemoryMailbox


async def looked(box: MemoryMailbox, until: Callable[[], bool], read: Callable[[], Awaitable[None]]) -> None:
    """Look until something holds."""
    watching = asyncio.create_task(mailbox.watch(box, read, 0.001))
    try:
        async with asyncio.timeout(5):
            while not until():  # noqa: ASYNC110 - what is waited for tells nobody
                await asyncio.sleep(0.001)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching


async def test_something_unread_wakes_the_reading() -> None:
    box, woken = MemoryMailbox(), list[int]()

    async def read() -> None:
        woken.append(1)

    box.arrive(b"mail")
    await looked(box, lambda: bool(woken), read)
    assert woken
    assert len(box.unread) == 1, "looking changes nothing"


async def test_an_empty_mailbox_wakes_nothing_and_passing_trouble_is_waited_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    box, woken = MemoryMailbox(), list[int]()

    async def read() -> None:
        woken.append(1)

    box.will_raise(*(TryLater("trouble.mail_later") for _ in range(5)))
    await looked(box, lambda: not box._troubles, read)
    assert not woken
    assert caplog.text.count("mailbox unreachable") == 1


@pytest.mark.parametrize("trouble", [CredentialsRefused("trouble.credentials"), NeedsHuman("trouble.gone")])
async def test_trouble_that_waiting_does_not_cure_is_told_of_once_an_hour(
    trouble: SystemTrouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    box, woken = MemoryMailbox(), list[int]()

    async def read() -> None:
        woken.append(1)

    box.will_raise(*(trouble for _ in range(20)))
    await looked(box, lambda: not box._troubles, read)
    assert len(woken) == 1
    monkeypatch.setattr(mailbox, "TOLD_AGAIN", -1.0)
    box.will_raise(*(trouble for _ in range(3)))
    await looked(box, lambda: not box._troubles, read)
    assert len(woken) > 2
