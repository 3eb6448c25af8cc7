"""Everything fails once, everywhere: the ticket still closes with the right letters, and nothing is done twice."""

import io
import re
import zipfile
from datetime import timedelta

import pytest
from aiohttp import FormData

from bot.card import Verb
from bot.domain.errors import Incomplete, NeedsHuman, NotAllowedNow, NotYours, OutcomeUnknown, StaleCard, TryLater
from bot.domain.letter import LetterState
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome, Stage
from bot.ports import OutgoingMail
from integrations.sandbox import Fault, Trouble
from tests.journeys.furnished import Furnished, verbs
from tests.journeys.walks import FATIMA, at_decision, states

#: Every call the journey makes at HubSpot, by method and a part of its path; and at Eventbrite.
HUBSPOT = (
    ("POST", "contacts/search"),
    ("GET", "/contacts/"),
    ("GET", "/associations/"),
    ("POST", "/batch/read"),
    ("GET", "/properties/"),
    ("GET", "/statuses/"),
    ("GET", "/memberships"),
    ("POST", "gdpr-delete"),
    ("POST", "/batch/archive"),
)
EVENTBRITE = (("GET", "/orders/"), ("GET", "/attendees/"))
#: What a retry cures by itself.
PASSING = (
    Fault(Trouble.STATUS, status=503),
    Fault(Trouble.STATUS, status=429, headers={"Retry-After": "2"}),
    Fault(Trouble.LOST_ANSWER),
    Fault(Trouble.LOST_REQUEST),
)
#: What a colleague must look at: access refused, answers that are none.
LASTING = (Fault(Trouble.STATUS, status=401), Fault(Trouble.GARBAGE), Fault(Trouble.WRONG_TYPE))


def named(fault: Fault) -> str:
    return f"{fault.trouble}-{fault.status}" if fault.trouble is Trouble.STATUS else fault.trouble


async def walk_stubbornly(desk: Furnished) -> None:
    """Walk access then erasure to its end; let hours pass while systems recover, retry what got stuck."""
    await desk.sample("access-then-erase")
    await desk.press("sara", Verb.CONFIRM)
    await recovered(desk)
    await desk.finish("jonas")
    for name in ("karin", "sara", "jonas"):
        await desk.decide(name)
    await recovered(desk)
    await desk.press("sara", Verb.SEND_LETTER)
    person = await desk.person(desk.letters(FATIMA)[-1])
    await person.package()
    await recovered(desk)
    desk.eventbrite.blank(FATIMA)
    await desk.finish("sara", result="done")
    await desk.later(timedelta(minutes=10), steps=10)
    await desk.press("sara", Verb.SEND_LETTER)


async def recovered(desk: Furnished) -> None:
    """Let a few hours pass; retry as often as something is stuck."""
    for _ in range(4):
        await desk.later(timedelta(hours=2), steps=40)
        stuck = [task for task in (await desk.ticket()).tasks if task.state is TaskState.STUCK]
        if not stuck:
            return
        await desk.press("maria", Verb.RETRY)
    raise AssertionError(await desk.ticket())


async def ended_well(desk: Furnished) -> None:
    ticket = await desk.ticket()
    assert [part.outcome for part in ticket.parts] == [Outcome.FULFILLED] * 2
    assert [letter.kind for letter in ticket.letters] == ["T1", "T5", "T7"]
    assert len(desk.letters(FATIMA)) == 3
    asked = [one.applied for one in desk.hubspot.seen if one.path.endswith("gdpr-delete")]
    assert asked.count(True) == 1
    assert asked[-1], "never asked again once it was carried out"
    assert desk.hubspot.account.contact(FATIMA) is None
    approvals = [entry for entry in await desk.events() if entry.event == "task.approved"]
    assert len(approvals) == 6, "a retry never approves"
    unmet = [one for vendor in (desk.hubspot, desk.eventbrite) for one in vendor.faults._faults if one.times]
    assert not unmet, "every call met its trouble"


@pytest.mark.parametrize("fault", PASSING, ids=named)
async def test_each_call_fails_once_and_recovers(desk: Furnished, fault: Fault) -> None:
    """Every kind of call meets the trouble once; nobody is asked to do anything."""
    put(desk, fault)
    await walk_stubbornly(desk)
    await ended_well(desk)
    assert not [entry for entry in await desk.events() if entry.event == "task.retried"]
    assert [entry for entry in await desk.events() if entry.event == "task.trouble"]


@pytest.mark.parametrize("fault", LASTING, ids=named)
async def test_each_call_fails_once_and_asks(desk: Furnished, fault: Fault) -> None:
    """A colleague is asked, tries again, and it goes on from where it was."""
    put(desk, fault)
    await walk_stubbornly(desk)
    await ended_well(desk)


def put(desk: Furnished, fault: Fault) -> None:
    for vendor, calls in ((desk.hubspot, HUBSPOT), (desk.eventbrite, EVENTBRITE)):
        for method, path in calls:
            vendor.faults.add(
                Fault(fault.trouble, method, path, status=fault.status, headers=fault.headers, body=fault.body)
            )


