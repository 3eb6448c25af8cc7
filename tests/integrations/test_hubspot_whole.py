"""HubSpot, every corner: what lies beside the CRM, the bin, what others are on too, limits."""

from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AsyncExitStack
from datetime import date, timedelta

import aiohttp
import pytest
from pydantic import JsonValue

from bot.domain.errors import CredentialsRefused, NeedsHuman, OutcomeUnknown, TryLater
from bot.domain.system import Correction, Identifier, IdentifierKind, Record
from bot.ports import Dissociates
from integrations.http import together
from integrations.hubspot.places import Area
from integrations.hubspot.quota import Quota
from integrations.hubspot.sandbox import HubSpotSandbox
from integrations.hubspot.seed import GUIDE, SEMINAR, Activity, Person
from integrations.registry import Found
from integrations.sandbox import Fault, Trouble, serve
from tests.fakes import FixedClock
from tests.integrations.hubspots import ELSE, MOA, Account, Open, opened


@pytest.fixture
async def account(found: dict[str, Found], session: aiohttp.ClientSession, clock: FixedClock) -> AsyncIterator[Open]:
    """Open an account with these people in it, and these settings."""
    async with AsyncExitStack() as stack:

        async def open_account(*people: Person, quota: Quota | None = None, **settings: object) -> Account:
            return await stack.enter_async_context(opened(found["hubspot"], session, clock, people, settings, quota))

        yield open_account


def kinds(records: Sequence[Record]) -> list[str]:
    return [one.kind for one in records]


CV = ("cv.pdf", b"%PDF-1.7 Moa Ek")


async def test_finds_what_lies_beside_the_crm_in_the_order_it_can_be_erased(account: Open) -> None:
    hubspot = await account(
        Person(
            *(MOA, "Moa", "Ek"),
            activities=(
                Activity("feedback_submissions", "Nöjd"),
                Activity("notes", "Ringde", files=(CV, ("foto.jpg", b"\xff\xd8"))),
                Activity("tickets", "Kommer inte in"),
            ),
            chats=(("Hej", "Hej själv"),),
            open_deal=True,
        )
    )
    records = await hubspot.find()
    assert kinds(records) == ["file", "file", "note", "deal", "ticket", "chat", "contact", "feedback"]
    assert {one.kind for one in records if one.shared} == {"deal", "ticket"}
    assert {one.kind for one in records if one.narrative} == {"note", "chat"}


async def test_other_names_of_the_person_are_there_to_be_offered(account: Open) -> None:
    hubspot = await account(
        Person(
            *(MOA, "Moa", "Ek", "070-174 06 07"),
            further=("moa.ek@example.org",),
            more={"mobilephone": "070-174 06 08", "hs_whatsapp_phone_number": "070-174 06 07"},
        )
    )
    contact = await hubspot.contact()
    assert [(one.kind.value, one.value) for one in contact.contacts] == [
        ("email", MOA),
        ("email", "moa.ek@example.org"),
        ("phone", "070-174 06 07"),
        ("phone", "070-174 06 08"),
        ("name", "Moa Ek"),
    ]


async def test_the_export_of_a_contact_is_whole(account: Open) -> None:
    hubspot = await account(
        Person("b@example.com", "B", "B", forms=((GUIDE, {"message": f"Hälsa {MOA}"}),)),
        Person(
            *(MOA, "Moa", "Ek"),
            forms=(*((GUIDE, {"n": str(number)}) for number in range(120)), (SEMINAR, {"n": "gammal"})),
            mailings=("DELIVERED", "OPEN", "CLICK"),
        ),
    )
    record = await hubspot.contact()
    await hubspot.system.correct(record, [Correction("firstname", "Moa", "Moah")])
    fields = dict((await hubspot.system.export(record)).fields)
    forms, mailings, history = (
        fields["form_submissions"],
        fields["marketing_emails"],
        fields["properties_with_history"],
    )
    assert isinstance(forms, list)
    assert len(forms) == 121
    assert {one["form"] for one in forms} == {GUIDE, SEMINAR}
    assert "Hälsa" not in str(forms)
    assert isinstance(mailings, list)
    assert [one["type"] for one in mailings] == ["DELIVERED", "OPEN", "CLICK"]
    assert mailings[1]["location"]["city"] == "Stockholm"
    assert isinstance(history, dict)
    assert [one["value"] for one in history["firstname"]] == ["Moah", "Moa"]


