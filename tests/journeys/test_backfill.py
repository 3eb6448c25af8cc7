"""Older mail: proposed to a person and nothing else, however often it is asked for (D4)."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.card import Verb
from bot.domain.errors import NotAllowedNow, PrivacyDeskError, Shredded
from bot.domain.ledger import LedgerEvent
from bot.domain.ticket import Stage
from bot.ports import ItemState, Shelf, Unit
from bot.services.intake.backfill import Found, backfill
from tests.bench.mails import lay, pile
from tests.journeys.furnished import Furnished, verbs, words
from tests.journeys.test_triage import BROKEN

OPT_OUT = b"""Authentication-Results: mx1.gotowork.example; spf=pass; dkim=pass header.d=example.org;
 dmarc=pass header.from=example.org
Received: from mail.example.org by mx1.gotowork.example; Mon, 01 Dec 2025 09:00:00 +0100
From: Olle Opt <olle.opt@example.org>
To: info@goto.work
Subject: Avregistrera mig
Date: Mon, 01 Dec 2025 09:00:00 +0100
Message-ID: <optout@example.org>
Content-Type: text/plain; charset=utf-8

Avregistrera mig fr\xc3\xa5n ert nyhetsbrev, tack.
"""


def laid(desk: Furnished, raws: list[bytes], at: datetime, folder: str = "cur") -> list[Path]:
    """Let mails lie in the mailbox since *at*, filed away long ago; return their files."""
    inbox = desk.mail_folder / "in"
    before = set((inbox / "new").glob("*")) if (inbox / "new").exists() else set()
    lay(raws, inbox)
    files = []
    for path in set((inbox / "new").glob("*")) - before:
        files.append(path.rename(inbox / folder / (path.name + ":2,S")))
        os.utime(files[-1], (at.timestamp(), at.timestamp()))
    return files


async def in_state(desk: Furnished, state: ItemState) -> int:
    async with desk.opened.house.work() as unit:
        return len(await (unit.items.older() if state is ItemState.OLDER else unit.items.waiting()))


def old_pile(desk: Furnished) -> tuple[date, datetime, list[bytes]]:
    """Return the day to ask from, when the mails came, and mails of every kind: an opt-out and broken ones too."""
    start = desk.opened.house.start
    at = datetime(start.year, start.month, start.day, 9, tzinfo=UTC) - timedelta(days=40)
    mails = pile(20, at, large=False).raws
    raws = [*(raw for raw in mails if b"multipart" not in raw), next(raw for raw in mails if b"multipart" in raw)]
    return start - timedelta(days=60), at, [*raws, OPT_OUT, BROKEN]


async def test_older_mail_is_proposed_and_nothing_else(desk: Furnished) -> None:
    since, at, raws = old_pile(desk)
    files = laid(desk, raws, at)
    found = await backfill(desk.opened.house, since)
    assert found == Found(read=21, known=2, requests=14, doubts=1, quiet=4)
    await desk.settle()
    assert await in_state(desk, ItemState.OLDER) == 15
    assert not await desk.tickets()
    assert not desk.letters()
    assert not desk.slack.calls
    assert all(path.exists() for path in files), "nothing is filed away"
    again = await backfill(desk.opened.house, since)
    assert again == Found(read=21, known=17, quiet=4)
    assert await in_state(desk, ItemState.OLDER) == 15


async def test_what_came_before_the_day_or_after_the_start_is_left_alone(desk: Furnished) -> None:
    since, at, _ = old_pile(desk)
    laid(desk, list(pile(1, at, large=False).raws), at - timedelta(days=90))
    now = desk.clock.now()
    laid(desk, [raw.replace(b"<0@", b"<later@") for raw in pile(1, now, large=False).raws], now)
    assert await backfill(desk.opened.house, since) == Found()


async def test_what_the_desk_took_in_already_is_known(desk: Furnished) -> None:
    since, at, _ = old_pile(desk)
    raws = list(pile(1, at, large=False).raws)
    await desk.pour(raws)
    assert await in_state(desk, ItemState.WAITING) == 1, "a live mail from before the start stays on the quiet list"
    laid(desk, raws, at)
    assert await backfill(desk.opened.house, since) == Found(read=2, known=2)


async def test_a_handler_lifts_one_out_and_its_clock_is_its_true_receipt(desk: Furnished) -> None:
    """The card says that the last day has passed; no receipt leaves before somebody confirms."""
    since, at, raws = old_pile(desk)
    laid(desk, raws[:1], at)
    await backfill(desk.opened.house, since)
    await desk.tick("morning")
    about = f"items:{desk.opened.house.today()}"
    card = await desk.card("sara", about)
    assert "1 äldre mejl ser ut som en begäran" in words(card)
    assert Verb.DISMISS_ITEMS not in verbs(card), "there is nothing to dismiss at once: each is looked at"
    _, _, page = await desk.review("sara", about, Verb.OPEN_ITEM)
    assert "De kom innan desken startade" in page
    assert "person0@example.org" in page
    desk.clock.advance(timedelta(days=30))
    await desk.press("sara", Verb.OPEN_ITEM, about)
    browser, path, page = await desk.review("sara", about, Verb.OPEN_ITEM)
    status, _ = await browser.post(f"{path}/open", desk.form_of(page, "open"))
    assert status == 200
    await desk.settle()
    ticket = await desk.ticket()
    assert ticket.received.date() == at.date()
    assert ticket.stage is Stage.RECEIVED
    assert "har passerat" in words(await desk.card("sara"))
    assert not desk.letters()
    opened = next(entry for entry in await desk.events() if entry.event == LedgerEvent.TICKET_OPENED)
    assert (opened.actor, opened.facts["promoted"]) == ("sara", 1)
    await desk.press("sara", Verb.CONFIRM)
    assert len(desk.letters()) == 1


async def test_an_old_opt_out_waits_for_a_press(desk: Furnished) -> None:
    """Authenticated and the sender's own: it would have run by itself had it come today (D8)."""
    since, at, _ = old_pile(desk)
    laid(desk, [OPT_OUT], at)
    await backfill(desk.opened.house, since)
    browser, path, page = await desk.review("sara", "items:2026-03-09", Verb.OPEN_ITEM)
    await browser.post(f"{path}/open", desk.form_of(page, "open"))
    await desk.settle()
    ticket = await desk.ticket()
    assert (ticket.route, ticket.stage) == ("auto_unsubscribe", Stage.RECEIVED)
    assert not ticket.tasks