async def test_a_stuck_system(desk: Furnished) -> None:
    """The key was withdrawn: the owner is asked; a stranger cannot retry; a retry asks nobody to approve anew."""
    await at_decision(desk)
    desk.hubspot.faults.add(Fault(Trouble.STATUS, status=401, times=None))
    await desk.decide("karin")
    ticket = await desk.ticket()
    assert states(ticket, "export")["hubspot"] is TaskState.STUCK
    card = await desk.card("karin")
    assert Verb.RETRY in verbs(card)
    press = next(task for task in ticket.tasks if task.state is TaskState.STUCK)
    with pytest.raises(NotYours):
        await desk.press("david", Verb.RETRY)
    await desk.press("karin", Verb.RETRY)
    assert states(await desk.ticket(), "export")["hubspot"] is TaskState.STUCK, "still refused"
    desk.hubspot.faults.clear()
    await desk.press("karin", Verb.RETRY)
    done = (await desk.ticket()).task(press.id)
    assert (done.state, done.approvals) == (TaskState.DONE, press.approvals)
    await desk.tick("morning")


async def test_a_stuck_system_is_finished_by_hand(desk: Furnished) -> None:
    """What the owner took out themselves is added on the review page; it goes into the package."""
    await at_decision(desk)
    desk.hubspot.faults.add(Fault(Trouble.STATUS, status=401, times=None))
    await desk.decide("karin")
    done = {"result": "done", "count": "1", "masked": "0"}
    with pytest.raises(Incomplete, match="file_first"):
        await desk.fill("karin", Verb.FINISH_BY_HAND, done, label="HubSpot")
    browser, at, page = await desk.review("karin")
    (csrf,) = set(re.findall(r'name="csrf" value="([^"]*)"', page))
    (task,) = re.findall(r'name="task" value="([^"]*)"', page)
    for content, expected in ((b"", 422), (b"namn;telefon", 200)):
        form = FormData({"csrf": csrf, "task": task})
        form.add_field("file", content, filename="../utdrag.csv")
        async with browser.session.post(f"{browser.url}{at}/upload", data=form) as answer:
            assert (answer.status == expected) or (expected != 200 and answer.status >= 400)
    await desk.fill("karin", Verb.FINISH_BY_HAND, done, label="HubSpot")
    assert states(await desk.ticket(), "export")["hubspot"] is TaskState.DONE
    await desk.decide("sara")
    await desk.press("sara", Verb.SEND_LETTER)
    package = await (await desk.person(desk.letters(FATIMA)[-1])).package()
    with zipfile.ZipFile(io.BytesIO(package)) as files:
        (name,) = [one for one in files.namelist() if "utdrag" in one]
        assert files.read(name) == b"namn;telefon"
        assert ".." not in name.split("/")


class Rough:
    """A mailbox that is in trouble for the next letters, then works."""

    def __init__(self, desk: Furnished, *troubles: Exception, leaves: bool = False) -> None:
        self._real, self._troubles, self._leaves = desk.opened.house.mailbox, list(troubles), leaves
        self.asked: list[OutgoingMail] = []
        object.__setattr__(desk.opened.house, "mailbox", self)

    async def waiting(self) -> bool:
        return await self._real.waiting()

    async def arrivals(self) -> object:
        return await self._real.arrivals()

    async def file_away(self, key: str) -> None:
        await self._real.file_away(key)

    async def was_sent(self, message_id: str) -> bool:
        return await self._real.was_sent(message_id)

    async def send(self, mail: OutgoingMail) -> None:
        self.asked.append(mail)
        if not self._troubles:
            await self._real.send(mail)
            return
        if self._leaves:
            await self._real.send(mail)
        raise self._troubles.pop(0)


async def test_a_letter_whose_answer_was_lost(desk: Furnished) -> None:
    """Looked for before it is asked for again: it left, so it is not sent twice (D34)."""
    rough = Rough(desk, OutcomeUnknown("trouble.mail_unknown"), leaves=True)
    await desk.sample("erase")
    await desk.press("sara", Verb.CONFIRM)
    await desk.later(timedelta(minutes=2), steps=4)
    assert (await desk.ticket()).letters[0].state is LetterState.SENT
    assert len(rough.asked) == 1
    assert len(desk.letters()) == 1


async def test_a_letter_that_did_not_leave(desk: Furnished) -> None:
    rough = Rough(desk, TryLater("trouble.mail_later"), OutcomeUnknown("trouble.mail_unknown"))
    await desk.sample("erase")
    await desk.press("sara", Verb.CONFIRM)
    await desk.later(timedelta(minutes=5), steps=10)
    assert (await desk.ticket()).letters[0].state is LetterState.SENT
    assert len(rough.asked) == 3
    assert len(desk.letters()) == 1


@pytest.mark.parametrize(("way", "left"), [("was_sent", 0), ("send_again", 1)])
async def test_a_doubtful_letter_is_a_persons(desk: Furnished, way: str, left: int) -> None:
    """The mail server said no: somebody looks and says which it was."""
    Rough(desk, NeedsHuman("trouble.mail_refused"))
    await desk.sample("erase")
    await desk.press("sara", Verb.CONFIRM)
    assert (await desk.ticket()).letters[0].state is LetterState.DOUBTFUL
    form = await desk.form("sara", Verb.SETTLE_LETTER)
    await desk.send("sara", form, {"way": way})
    assert (await desk.ticket()).letters[0].state is LetterState.SENT
    assert len(desk.letters()) == left
    with pytest.raises((NotAllowedNow, StaleCard)):
        await desk.send("sara", form, {"way": way})
    assert (await desk.ticket()).stage is not Stage.CLOSED
