"""What is refused on an opened page is written down as in a chat, and says who can do it instead (D9)."""

from dataclasses import replace

from bot.domain.ledger import LedgerEvent
from tests.journeys.furnished import FIRST, Furnished
from tests.journeys.pages import asked
from tests.journeys.test_decisions import fields
from tests.journeys.test_shared import with_meetings
from tests.journeys.walks import at_decision, confirmed_by_link


async def refusals(desk: Furnished) -> list[tuple[str, str, str]]:
    """Return what was refused on the ticket: to whom, of what, why."""
    entries = [entry for entry in await desk.events() if entry.event is LedgerEvent.REFUSED]
    return [(entry.actor, str(entry.facts["verb"]), str(entry.facts["why"])) for entry in entries]


async def about_them(desk: Furnished, name: str) -> None:
    """Let it come out that the open ticket is about a colleague."""
    ticket = await desk.ticket()
    async with desk.opened.house.work() as unit:
        await unit.index.remember(ticket.id, unit.index.digest("email", desk.who(name).email))


async def test_who_may_not_write_a_letter_and_who_was_too_slow(desk: Furnished) -> None:
    await at_decision(desk, "erase")
    await desk.decide("karin")
    await desk.decide("jonas")
    await confirmed_by_link(desk)
    browser, at, page = await desk.review("karin")
    status, said = await browser.post(f"{at}/letter", fields(page) | {"text": "Hemliga ord."})
    assert status == 403
    assert "Sara Lind" in said
    assert await refusals(desk) == [("karin", "letter", "refusal.not_yours_handler")]
    browser, at, page = await desk.review("sara")
    letter = fields(page)
    assert (await browser.post(f"{at}/letter", letter | {"text": letter["text"] + "\nVänligen, Sara\n"}))[0] == 200
    assert (await browser.post(f"{at}/letter", letter | {"text": letter["text"] + "\nHemliga ord.\n"}))[0] == 409
    assert (await refusals(desk))[1:] == [("sara", "letter", "refusal.stale")]
    assert "Hemliga" not in str(await desk.events())


async def test_the_only_officer_is_sent_to_somebody_else(desk: Furnished) -> None:
    """A page opened before it came out whose request it is: nothing is ruled on, and she is not told to ask herself."""
    about = await with_meetings(desk)
    browser, at, page = await desk.review("maria")
    assert about in asked(page)
    await about_them(desk, "maria")
    given = desk.form_of(page, "answer") | {"about": about, "chosen": "redact:", "reference": FIRST}
    status, said = await browser.post(f"{at}/answer", given)
    assert status == 403
    assert "Sara Lind" in said
    assert "Maria Ek" not in said
    assert await refusals(desk) == [("maria", "answer", "refusal.own_request")]
    assert about in asked((await desk.review("karin"))[2]), "nothing was decided"


async def test_who_owns_nothing_there_is_told_whose_it_is(desk: Furnished) -> None:
    about = await with_meetings(desk)
    browser, at, page = await desk.review("sara")
    given = desk.form_of(page, "answer") | {"about": about, "chosen": "redact:", "reference": FIRST}
    status, said = await browser.post(f"{at}/answer", given)
    assert status == 403
    assert "Karin Holm" in said
    assert "HubSpot" in said
    assert await refusals(desk) == [("sara", "answer", "refusal.not_yours_owner")]


async def test_a_page_that_may_not_be_read_any_more_is_a_refusal_too(desk: Furnished) -> None:
    """The ticket became the officer's alone after the page was opened."""
    await at_decision(desk, "erase")
    browser, at, _ = await desk.review("sara")
    ticket = await desk.ticket()
    async with desk.opened.house.work() as unit:
        await unit.tickets.save(ticket, replace(ticket, flags=ticket.flags | {"protected_identity"}))
    status, said = await browser.get(at)
    assert status == 403
    assert "Maria Ek" in said
    assert await refusals(desk) == [("sara", "review", "refusal.not_yours_officer")]
