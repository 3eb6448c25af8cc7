"""Mail in, letter out: the main street, walked by colleagues on cards and by the person on their page."""

import asyncio
import io
import zipfile
from datetime import timedelta

from yarl import URL

from bot.card import Verb
from bot.domain.deadline import local_date
from bot.domain.identity import IdentityState, Method
from bot.domain.ledger import LedgerEvent
from bot.domain.locking import PACKAGE_GRACE
from bot.domain.request import Language
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome, Stage
from tests.journeys.furnished import Furnished, words
from tests.journeys.walks import FATIMA, PRIYA, at_decision, at_identity, states
from tests.stalling import Stalled


async def test_erasure_on_an_authenticated_mail(desk: Furnished) -> None:
    """The link sent to the address on file is the whole proof; two people approve; the person presses; a letter."""
    ref = await desk.sample("erase")
    assert ref
    assert (await desk.ticket()).stage is Stage.RECEIVED
    await desk.press("sara", Verb.CONFIRM)
    assert {letter.to for letter in desk.letters()} == {PRIYA}, "the receipt goes to who asked"
    await desk.finish("jonas")

    ticket = await desk.ticket()
    assert (ticket.stage, ticket.identity.state) == (Stage.DECIDING, IdentityState.AUTHENTICATED)
    await desk.decide("karin")
    assert (await desk.ticket()).stage is Stage.DECIDING, "one of two"
    await desk.decide("jonas")
    erase = next(task for task in (await desk.ticket()).tasks if task.operation == "erase")
    assert erase.state is TaskState.LOCKED
    assert not desk.hubspot.writes("gdpr-delete"), "nothing before the person pressed"

    link = next(letter for letter in desk.letters(PRIYA) if "/c/" in letter.text)
    person = await desk.person(link)
    await person.post("/c/confirm")
    await desk.settle()
    assert len(desk.hubspot.writes("gdpr-delete")) == 1
    await desk.later(timedelta(seconds=10))
    await desk.press("sara", Verb.SEND_LETTER)

    closed = await desk.ticket()
    assert (closed.stage, closed.parts[0].outcome) == (Stage.CLOSED, Outcome.FULFILLED)
    assert closed.identity.method is Method.LINK
    assert desk.hubspot.account.contact(PRIYA) is None
    assert {letter.to for letter in desk.letters()} == {PRIYA}


async def with_access_answered(desk: Furnished) -> None:
    """Walk access then erasure to where the access letter is out and everything is approved."""
    await at_decision(desk)
    await desk.decide("karin")
    await desk.decide("sara")
    await desk.decide("jonas")
    assert not desk.hubspot.writes("gdpr-delete")
    person = desk.opened.house.texts.say(Language.SV, "card.waiting_for_person")
    assert person not in words(await desk.card("sara")), "nobody fetches a package that was not sent"
    await desk.press("sara", Verb.SEND_LETTER)
    assert person in words(await desk.card("sara"))
    access, erasure = (await desk.ticket()).parts
    assert (access.outcome, erasure.stage) == (Outcome.FULFILLED, Stage.EXECUTING)


async def finish_erasure(desk: Furnished) -> None:
    """Do what is left once the erasure is unlocked: the step by hand and the letter."""
    await desk.later(timedelta(seconds=10))
    desk.eventbrite.blank(FATIMA)
    await desk.finish("sara", result="done")
    await desk.press("sara", Verb.SEND_LETTER)
    closed = await desk.ticket()
    assert [part.outcome for part in closed.parts] == [Outcome.FULFILLED, Outcome.FULFILLED]
    assert len(desk.hubspot.writes("gdpr-delete")) == 1
    assert desk.hubspot.account.contact(FATIMA) is None


async def test_access_then_erasure_the_package_fetched(desk: Furnished) -> None:
    """Fetching the package is the proof and unlocks the erasure at once (D3, D7); the package outlives the erasure."""
    await with_access_answered(desk)
    assert set(states(await desk.ticket(), "erase").values()) == {TaskState.LOCKED}

    person = await desk.person(desk.letters(FATIMA)[-1])
    package = await person.package()
    with zipfile.ZipFile(io.BytesIO(package)) as files:
        packed = "".join(files.read(name).decode("utf-8", "replace") for name in files.namelist())
    assert "Invitation: webinar on onboarding" in packed, "what HubSpot held is in it"
    assert FATIMA in packed
    await desk.settle()
    assert states(await desk.ticket(), "erase")["eventbrite"] is TaskState.BY_HAND
    await finish_erasure(desk)
    assert await person.package() == package


async def test_a_download_that_broke_off_unlocks_nothing(desk: Furnished) -> None:
    """All of it may be written to the line; while the person's end has not taken it, it was not fetched (D3)."""
    await with_access_answered(desk)
    person = await desk.person(desk.letters(FATIMA)[-1])
    cookies = person.session.cookie_jar.filter_cookies(URL(f"{person.url}/c/page"))
    line = Stalled(f"{person.url}/c/package", "; ".join(f"{one.key}={one.value}" for one in cookies.values()))
    assert (await line.begin()).startswith(b"HTTP/1.1 200")
    await asyncio.sleep(0.2)
    line.hang_up()
    await asyncio.sleep(0.2)
    await desk.settle()
    assert (await desk.ticket()).parts[0].package_fetched_at is None
    assert set(states(await desk.ticket(), "erase").values()) == {TaskState.LOCKED}
    assert not [one for one in await desk.events() if one.event is LedgerEvent.PACKAGE_FETCHED]
    _, page = await person.get("/c/page")
    assert "Hämta filen igen" not in page
    assert await person.package()
    await desk.settle()
    assert (await desk.ticket()).parts[0].package_fetched_at is not None
    assert states(await desk.ticket(), "erase")["eventbrite"] is TaskState.BY_HAND