async def test_what_became_of_mailings_is_read_page_by_page(account: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.hubspot.traces.EVENT_PAGE", "2")
    hubspot = await account(Person(MOA, "Moa", "Ek", mailings=("SENT", "OPEN", "OPEN", "CLICK", "OPEN")))
    fields = (await hubspot.system.export(await hubspot.contact())).fields
    mailings = fields["marketing_emails"]
    assert isinstance(mailings, list)
    assert len({one["id"] for one in mailings}) == 5


async def test_a_file_is_handed_over_and_its_link_gets_no_token(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek", activities=(Activity("notes", "CV", files=(CV,)),)))
    file, *_ = await hubspot.find()
    exported = await hubspot.system.export(file)
    assert exported.files == (CV,)
    assert exported.fields["name"] == "cv"
    await hubspot.system.erase(file)
    assert (await hubspot.system.export(file)).files == ()
    assert (await hubspot.system.erase(file)).note == "already gone"


async def test_a_link_to_an_unknown_host_is_not_followed(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek", activities=(Activity("notes", "CV", files=(CV,)),)))
    file, *_ = await hubspot.find()
    elsewhere: JsonValue = {"url": "https://files.elsewhere.example/1", "expiresAt": "2026-03-09T09:00:00Z"}
    hubspot.sandbox.faults.add(Fault(Trouble.STATUS, "GET", "signed-url", status=200, body=elsewhere))
    with pytest.raises(NeedsHuman) as caught:
        await hubspot.system.export(file)
    assert caught.value.key == "trouble.strange_host"


async def test_a_chat_is_handed_over_whole_and_goes_to_the_bin(account: Open) -> None:
    long = "Så här var det. " * 50
    hubspot = await account(Person(MOA, "Moa", "Ek", chats=((*(f"Rad {n}" for n in range(130)), long),)))
    chat = next(one for one in await hubspot.find() if one.kind == "chat")
    messages = (await hubspot.system.export(chat)).fields["messages"]
    assert isinstance(messages, list)
    assert len(messages) == 131
    assert messages[-1]["text"] == long
    await hubspot.system.erase(chat)
    assert hubspot.state.chats[chat.id].archived
    assert kinds(await hubspot.find()) == ["contact"]
    assert not (await hubspot.system.export(chat)).fields
    assert (await hubspot.system.erase(chat)).note == "already gone"


async def test_erasing_everything_leaves_nothing_but_what_is_the_companys(account: Open) -> None:
    hubspot = await account(
        Person(
            *(MOA, "Moa", "Ek"),
            activities=(
                Activity("notes", "Ringde", files=(CV,)),
                Activity("calls", "Samtal"),
                Activity("feedback_submissions", "Nöjd"),
                Activity("feedback_submissions", "Missnöjd"),
            ),
            chats=(("Hej",),),
            forms=((GUIDE, {}),),
            mailings=("OPEN",),
            open_deal=True,
        )
    )
    records = await hubspot.find()
    feedback = records[-1]
    assert (await hubspot.system.erase(feedback)).note == "purged with the contact"
    assert not hubspot.wrote()
    receipts = await hubspot.erase_all(records)
    assert [one.kind for one in receipts] == ["file", "note", "call", "chat", "contact", "feedback", "feedback"]
    assert receipts[-1].note == "already gone"
    assert hubspot.wrote()[0].endswith("/gdpr-delete")
    assert hubspot.wrote()[-1] == "POST /crm/objects/2026-03/contacts/gdpr-delete"
    assert not await hubspot.find()
    assert not hubspot.state.files
    assert len(hubspot.state.alive("0-3")) == 1
    assert hubspot.state.mailings
    hubspot.state.purge()
    assert not hubspot.state.mailings
    assert not hubspot.state.submissions[GUIDE]


async def test_a_contact_in_the_bin_is_found_by_any_of_its_addresses_and_exported(account: Open) -> None:
    people = [Person(f"p{number}@example.org", "P", str(number)) for number in range(130)]
    hubspot = await account(*people, Person(MOA, "Moa", "Ek", further=(ELSE,), more={"city": "Umeå"}))
    for one in hubspot.state.alive("contacts"):
        one.archived = True
    record = await hubspot.contact(ELSE)
    assert (await hubspot.system.export(record)).fields["city"] == "Umeå"
    assert not await hubspot.find("ek.moa@example.net")


async def test_one_activity_on_both_contacts_of_the_person_is_the_persons(account: Open) -> None:
    hubspot = await account(
        Person(ELSE, "Moa", "Ek"), Person(MOA, "Moa", "Ek", activities=(Activity("meetings", "Möte", also=(ELSE,)),))
    )
    both = [Identifier(IdentifierKind.EMAIL, one) for one in (MOA, ELSE)]
    meeting, *_ = await hubspot.system.find(both)
    assert not meeting.shared
    (alone, _) = await hubspot.find()
    assert alone.shared


async def test_a_file_on_what_others_are_on_too_is_shared_as_well(account: Open) -> None:
    hubspot = await account(
        Person(ELSE, "E", "E"), Person(MOA, "Moa", "Ek", activities=(Activity("notes", "x", (ELSE,), (CV,)),))
    )
    records = await hubspot.find()
    assert [(one.kind, one.shared) for one in records] == [("file", True), ("note", True), ("contact", False)]
    assert [one.kind for one in await hubspot.erase_all(records)] == ["contact"]
    assert hubspot.state.files


async def test_a_file_that_hangs_on_a_shared_note_too_is_shared(account: Open) -> None:
    hubspot = await account(
        Person(ELSE, "E", "E"),
        Person(*(MOA, "Moa", "Ek"), activities=(Activity("calls", "x", (ELSE,), (CV,)), Activity("notes", "y"))),
    )
    (call,), (note,) = hubspot.state.alive("calls"), hubspot.state.alive("notes")
    note.properties["hs_attachment_ids"] = call.properties["hs_attachment_ids"]
    file, *_ = await hubspot.find()
    assert (file.kind, file.shared) == ("file", True)
    call.archived = True
    file, *_ = await hubspot.find()
    assert not file.shared


async def test_the_person_is_taken_off_what_others_are_on_too(account: Open) -> None:
    hubspot = await account(
        Person(ELSE, "E", "E"), Person(MOA, "Moa", "Ek", activities=(Activity("meetings", "Möte", also=(ELSE,)),))
    )
    assert isinstance(hubspot.system, Dissociates)
    meeting, contact = await hubspot.find()
    person = [Identifier(IdentifierKind.EMAIL, MOA)]
    assert (await hubspot.system.dissociate(meeting, person)).note == "taken off"
    assert (await hubspot.system.dissociate(meeting, person)).note == "already off"
    assert kinds(await hubspot.find()) == ["contact"]
    assert kinds(await hubspot.find(ELSE)) == ["meeting", "contact"]
    with pytest.raises(NeedsHuman):
        await hubspot.system.dissociate(contact, person)


async def test_parts_the_account_does_not_have_are_not_asked_for(account: Open) -> None:
    hubspot = await account(
        Person(MOA, "Moa", "Ek", activities=(Activity("notes", "x", files=(CV,)),), chats=(("Hej",),), open_deal=True),
        without=" ".join(Area),
    )
    records = await hubspot.find()
    assert kinds(records) == ["note", "contact"]
    fields = (await hubspot.system.export(records[-1])).fields
    assert not {"form_submissions", "marketing_emails"} & fields.keys()
    await hubspot.system.probe()
    asked = {one.path.split("/")[1] for one in hubspot.sandbox.seen}
    assert asked == {"crm", "communication-preferences"}


@pytest.mark.parametrize("area", ["threads", "marketing/forms", "email/public", "0-3/batch", "files/0", "tickets"])
async def test_the_probe_notices_every_permission_that_is_missing(account: Open, area: str) -> None:
    hubspot = await account()
    await hubspot.system.probe()
    assert not hubspot.wrote()
    assert not any("submissions" in one.path for one in hubspot.sandbox.seen if "form" in one.path)
    hubspot.sandbox.faults.add(Fault(Trouble.STATUS, path=area, times=None, status=403))
    with pytest.raises(CredentialsRefused):
        await hubspot.system.probe()


async def test_every_address_of_the_contact_is_opted_out(account: Open) -> None:
    """HubSpot mails the first address: to opt out the further one alone would change nothing."""
    hubspot = await account(Person(MOA, "Moa", "Ek", further=(ELSE,)))
    await hubspot.system.suppress(Identifier(IdentifierKind.EMAIL, ELSE))
    assert hubspot.state.opted_out == {MOA, ELSE}


async def test_an_unknown_address_is_never_blocked_nor_made_a_contact(account: Open) -> None:
    hubspot = await account()
    await hubspot.system.suppress(Identifier(IdentifierKind.EMAIL, MOA))
    assert not hubspot.state.blocklist
    assert not hubspot.state.alive("contacts")
    assert not hubspot.wrote("gdpr-delete")


async def test_a_daily_limit_lasts_until_midnight_in_the_accounts_zone(account: Open, clock: FixedClock) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek"), quota=Quota(daily=1), account_zone="America/New_York")
    with pytest.raises(TryLater) as caught:
        await hubspot.find()
    assert caught.value.after is not None
    assert timedelta() < caught.value.after <= timedelta(days=1)
    midnight = clock.now() + caught.value.after
    assert midnight.hour in (4, 5)


async def test_the_answers_tell_of_the_limits_a_searchs_does_not(session: aiohttp.ClientSession, today: date) -> None:
    sandbox = HubSpotSandbox(today=today, quota=Quota(burst=2, daily=9, searches=1))
    headers = {"Authorization": f"Bearer {sandbox.token}"}
    body: JsonValue = {"filterGroups": [], "sorts": [], "properties": [], "limit": 1, "after": "0"}
    contacts = "/crm/objects/2026-03/contacts"
    policy = ""
    async with serve(sandbox.application()) as url:
        async with session.get(f"{url}{contacts}/1", headers=headers) as answer:
            said = answer.headers
        assert said["X-HubSpot-RateLimit-Max"] == "2"
        assert said["X-HubSpot-RateLimit-Remaining"] == "1"
        assert said["X-HubSpot-RateLimit-Daily-Remaining"] == "8"
        for expected in (200, 429):
            async with session.post(f"{url}{contacts}/search", json=body, headers=headers) as answer:
                assert answer.status == expected
                assert not any("RateLimit" in name for name in answer.headers)
                policy = (await answer.json()).get("policyName")
        assert policy == "SECONDLY"
        for expected in (404, 429):
            async with session.get(f"{url}{contacts}/1", headers=headers) as answer:
                assert answer.status == expected


async def test_no_address_stands_in_a_url_but_where_hubspot_wants_it(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek"))
    for record in await hubspot.find():
        await hubspot.system.export(record)
        await hubspot.system.erase(record)
    named = {one.path.replace(MOA, "{}") for one in hubspot.sandbox.seen if MOA in one.path}
    assert named == {
        "/crm/objects/2026-03/contacts/{}",
        "/communication-preferences/2026-03/statuses/{}",
        "/communication-preferences/2026-03/statuses/{}/unsubscribe-all",
    }


async def test_chats_and_forms_are_read_page_by_page(account: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.hubspot.chats.THREAD_PAGE", "2")
    monkeypatch.setattr("integrations.hubspot.traces.FORM_PAGE", "1")
    hubspot = await account(Person(MOA, "Moa", "Ek", chats=(("a",),) * 5, forms=((GUIDE, {}), (SEMINAR, {}))))
    hubspot.state.submissions["33333333-0000-4000-8000-000000000003"] = []
    records = await hubspot.find()
    assert kinds(records) == ["chat"] * 5 + ["contact"]
    forms = (await hubspot.system.export(records[-1])).fields["form_submissions"]
    assert isinstance(forms, list)
    assert len(forms) == 2


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("threads", {"results": [], "paging": {"next": {"after": "7"}}}),
        ("marketing/forms", {"results": [], "paging": {"next": {"after": "7"}}}),
        ("/submissions/", {"results": [], "paging": {"next": {"after": "7"}}}),
        ("email/public", {"events": [], "hasMore": True, "offset": ""}),
        ("objects/2026-03/contacts", {"results": [], "paging": {"next": {"after": "7"}}}),
    ],
)
async def test_a_vendor_that_pages_in_circles_is_left_everywhere(account: Open, path: str, page: JsonValue) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek"))
    contact = await hubspot.contact()
    faults = hubspot.sandbox.faults
    if path.startswith("objects"):  # the bin, not the contact looked for by its address
        faults.add(
            Fault(Trouble.STATUS, "GET", f"contacts/{MOA}", None, 404, body=hubspot.sandbox.problem(404, "X", ""))
        )
    faults.add(Fault(Trouble.STATUS, "GET", path, None, status=200, body=page))
    with pytest.raises(NeedsHuman) as caught:
        await together(hubspot.find(), _nothing(hubspot.system.export(contact)))
    assert caught.value.key == "trouble.endless"


async def _nothing(reading: Awaitable[object]) -> Sequence[Record]:
    await reading
    return ()


async def test_what_vanishes_while_it_is_read_is_no_trouble(account: Open) -> None:
    hubspot = await account(
        Person(ELSE, "E", "E"),
        Person(
            *(MOA, "Moa", "Ek"),
            activities=(Activity("meetings", "Möte", also=(ELSE,)), Activity("notes", "x", files=(CV,))),
            forms=((GUIDE, {}),),
        ),
    )
    file, _, meeting, contact = sorted(await hubspot.find(), key=lambda one: one.kind in {"meeting", "contact"})
    gone = hubspot.sandbox.problem(404, "OBJECT_NOT_FOUND", "")
    for path in ("signed-url", "/submissions/", "/threads", "associations/contacts"):
        hubspot.sandbox.faults.add(Fault(Trouble.STATUS, "GET", path, None, status=404, body=gone))
    assert not (await hubspot.system.export(file)).files
    assert not (await hubspot.system.export(contact)).fields["form_submissions"]
    assert "chat" not in kinds(await hubspot.find())
    person = [Identifier(IdentifierKind.EMAIL, MOA)]
    assert (await hubspot.system.dissociate(meeting, person)).note == "already off"


async def test_a_person_who_stays_on_is_a_colleagues(account: Open) -> None:
    hubspot = await account(
        Person(ELSE, "E", "E"), Person(MOA, "Moa", "Ek", activities=(Activity("meetings", "Möte", also=(ELSE,)),))
    )
    meeting, _ = await hubspot.find()
    hubspot.sandbox.faults.add(Fault(Trouble.STATUS, "DELETE", "associations", status=200, body={}))
    with pytest.raises(NeedsHuman):
        await hubspot.system.dissociate(meeting, [Identifier(IdentifierKind.EMAIL, MOA)])


async def test_the_vendor_takes_no_more_than_a_hundred_at_once(session: aiohttp.ClientSession, today: date) -> None:
    sandbox = HubSpotSandbox(today=today)
    headers = {"Authorization": f"Bearer {sandbox.token}"}
    body: JsonValue = {"inputs": [{"id": str(number)} for number in range(101)], "properties": []}
    async with serve(sandbox.application()) as url:
        for way in ("read", "archive"):
            place = f"{url}/crm/objects/2026-03/notes/batch/{way}"
            async with session.post(place, json=body, headers=headers) as answer:
                assert answer.status == 400
        async with session.get(f"{url}/signed-content/1", headers=headers) as answer:
            assert answer.status == 400


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (Fault(Trouble.LOST_ANSWER, "DELETE", "/associations/"), (OutcomeUnknown, TryLater)),
        (Fault(Trouble.STATUS, "DELETE", "/associations/", status=401), (CredentialsRefused,)),
        (Fault(Trouble.STATUS, "DELETE", "/associations/", status=403), (CredentialsRefused,)),
        (Fault(Trouble.STATUS, "DELETE", "/associations/", status=423), (TryLater,)),
        (Fault(Trouble.STATUS, "DELETE", "/associations/", status=429), (TryLater,)),
        (Fault(Trouble.STATUS, "DELETE", "/associations/", status=500), (TryLater, OutcomeUnknown)),
    ],
    ids=["lost answer", "401", "403", "423", "429", "500"],
)
async def test_taking_off_says_what_is_wrong_and_once_more_is_harmless(
    account: Open, fault: Fault, raised: tuple[type[Exception], ...]
) -> None:
    """Looked at first, so an answer that was lost is not asked for again where it was done."""
    hubspot = await account(
        Person(ELSE, "E", "E"), Person(MOA, "Moa", "Ek", activities=(Activity("meetings", "Möte", also=(ELSE,)),))
    )
    assert isinstance(hubspot.system, Dissociates)
    meeting, _ = await hubspot.find()
    person = [Identifier(IdentifierKind.EMAIL, MOA)]
    hubspot.sandbox.faults.add(fault)
    with pytest.raises(raised):
        await hubspot.system.dissociate(meeting, person)
    hubspot.sandbox.faults.clear()
    done = fault.trouble is Trouble.LOST_ANSWER
    assert (await hubspot.system.dissociate(meeting, person)).note == ("already off" if done else "taken off")
    assert kinds(await hubspot.find(ELSE)) == ["meeting", "contact"]
