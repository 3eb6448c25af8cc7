"""Every system that has a sandbox, served over real HTTP and held against the vendor's description."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from types import ModuleType
from typing import Protocol

import aiohttp
import pytest

from bot.ports import System
from integrations.http import open_session
from integrations.registry import Found, discover
from integrations.sandbox import Sandbox, serve
from tests.fakes import FixedClock
from tests.integrations.specs import FILES, SPECS, Watch

#: Long enough for a machine that others keep busy; where slowness is the fault, a test says how long itself.
CALL_SECONDS = 10.0
NO_MORE: Mapping[str, object] = {}


@dataclass(frozen=True)
class Running:
    """A system, the sandbox behind it, and what the vendor's description said against either."""

    system: System
    sandbox: Sandbox
    differences: list[str]


class Start(Protocol):
    """Starts a system on its demo sandbox."""

    def __call__(self, key: str, seconds: float = ...) -> Awaitable[Running]:
        """Return it with its sandbox; *seconds* is what one call may take."""


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let reads be asked again at once."""
    monkeypatch.setattr("integrations.http.api.READ_PAUSES", (0.0, 0.0))


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    """The one session."""
    async with open_session() as one:
        yield one


@pytest.fixture
def found() -> dict[str, Found]:
    """The systems that lie as folders."""
    return dict(discover())


@pytest.fixture
def today(clock: FixedClock) -> date:
    """The day it is."""
    return clock.now().date()


@asynccontextmanager
async def running(
    found: Found,
    sandbox: Sandbox,
    session: aiohttp.ClientSession,
    clock: FixedClock,
    settings: Mapping[str, object] = NO_MORE,
) -> AsyncIterator[Running]:
    """Serve *sandbox* and connect its system to it, watched by the vendor's description when that is here."""
    differences: list[str] = []
    if SPECS.is_dir() and found.key in FILES:
        watch = Watch(found.key)
        differences = watch.differences
        sandbox.middlewares.append(watch.middleware)
    async with serve(sandbox.application()) as url:
        stanza = dict(sandbox_module(found).stanza(url, sandbox)) | {"seconds": CALL_SECONDS} | dict(settings)
        assert found.connect is not None
        system = found.connect(found.read(stanza), session, clock)
        yield Running(system, sandbox, differences)
    assert not differences


def sandbox_module(found: Found) -> ModuleType:
    """Return the module of a system's sandbox."""
    return import_module(f"{found.module.__name__}.sandbox")


def switched_on(module: ModuleType, sandbox: Sandbox) -> Mapping[str, object]:
    """Return the settings with which a system does all by itself that it can, where not all need be: `switch_on`."""
    switch_on: Callable[[Sandbox], Mapping[str, object]] = getattr(module, "switch_on", lambda _: NO_MORE)
    return switch_on(sandbox)


@pytest.fixture
async def start(
    found: dict[str, Found], session: aiohttp.ClientSession, clock: FixedClock, today: date
) -> AsyncIterator[Start]:
    """Start a system on its demo sandbox, by key, with all switched on that it can do by itself."""
    async with AsyncExitStack() as stack:

        async def start_one(key: str, seconds: float = CALL_SECONDS) -> Running:
            module = sandbox_module(found[key])
            sandbox = module.demo(today)
            more = {**switched_on(module, sandbox), "seconds": seconds}
            return await stack.enter_async_context(running(found[key], sandbox, session, clock, more))

        yield start_one