async def test_access_then_erasure_the_package_never_fetched(desk: Furnished) -> None:
    """Seven days after the letter the wait is over; the person has pressed nothing, so that is asked for (D3, D7)."""
    await with_access_answered(desk)
    await desk.later(timedelta(days=6, hours=23))
    assert not [
        letter for letter in desk.letters(FATIMA) if "radera" in letter.subject.casefold() and "Ja" in letter.text
    ]
    assert set(states(await desk.ticket(), "erase").values()) == {TaskState.LOCKED}
    before = len(desk.letters(FATIMA))
    await desk.later(timedelta(hours=2))
    assert len(desk.letters(FATIMA)) == before + 1, "the question goes out when the package no longer holds it back"
    assert not desk.hubspot.writes("gdpr-delete")

    person = await desk.person(desk.letters(FATIMA)[-1])
    await person.post("/c/confirm")
    await desk.settle()
    await finish_erasure(desk)


async def test_forwarded_mail(desk: Furnished) -> None:
    """A colleague's forward proves nothing of the sender: the doubt is written down, then the address on file asked."""
    ref = await at_identity(desk, "forwarded")
    asked = [entry for entry in await desk.events(ref) if entry.event == "identity.settled"]
    assert [entry.facts["doubts"] for entry in asked] == ["forwarded"]
    assert {letter.to for letter in desk.letters()} == {"lars.wallin@example.se"}
    person = await desk.person(desk.letters()[-1])
    await person.post("/c/confirm")
    await desk.settle()
    ticket = await desk.ticket(ref)
    assert (ticket.stage, ticket.identity.method) == (Stage.DECIDING, Method.LINK)
    await desk.decide("karin")
    await desk.decide("maria")
    await desk.later(timedelta(seconds=10))
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).parts[0].outcome is Outcome.FULFILLED
    assert {letter.to for letter in desk.letters()} == {"lars.wallin@example.se"}, "never to whom forwarded it"


async def test_nothing_found(desk: Furnished) -> None:
    """Nobody of that address anywhere: a letter says where we looked, and the part closes as nothing held."""
    ref = await desk.sample("nobody")
    await desk.press("sara", Verb.CONFIRM, ref)
    await desk.finish("jonas", ref)
    await desk.press("sara", Verb.SEND_LETTER, ref)
    ticket = await desk.ticket(ref)
    assert (ticket.stage, ticket.parts[0].outcome) == (Stage.CLOSED, Outcome.NOTHING_HELD)
    answer = desk.letters("nils.okand@example.org")[-1]
    assert all(name in answer.text for name in ("HubSpot", "Office 365", "Eventbrite"))


async def test_an_opt_out_runs_by_itself(desk: Furnished) -> None:
    """Nobody presses anything: HubSpot is told, T11 goes out, the ticket is closed (D8)."""
    ref = await desk.sample("unsubscribe")
    ticket = await desk.ticket(ref)
    assert (ticket.stage, ticket.parts[0].outcome) == (Stage.CLOSED, Outcome.FULFILLED)
    assert desk.hubspot.account.opted_out == {"rebecca.stone@example.com"}
    assert [letter.kind for letter in ticket.letters] == ["T11"]
    assert len(desk.letters("rebecca.stone@example.com")) == 1


async def test_sales_mail_stays_an_item(desk: Furnished) -> None:
    """No ticket, no receipt; it stands on the quiet list (D1)."""
    assert await desk.sample("sales") == ""
    assert not desk.letters()
    async with desk.opened.house.work() as unit:
        assert len(await unit.items.waiting()) == 1


async def test_a_copy_before_an_erasure_is_said_truthfully(desk: Furnished) -> None:
    """Letter and page say that the erasure waits, and until when: no longer than a week, fetched or not (D3)."""
    await with_access_answered(desk)
    letter = desk.letters(FATIMA)[-1]
    assert "längst sju dagar från det här brevet" in letter.text
    person = await desk.person(letter)
    _, page = await person.get("/c/page")
    ends = local_date(desk.clock.now() + PACKAGE_GRACE)
    assert f"men längst till {desk.opened.house.texts.long_day(Language.SV, ends)}" in page
    assert "Raderingen väntar på att du hämtar filen." in page
    assert "mappen files" not in zipfile.ZipFile(io.BytesIO(await person.package())).read("index.html").decode()
    await desk.settle()
    _, page = await person.get("/c/page")
    assert "väntar tills du har hämtat filen" not in page


async def test_an_erasure_that_waits_for_a_yes_is_not_said_to_be_under_way(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    for name in ("karin", "jonas"):
        await desk.decide(name)
    person = await desk.person(desk.letters(PRIYA)[-1])
    _, page = await person.get("/c/page")
    assert "The erasure waits for your answer" in page
    assert "We are doing what you asked for" not in page
