"""A furnished desk with the example's sixth system in it: one the desk itself can correct and restrict."""

import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import JsonValue

import integrations
from bot.card import Verb
from tests.fakes import FixedClock
from tests.integrations.sixth_system.sandbox import LibrarySandbox
from tests.journeys.furnished import Furnished, furnished, verbs

EXAMPLE = Path(__file__).parents[1] / "integrations" / "sixth_system"
ASTRID = "astrid.lundgren@example.se"


@asynccontextmanager
async def with_library(
    folder: Path, sqlite_url: str, clock: FixedClock, patch: pytest.MonkeyPatch
) -> AsyncIterator[Furnished]:
    """Give a furnished desk into which the sixth system's folder was copied, and nothing else changed."""
    (folder / "more").mkdir()
    shutil.copytree(EXAMPLE, folder / "more" / "library")
    patch.setattr(integrations, "__path__", [*integrations.__path__, str(folder / "more")])
    try:
        async with furnished(folder, sqlite_url, clock) as desk:
            yield desk
    finally:
        for name in [name for name in sys.modules if name.startswith("integrations.library")]:
            del sys.modules[name]


def library(desk: Furnished) -> LibrarySandbox:
    """Return the sixth system's stand-in; its class is that of the copied folder."""
    sandbox = desk.vendors["library"].sandbox
    assert type(sandbox).__name__ == "LibrarySandbox"
    return sandbox  # type: ignore[return-value]  # the copied folder's class is another object of the same source


def mail(text: str, sender: str = ASTRID, number: int = 1) -> bytes:
    """Return a plain mail of Astrid's."""
    head = f"From: Astrid Lundgren <{sender}>\nTo: info@goto.work\nSubject: Mina uppgifter\n"
    kind = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n"
    return f"{head}Message-ID: <sixth{number}@example.se>\n{kind}\n{text}\n".encode()


async def searched(desk: Furnished, text: str, number: int = 1) -> str:
    """Let a mail of Astrid's arrive, have it confirmed and every search by hand closed; return its reference."""
    known = {ticket.ref for ticket in await desk.tickets()}
    await desk.mail(mail(text, number=number))
    (ref,) = {ticket.ref for ticket in await desk.tickets()} - known
    await desk.press("sara", Verb.CONFIRM, ref)
    while Verb.FINISH_BY_HAND in verbs(await desk.card("maria", ref)):
        await desk.finish("maria", ref)
        if not any(task.operation == "find" and not task.settled for task in (await desk.ticket(ref)).tasks):
            break
    return ref


def shown(card: dict[str, JsonValue], name: str) -> JsonValue:
    """Return what stands on the library card."""
    return card[name]
