"""An address that names a ticket and may be pasted anywhere: it leads those in who may read, and tells nobody else."""

from dataclasses import replace

import pytest

from bot.domain.ledger import LedgerEvent
from handlers.slack.events import references
from tests.journeys.furnished import FIRST, Furnished
from tests.journeys.guarded import CONTENT, KARIN, SARA, Guarded

ADDRESS = f"/t/{FIRST}"
NOBODYS = "PR-2026-0999"


async def looked(desk: Furnished) -> list[str]:
    return [one.actor for one in await desk.events() if one.event is LedgerEvent.LOOKED]


async def test_it_leads_to_the_ticket_once_signed_in(guarded: Guarded) -> None:
    browser = await guarded.desk.visitor()
    status, page = await browser.get(ADDRESS.lower())
    assert (status, CONTENT in page) == (200, False)
    assert f'action="/review/{FIRST}"' in page
    assert await looked(guarded.desk) == [], "following a link changes nothing (D7c)"
    status, page = await guarded.enter(browser, f"/review/{FIRST}", SARA)
    assert (status, CONTENT in page) == (200, True)
    assert await looked(guarded.desk) == ["sara"]
    status, page = await browser.post(f"/review/{FIRST}")
    assert (status, CONTENT in page) == (200, True), "it is not used up"
    assert await looked(guarded.desk) == ["sara"] * 2


async def test_nobody_learns_from_it_which_tickets_there_are(guarded: Guarded) -> None:
    browser = await guarded.desk.visitor()
    known, unknown = await browser.get(ADDRESS), await browser.get(f"/t/{NOBODYS}")
    assert known == (unknown[0], unknown[1].replace(NOBODYS, FIRST))
    ways = []
    for ref in (FIRST, NOBODYS):
        async with browser.session.post(f"{browser.url}/review/{ref}", allow_redirects=False) as answer:
            ways.append((answer.status, answer.headers["Location"].partition("?")[0]))
    assert ways[0] == ways[1]
    status, page = await guarded.enter(browser, f"/review/{NOBODYS}", SARA)
    assert status == 404
    assert f"Inget ärende heter {NOBODYS}." in page


@pytest.mark.parametrize("path", ["/t/PR-2026-1", "/t/hej", "/t/PR-2026-0001x", "/t/"])
async def test_what_names_no_ticket_is_no_page(guarded: Guarded, path: str) -> None:
    assert (await (await guarded.desk.visitor()).get(path))[0] == 404


async def test_it_admits_nobody_who_would_get_no_link(guarded: Guarded) -> None:
    """D9, D12: it is the officer's alone, whatever address leads there."""
    async with guarded.desk.opened.house.work() as unit:
        ticket = await unit.tickets.load(FIRST)
        await unit.tickets.save(ticket, replace(ticket, flags=ticket.flags | {"protected_identity"}))
    for person in (SARA, KARIN):
        status, page = await guarded.enter(await guarded.desk.visitor(), f"/review/{FIRST}", person)
        assert (status, CONTENT in page) == (403, False)
    assert await looked(guarded.desk) == []
    refused = [one.actor for one in await guarded.desk.events("desk") if one.event is LedgerEvent.REFUSED]
    assert refused == ["sara", "karin"]


async def test_the_page_offers_it(guarded: Guarded) -> None:
    _, page = await guarded.enter(await guarded.desk.visitor(), await guarded.link(), SARA)
    assert f'href="{ADDRESS}"' in page
    assert references(f"https://desk.example.org{ADDRESS}") == (FIRST,), "pasted into Slack, it is looked up"


async def test_where_nobody_signs_in_it_says_how_to_look_up_and_shows_nothing(desk: Furnished) -> None:
    await desk.sample("erase")
    browser = await desk.visitor()
    known, unknown = await browser.get(ADDRESS), await browser.get(f"/t/{NOBODYS}")
    assert known[0] == 200
    assert f"visa {FIRST}" in known[1]
    assert known == (unknown[0], unknown[1].replace(NOBODYS, FIRST))
    assert "<form" not in known[1]
    assert (await browser.post(f"/review/{FIRST}"))[0] == 404, "a reference opens nothing by itself"
    assert await looked(desk) == []
