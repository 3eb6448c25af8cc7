"""Office 365: mail that no search misses, what concerns others too, papers by name, and the truth about deleting."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import date, datetime, timedelta

import aiohttp
import pytest
from aiohttp import web
from pydantic import JsonValue

from bot.app.outside import mailbox_of
from bot.domain.errors import CredentialsRefused, NeedsHuman, OutcomeUnknown, TryLater
from bot.domain.system import Correction, Identifier, IdentifierKind, Mode, Operation, Record
from bot.ports import Corrects, Dissociates, ProvesGone, System, TakesMany
from bot.store import new_key
from config.settings import load
from integrations.http import pace, shared_lane
from integrations.office365 import BY_HAND, MANIFEST, Office365
from integrations.office365.person import is_special, sought
from integrations.office365.places import RECOVERABLE
from integrations.office365.sandbox import Office365Sandbox, stanza
from integrations.office365.sandbox_graph import CLIENT, SECRET, TENANT_ID
from integrations.office365.seed import DRIVE, FRONT, JOBS, SITE, meeting
from integrations.office365.tenant import DELETED, Box, Drive, Mail, Paper, Thing
from integrations.office365_personal import MANIFEST as PERSONAL
from integrations.office365_personal import searches
from integrations.registry import Found, SettingsProblem
from integrations.sandbox import Fault, Trouble, serve
from tests.fakes import FixedClock, MemoryBookmark
from tests.integrations.conftest import running

MOA = "moa.ek@example.com"
BO = "bo@example.org"
COLLEAGUE = "jonas.berg@goto.work"
FULL = (Identifier(IdentifierKind.EMAIL, MOA), Identifier(IdentifierKind.NAME, "Moa Ek"))
BY_ADDRESS = FULL[:1]
BY_NAME = FULL[1:]


class Office:
    """Office 365 and the sandbox behind it."""

    def __init__(self, system: System, sandbox: Office365Sandbox, clock: FixedClock, url: str = "") -> None:
        assert isinstance(system, Office365)
        self.system = system
        self.sandbox = sandbox
        self.clock = clock
        self.url = url

    @property
    def front(self) -> Box:
        """The first function mailbox."""
        return self.sandbox.tenant.box(FRONT)

    @property
    def library(self) -> Drive:
        """The recruitment library."""
        return self.sandbox.tenant.drive(DRIVE, SITE)

    def mail(self, author: str = MOA, to: Sequence[str] = (FRONT,), subject: str = "Hej", text: str = "Hej.") -> Mail:
        """Put a mail of last week into the mailbox."""
        mail = Mail(author, tuple(to), subject, text, self.clock.now() - timedelta(days=7))
        self.front.add(mail)
        return mail

    async def find(self, person: Sequence[Identifier] = FULL) -> Sequence[Record]:
        """Find."""
        return await self.system.find(person)

    async def one(self, person: Sequence[Identifier] = FULL) -> Record:
        """Find the only record there is."""
        (record,) = await self.find(person)
        return record


Open = Callable[..., Awaitable[Office]]


@pytest.fixture
async def office(found: dict[str, Found], session: aiohttp.ClientSession, clock: FixedClock) -> AsyncIterator[Open]:
    """Open an empty tenant, with more settings than the demo's; *watched* by the description unless it holds much."""
    async with AsyncExitStack() as stack:

        async def open_office(
            sandbox: Office365Sandbox | None = None, *, watched: bool = True, **settings: object
        ) -> Office:
            sandbox, folder = sandbox or Office365Sandbox(), found["office365"]
            sandbox.settings |= settings
            for address in (FRONT, JOBS):
                sandbox.tenant.box(address)
            sandbox.tenant.drive(DRIVE, SITE)
            if watched:
                up = await stack.enter_async_context(running(folder, sandbox, session, clock))
                return Office(up.system, sandbox, clock)
            url = await stack.enter_async_context(serve(sandbox.application()))
            assert folder.connect is not None
            return Office(folder.connect(folder.read(stanza(url, sandbox)), session, clock), sandbox, clock, url)

        yield open_office


# --- finding mail ---


async def test_finds_more_mails_than_a_search_shows(office: Open) -> None:
    """Two thousand and more, half of them within half an hour: Graph shows a thousand and says nothing of the rest."""
    graph = await office(watched=False)
    now = graph.clock.now()
    spread = [Mail(MOA, (FRONT,), f"Dag {n}", "Hej.", now - timedelta(hours=n)) for n in range(1_100)]
    burst = [Mail(FRONT, (MOA,), f"Sv {n}", "Hej.", now - timedelta(days=400, seconds=n % 1_800)) for n in range(1_100)]
    graph.front.add(*spread, *burst)
    records = await graph.find(BY_ADDRESS)
    assert {record.id for record in records} == {f"{FRONT}:{one.id}" for one in (*spread, *burst)}
    assert len(records) == 2_200
    assert not any(record.shared or record.narrative for record in records)


async def test_a_thousand_mails_exactly_are_looked_into_as_if_there_were_more(office: Open) -> None:
    graph = await office(watched=False)
    mails = [Mail(MOA, (FRONT,), "Hej", "Hej.", graph.clock.now() - timedelta(minutes=n)) for n in range(1_000)]
    graph.front.add(*mails)
    assert len(await graph.find(BY_ADDRESS)) == 1_000
    assert any("received" in one.query.get("$search", "") for one in graph.sandbox.seen)


