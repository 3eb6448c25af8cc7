"""The street with the mailbox in Microsoft 365: mail in, a reply out to one person, and being told of new mail."""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import check
from bot.app.bookmark import VaultBookmark
from bot.app.demo import SAMPLES
from bot.app.outside import hints_url, mailbox_of
from bot.app.samples import as_received
from bot.app.serve import Halves, _start_worker
from bot.card import Verb
from bot.domain.ledger import LedgerEvent
from bot.i18n import Texts
from bot.ports import Shelf
from bot.services.intake import hints
from config.texts import load_catalogue
from handlers.graph import PATH
from integrations.mailbox.graph import GraphMailbox
from integrations.mailbox.graph.sandbox import GraphSandbox, stanza
from integrations.sandbox import Fault, Trouble, serve
from tests.fakes import FixedClock
from tests.journeys.furnished import AUTHSERV, Furnished, furnished
from tests.mailbox.conftest import mail

EVIL = "evil@example.net"
REQUEST = "Hej,\r\njag heter Anna och vill att ni raderar alla mina personuppgifter.\r\nHälsningar Anna"


@dataclass
class Office:
    """A furnished desk whose mailbox lies in Microsoft 365."""

    desk: Furnished
    sandbox: GraphSandbox
    clock: FixedClock

    def arrive(self, number: int = 1, *, more: str = "", text: str = REQUEST) -> str:
        """Let a mail lie in the inbox, as our server handed it on."""
        raw = as_received(mail(number, text=text, more=more), SAMPLES, self.clock, AUTHSERV)
        return self.sandbox.account.arrive(raw, self.clock.now())

    async def drain(self) -> None:
        """Carry out what is due, without looking into the mailbox of our own accord."""
        await self.desk.opened.runner.drain()

    async def told_of_mail(self) -> None:
        """Have Graph tell us of new mail."""
        url = f"{self.desk.opened.house.public_url}{PATH}"
        object.__setattr__(self.desk.opened.house, "hints_url", url)
        await self.keep()

    async def keep(self) -> None:
        """Carry out what the clockwork wakes every day."""
        async with self.desk.opened.house.work() as unit:
            await unit.jobs.put(hints.keep())
        await self.drain()

    async def refs(self) -> list[str]:
        """Return every ticket's reference."""
        return [ticket.ref for ticket in await self.desk.tickets()]

    async def refusals(self) -> int:
        """Return how often the ledger says that somebody pretended."""
        entries = await self.desk.events("desk")
        return sum(entry.event is LedgerEvent.REFUSED and entry.facts["verb"] == "hint" for entry in entries)


@pytest.fixture
async def office(tmp_path: Path, sqlite_url: str, clock: FixedClock) -> AsyncIterator[Office]:
    """The desk on the sandbox."""
    sandbox = GraphSandbox()
    async with (
        serve(sandbox.application()) as url,
        furnished(tmp_path, sqlite_url, clock, stanza(url, sandbox)) as desk,
    ):
        yield Office(desk, sandbox, clock)


