"""Nothing about the person lies in clear anywhere but in their letters, in the vendors and under seal (D14, D24).

One person whose every word is unmistakable walks the whole way; after each step all that
the desk wrote is searched: the database and its log of writes, a backup, log lines of every
library, job rows, the ledger, figures, the chat, and the addresses asked of our own pages.
"""

import json
import logging
import re
import sqlite3
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from bot.card import Card, Text, Verb
from bot.domain.ledger import LedgerEvent
from bot.domain.ticket import Outcome, Stage
from bot.ports import Job, JobKind
from bot.store import backup
from integrations.eventbrite.seed import SEMINAR, own
from integrations.hubspot.seed import Activity, Person
from tests.journeys.copies import copy_page
from tests.journeys.furnished import CHANNEL, FIRST, Furnished
from tests.journeys.leaks import disguises, leaks
from tests.standins.slack_people import Person as Colleague

FIRST_NAME, LAST_NAME = "Zebulon", "Quistmårksson"
NAME = f"{FIRST_NAME} {LAST_NAME}"
ADDRESS = "zebulon.quistmarksson@xylofonbolaget.example"
PHONE, DIALLED = "070-917 46 58", "+46709174658"
NUMBER = "850709-9805"
NOTE, ANSWER, WROTE = "murmeldjursprotokollet", "ananasallergi", "kvastskaftsparadoxen"
MAIL = f"""From: {NAME} <{ADDRESS}>
To: info@goto.work
Subject: {WROTE}: utdrag och radering
Message-ID: <{WROTE}@xylofonbolaget.example>
Date: Mon, 09 Mar 2026 10:00:00 +0100
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Hej!

Jag vill göra två saker:

1) Först få en kopia på allt ni har sparat om mig.
2) När jag har fått kopian vill jag att allt raderas.

Det gäller {WROTE}. Mitt personnummer är {NUMBER} och jag nås på {PHONE}.

Vänliga hälsningar
{NAME}
""".encode()
ORDER = "81734659"
SECRETS = [FIRST_NAME, LAST_NAME, "quistmarksson", "xylofonbolaget", PHONE, DIALLED, "709174658", NUMBER]
SECRETS += [NUMBER.replace("-", ""), NOTE, ANSWER, WROTE, ORDER]


@pytest.fixture
async def watched(desk: Furnished, caplog: pytest.LogCaptureFixture) -> Furnished:
    """A desk that knows the person, with every library's log open."""
    caplog.set_level(logging.DEBUG)
    note = Activity("notes", f"Ringde {NAME} om {NOTE}")
    desk.hubspot.account.seed([Person(ADDRESS, FIRST_NAME, LAST_NAME, DIALLED, activities=(note,))])
    desk.eventbrite._numbers = iter(range(int(ORDER), int(ORDER) + 9))  # type: ignore[assignment]
    desk.eventbrite.seed([own(SEMINAR, NAME, ADDRESS, ("Har du några allergier?", ANSWER), phone=PHONE)])
    return desk


async def places(desk: Furnished, caplog: pytest.LogCaptureFixture, folder: Path) -> dict[str, bytes]:
    """Return everything the desk wrote or was asked by address, by place."""
    visitor = await desk.visitor()
    figures = "\n".join([(await visitor.get(page))[1] for page in ("/metrics", "/healthz", "/readyz")])
    copy = folder / "copy.sqlite3"
    await backup(desk.opened.settings.database_url, copy)
    files = _files(folder)
    copy.unlink()
    logs = [record.getMessage() + str(record.exc_info or "") + repr(record.args) for record in caplog.records]
    return {
        **files,
        "job rows": "\n".join(_rows(folder / "desk.sqlite3", "job")).encode(),
        "ledger": "\n".join(_rows(folder / "desk.sqlite3", "ledger")).encode(),
        "figures": figures.encode(),
        "log": "\n".join(logs).encode(),
        "chat": desk.slack.traffic.encode(),
        "addresses": "\n".join(path for one in desk.visitors for path in one.asked).encode(),
    }


def _files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file()}


def _rows(file: Path, kind: str) -> list[str]:
    """Return all rows of the tables whose name holds *kind*, as text."""
    with sqlite3.connect(file) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        chosen = [name for name in tables if kind in name]
        assert chosen, tables
        rows = [repr(row) for name in chosen for row in database.execute(f"SELECT * FROM {name}")]  # noqa: S608
    database.close()
    return rows


async def arrives_and_is_searched(desk: Furnished) -> None:
    await desk.mail(MAIL)
    sara = Colleague(desk.slack, desk.opened.session, f"{desk.opened.house.public_url}/slack/events", "U0SARA", CHANNEL)
    await sara.command(f"hitta {ADDRESS}")
    await sara.command(f"hitta {NAME}")
    (view,) = desk.slack.views.values()
    found = await sara.submit(view, {"subject": ADDRESS, "name": f"{LAST_NAME}, {FIRST_NAME}", "phone": PHONE})
    assert "På namnet hittades: PR-2026-0001" in str(found.body)
    await desk.fill("sara", Verb.CHANGE, {"subject": ADDRESS, "received_why": f"{NAME} ringde"})
    _, _, page = await desk.review("sara")
    assert NAME in page, "there it is shown"
    assert WROTE in page
    await desk.press("sara", Verb.CONFIRM)
    note = {"result": "not_found", "note": f"{NAME} finns inte i {WROTE}"}
    await desk.fill("jonas", Verb.FINISH_BY_HAND, note)


