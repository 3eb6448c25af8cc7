"""Noticing that the people file changed, while the desk runs: twice a minute, and at once on SIGHUP.

A file that cannot be used changes nothing: the people before it stay, one line in the
log says what is wrong and where, and it is looked at again when it changes again.
"""

import asyncio
import hashlib
import logging
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from bot.domain.errors import PrivacyDeskError
from bot.domain.people import People
from bot.domain.roster import renamed
from bot.services.house import House
from bot.services.staff import roster
from config.people_file import FILE
from config.settings import SettingsError, load_people

log = logging.getLogger(__name__)

#: Seconds between two looks.
EVERY: Final = 30.0


class PeopleWatch:
    """Watches one folder's desk.toml. *worker*: this process also writes down what changed and has it seen to."""

    def __init__(self, folder: Path, house: House, *, worker: bool) -> None:
        self._file = folder / FILE
        self._house = house
        self._worker = worker
        self._seen = _digest(self._file)
        self._now = asyncio.Event()
        self.trouble: tuple[str, ...] = ()

    def listen(self) -> Callable[[], object]:
        """Look at once when the process is told to (SIGHUP); return what ends that."""
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, self._now.set)
        return partial(loop.remove_signal_handler, signal.SIGHUP)

    async def watch(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            asked = False
            try:
                async with asyncio.timeout(EVERY):
                    await self._now.wait()
                    asked = True
            except TimeoutError:
                pass
            self._now.clear()
            try:
                await self.look(again=asked)
            except PrivacyDeskError as trouble:  # the store does not answer: the next look may find it
                log.warning("people not looked at: %s", trouble.key)

    async def look(self, *, again: bool = False) -> None:
        """Take up the file if it changed (*again*: even if not), and what was set elsewhere."""
        digest = await asyncio.to_thread(_digest, self._file)
        if digest == self._seen and not again:
            await roster.catch_up(self._house)
            return
        try:
            written = await asyncio.to_thread(load_people, self._file.parent)
            _refuse_renamed(self._house.people.now, written)
        except SettingsError as wrong:
            self._seen, self.trouble = digest, wrong.lines
            log.error("the people stay as they were: %s", "; ".join(wrong.lines))
            await roster.catch_up(self._house)
            return
        if self._worker:
            await roster.changed(self._house, written)
        else:
            await roster.catch_up(self._house, written)
        self._seen, self.trouble = digest, ()
        log.info("people taken up from %s: %s colleagues", FILE, len(written.colleagues))


def _refuse_renamed(before: People, now: People) -> None:
    lines = (
        f"{FILE}: {new} has an address or a chat id of {old}, who is gone from it – keep the id {old}: "
        "what somebody approved is remembered by their id"
        for old, new in renamed(before, now)
    )
    if found := tuple(lines):
        raise SettingsError(found)


def _digest(file: Path) -> str:
    """Return what tells one content of the file from another; "" when it cannot be read."""
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return ""