async def test_one_that_is_none_is_dismissed_and_taken_back(desk: Furnished) -> None:
    since, at, raws = old_pile(desk)
    laid(desk, raws[:1], at)
    await backfill(desk.opened.house, since)
    about = "items:2026-03-09"
    browser, path, page = await desk.review("sara", about, Verb.OPEN_ITEM)
    form = desk.form_of(page, "dismiss")
    status, page = await browser.post(f"{path}/dismiss", form)
    assert status == 200
    assert await in_state(desk, ItemState.OLDER) == 0
    for act in ("dismiss", "open"):
        assert (await browser.post(f"{path}/{act}", form))[0] == 409
    await browser.post(f"{path}/return", desk.form_of(page, "return"))
    assert await in_state(desk, ItemState.OLDER) == 1, "it waits where it waited"
    assert await in_state(desk, ItemState.WAITING) == 0


async def test_an_old_request_is_not_forgotten_before_somebody_has_said_what_it_is(desk: Furnished) -> None:
    since, at, raws = old_pile(desk)
    laid(desk, raws[:1], at)
    await backfill(desk.opened.house, since)
    await desk.later(timedelta(days=62), steps=2)
    browser, path, page = await desk.review("sara", "items:2026-05-11", Verb.OPEN_ITEM)
    assert "person0@example.org" in page
    await browser.post(f"{path}/dismiss", desk.form_of(page, "dismiss"))
    await desk.later(timedelta(days=31))
    async with desk.opened.house.work() as unit:
        (entry,) = await unit.ledger.told({LedgerEvent.ITEM_DISMISSED})
        with pytest.raises(Shredded):
            await unit.vault.get(str(entry.facts["item"]), Shelf.ITEM, "mail")


async def test_the_bulk_press_never_takes_older_mail_along(desk: Furnished) -> None:
    since, at, raws = old_pile(desk)
    laid(desk, raws[:1], at)
    await backfill(desk.opened.house, since)
    await desk.sample("sales")
    about = f"items:{desk.opened.house.today()}"
    await desk.review("sara", about, Verb.OPEN_ITEM)
    await desk.press("sara", Verb.DISMISS_ITEMS, about)
    assert await in_state(desk, ItemState.WAITING) == 0
    assert await in_state(desk, ItemState.OLDER) == 1
    with pytest.raises((NotAllowedNow, AssertionError)):
        await desk.press("sara", Verb.DISMISS_ITEMS, about)


@pytest.mark.parametrize(
    ("trouble", "kept"), [(ValueError("a mail's own"), 2), (PrivacyDeskError("trouble.disk_full"), 0)]
)
async def test_what_cannot_be_kept_as_it_was_read_does_not_stop_the_others(
    desk: Furnished, trouble: Exception, kept: int
) -> None:
    """It is proposed as unreadable; only the store's own trouble stops the reading, which goes on where it was."""
    since, at, raws = old_pile(desk)
    laid(desk, raws[:2], at)
    troubles = [trouble]

    @asynccontextmanager
    async def work() -> AsyncIterator[Unit]:
        async with desk.opened.house.work() as unit:
            if troubles:
                raise troubles.pop()
            yield unit

    house = replace(desk.opened.house, work=work)
    if kept:
        assert await backfill(house, since) == Found(read=2, requests=2)
    else:
        with pytest.raises(PrivacyDeskError):
            await backfill(house, since)
    assert await in_state(desk, ItemState.OLDER) == kept
    assert (await backfill(house, since)).read == 2
    async with house.work() as unit:
        broken = sum(item.broken for item in await unit.items.older())
    assert broken == (1 if kept else 0)
