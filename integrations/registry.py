"""Finds the systems that lie as folders beside this file, and builds those the settings name.

A folder is a system when it holds `strings.toml`; nothing else lists it, so a sixth system
is one new folder. Its package gives `Settings` (pydantic), `manifest(settings)` and, when
the bot does anything there itself, `connect(settings, session, clock)`; where a person
looks, `searches(person)` may write what they paste; `facts(settings)` fills `{names}` in its
texts. A `sandbox` beside it, with `demo(today)` and `stanza(url, sandbox)`, is the vendor's stand-in.
"""

import pkgutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

import aiohttp
from pydantic import BaseModel, ValidationError

import integrations
from bot.domain.system import Manifest, Mode, Operation
from bot.ports import Clock, Corrects, Restricts, System
from integrations.by_hand import ByHand, no_searches
from integrations.sandbox import Sandbox, serve
from integrations.strings import Strings, filled, read_strings, require

Connect = Callable[[BaseModel, aiohttp.ClientSession, Clock], System]


#: What a system must be able to do for its manifest to call an operation automatic.
PORTS: Final[Mapping[Operation, type]] = {Operation.RECTIFY: Corrects, Operation.RESTRICT: Restricts}
#: pydantic's kinds of problem in the words of somebody who sets variables; others speak for themselves.
SAID: Final = {"missing": "is missing", "extra_forbidden": "there is no such setting"}


class SettingsProblem(ValueError):
    """A system's settings are unusable; `lines` say it, one problem each, and hold no secret."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = tuple(lines)


@dataclass(frozen=True, slots=True)
class Found:
    """A system's folder: what it needs, what it is, what it is called in both languages."""

    key: str
    settings: type[BaseModel]
    manifest: Callable[[BaseModel], Manifest]
    connect: Connect | None
    strings: Strings = field(repr=False)
    module: ModuleType = field(repr=False)

    def read(self, stanza: Mapping[str, object]) -> BaseModel:
        """Return the stanza as this system's settings. Raises `SettingsProblem`."""
        try:
            return self.settings.model_validate(stanza)
        except ValidationError as error:
            parts = error.errors(include_url=False, include_context=False, include_input=False)
        raise SettingsProblem([self._line(part["loc"], SAID.get(part["type"], part["msg"])) for part in parts])

    def said(self, stanza: Mapping[str, object]) -> Strings:
        """Return the texts, with what this installation's settings say where they name a fact. Raises as `read`."""
        facts = getattr(self.module, "facts", None)
        return self.strings if facts is None else filled(self.strings, facts(self.read(stanza)))

    def _line(self, where: tuple[int | str, ...], what: str) -> str:
        name = str(where[0]) if where else ""
        known = self.settings.model_fields.get(name)
        wants = known.description if known else f"known here: {', '.join(self.settings.model_fields) or 'nothing'}"
        said = what.removeprefix("Value error, ").lower()
        return f"PRIVACY_SYSTEMS__{self.key.upper()}__{name.upper()}: {said} – {wants}"


def discover() -> Mapping[str, Found]:
    """Return every system that has a folder here, by key, in alphabetical order.

    Raises `ValueError` when one's texts lack a word its manifest needs.
    """
    found = {}
    for entry in sorted(pkgutil.iter_modules(integrations.__path__), key=lambda one: one.name):
        if not entry.ispkg:
            continue  # what several share; some of it is loaded only where it is used
        module = import_module(f"integrations.{entry.name}")
        folder = Path(module.__file__ or "").parent
        if (folder / "strings.toml").is_file():
            strings = read_strings(folder / "strings.toml")
            connect = getattr(module, "connect", None)
            found[entry.name] = Found(entry.name, module.Settings, module.manifest, connect, strings, module)
    return found


def settings_problems(found: Mapping[str, Found], stanzas: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Return one line for each thing wrong with the systems' settings: what, where, what to do."""
    lines = [
        f"PRIVACY_SYSTEMS__{key.upper()}: there is no such system – known: {', '.join(found)}"
        for key in stanzas
        if key not in found
    ]
    for key, folder in found.items():
        try:
            folder.read(stanzas.get(key, {}))
        except SettingsProblem as problem:
            lines.extend(problem.lines)
    return lines


def build_systems(
    found: Mapping[str, Found],
    stanzas: Mapping[str, Mapping[str, object]],
    session: aiohttp.ClientSession,
    clock: Clock,
) -> dict[str, System]:
    """Return every found system, ready to work, by key. Raises `SettingsProblem` with all that is wrong at once."""
    lines = settings_problems(found, stanzas)
    if lines:
        raise SettingsProblem(lines)
    systems: dict[str, System] = {}
    for key, folder in found.items():
        settings = folder.read(stanzas.get(key, {}))
        manifest = folder.manifest(settings)
        require(folder.strings, manifest)
        connect = folder.connect
        by_hand = ByHand(manifest, getattr(folder.module, "searches", no_searches))
        systems[key] = by_hand if connect is None else connect(settings, session, clock)
    lines = [line for system in systems.values() for line in port_problems(system)]
    if lines:
        raise SettingsProblem(lines)
    return systems


def port_problems(system: System) -> list[str]:
    """Return one line for each operation a manifest calls automatic that its class cannot do."""
    able = system.manifest
    return [
        f"{able.key}: its manifest says that {operation} is automatic, but {type(system).__name__} is no "
        f"{port.__name__} – implement it (bot/ports/world.py), or say assisted or manual with a reason"
        for operation, port in PORTS.items()
        if able.how(operation).mode is Mode.AUTOMATIC and not isinstance(system, port)
    ]


@dataclass(frozen=True, slots=True)
class StandIn:
    """A vendor's sandbox while it is served, and the settings that point the desk at it."""

    sandbox: Sandbox
    stanza: Mapping[str, object]


def as_it_is(key: str, sandbox: Sandbox) -> None:
    """Leave a sandbox as its demo is."""
    del key, sandbox


@asynccontextmanager
async def stand_ins(
    found: Mapping[str, Found], today: date, prepare: Callable[[str, Sandbox], None] = as_it_is
) -> AsyncIterator[Mapping[str, StandIn]]:
    """Serve the sandbox of every system that has one, with its demo people as they are on *today*, by key.

    *prepare* may put something around each before it is served.
    """
    async with AsyncExitStack() as stack:
        serving = {}
        for key, folder in found.items():
            if (Path(folder.module.__file__ or "").parent / "sandbox.py").is_file():
                module = import_module(f"{folder.module.__name__}.sandbox")
                sandbox = module.demo(today)
                prepare(key, sandbox)
                url = await stack.enter_async_context(serve(sandbox.application()))
                serving[key] = StandIn(sandbox, module.stanza(url, sandbox))
        yield serving
