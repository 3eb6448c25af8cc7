"""What a row says of work that is held up: how far it came, when it goes on, who has it, when they are reminded."""

from collections.abc import MutableMapping
from datetime import date, datetime, timedelta

from bot.card import Card, Table, Verb
from bot.domain.deadline import SWEDEN, local_date
from bot.domain.errors import TryLater
from bot.domain.system import Operation
from bot.domain.task import TaskState
from bot.domain.ticket import Ticket
from bot.ports import System
from bot.services.house import MORNING, key_of
from bot.services.showing.due import next_reminder
from handlers.schedule import HOURS
from tests.journeys.copies import copy_page
from tests.journeys.furnished import Furnished, words
from tests.journeys.pages import asked, reply
from tests.journeys.test_many import NOTES, Wide
from tests.journeys.walks import FATIMA, at_decision, at_search_end, states

PAUSE = timedelta(minutes=9)
FOUND = NOTES + 2


class Slow(Wide):
    """The same, and it asks for nine minutes each time it breaks off."""

    def _break_at(self, operation: Operation, number: int) -> None:
        try:
            super()._break_at(operation, number)
        except TryLater:
            raise TryLater("trouble.slow", PAUSE) from None


def row(card: Card, system: str) -> str:
    """Return what the card says of how a system stands."""
    (table,) = (one for one in card.elements if isinstance(one, Table))
    (found,) = (row for row in table.rows if row[0].startswith(system))
    return found[-1]


async def due(desk: Furnished, ticket: Ticket, operation: str) -> datetime:
    """Return when the job that carries out HubSpot's part of it is to run."""
    (task,) = (one for one in ticket.tasks if one.system == "hubspot" and one.operation == operation)
    async with desk.opened.house.work() as unit:
        return (await unit.jobs.due((key_of(task),)))[key_of(task)]


async def test_a_row_in_trouble_says_how_far_it_came_and_when_it_goes_on(desk: Furnished) -> None:
    """cards.md card 4: "5 av 7 · nytt försök 14:09 (Microsoft svarar långsamt)", as the job itself has it."""
    systems = desk.opened.house.systems
    assert isinstance(systems, MutableMapping)
    slow: System = Slow(systems["hubspot"].manifest)
    systems["hubspot"] = slow
    await at_decision(desk)
    assert "nytt försök" not in words(await desk.card("sara"))
    for name in ("karin", "sara", "jonas"):
        await desk.decide(name)
    assert states(await desk.ticket(), "export")["hubspot"] is TaskState.READY
    await said_as_it_is(desk, "export", "HubSpot, tillgång", "100")  # what a portion kept, not what was under way
    assert states(await desk.ticket(), "export")["hubspot"] is TaskState.DONE
    assert (await (await copy_page(desk, "karin")).let_all_out("HubSpot"))[0] == 200
    await desk.press("sara", Verb.SEND_LETTER)
    await (await desk.person(desk.letters(FATIMA)[-1])).package()
    await desk.settle()
    (about,) = [one for one in asked((await desk.review("karin"))[2]) if one.startswith("shared:")]
    await reply(desk, "karin", about, "dissociate:")
    await desk.settle()
    await said_as_it_is(desk, "erase", "HubSpot", "40")
    assert states(await desk.ticket(), "erase")["hubspot"] is TaskState.DONE


async def said_as_it_is(desk: Furnished, operation: str, system: str, done: str) -> None:
    """Hold the card's word against the job's own row; then let the moment come."""
    at = await due(desk, await desk.ticket(), operation)
    assert at == desk.clock.now() + PAUSE
    said = row(await desk.card("sara"), system)
    clock = f"{at.astimezone(SWEDEN):%H:%M}"
    assert said == f"{done} av {FOUND} · nytt försök {clock} (tar längre tid än vanligt)"
    await desk.later(PAUSE)
    assert "nytt försök" not in words(await desk.card("sara"))


async def test_a_step_by_hand_says_who_has_it_and_the_very_day_they_are_reminded(desk: Furnished) -> None:
    """One rule for the card and for the morning that sends it: the card's day is the first on which it comes."""
    await desk.sample("erase")
    await desk.press("sara", Verb.CONFIRM)
    (task,) = (one for one in (await desk.ticket()).tasks if one.state is TaskState.BY_HAND)
    said = row(await desk.card("sara"), "Outlook")
    for _ in range(3):  # it moves on once it was sent, so once is no proof
        promised = next_reminder(desk.opened.house, await desk.ticket(), desk.clock.now())
        assert promised is not None
        day = desk.opened.house.texts.day(desk.who("sara").language, promised)
        said = row(await desk.card("sara"), "Outlook")
        assert said.startswith("manuellt steg hos Jonas sedan ")
        assert said.endswith(f" · påminnelse {day}")
        assert await first_reminder(desk) == promised
    assert task.system == "office365_personal"


async def first_reminder(desk: Furnished) -> date:
    """Let mornings pass until somebody is reminded of the ticket; return that day."""
    before = len(await reminders(desk))
    for _ in range(40):
        tomorrow = local_date(desk.clock.now()) + timedelta(days=1)
        await desk.until(datetime.combine(tomorrow, MORNING, SWEDEN))
        await desk.tick("morning")
        if len(await reminders(desk)) > before:
            return tomorrow
    raise AssertionError("nobody was reminded")


async def reminders(desk: Furnished) -> list[str]:
    return [str(entry.facts["kind"]) for entry in await desk.events() if entry.event == "reminder.posted"]


async def test_a_closed_ticket_reminds_of_nothing(desk: Furnished) -> None:
    await desk.sample("unsubscribe")
    ticket = await desk.ticket()
    assert ticket.closed_at is not None
    assert next_reminder(desk.opened.house, ticket, desk.clock.now()) is None


async def test_before_the_morning_of_a_day_the_reminder_is_that_days(desk: Furnished) -> None:
    await at_search_end(desk, "erase")
    house, ticket = desk.opened.house, await desk.ticket()
    day = next_reminder(house, ticket, desk.clock.now())
    assert day is not None
    rings = datetime.combine(day, MORNING, SWEDEN)
    assert next_reminder(house, ticket, rings - timedelta(minutes=1)) == day
    later = next_reminder(house, ticket, rings)
    assert later is not None
    assert later > day


def test_reminders_go_out_when_the_calendar_says() -> None:
    assert (int(HOURS["morning"]["hour"]), int(HOURS["morning"]["minute"])) == (MORNING.hour, MORNING.minute)