async def proves_who_they_are(desk: Furnished) -> None:
    ticket = await desk.ticket()
    assert (ticket.stage, ticket.identity.tier) == (Stage.VERIFYING, 2), "an allergy asks for more"
    person = await desk.person(desk.letters(ADDRESS)[-1])
    await person.post("/c/confirm")
    await person.post("/c/answer", {"answer": "12345678"})
    await person.post("/c/answer", {"answer": ORDER})
    await desk.settle()
    assert (await desk.ticket()).stage is Stage.DECIDING


async def is_answered(desk: Furnished) -> None:
    for name in ("karin", "sara", "jonas"):
        await desk.decide(name)
    status, _ = await (await copy_page(desk, "karin")).judge("Ringde", way="blank", words=f"{NAME}\n{NOTE}")
    assert status == 200
    browser, at, page = await desk.review("sara")
    fields = re.findall(r'name="(csrf|letter|version|subject)"[^>]* value="([^"]*)"', page)
    (text,) = re.findall(r"<textarea[^>]*>\n?(.*?)</textarea>", page, re.DOTALL)
    words = {name: unescape(value) for name, value in fields} | {
        "text": f"{unescape(text)}\n\nPS till {NAME}: {NOTE}\n"
    }
    status, _ = await browser.post(f"{at}/letter", words)
    assert status == 200
    await desk.press("sara", Verb.SEND_LETTER)
    assert NOTE in desk.letters(ADDRESS)[-1].text


async def is_erased(desk: Furnished) -> None:
    person = await desk.person(desk.letters(ADDRESS)[-1])
    assert await person.package()
    await desk.later(timedelta(seconds=10))
    desk.eventbrite.blank(ADDRESS)
    await desk.finish("sara", result="done")
    await desk.press("sara", Verb.SEND_LETTER)
    assert [part.outcome for part in (await desk.ticket()).parts] == [Outcome.FULFILLED] * 2
    for tick in ("morning", "digest", "retention", "forget"):
        await desk.tick(tick)


async def is_looked_for_again_and_forgotten(desk: Furnished) -> None:
    await desk.later(timedelta(days=32), steps=4)
    await desk.tick("forget")


WAY = (arrives_and_is_searched, proves_who_they_are, is_answered, is_erased, is_looked_for_again_and_forgotten)


async def test_nothing_in_clear(watched: Furnished, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """After every step of the whole way, in every place, in no disguise."""
    for step in WAY:
        await step(watched)
        assert not leaks(await places(watched, caplog, tmp_path), SECRETS), step.__name__


@pytest.mark.parametrize("way", dict.fromkeys(way for way, _ in disguises(LAST_NAME)))
def test_each_disguise_is_seen_through(way: str) -> None:
    """The search itself can fail: a word in each of its disguises, in the middle of other bytes, is found."""
    for word in SECRETS:
        for name, needle in disguises(word):
            if name == way:
                assert leaks({"here": b"\x00\x17" + needle + b"\xff"}, [word]), (word, way)


@pytest.mark.parametrize(
    "place", ["log", "job rows", "ledger", "chat", "addresses", "desk.sqlite3-wal", "copy.sqlite3"]
)
async def test_a_leak_would_be_found(
    watched: Furnished, caplog: pytest.LogCaptureFixture, tmp_path: Path, place: str
) -> None:
    """The journey's search can fail: a word planted in each place is found there."""
    desk = watched
    await desk.mail(MAIL)
    house = desk.opened.house
    match place:
        case "log":
            logging.getLogger("aiohttp.client").debug("asked %s", json.dumps({"q": NAME}))
        case "job rows":
            async with house.work() as unit:
                await unit.jobs.put(Job(JobKind.TELL, "tell:x", (ADDRESS,), house.now() + timedelta(days=1)))
        case "ledger":
            async with house.work() as unit:
                await unit.ledger.write((await unit.tickets.load(FIRST)).id, LedgerEvent.LOOKED, "sara", {"who": NAME})
        case "chat":
            card = Card("Hej", (Text(NAME.upper()),), "Hej")
            await house.messengers["slack"].post(CHANNEL, card)
        case "addresses":
            await (await desk.visitor()).get(f"/c/{ADDRESS.replace('@', '%40')}")
        case _:
            async with house.work() as unit:
                await unit.index.remember((await unit.tickets.load(FIRST)).id, ADDRESS)
    found = leaks(await places(desk, caplog, tmp_path), SECRETS)
    assert [one for one in found if one.startswith(f"{place}: ")], found
