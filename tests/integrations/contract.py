"""What the contract's tests share: which systems do what by themselves, how each is asked, and every way to fail.

Nothing here names a system: they are found as folders, and what one can do beyond `System` is found by its ports.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from types import ModuleType

from bot.domain.errors import CredentialsRefused, NeedsHuman, OutcomeUnknown, SystemTrouble, TryLater
from bot.domain.system import Capability, Correction, Identifier, IdentifierKind, Manifest, Mode, Operation, Record
from bot.ports import Corrects, Restricts, System, Unseen
from integrations.registry import discover
from integrations.sandbox import Fault, Trouble
from tests.integrations.conftest import CALL_SECONDS, Running, Start, sandbox_module, switched_on

#: Is in every sandbox's demo: by her address, and by the id in her browser where nobody has an address.
ASTRID = (
    Identifier(IdentifierKind.EMAIL, "astrid.lundgren@example.se"),
    Identifier(IdentifierKind.GA_CLIENT_ID, "1784215566.1751870400"),
)
NOBODY = (Identifier(IdentifierKind.EMAIL, "nobody.at.all@example.se"),)
#: What a value is put right to.
RIGHT = "Rättat"

CONNECTED = [key for key, found in discover().items() if found.connect is not None]
READS = (Operation.FIND, Operation.EXPORT)
WRITES = (Operation.ERASE, Operation.SUPPRESS, Operation.RECTIFY, Operation.RESTRICT, Operation.LIFT)
#: How long a call may take where the fault is that it takes longer, in seconds.
SHORT = 1.5


@cache
def manifest_of(key: str) -> Manifest:
    """Return what a system can do when all that its settings can switch on is switched on."""
    found, module = discover()[key], sandbox_module(discover()[key])
    sandbox = module.demo(date(2026, 3, 9))
    stanza = {**module.stanza("http://127.0.0.1", sandbox), **switched_on(module, sandbox)}
    return found.manifest(found.read(stanza))


def how(key: str, operation: Operation) -> Capability:
    """Return how a system does *operation*; no manifest speaks of lifting, which is done as restricting is."""
    return manifest_of(key).how(Operation.RESTRICT if operation is Operation.LIFT else operation)


def automatic(operations: Sequence[Operation]) -> list[tuple[str, Operation]]:
    """Return every system with each of *operations* that it does by itself."""
    return [(key, one) for key in CONNECTED for one in operations if how(key, one).mode is Mode.AUTOMATIC]


#: Where Astrid can be looked for, and where nobody can.
SEEING = [key for key in CONNECTED if not manifest_of(key).unseen]
UNSEEING = [key for key in CONNECTED if key not in SEEING]


def implementing(port: type) -> list[str]:
    """Return the systems a class of whose folder implements *port*, whatever it is called."""
    return [key for key in CONNECTED if any(issubclass(one, port) for one in _classes(discover()[key].module))]


def _classes(module: ModuleType) -> list[type]:
    ours = (one for one in vars(module).values() if isinstance(one, type))
    return [one for one in ours if one.__module__.startswith("integrations.")]


async def held(system: System, person: Sequence[Identifier] = ASTRID) -> Sequence[Record]:
    """Return what is held on somebody; where nothing can be seen, what there is to be asked for."""
    return system.named(person) if isinstance(system, Unseen) else await system.find(person)


async def ready(
    start: Start, key: str, operation: Operation = Operation.FIND, seconds: float = CALL_SECONDS
) -> tuple[Running, Sequence[Record]]:
    """Return a system with its sandbox and what it holds on Astrid, brought so far that *operation* has work to do."""
    running = await start(key, seconds)
    if key not in _HELD:
        _HELD[key] = tuple(await held(running.system))
        running.sandbox.seen.clear()
    records = _HELD[key]
    assert records
    if operation is Operation.LIFT:
        await carry_out(running.system, Operation.RESTRICT, records)
        running.sandbox.seen.clear()
    return running, records


async def carry_out(system: System, operation: Operation, records: Sequence[Record]) -> list[object]:
    """Do an operation to all that was found, in the order found."""
    match operation:
        case Operation.FIND:
            return list(await system.find(ASTRID))
        case Operation.EXPORT:
            return [await system.export(record) for record in records]
        case Operation.ERASE:
            return [await system.erase(record) for record in records]
        case Operation.SUPPRESS:
            return [await system.suppress(ASTRID[0])]
        case Operation.RECTIFY:
            assert isinstance(system, Corrects)
            record, correction = await to_correct(system, records)
            return [await system.correct(record, [correction])]
        case Operation.RESTRICT | Operation.LIFT:
            assert isinstance(system, Restricts)
            change = system.restrict if operation is Operation.RESTRICT else system.lift
            return [await change(record) for record in records if not record.shared]
        case _:
            raise AssertionError(operation)


async def to_correct(system: Corrects, records: Sequence[Record]) -> tuple[Record, Correction]:
    """Return something of Astrid's that can be put right: the first value that stands anywhere."""
    for record in records:
        values = await system.correctable(record)
        for name in sorted(values):
            if values[name]:
                return record, Correction(name, values[name], RIGHT)
    raise AssertionError("nothing of hers can be put right")