async def test_more_mails_in_one_second_than_a_search_shows_are_a_persons_to_search(office: Open) -> None:
    graph = await office(watched=False)
    graph.front.add(*(Mail(MOA, (FRONT,), "Hej", "Hej.", graph.clock.now()) for _ in range(1_001)))
    with pytest.raises(NeedsHuman) as caught:
        await graph.find(BY_ADDRESS)
    assert caught.value.key == "trouble.partial"


class Forgetful(Office365Sandbox):
    """Shows the newest mail of all, yet not within any range of time."""

    def _mails(self, request: web.Request, box: Box) -> web.Response:
        newest = max(box.mails.values(), key=lambda one: one.received, default=None)
        if newest and "received" in request.query.get("$search", ""):
            box.index.texts.pop(newest.id, None)
        return super()._mails(request, box)


async def test_what_the_whole_had_shown_must_be_among_the_parts(office: Open) -> None:
    graph = await office(Forgetful(), watched=False)
    graph.front.add(*(Mail(MOA, (FRONT,), "Hej", "Hej.", graph.clock.now() - timedelta(hours=n)) for n in range(1_200)))
    with pytest.raises(NeedsHuman) as caught:
        await graph.find(BY_ADDRESS)
    assert caught.value.key == "trouble.partial"


async def test_a_mail_proves_no_contact_point(office: Open) -> None:
    """Anybody can write to us, an impostor too: only a card that a colleague made shows what is on file (D6)."""
    graph = await office()
    graph.mail()
    assert (await graph.one()).contacts == ()


@pytest.mark.parametrize(
    ("author", "to", "text", "shared", "narrative"),
    [
        (MOA, (FRONT,), "Hej.", False, False),
        (FRONT, (MOA, COLLEAGUE), "Hej.", False, False),
        (MOA, (FRONT, BO), "Hej.", True, False),
        (BO, (FRONT,), "Ring Moa Ek.", True, True),
        (COLLEAGUE, (FRONT,), f"Hon svarar inte på {MOA}.", True, True),
    ],
    ids=["hers alone", "with a colleague", "with somebody from outside", "names her", "holds her address"],
)
async def test_what_concerns_others_too(
    office: Open, author: str, to: tuple[str, ...], text: str, shared: bool, narrative: bool
) -> None:
    graph = await office()
    graph.mail(author, to, text=text)
    record = await graph.one()
    assert (record.shared, record.narrative) == (shared, narrative)
    if shared:
        with pytest.raises(NeedsHuman, match=r"trouble\.shared"):
            await graph.system.erase(record)


async def test_an_address_alike_is_somebody_elses(office: Open) -> None:
    """The index takes addresses apart word by word; what it shows is compared."""
    graph = await office()
    graph.mail("ek@moa.example.com")
    assert not await graph.find(BY_ADDRESS)


async def test_our_own_domains_can_be_more_than_the_mailboxes(office: Open) -> None:
    graph = await office(own_domains="gotowork.example")
    graph.mail(MOA, (FRONT, "sara@gotowork.example"))
    assert not (await graph.one()).shared


async def test_the_desks_own_cases_are_left_to_the_desk(office: Open) -> None:
    """Else every erasure would find its own closing letter at the recheck."""
    graph = await office()
    graph.front.folders["desk"] = "Privacy Desk"
    graph.mail(subject="Radera mina uppgifter").folder = "desk"
    graph.mail(FRONT, (MOA,), "Dina uppgifter är raderade (PR-2026-0042)")
    graph.mail(subject="Sv: Dina uppgifter är raderade (PR-2026-0042)")
    assert not await graph.find()
    graph.mail(subject="Inköp PR-2026-0042")
    assert len(await graph.find()) == 1


async def test_mails_that_smell_of_article_9(office: Open) -> None:
    graph = await office()
    graph.mail(subject="Sjukskriven från måndag")
    assert (await graph.one()).special
    assert is_special("CV_allergi.pdf")
    assert not is_special("Offert", "Hej, vi behöver två personer.")


# --- cards and meetings ---


async def test_a_card_shows_what_is_on_file_and_one_of_the_same_name_does_not(office: Open) -> None:
    graph = await office()
    for number in range(300):  # more than a page
        graph.front.add_contact({"displayName": f"Kund {number}", "emailAddresses": []})
    graph.front.add_contact(
        {
            "displayName": "Moa Ek",
            "emailAddresses": [{"address": "Moa.Ek@Example.com"}, {"address": "moa@home.example"}],
            "mobilePhone": "070-174 06 07",
            "businessPhones": None,
            "personalNotes": "Trevlig, är allergisk mot nötter",
        }
    )
    graph.front.add_contact({"displayName": "EK, Moa", "emailAddresses": [{"address": "moa.ek@another.example"}]})
    hers, namesake = await graph.find()
    assert {one.value for one in hers.contacts} == {MOA, "moa@home.example", "070-174 06 07"}
    assert (hers.shared, hers.special, hers.narrative) == (False, True, True)
    assert (namesake.shared, namesake.contacts) == (True, ())


