"""How often the proposals were right: what colleagues do is what is counted, and nothing of it is personal."""

from bot.app.proposals import as_json, words
from bot.card import Press, Verb
from bot.domain.accuracy import Accuracy, Verdict
from bot.services.keeping.accuracy import how_right
from tests.bench.mails import pile
from tests.journeys.furnished import FIRST, Furnished
from tests.journeys.furnished import words as words_of
from tests.journeys.leaks import leaks


async def counted(desk: Furnished) -> Accuracy:
    async with desk.opened.house.work() as unit:
        return (await how_right(unit)).whole


async def four_requests(desk: Furnished) -> list[str]:
    """Let four requests arrive; return their references."""
    mails = pile(20, desk.clock.now(), large=False).raws
    await desk.pour([raw for raw in mails if b"Subject: Radera" in raw or b"Subject: Access" in raw][:4])
    return [ticket.ref for ticket in await desk.tickets()]


async def test_what_colleagues_do_is_what_is_counted(desk: Furnished) -> None:
    right, changed, dismissed, waiting = await four_requests(desk)
    await desk.press("sara", Verb.CONFIRM, right)
    await desk.fill("sara", Verb.CHANGE, {}, changed)
    assert (await counted(desk)).changed == {}
    await desk.fill("sara", Verb.CHANGE, {"rights": ["erasure"], "roles": ["attendee"]}, changed)
    await desk.fill("sara", Verb.CHANGE, {"rights": ["access"], "subject": "some.body@example.org"}, changed)
    await desk.press("sara", Verb.CONFIRM, changed)
    await desk.fill("sara", Verb.DISMISS, {"reason": "duplicate"}, dismissed)
    found = await counted(desk)
    assert found.verdicts == dict.fromkeys(Verdict, 1)
    assert {"rights", "roles", "subject"} == set(found.changed)
    assert found.reasons == {"duplicate": 1}
    await desk.fill("sara", Verb.REOPEN, {"reason": "wrongly_closed"}, dismissed)
    assert (await counted(desk)).undone == 1
    assert (await desk.ticket(waiting)).ref == waiting


async def test_a_form_sent_as_it_stood_is_no_correction(desk: Furnished) -> None:
    """The form sends every field each time; the ledger names only what really differs."""
    await desk.sample("erase")
    for given in ({}, {"language": "sv"}, {"scope": "fields", "scope_fields": "telefon"}):
        await desk.fill("sara", Verb.CHANGE, given)
    changed = [entry.facts["changed"] for entry in await desk.events() if entry.event == "ticket.changed"]
    assert changed == ["", "language", "scope"]


async def test_a_missed_request_is_found_and_an_opt_out_proves_nothing(desk: Furnished) -> None:
    await desk.sample("sales")
    about = f"items:{desk.opened.house.today()}"
    browser, path, page = await desk.review("sara", about, Verb.OPEN_ITEM)
    await browser.post(f"{path}/open", desk.form_of(page, "open"))
    assert await counted(desk) == Accuracy(missed=1)
    await desk.sample("unsubscribe")
    assert await counted(desk) == Accuracy(missed=1)


async def test_it_is_told_in_chat_on_the_command_line_and_to_the_monitor(desk: Furnished) -> None:
    await four_requests(desk)
    await desk.press("sara", Verb.CONFIRM, FIRST)
    swedish = await desk.opened.desk.say(desk.who("sara"), "statistik")
    assert "100 procent av 1 avgjorda" in words_of(swedish)
    english = await desk.opened.desk.say(desk.who("david"), "stats")
    assert "100 per cent of 1 decided" in words_of(english)
    async with desk.opened.house.work() as unit:
        found = await how_right(unit)
    assert as_json(found)["whole"]["right_percent"] == 100
    browser = await desk.visitor()
    _, metrics = await browser.get("/metrics")
    assert 'privacy_desk_proposals{verdict="unchanged"} 1.0' in metrics
    assert 'privacy_desk_proposals{verdict="waiting"} 3.0' in metrics
    assert 'privacy_desk_items{list="waiting"} 0.0' in metrics
    told = {
        "chat": words_of(swedish) + words_of(english),
        "lines": "\n".join(words(found)),
        "json": str(as_json(found)),
        "metrics": metrics,
    }
    secrets = [f"person{n}" for n in range(20)]
    assert not leaks({place: text.encode() for place, text in told.items()}, secrets)


async def test_a_confirmed_ticket_says_how_sure_the_reading_was(desk: Furnished) -> None:
    await four_requests(desk)
    entries = await desk.events()
    assert 50 <= int(entries[0].facts["confidence"]) <= 100
    read = [entry for entry in await desk.events("desk") if entry.event == "item.read"]
    assert all(0 <= int(entry.facts["confidence"]) <= 100 for entry in read)
    ticket = await desk.ticket()
    await desk.opened.desk.press(desk.who("sara"), Press(Verb.CONFIRM, ticket.id, ticket.version))
    async with desk.opened.house.work() as unit:
        bands = (await how_right(unit)).bands
    assert sum(one.decided for one in bands.values()) == 1
