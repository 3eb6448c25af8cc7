"""Stretches of the street that several journeys begin with."""

from datetime import timedelta

from bot.card import Verb
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome, Stage, Ticket
from tests.journeys.furnished import FIRST, Furnished

PRIYA = "priya.natarajan@example.org"
FATIMA = "fatima.haddad@example.com"


async def at_search_end(desk: Furnished, sample: str) -> str:
    """Walk one of the demo's mails past the search; return its reference."""
    ref = await desk.sample(sample)
    await desk.press("sara", Verb.CONFIRM, ref)
    await desk.finish("jonas", ref)
    return ref


async def at_decision(desk: Furnished, sample: str = "access-then-erase") -> str:
    """Walk one of the demo's mails to where its owners decide; return its reference."""
    ref = await at_search_end(desk, sample)
    assert (await desk.ticket(ref)).stage is Stage.DECIDING
    return ref


async def at_identity(desk: Furnished, sample: str) -> str:
    """Walk one of the demo's mails to where proof is asked for; return its reference."""
    ref = await at_search_end(desk, sample)
    assert (await desk.ticket(ref)).stage is Stage.VERIFYING
    return ref


async def confirmed_by_link(desk: Furnished, ref: str = FIRST) -> None:
    """Let the person follow the newest link in their letters and say yes."""
    linked = [letter for letter in desk.letters() if "/c/" in letter.text and ref in letter.subject + letter.text]
    person = await desk.person(linked[-1])
    await person.post("/c/confirm")
    await desk.settle()


async def erased(desk: Furnished) -> None:
    """Walk Priya's erasure to its end."""
    await at_decision(desk, "erase")
    await desk.decide("karin")
    await desk.decide("jonas")
    await confirmed_by_link(desk)
    await desk.later(timedelta(seconds=10))
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).parts[0].outcome is Outcome.FULFILLED


def states(ticket: Ticket, operation: str) -> dict[str, TaskState]:
    """Return the state of every task of one operation, by system."""
    return {task.system: task.state for task in ticket.tasks if task.operation == operation}