@pytest.mark.parametrize(
    ("days", "invited", "type_", "shared"),
    [
        (-7, (MOA, COLLEAGUE), "singleInstance", False),
        (-7, (MOA, BO), "singleInstance", True),
        (7, (MOA, COLLEAGUE), "singleInstance", True),
        (-700, (MOA,), "seriesMaster", True),
    ],
    ids=["been", "with others", "still to come", "series"],
)
async def test_meetings(office: Open, days: int, invited: tuple[str, ...], type_: str, shared: bool) -> None:
    graph = await office()
    start = graph.clock.now() + timedelta(days=days)
    graph.front.add_event({**meeting("Möte", start, FRONT, *invited), "type": type_})
    record = await graph.one()
    assert (record.kind, record.shared, record.narrative) == ("event", shared, False)


async def test_a_meeting_that_only_names_the_person_is_a_persons_to_judge(office: Open) -> None:
    graph = await office()
    graph.front.add_event(meeting("Intervju Moa Ek", graph.clock.now() - timedelta(days=7), FRONT, COLLEAGUE))
    record = await graph.one()
    assert (record.shared, record.narrative) == (True, True)


async def test_cards_in_every_folder_and_in_folders_within(office: Open) -> None:
    graph = await office()
    above = graph.front.add_folder("Leads 2019")
    inner = graph.front.add_folder("Mässan", above)
    for number in range(12):  # more than a page unless asked for
        graph.front.add_folder(f"Mapp {number}")
    cards = {graph.front.add_contact(card(), folder) for folder in ("contacts", above, inner)}
    records = await graph.find()
    assert {one.id for one in records} == {f"{FRONT}:{one}" for one in cards}
    for record in records:
        await graph.system.erase(record)
    assert not await graph.find()
    assert not graph.front.contacts


async def test_meetings_in_every_calendar_of_the_mailbox_and_in_no_colleagues(office: Open) -> None:
    """A calendar that somebody shares with the mailbox is theirs to search (D18)."""
    graph = await office()
    past = graph.clock.now() - timedelta(days=7)
    own = graph.front.add_calendar("Intervjuer")
    shared = graph.front.add_calendar("Jonas", owner=COLLEAGUE)
    event = graph.front.add_event(meeting("Möte", past, FRONT, MOA), own)
    graph.front.add_event(meeting("Lunch", past, COLLEAGUE, MOA), shared)
    assert (await graph.one()).id == f"{FRONT}:{event}"


