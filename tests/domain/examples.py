"""Made-up tickets, systems and colleagues to try the rules on."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

from bot.domain.identity import Identity, IdentityState
from bot.domain.people import Colleague, Duty
from bot.domain.request import Channel, Language, RequestType
from bot.domain.system import Capability, IdentifierKind, Manifest, Operation, absent, assisted, automatic, manual
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Part, Stage, Ticket

#: Thursday 5 March 2026, 09:12 in Stockholm: safe target 2 April, last day 7 April (D01).
RECEIVED = datetime(2026, 3, 5, 8, 12, tzinfo=UTC)
NOW = datetime(2026, 3, 9, 9, 5, tzinfo=UTC)

KARIN = Colleague("karin", "Karin Ek", "karin@gotowork.example", owns=frozenset({"hubspot"}))
SARA = Colleague("sara", "Sara Lind", "sara@gotowork.example", deputises=frozenset({"hubspot"}))
BO = Colleague("bo", "Bo Dal", "bo@gotowork.example", duties=frozenset({Duty.OFFICER}))
EVA = Colleague("eva", "Eva Ros", "eva@gotowork.example", duties=frozenset({Duty.OFFICER}))
HUGO = Colleague("hugo", "Hugo Alm", "hugo@gotowork.example", duties=frozenset({Duty.HANDLER}))
VERA = Colleague("vera", "Vera Sjö", "vera@gotowork.example", duties=frozenset({Duty.VIEWER}))
EVERYBODY = (KARIN, SARA, BO, EVA, HUGO, VERA)


def ids() -> Iterator[str]:
    """Yield "id1", "id2" and so on."""
    return (f"id{n}" for n in count(1))


def manifest(
    key: str, find: Capability, *, erase: Capability | None = None, export: Capability | None = None
) -> Manifest:
    """Return a system: automatic in everything but what is given."""
    how = dict.fromkeys(Operation, automatic()) | {Operation.FIND: find}
    how[Operation.ERASE] = erase or automatic(irreversible=True)
    how[Operation.EXPORT] = export or automatic()
    return Manifest(key, key.title(), frozenset({IdentifierKind.EMAIL}), how)


HUBSPOT = manifest("hubspot", automatic())
EVENTBRITE = manifest("eventbrite", automatic(), erase=manual("reason.erase", irreversible=True))
OFFICE = manifest("office365", assisted("reason.find"))
ANALYTICS = manifest(
    "google_analytics",
    absent("reason.find"),
    erase=automatic(irreversible=True, repeat_safe=True),
    export=absent("reason.export"),
)
STREET = (HUBSPOT, EVENTBRITE, OFFICE, ANALYTICS)


def part(kind: RequestType = RequestType.ERASURE, position: int = 1, stage: Stage = Stage.RECEIVED) -> Part:
    """Return one right asked on 5 March 2026."""
    return Part(f"part{position}", position, kind, RECEIVED, stage=stage)


def ticket(*parts: Part, identity: IdentityState = IdentityState.PROVEN) -> Ticket:
    """Return a ticket of those parts."""
    return Ticket(
        "ticket1",
        "PR-2026-0042",
        Channel.MAIL,
        Language.SV,
        RECEIVED,
        parts or (part(),),
        identity=Identity(identity),
    )


def task(state: TaskState = TaskState.PROPOSED, operation: Operation = Operation.ERASE) -> Task:
    """Return an erasure in HubSpot."""
    how = HUBSPOT.how(operation)
    return Task("task1", "part1", "hubspot", operation, how.mode, state, irreversible=how.irreversible)