#: What `ready` found and `written` saw: every demo of a sandbox is the same.
_HELD: dict[str, Sequence[Record]] = {}
_WRITTEN: dict[tuple[str, Operation], tuple[str, str]] = {}


async def written(start: Start, key: str, operation: Operation) -> tuple[str, str]:
    """Return method and path of the last write the operation makes, as seen once on a sandbox of its own."""
    if (key, operation) not in _WRITTEN:
        running, records = await ready(start, key, operation)
        await carry_out(running.system, operation, records)
        last = running.sandbox.writes()[-1]
        _WRITTEN[key, operation] = last.method, last.path
    return _WRITTEN[key, operation]


async def probe(system: System) -> None:
    """Probe what can be probed; a system without one fails here, since `check` would be blind to it."""
    await getattr(system, "probe")()  # noqa: B009 - no part of the port: `check` looks for it by name, too


async def reach(system: System) -> None:
    """Look Astrid up; where nothing can be seen, try what `check` tries."""
    await (probe(system) if isinstance(system, Unseen) else system.find(ASTRID))


@dataclass(frozen=True)
class Case:
    """One fault, and what it means for a read and for a write."""

    name: str
    fault: Fault
    read: type[SystemTrouble]
    write: type[SystemTrouble]
    after: timedelta | None = None
    seconds: float = CALL_SECONDS

    def check(self, trouble: SystemTrouble, key: str) -> None:
        """Hold what was raised against what the fault asks for."""
        assert trouble.facts["system"] == key
        if self.after is not None and isinstance(trouble, TryLater):
            assert trouble.after == self.after
        if self.name == "429 by rule":
            assert isinstance(trouble, TryLater)
            assert trouble.after is not None


def status(code: int, **headers: str) -> Fault:
    """Return a fault that answers with a bad status; header names bear hyphens for underscores."""
    return Fault(Trouble.STATUS, status=code, headers=_hyphened(headers))


def _hyphened(headers: Mapping[str, str]) -> Mapping[str, str]:
    return {name.replace("_", "-"): one for name, one in headers.items()}


def lasting(fault: Fault, method: str = "", path: str = "") -> Fault:
    """Return the same fault for every request of this method and path, again and again."""
    return Fault(fault.trouble, method, path, None, fault.status, fault.headers, fault.body, fault.seconds)


CASES = [
    Case("401", status(401), CredentialsRefused, CredentialsRefused),
    Case("403", status(403), CredentialsRefused, CredentialsRefused),
    Case("400", status(400), NeedsHuman, NeedsHuman),
    Case("409", status(409), NeedsHuman, NeedsHuman),
    Case("422", status(422), NeedsHuman, NeedsHuman),
    Case("423", status(423), TryLater, TryLater, timedelta(seconds=2)),
    Case("429 with Retry-After", status(429, Retry_After="7"), TryLater, TryLater, timedelta(seconds=7)),
    Case("429 by rule", status(429), TryLater, TryLater),
    Case("477", status(477, Retry_After="90"), TryLater, TryLater, timedelta(seconds=90)),
    Case("500", status(500), TryLater, OutcomeUnknown),
    Case("502", status(502), TryLater, OutcomeUnknown),
    Case("503 with Retry-After", status(503, Retry_After="60"), TryLater, OutcomeUnknown),
    Case("redirect", status(302, Location="https://elsewhere.example/"), NeedsHuman, NeedsHuman),
    Case("slow", Fault(Trouble.SLOW, seconds=SHORT + 0.5), TryLater, OutcomeUnknown, seconds=SHORT),
    Case("lost answer", Fault(Trouble.LOST_ANSWER), TryLater, OutcomeUnknown),
    Case("garbage", Fault(Trouble.GARBAGE), TryLater, OutcomeUnknown),
    Case("wrong content type", Fault(Trouble.WRONG_TYPE), NeedsHuman, OutcomeUnknown),
]