def series(start: datetime, until: date | None = None) -> Thing:
    """Return a weekly meeting of ours without the person."""
    last = {"type": "noEnd", "endDate": "0001-01-01"} if until is None else {"type": "endDate", "endDate": f"{until}"}
    pattern: JsonValue = {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"], "firstDayOfWeek": "monday"}
    recurrence: JsonValue = {"pattern": pattern, "range": {**last, "startDate": f"{start:%Y-%m-%d}"}}
    return {**meeting("Måndagsmöte", start, FRONT, COLLEAGUE), "type": "seriesMaster", "recurrence": recurrence}


async def test_somebody_invited_to_one_of_a_series_is_found(office: Open) -> None:
    """Seven years of it, shown five at a time; only what differs from the series is a record."""
    graph = await office()
    start = graph.clock.now() - timedelta(days=7 * 365)
    weekly = graph.front.add_event(series(start))
    once = {"type": "exception", "seriesMasterId": weekly}
    alike = {"type": "occurrence", "seriesMasterId": weekly}
    for days in (7, 2_000, 7 * 364):
        graph.front.add_event({**meeting("Möte", start + timedelta(days=days), FRONT, MOA, BO), **once})
    graph.front.add_event({**meeting("Möte", start + timedelta(days=14), FRONT, MOA), **alike})
    records = await graph.find(BY_ADDRESS)
    assert len(records) == 3
    assert all(one.shared and not one.narrative for one in records)


async def test_a_series_that_is_over_is_looked_at_until_its_end(office: Open) -> None:
    graph = await office()
    start = graph.clock.now() - timedelta(days=400)
    weekly = graph.front.add_event(series(start, until=(start + timedelta(days=30)).date()))
    late = {"type": "exception", "seriesMasterId": weekly}
    graph.front.add_event({**meeting("Möte", start + timedelta(days=30), FRONT, MOA), **late})
    assert (await graph.one()).shared
    asked = [one.query for one in graph.sandbox.seen if one.path.endswith("/instances")]
    assert len(asked) == 1
    assert asked[0]["endDateTime"] < f"{graph.clock.now() - timedelta(days=360):%Y-%m-%d}"


# --- files ---


@pytest.mark.parametrize(
    ("name", "text", "person", "shared"),
    [
        ("CV_Moa_Ek.pdf", f"Moa Ek, {MOA}", FULL, False),
        ("CV Moa Ék.pdf", "", FULL, True),
        ("Lista.xlsx", f"{MOA}, {BO}", FULL, True),
        ("Anteckningar.docx", "Moa Ek var bra", BY_NAME, True),
        ("CV Moa Ek.pdf", MOA, BY_ADDRESS, True),
    ],
    ids=["name on it and address in it", "a name alone", "an address among others", "named in it", "name unknown"],
)
async def test_papers(office: Open, name: str, text: str, person: Sequence[Identifier], shared: bool) -> None:
    """A CV is looked for by name too (D18); the person's alone is only what bears name and address."""
    graph = await office()
    graph.library.add(Paper(name, b"x", text), Paper("Annan.pdf", b"x", "Bo Ek"))
    record = await graph.one(person)
    assert (record.kind, record.shared, record.narrative) == ("file", shared, True)


async def test_papers_in_a_folder_of_that_name_on_the_last_page(office: Open) -> None:
    graph = await office(watched=False)
    graph.library.add(*(Paper(f"Fil {number}", b"x") for number in range(450)))
    above = graph.library.folder("Moa Ek")
    inner = graph.library.folder("Intyg", above)
    graph.library.add(Paper("betyg.pdf", b"x", parent=inner))
    assert (await graph.one()).shared


async def test_a_new_paper_the_search_does_not_know_yet_is_walked_to(office: Open) -> None:
    graph = await office(Office365Sandbox(lag=3_600))
    graph.library.add(Paper("CV Moa Ek.pdf", b"x", MOA), known=False)
    assert (await graph.one()).kind == "file"


async def test_what_is_erased_is_gone_though_searches_show_it_for_an_hour(office: Open) -> None:
    graph = await office(Office365Sandbox(lag=3_600))
    graph.mail()
    graph.library.add(Paper("CV Moa Ek.pdf", b"x", MOA))
    for record in await graph.find():
        await graph.system.erase(record)
    assert len(graph.front.index.texts) == len(graph.library.index.texts) == 1, "the searches still show them"
    assert not await graph.find()


async def test_a_name_with_quotation_marks_stays_within_the_search(office: Open) -> None:
    graph = await office()
    graph.library.add(Paper("CV Sean O'Moa.pdf", b"x"))
    name = Identifier(IdentifierKind.NAME, 'Sean "O\'Moa" OR *')
    assert not await graph.find((Identifier(IdentifierKind.NAME, 'Moa" OR "Ek'),))
    assert not await graph.find((name,)), "OR is a word of the name here, and the file does not bear it"
    assert await graph.find((Identifier(IdentifierKind.NAME, "Sean O'Moa"),))


async def test_libraries_of_a_site(office: Open) -> None:
    graph = await office(drives="", sites=SITE)
    graph.library.add(Paper("CV Moa Ek.pdf", b"x", MOA))
    record = await graph.one()
    assert (await graph.system.export(record)).files == (("CV Moa Ek.pdf", b"x"),)


async def test_the_rest_of_sharepoint_where_a_region_is_set(office: Open) -> None:
    graph = await office(search_region="EUR")
    elsewhere = graph.sandbox.tenant.drive("b!annat")
    elsewhere.add(*(Paper(f"Protokoll {n}.docx", b"x", f"Närvarande: {MOA}") for n in range(510)))
    graph.library.add(Paper("CV Moa Ek.pdf", b"x", MOA))
    records = await graph.find()
    assert len(records) == 511
    assert sum(record.shared for record in records) == 510
    assert (await graph.system.export(records[-1])).files


async def test_a_wrong_region_is_said(office: Open) -> None:
    graph = await office(search_region="NAM")
    with pytest.raises(NeedsHuman):
        await graph.find()


async def test_a_walk_that_lost_its_place_begins_anew(office: Open) -> None:
    graph = await office()
    graph.library.add(Paper("CV Moa Ek.pdf", b"x", MOA))
    graph.sandbox.faults.add(Fault(Trouble.STATUS, path="/root/delta", status=410))
    assert len(await graph.find()) == 1


# --- bins ---


async def test_a_file_somebody_deleted_goes_through_two_bins_and_ours_through_none(
    office: Open, session: aiohttp.ClientSession
) -> None:
    graph = await office(watched=False)
    papers = [Paper("CV Moa Ek.pdf", b"x", MOA), Paper("Betyg Moa Ek.pdf", b"x", MOA)]
    inner = graph.library.folder("Moa Ek")
    graph.library.add(*papers, Paper("Intyg.pdf", b"x", parent=inner))
    by_hand, ours = (record for record in await graph.find() if not record.shared)
    headers = {"Authorization": f"Bearer {graph.sandbox.token}"}
    place = f"{graph.url}/drives/{DRIVE}/items"
    for item in (papers[0].id, inner):
        async with session.delete(f"{place}/{item}", headers=headers) as answer:
            assert answer.status == 204
    assert {"CV Moa Ek.pdf", "Moa Ek", "Intyg.pdf"} == {one.name for one in graph.library.bin.values()}
    await graph.system.erase(ours)
    assert await graph.find() == ()
    graph.library.empty_bin()
    assert not graph.library.bin
    assert papers[1].id not in graph.library.second_bin, "permanentDelete goes past both"
    graph.library.restore(papers[0].id)
    assert await graph.system.still_there([by_hand, ours]) == (by_hand,)


# --- copies ---


async def test_copies(office: Open) -> None:
    graph = await office()
    mail = graph.mail(subject="Änkan åt ödlor")
    graph.front.add_contact(
        {
            "displayName": "Moa Ek",
            "givenName": "Moa",
            "surname": "Ek",
            "companyName": "Ek; Co",
            "emailAddresses": [{"address": MOA}],
            "homeAddress": {"street": "Storgatan 1", "city": "Lund"},
            "personalNotes": "Rad 1\nRad 2",
        }
    )
    graph.front.add_event(meeting("Möte", graph.clock.now() - timedelta(days=7), FRONT, MOA))
    graph.library.add(Paper("CV Moa Ek.pdf", b"%PDF", MOA))
    kinds = {record.kind: await graph.system.export(record) for record in await graph.find()}
    assert kinds["message"].files == (("mail.eml", mail.mime),)
    assert kinds["message"].fields["subject"] == "Änkan åt ödlor"
    assert kinds["event"].fields["subject"] == "Möte"
    ((calendar, shown),) = kinds["event"].files
    assert calendar == "meeting.ics"
    assert b"\r\nSUMMARY:M\xc3\xb6te\r\n" in shown
    ((name, card),) = kinds["contact"].files
    assert name == "contact.vcf"
    assert b"ORG:Ek\\; Co\r\n" in card
    assert b"ADR:;;Storgatan 1;Lund;;;\r\n" in card
    assert b"NOTE:Rad 1\\nRad 2\r\n" in card
    assert kinds["file"].files == (("CV Moa Ek.pdf", b"%PDF"),)


async def test_a_copy_that_is_no_mail_is_not_handed_out(office: Open) -> None:
    graph = await office()
    graph.mail()
    record = await graph.one()
    graph.sandbox.faults.add(Fault(Trouble.STATUS, path="$value", status=200, body={"oops": 1}, times=None))
    with pytest.raises(TryLater):
        await graph.system.export(record)


async def test_a_file_too_large_is_a_persons_to_copy(office: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.office365.library.LARGEST", 10)
    graph = await office()
    graph.library.add(Paper("CV Moa Ek.pdf", b"x" * 11, MOA))
    with pytest.raises(NeedsHuman) as caught:
        await graph.system.export(await graph.one())
    assert caught.value.key == "trouble.too_large"


async def test_a_link_to_a_strange_host_is_not_followed(office: Open) -> None:
    graph = await office(sharepoint_hosts="example.sharepoint.com")
    graph.library.add(Paper("CV Moa Ek.pdf", b"x", MOA))
    record = await graph.one()
    body: JsonValue = {"id": "1", "@microsoft.graph.downloadUrl": "http://localhost:1/x"}
    graph.sandbox.faults.add(Fault(Trouble.STATUS, path="/items/", status=200, body=body))
    with pytest.raises(NeedsHuman) as caught:
        await graph.system.export(record)
    assert caught.value.key == "trouble.strange_host"
    graph.sandbox.faults.add(Fault(Trouble.STATUS, path="/items/", status=200, body={"id": "1"}))
    with pytest.raises(NeedsHuman, match=r"trouble\.unreadable"):
        await graph.system.export(record)


# --- erasing ---


async def test_the_receipt_tells_the_truth_about_what_remains(office: Open) -> None:
    graph = await office(deleted_items_days=14)
    graph.mail()
    graph.library.add(Paper("CV Moa Ek.pdf", b"x", MOA))
    notes = {record.kind: (await graph.system.erase(record)).note for record in await graph.find()}
    assert notes["message"] == "gone for users at once; unrecoverable after 14 days unless a hold applies"
    assert "recycle bins" in notes["file"]
    assert len(graph.front.purges) == 1, "out of everybody's reach, not gone yet"
    assert not graph.library.bin


@pytest.mark.parametrize(("days", "said"), [(14, "högst 14 dagar"), (30, "högst 30 dagar"), (0, "högst 2 dagar")])
def test_the_letter_tells_of_this_tenants_own_days(found: dict[str, Found], days: int, said: str) -> None:
    """An upper bound in the plural is true of a shorter time too."""
    assert said in found["office365"].said({"deleted_items_days": days})["sv"]["letter.lasts"]


async def test_a_mail_somebody_deleted_is_there_until_nobody_can_bring_it_back(office: Open) -> None:
    """Out of Deleted Items no search shows it and no id reaches it, yet its user can recover it."""
    graph = await office()
    mail = graph.mail()
    record = await graph.one()
    assert isinstance(graph.system, ProvesGone)
    for folder in (DELETED, RECOVERABLE):
        graph.front.delete("messages", mail.id)
        assert mail.folder == folder
        assert await graph.system.still_there([record]) == (record,)
    assert graph.front.reach("messages", mail.id) is None
    mail.folder = DELETED
    assert (await graph.system.erase(record)).note.startswith("gone for users")
    assert await graph.system.still_there([record]) == ()
    assert mail.id in graph.front.purges


async def test_a_card_or_meeting_in_deleted_items_is_there_and_is_erased_from_there(office: Open) -> None:
    graph = await office()
    card_id = graph.front.add_contact(card())
    event = graph.front.add_event(meeting("Möte", graph.clock.now() - timedelta(days=7), FRONT, MOA))
    records = await graph.find()
    graph.front.delete("contacts", card_id)
    graph.front.delete("events", event)
    assert not await graph.find(), "neither lies in a folder that is listed"
    assert await graph.system.still_there(records) == tuple(records)
    for record in records:
        await graph.system.erase(record)
    assert await graph.system.still_there(records) == ()
    assert {card_id, event} == graph.front.purges.keys()


async def test_many_are_asked_for_four_at_a_time_and_the_deleted_once(office: Open) -> None:
    graph = await office()
    mails = [graph.mail(subject=f"Nr {number}") for number in range(20)]
    records = await graph.find(BY_ADDRESS)
    for mail in mails[:5]:
        graph.front.purge("messages", mail.id)
    graph.sandbox.pause = 0.01
    graph.sandbox.seen.clear()
    held = await graph.system.still_there(records)
    assert [one.id for one in held] == [one.id for one in records if one.id.partition(":")[2] in graph.front.mails]
    assert len(held) == 15
    assert graph.sandbox.most_at_once == 4
    assert len(graph.sandbox.seen) == 21
    assert not graph.sandbox.refused


async def test_a_place_that_went_away_proves_nothing_gone(office: Open) -> None:
    graph = await office()
    graph.mail()
    graph.library.add(Paper("CV Moa Ek.pdf", b"x", MOA))
    records = await graph.find()
    graph.sandbox.tenant.boxes.clear()
    graph.sandbox.tenant.drives.clear()
    for record in records:
        with pytest.raises(NeedsHuman, match=r"trouble\.not_allowed_there"):
            await graph.system.still_there([record])


async def test_a_file_under_a_record_label_is_a_persons(office: Open) -> None:
    graph = await office()
    graph.library.add(Paper("CV Moa Ek.pdf", b"x", MOA, kept=True))
    record = await graph.one()
    with pytest.raises(NeedsHuman) as caught:
        await graph.system.erase(record)
    assert caught.value.key == "trouble.kept_there"
    assert not graph.sandbox.writes()


@pytest.mark.parametrize("kind", ["message", "contact", "event", "file"])
async def test_a_place_no_longer_in_the_settings_is_no_proof_of_being_gone(office: Open, kind: str) -> None:
    graph = await office()
    record = Record("office365", kind, "forna@goto.work:1")
    for call in (graph.system.erase(record), graph.system.export(record)):
        with pytest.raises(NeedsHuman) as caught:
            await call
        assert caught.value.key == "trouble.not_allowed_there"


async def test_many_are_read_and_erased_four_at_a_time_in_order(office: Open) -> None:
    graph = await office()
    mails = [graph.mail(subject=f"Nr {number}") for number in range(30)]
    graph.sandbox.pause = 0.01
    assert isinstance(graph.system, TakesMany)
    records = sorted(await graph.find(BY_ADDRESS), key=lambda one: one.id)
    copies = [one async for one in graph.system.export_all(records)]
    assert [one.record for one in copies] == records
    assert {one.files[0][1] for one in copies} == {mail.mime for mail in mails}
    receipts = [one async for one in graph.system.erase_all(records)]
    assert [one.id for one in receipts] == [one.id for one in records]
    assert graph.sandbox.most_at_once == 4
    assert not await graph.find(BY_ADDRESS)


async def test_the_desks_own_mail_and_the_search_hold_four_calls_between_them(
    office: Open, session: aiohttp.ClientSession
) -> None:
    """Where one registration does both, Outlook counts both as one application in that mailbox."""
    graph = await office(watched=False)
    for number in range(30):
        graph.mail(subject=f"Nr {number}")
    own = {
        "kind": "graph",
        "address": FRONT,
        "tenant_id": TENANT_ID,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "base_url": graph.url,
        "login_url": graph.url,
    }
    keys = {name: new_key() for name in ("keys", "index_key", "signing_key")}
    settings = load({"mailbox": own, "start_date": date(2026, 1, 1), **keys})
    intake = mailbox_of(settings, session, MemoryBookmark(), graph.clock)
    records = await graph.find(BY_ADDRESS)
    graph.sandbox.pause = 0.01

    async def reads() -> int:
        return len([one async for one in graph.system.export_all(records)])

    async def takes_in() -> int:
        return len([one async for one in intake.older(date(2026, 1, 1))])

    everything = await asyncio.gather(reads(), *(takes_in() for _ in range(5)))
    assert everything == [30] * 6
    assert graph.sandbox.most_at_once == 4
    assert not graph.sandbox.refused


async def test_another_registration_has_limits_of_its_own(session: aiohttp.ClientSession) -> None:
    ours = shared_lane(session, ("tenant", "client", FRONT), 4, pace(100, 600))
    assert shared_lane(session, ("Tenant", "CLIENT", FRONT.upper()), 4, pace(10, 600)) is ours
    assert shared_lane(session, ("tenant", "another", FRONT), 4) is not ours
    for _ in range(10):
        assert not ours.take(0.0)
    assert ours.wait(0.0) > 600, "the narrower of two limits holds for both"


async def test_many_with_one_answer_lost_are_gone_on_with(office: Open) -> None:
    graph = await office()
    for number in range(10):
        graph.mail(subject=f"Nr {number}")
    records = await graph.find(BY_ADDRESS)
    graph.sandbox.faults.add(Fault(Trouble.LOST_ANSWER, "POST", "permanentDelete"))
    with pytest.raises(OutcomeUnknown):
        _ = [one async for one in graph.system.erase_all(records)]
    assert len(graph.sandbox.writes("permanentDelete")) == 4, "its portion came to an end, no other began"
    assert len([one async for one in graph.system.erase_all(records)]) == 10
    assert len(graph.sandbox.writes("permanentDelete")) == 10, "none twice"


async def test_sharepoints_warning_is_heeded_before_it_refuses(office: Open) -> None:
    """From four fifths of a minute's units on SharePoint says what is left, and when it begins anew."""
    graph = await office(watched=False)
    for number in range(12):
        graph.library.add(Paper(f"CV {number} Moa Ek.pdf", b"x", MOA))
    records = await graph.find()
    graph.sandbox.units, graph.sandbox._spent = 100, 85
    graph.sandbox._minute_ends = asyncio.get_running_loop().time() + 2.4
    began = asyncio.get_running_loop().time()
    held = await graph.system.still_there(records)
    assert len(held) == 12
    assert asyncio.get_running_loop().time() - began > 1, "twelve calls would else take no time at all"
    assert not graph.sandbox.refused


async def test_sharepoint_refuses_what_is_too_much_and_says_until_when(
    office: Open, session: aiohttp.ClientSession
) -> None:
    graph = await office(watched=False)
    graph.sandbox.units = 10
    headers = {"Authorization": f"Bearer {graph.sandbox.token}"}
    said = []
    for _ in range(6):
        async with session.get(f"{graph.url}/drives/{DRIVE}/root/delta", headers=headers) as answer:
            said.append((answer.status, answer.headers.get("RateLimit-Remaining"), "Retry-After" in answer.headers))
    assert said == [(200, None, False)] * 3 + [(200, "2", False), (200, "0", False), (429, None, True)]


async def test_a_mailbox_whose_quota_is_used_up_says_when_to_come_back(office: Open) -> None:
    graph = await office()
    graph.sandbox.quota = 0
    with pytest.raises(TryLater) as caught:
        await graph.find()
    assert caught.value.after == timedelta(seconds=1)


async def test_a_mailbox_that_is_not_there_is_no_nothing(office: Open) -> None:
    graph = await office()
    del graph.sandbox.tenant.boxes[JOBS]
    with pytest.raises(NeedsHuman) as caught:
        await graph.find()
    assert caught.value.key == "trouble.not_allowed_there"


async def test_a_mailbox_or_library_that_went_away_is_no_proof_that_its_content_did(office: Open) -> None:
    graph = await office()
    graph.mail()
    graph.front.add_contact(card())
    graph.front.add_event(meeting("Möte", graph.clock.now() - timedelta(days=7), FRONT, MOA))
    graph.library.add(Paper("CV Moa Ek.pdf", b"x", MOA))
    records = await graph.find()
    assert len(records) == 4
    graph.sandbox.tenant.boxes.clear()
    graph.sandbox.tenant.drives.clear()
    for record in records:
        for call in (graph.system.erase(record), graph.system.export(record)):
            with pytest.raises(NeedsHuman) as caught:
                await call
            assert caught.value.key == "trouble.not_allowed_there"


async def test_pages_in_circles_are_left(office: Open) -> None:
    graph = await office(watched=False)
    graph.front.add_contact(card())
    await graph.find()
    asked = next(one for one in graph.sandbox.seen if one.path.endswith("/contacts"))
    body: JsonValue = {"value": [], "@odata.nextLink": f"{graph.url}{asked.path}"}
    graph.sandbox.faults.add(Fault(Trouble.STATUS, path="/contacts", times=None, status=200, body=body))
    with pytest.raises(NeedsHuman) as caught:
        await graph.find()
    assert caught.value.key == "trouble.endless"


# --- putting right, taking off ---


def card(more: Thing | None = None) -> Thing:
    """Return Moa's contact card."""
    emails: list[JsonValue] = [{"address": MOA, "name": "Moa E"}, {"address": "old@example.com", "name": "Old"}]
    return {"displayName": "Moa Ek", "surname": "Ek", "emailAddresses": emails, **(more or {})}


async def test_a_card_is_corrected_and_read_again(office: Open) -> None:
    graph = await office()
    id_ = graph.front.add_contact(
        card({"homeAddress": {"street": "Gatan 1", "city": "Lund"}, "homePhones": ["1", "2"]})
    )
    assert isinstance(graph.system, Corrects)
    record = await graph.one()
    there = await graph.system.correctable(record)
    assert (there["surname"], there["homeAddress.city"], there["homePhones"]) == ("Ek", "Lund", "1; 2")
    changes = [
        Correction("surname", "Ek", "Ek-Lind"),
        Correction("emailAddresses", f"{MOA}; old@example.com", MOA),
        Correction("homeAddress.street", "Gatan 1", ""),
        Correction("homePhones", "1; 2", "3"),
    ]
    assert (await graph.system.correct(record, changes)).operation is Operation.RECTIFY
    now = graph.front.contacts[id_]
    assert now["surname"] == "Ek-Lind"
    assert now["emailAddresses"] == [{"address": MOA, "name": "Moa E"}]
    assert now["homeAddress"] == {"street": "", "city": "Lund"}
    assert now["homePhones"] == ["3"]
    before = len(graph.sandbox.writes())
    assert (await graph.system.correct(record, changes)).note == "already so"
    assert len(graph.sandbox.writes()) == before


async def test_a_value_somebody_else_changed_is_left(office: Open) -> None:
    graph = await office()
    graph.front.add_contact(card({"surname": "Annan"}))
    record = await graph.one()
    with pytest.raises(NeedsHuman) as caught:
        await graph.system.correct(record, [Correction("surname", "Ek", "Ek-Lind")])
    assert caught.value.key == "trouble.changed_meanwhile"
    with pytest.raises(NeedsHuman):
        await graph.system.correct(record, [Correction("shoeSize", "1", "2")])
    assert not graph.sandbox.writes()


async def test_a_correction_whose_answer_was_lost_is_looked_into(office: Open) -> None:
    graph = await office()
    graph.front.add_contact(card())
    record = await graph.one()
    changes = [Correction("surname", "Ek", "Ek-Lind")]
    graph.sandbox.faults.add(Fault(Trouble.LOST_ANSWER, "PATCH"))
    with pytest.raises(OutcomeUnknown):
        await graph.system.correct(record, changes)
    assert (await graph.system.correct(record, changes)).note == "already so"
    assert len(graph.sandbox.writes()) == 1


async def test_what_was_written_then_is_not_corrected(office: Open) -> None:
    graph = await office()
    graph.mail()
    record = await graph.one()
    assert await graph.system.correctable(record) == {}
    with pytest.raises(NeedsHuman):
        await graph.system.correct(record, [Correction("subject", "Hej", "Hejdå")])
    assert await graph.system.correctable(Record("office365", "contact", f"{FRONT}:gone")) == {}


async def test_nobody_is_taken_off_a_meeting_by_the_desk(found: dict[str, Found], office: Open) -> None:
    """Exchange would write to whoever is taken off, and by a list to all: a colleague does it, and is told why."""
    graph = await office()
    graph.front.add_event(meeting("Möte", graph.clock.now() + timedelta(days=7), FRONT, MOA, BO))
    record = await graph.one()
    assert record.shared
    assert not isinstance(graph.system, Dissociates)
    with pytest.raises(NeedsHuman, match=r"trouble\.shared"):
        await graph.system.erase(record)
    assert not graph.sandbox.writes()
    assert "Exchange mejlar" in found["office365"].strings["sv"]["shared.dissociate"]
    assert "Exchange then writes" in found["office365"].strings["en"]["shared.dissociate"]


async def test_no_mailings_leave_from_here(office: Open) -> None:
    graph = await office()
    with pytest.raises(NeedsHuman):
        await graph.system.suppress(FULL[0])


# --- settings, permissions, capabilities ---


@pytest.mark.parametrize(
    ("forbidden", "scope"),
    [
        ("messages.write", "Mail.ReadWrite"),
        ("contacts.write", "Contacts.ReadWrite"),
        ("events.write", "Calendars.ReadWrite"),
        ("files.write", "Files.ReadWrite.All"),
    ],
)
async def test_the_probe_names_the_permission_that_is_missing(office: Open, forbidden: str, scope: str) -> None:
    graph = await office()
    graph.sandbox.forbidden.add(forbidden)
    with pytest.raises(CredentialsRefused) as caught:
        await graph.system.probe()
    assert (caught.value.key, caught.value.facts["scope"]) == ("trouble.scope_missing", scope)


TENANT = {"tenant_id": "t", "client_id": "c", "client_secret": "s3cret", "mailboxes": FRONT}
FILES = {"drives": "d", "sharepoint_hosts": "example.sharepoint.com"}


@pytest.mark.parametrize(
    ("stanza", "line"),
    [
        (TENANT | FILES | {"client_id": ""}, "CLIENT_ID: is missing – the id of the app registration"),
        (TENANT | FILES | {"mailboxes": " "}, "MAILBOXES: is missing – the function mailboxes"),
        (TENANT | FILES | {"mailboxes": "info"}, "MAILBOXES: must be mail addresses separated by commas"),
        (TENANT | FILES | {"client_secret": ""}, "CERTIFICATE_PATH: set either this or client_secret"),
        (TENANT | FILES | {"certificate_path": __file__}, "CERTIFICATE_PATH: set either this or client_secret"),
        (TENANT, "SEARCH_REGION: set this, drives or sites"),
        (TENANT | {"drives": "d"}, "SHAREPOINT_HOSTS: is missing – where files are fetched from"),
        (TENANT | FILES | {"sharepoint_hosts": "https://x.y/"}, "SHAREPOINT_HOSTS: must be host names"),
        (TENANT | FILES | {"deleted_items_days": "31"}, "DELETED_ITEMS_DAYS: input should be less than or equal to 30"),
        (
            TENANT | FILES | {"client_secret": "", "certificate_path": "/no/such.pem"},
            "CERTIFICATE_PATH: there is no such file",
        ),
    ],
)
def test_bad_settings_are_one_line(found: dict[str, Found], stanza: dict[str, object], line: str) -> None:
    with pytest.raises(SettingsProblem) as caught:
        found["office365"].read(stanza)
    (said,) = caught.value.lines
    assert said.startswith(f"PRIVACY_SYSTEMS__OFFICE365__{line}")
    assert "s3cret" not in said


def test_without_a_tenant_the_work_is_done_by_hand(found: dict[str, Found]) -> None:
    folder = found["office365"]
    assert folder.manifest(folder.read({})) is BY_HAND
    assert folder.manifest(folder.read(TENANT | FILES)) is MANIFEST
    assert not any(how.mode is Mode.AUTOMATIC for how in BY_HAND.capabilities.values())


def test_a_persons_name_needs_two_words_and_an_address_must_fit_a_search() -> None:
    assert sought([Identifier(IdentifierKind.NAME, "Moa")]).names == ()
    assert sought([Identifier(IdentifierKind.NAME, " Moa\tEk ")]).names == ("Moa Ek",)
    with pytest.raises(NeedsHuman, match=r"trouble\.not_known_by"):
        sought([Identifier(IdentifierKind.EMAIL, 'a" OR "b@example.com')])
    assert not sought(())


def test_a_colleagues_own_mailbox_is_its_holders_to_search() -> None:
    modes = {how.mode for operation, how in PERSONAL.capabilities.items() if operation is not Operation.SUPPRESS}
    assert modes == {Mode.ASSISTED}
    assert searches(FULL) == (f'participants:"{MOA}" OR "{MOA}"', '"Moa Ek"')
    assert searches([Identifier(IdentifierKind.NAME, '"Moa"  Ek')]) == ('"Moa Ek"',)
    assert searches([Identifier(IdentifierKind.PHONE, "070")]) == ()
