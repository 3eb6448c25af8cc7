"""What people type, choose and sign in with in both chats lies nowhere in clear either (D14, D15, D16).

Colleagues write about a person everywhere a chat takes words, rightly and wrongly; then all the desk wrote is
searched, as `test_privacy` does it. What is kept of chats themselves are ids, never a name or an address.
"""

import logging
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.ledger import LedgerEvent
from tests.fakes import FixedClock
from tests.journeys.both_chats import BothChats, met
from tests.journeys.furnished import FIRST, furnished
from tests.journeys.guarded import KARIN, SARA, STRANGER, guarded_desk
from tests.journeys.leaks import leaks
from tests.journeys.test_privacy import ADDRESS, NAME, NUMBER, SECRETS, WROTE, places
from tests.journeys.test_teams import written
from tests.standins.entra import SECRET
from tests.standins.teams import GROUP

TOLD = f"{NAME}, {ADDRESS}, {NUMBER}, vill bli raderad: {WROTE}"
NOBODY = "0badc0de-0000-4000-8000-0000000000ff"


@pytest.fixture
async def both(
    tmp_path: Path, sqlite_url: str, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[BothChats]:
    """A desk in both chats with one request of somebody else, and every library's log open."""
    caplog.set_level(logging.DEBUG)
    async with furnished(tmp_path, sqlite_url, clock, in_teams=True) as desk, met(desk) as both:
        await desk.sample("erase")
        yield both


async def searched(both: BothChats, caplog: pytest.LogCaptureFixture, folder: Path) -> list[str]:
    """Return where any of the person's words lies."""
    said = {"teams": both.desk.teams.traffic.encode()}
    return leaks({**await places(both.desk, caplog, folder), **said}, SECRETS)


async def test_what_is_written_in_teams(both: BothChats, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """A chosen message, typed words with and without others near, a form, and what no client would send."""
    sara, group = both.in_teams("sara"), both.in_teams("sara", GROUP)
    opened = await group.choose(written(TOLD), "requestFromMessage")
    await group.send_chosen(opened.card, "requestFromMessage", {"subject": ADDRESS, "name": NAME})
    for person in (sara, group, sara.alone(), both.person_in_teams(NOBODY, GROUP)):
        for words in (f"hitta {ADDRESS}", TOLD, f"visa {FIRST} {NAME}", f"stoppa {NAME}", f"oncall set {NAME}"):
            assert (await person.say(words)).status in (200, 202)
    invoke = sara.activity("invoke")
    for strange in (
        {"name": TOLD},
        {"name": "task/submit", "value": {"data": {"submit": TOLD, NAME: ADDRESS}}},
        {"name": "adaptiveCard/action", "value": {"action": {"data": {"about": TOLD}}}},
        {"name": "adaptiveCard/action", "value": {"action": {"data": {"press": TOLD}}, "trigger": "automatic"}},
        {"name": "composeExtension/fetchTask", "value": {"commandId": TOLD, "messagePayload": {"id": ADDRESS}}},
        {"name": "task/fetch", "value": {"data": [TOLD]}},
        {"name": "task/fetch", "value": TOLD, "conversation": {"id": ADDRESS, "conversationType": NAME}},
    ):
        await sara.post({**invoke, "id": f"f:{len(str(strange))}", **strange})
    await both.desk.settle()
    assert await searched(both, caplog, tmp_path) == []


async def test_what_is_written_in_slack(both: BothChats, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    """A direct message, a mention, a link beside other words, our own page."""
    sara = both.in_slack("sara")
    for words in (f"hitta {ADDRESS}", TOLD, f"stoppa {NAME}", f"{TOLD} {FIRST}"):
        await sara.write(words)
        await sara.mention(words)
    await sara.post_link(f"https://desk.example/t/{FIRST}?who={ADDRESS}")
    await sara.open_home()
    await both.desk.settle()
    assert await searched(both, caplog, tmp_path) == []


async def test_a_look_up_in_the_open_finds_nobody_in_slack_either(both: BothChats) -> None:
    """D16: an address in a mention is refused before anything is looked for; the note of the look-up is not written."""
    await both.in_slack("sara").mention(f"hitta {ADDRESS}")
    await both.desk.settle()
    assert not [one for one in await both.desk.events("desk") if one.event is LedgerEvent.SOUGHT]


async def test_of_chats_only_ids_are_kept(both: BothChats, tmp_path: Path) -> None:
    """No name, no address, whoever spoke to the desk and whatever Teams says of them."""
    for person in (both.in_teams("sara").alone(), both.person_in_teams(NOBODY).alone()):
        await person.post(
            {
                **person.activity("message"),
                "text": TOLD,
                "from": {
                    "id": f"29:{person.person}",
                    "name": NAME,
                    "aadObjectId": person.person,
                    "userPrincipalName": ADDRESS,
                },
            }
        )
    await both.desk.settle()
    with sqlite3.connect(tmp_path / "desk.sqlite3") as database:
        rows = [
            repr(row)
            for table in ("chat_place", "chat_identity", "shift", "pause")
            for row in database.execute(f"SELECT * FROM {table}")  # noqa: S608
        ]
    database.close()
    assert any(NOBODY in row for row in rows), "the search sees the rows"
    people = [word for one in both.desk.opened.house.people.colleagues for word in (one.name, one.email)]
    assert not leaks({"rows": "\n".join(rows).encode()}, [*SECRETS, *people])


async def test_nothing_of_a_sign_in_lies_anywhere(
    tmp_path: Path, sqlite_url: str, clock: FixedClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither code nor state nor token nor address: of those let in, of a stranger, of one broken off."""
    caplog.set_level(logging.DEBUG)
    async with guarded_desk(tmp_path, sqlite_url, clock) as guarded:
        secrets = [SECRET, SARA.address, KARIN.address, STRANGER.address]
        for person in (SARA, STRANGER, KARIN):
            browser = await guarded.desk.visitor()
            brought = guarded.entra.agree(await guarded.begin(browser, await guarded.link()), person)
            secrets += [brought["code"], brought["state"]]
            await guarded.come_back(browser, brought)
            await guarded.come_back(browser, brought)
            secrets += [cookie.value for cookie in browser.session.cookie_jar if cookie.value]
        found = await places(guarded.desk, caplog, tmp_path)
        assert leaks(found, secrets) == []