async def test_mail_in_and_a_reply_out_to_the_person_alone(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    key = office.arrive(more=f"Reply-To: {EVIL}\r\nCc: {EVIL}, spy@example.net\r\n")
    await office.desk.settle()
    (ref,) = await office.refs()
    assert office.sandbox.account.mails[key].folder not in {"inbox", "deleteditems"}
    await office.desk.press("sara", Verb.CONFIRM, ref)
    (letter,) = office.sandbox.account.lying_in("sentitems")
    names = ("toRecipients", "ccRecipients", "bccRecipients", "replyTo")
    assert [one["emailAddress"]["address"] for name in names for one in letter.fields[name]] == ["anna@example.org"]
    assert letter.fields["conversationId"] == key, "it answers the mail"
    assert ref in letter.fields["subject"] + letter.fields["body"]["content"]
    assert EVIL not in letter.fields["body"]["content"]
    assert "raderar alla mina" not in letter.fields["body"]["content"], "nothing is quoted"
    assert "anna@example.org" not in caplog.text
    assert not office.sandbox.account.lying_in("drafts")


async def test_mail_from_before_the_start_opens_nothing(office: Office) -> None:
    office.sandbox.account.arrive(mail(1, text=REQUEST), office.clock.now() - timedelta(days=400))
    await office.desk.settle()
    assert await office.refs() == []
    assert len(office.sandbox.account.lying_in("inbox")) == 1


async def test_killed_between_keeping_and_filing_away_nothing_is_lost_or_doubled(office: Office) -> None:
    """The mail is kept, the move is not known to have happened; a desk that begins again finds it in the inbox."""
    office.arrive()
    office.sandbox.faults.add(Fault(Trouble.LOST_REQUEST, "POST", "/move", times=None))
    await office.desk.settle()
    assert len(await office.refs()) == 1
    assert len(office.sandbox.account.lying_in("inbox")) == 1
    office.sandbox.faults.clear()
    opened = office.desk.opened
    again = mailbox_of(opened.settings, opened.session, VaultBookmark(opened.house.work), office.clock)
    object.__setattr__(opened.house, "mailbox", again)
    await office.desk.later(timedelta(minutes=10))
    assert len(await office.refs()) == 1
    assert not office.sandbox.account.lying_in("inbox")


async def test_one_mail_that_cannot_be_filed_away_keeps_no_other_from_being_taken_in(office: Office) -> None:
    for number in range(1, 4):
        office.arrive(number)
    office.sandbox.faults.add(Fault(Trouble.STATUS, "POST", "/move", times=1, status=400))
    await office.desk.settle()
    assert len(await office.refs()) == 3
    await office.desk.later(timedelta(minutes=10))
    assert not office.sandbox.account.lying_in("inbox")
    assert len(await office.refs()) == 3


async def test_a_mail_too_big_opens_its_ticket_and_the_page_says_what_is_left_behind(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.http.api.MOST_OCTETS", 8_000)
    key = office.arrive()
    office.sandbox.account.mails[key].raw += b"x" * 10_000
    await office.desk.settle()
    (ticket,) = await office.desk.tickets()
    assert "attachments_left" in ticket.flags
    _, _, page = await office.desk.review("sara", ticket.ref)
    assert "bilagorna ligger kvar i brevlådan" in page


async def test_being_told_wakes_the_reading_however_often(office: Office) -> None:
    await office.told_of_mail()
    (held,) = office.sandbox.subscriptions.held.values()
    assert held["changeType"] == "created"
    office.arrive()
    for _ in range(3):
        assert await office.sandbox.subscriptions.tell() == [202]
    await office.drain()
    assert len(await office.refs()) == 1
    assert await office.sandbox.subscriptions.tell() == [202]
    await office.drain()
    assert len(await office.refs()) == 1


async def test_a_forged_secret_is_dropped_and_written_down_once_a_day(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    await office.told_of_mail()
    (held,) = office.sandbox.subscriptions.held.values()
    office.arrive()
    for _ in range(3):
        for secret in ("guessed", "", "å" * 40):
            assert await office.sandbox.subscriptions.tell(secret=secret) == [202]
    await office.drain()
    assert await office.refs() == [], "nothing was looked into"
    assert await office.refusals() == 1
    office.clock.advance(timedelta(days=1))
    await office.sandbox.subscriptions.tell(secret="guessed")
    assert await office.refusals() == 2
    assert held["clientState"] not in caplog.text


async def test_a_subscription_we_do_not_know_wakes_nothing(office: Office) -> None:
    await office.told_of_mail()
    (held,) = office.sandbox.subscriptions.held.values()
    held["id"] = "11111111-2222-4333-8444-000000000000"
    office.arrive()
    assert await office.sandbox.subscriptions.tell() == [202]
    await office.drain()
    assert await office.refs() == []
    assert await office.refusals() == 0


async def test_the_subscription_is_renewed_every_day_and_begun_anew_when_it_is_gone(office: Office) -> None:
    await office.told_of_mail()
    (first,) = office.sandbox.subscriptions.held.values()
    ends = first["expirationDateTime"]
    office.clock.advance(timedelta(days=1))
    await office.keep()
    (same,) = office.sandbox.subscriptions.held.values()
    assert same["id"] == first["id"]
    assert same["expirationDateTime"] > ends
    office.sandbox.subscriptions.held.clear()
    office.arrive()
    await office.keep()
    (new,) = office.sandbox.subscriptions.held.values()
    assert new["id"] != first["id"]
    assert new["clientState"] != first["clientState"]
    assert len(await office.refs()) == 1, "what came meanwhile is read"


async def test_what_a_crash_left_behind_goes_before_a_new_one_is_made(office: Office) -> None:
    office.sandbox.faults.add(Fault(Trouble.LOST_ANSWER, "POST", "/subscriptions"))
    await office.told_of_mail()
    assert len(office.sandbox.subscriptions.held) == 1
    await office.desk.later(timedelta(minutes=10))
    assert len(office.sandbox.subscriptions.held) == 1
    office.arrive()
    assert await office.sandbox.subscriptions.tell() == [202]
    await office.drain()
    assert len(await office.refs()) == 1


async def test_what_was_left_behind_is_found_on_the_last_page_and_may_be_gone(office: Office) -> None:
    url = f"{office.desk.opened.settings.mailbox.base_url}/subscriptions"
    office.sandbox.faults.add(
        Fault(Trouble.STATUS, "GET", "/subscriptions", status=200, body={"value": [], "@odata.nextLink": url})
    )
    old = {"id": "old", "notificationUrl": f"{office.desk.opened.house.public_url}{PATH}", "clientState": "x"}
    office.sandbox.subscriptions.held["old"] = {**old, "expirationDateTime": "2026-03-10T00:00:00Z"}
    office.sandbox.faults.add(Fault(Trouble.STATUS, "DELETE", "/subscriptions", status=404))
    await office.told_of_mail()
    assert len(office.sandbox.subscriptions.held) == 2, "the new one was made all the same"


@pytest.mark.parametrize("event", ["missed", "subscriptionRemoved", "reauthorizationRequired"])
async def test_the_life_of_the_subscription_is_heeded(office: Office, event: str) -> None:
    await office.told_of_mail()
    (held,) = list(office.sandbox.subscriptions.held.values())
    ends = held["expirationDateTime"]
    office.arrive()
    office.clock.advance(timedelta(hours=1))
    assert await office.sandbox.subscriptions.tell(lifecycle=event) == [202]
    if event == "subscriptionRemoved":
        office.sandbox.subscriptions.held.clear()
    await office.drain()
    (now,) = office.sandbox.subscriptions.held.values()
    assert len(await office.refs()) == (0 if event == "reauthorizationRequired" else 1)
    assert (now["id"] != held["id"]) == (event == "subscriptionRemoved")
    assert (now["expirationDateTime"] > ends) == (event != "missed")


async def test_without_leave_to_be_told_the_mailbox_is_read_all_the_same(office: Office) -> None:
    office.sandbox.faults.add(Fault(Trouble.STATUS, "POST", "/subscriptions", status=403, times=None))
    await office.told_of_mail()
    assert not office.sandbox.subscriptions.held
    office.arrive()
    await office.desk.settle()
    assert len(await office.refs()) == 1


async def test_secret_and_place_lie_sealed(office: Office) -> None:
    await office.told_of_mail()
    office.arrive()
    await office.desk.settle()
    (held,) = office.sandbox.subscriptions.held.values()
    async with office.desk.opened.house.work() as unit:
        assert await unit.vault.names(hints.OWNER, Shelf.DESK) == ["place", "subscription"]
        assert (
            json.loads(await unit.vault.get(hints.OWNER, Shelf.DESK, "subscription"))["secret"] == held["clientState"]
        )
    database = office.desk.opened.settings.database_url.removeprefix("sqlite://")
    stored = b"".join(path.read_bytes() for path in Path(database).parent.glob(Path(database).name + "*"))
    assert held["clientState"].encode() not in stored
    assert b"deltatoken" not in stored


async def test_only_a_public_address_is_told(office: Office) -> None:
    settings = office.desk.opened.settings
    assert hints_url(settings) == ""
    public = settings.model_copy(update={"public_url": "https://privacy.goto.work/"})
    assert hints_url(public) == "https://privacy.goto.work/graph/notifications"
    await office.keep()
    assert not office.sandbox.subscriptions.held


async def test_the_desk_begins_by_asking_to_be_told(office: Office) -> None:
    assert Halves().worker
    office.arrive()
    url = f"{office.desk.opened.house.public_url}{PATH}"
    object.__setattr__(office.desk.opened.house, "hints_url", url)
    await _start_worker(office.desk.stack, office.desk.opened)
    for _ in range(200):
        if office.sandbox.subscriptions.held and await office.refs():
            break
        await office.desk.opened.runner.drain()
    assert office.sandbox.subscriptions.held


@pytest.mark.parametrize(
    ("forbidden", "refusal", "words"),
    [
        ((), None, ()),
        (("send",), None, ("Nothing can be sent", "Mail.Send")),
        (("write",), None, ("can be read but not changed", "Mail.ReadWrite")),
        (("read",), None, ("cannot be read", "Mail.ReadWrite")),
        ((), 7000222, ("PRIVACY_MAILBOX__CLIENT_SECRET has expired",)),
        ((), 700016, ("PRIVACY_MAILBOX__CLIENT_ID",)),
    ],
)
async def test_check_says_what_the_desk_may_not_do(
    office: Office, forbidden: tuple[str, ...], refusal: int | None, words: tuple[str, ...]
) -> None:
    office.sandbox.forbidden = set(forbidden)
    office.sandbox.login.refusal = refusal
    texts, settings = Texts(load_catalogue()), office.desk.opened.settings
    told, *lines = await check._mailbox(texts, settings, office.clock, offline=False)
    assert "https" in told
    assert len(lines) == bool(words)
    assert all(word in line for line in lines for word in words)
    assert await check._mailbox(texts, settings, office.clock, offline=True) == [told]
    public = settings.model_copy(update={"public_url": "https://privacy.goto.work"})
    assert await check._mailbox(texts, public, office.clock, offline=True) == []


async def test_the_mailbox_is_the_one_that_is_set(office: Office) -> None:
    assert isinstance(office.desk.opened.house.mailbox, GraphMailbox)
