"""HubSpot: what is said to have happened there did; in doubt nothing is erased and nothing claimed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

import aiohttp
import pytest
from pydantic import JsonValue

from bot.domain.errors import NeedsHuman, TryLater
from bot.domain.system import Identifier, IdentifierKind, Record
from bot.ports import ProvesGone
from integrations.hubspot.bodies import not_found
from integrations.hubspot.quota import Quota
from integrations.hubspot.seed import Activity, Person
from integrations.registry import Found
from integrations.sandbox import Fault, Trouble
from tests.fakes import FixedClock
from tests.integrations.hubspots import ELSE, MOA, Account, Open, opened

CV = ("cv.pdf", b"%PDF-1.7 Moa Ek")


@pytest.fixture
async def account(found: dict[str, Found], session: aiohttp.ClientSession, clock: FixedClock) -> AsyncIterator[Open]:
    """Open an account with these people in it, and these settings."""
    async with AsyncExitStack() as stack:

        async def open_account(*people: Person, quota: Quota | None = None, **settings: object) -> Account:
            return await stack.enter_async_context(opened(found["hubspot"], session, clock, people, settings, quota))

        yield open_account


def kinds(records: Sequence[Record]) -> list[str]:
    return [one.kind for one in records]


def whole(address: str = MOA) -> Person:
    """Return somebody with something of every kind."""
    types = ("notes", "emails", "calls", "meetings", "tasks", "communications", "postal_mail")
    return Person(
        *(address, "Moa", "Ek"),
        activities=(
            *(Activity(one, "x", files=(CV,) if one == "notes" else ()) for one in types),
            Activity("feedback_submissions", "Nöjd"),
            Activity("tickets", "Kommer inte in"),
        ),
        chats=(("Hej",),),
        open_deal=True,
    )


# --- still there ------------------------------------------------------------------------------


async def test_everything_found_is_there_until_it_is_erased_whatever_address_the_contact_bears_by_then(
    account: Open,
) -> None:
    hubspot = await account(whole())
    assert isinstance(hubspot.system, ProvesGone)
    records = await hubspot.find()
    assert len(set(kinds(records))) == 13
    contact = hubspot.state.contact(MOA)
    assert contact is not None
    hubspot.state.write(contact, {"email": ELSE})
    assert await hubspot.system.still_there(records) == tuple(records)
    assert list(await hubspot.system.still_there(records[::-1])) == list(records[::-1])
    await hubspot.erase_all(records)
    assert kinds(await hubspot.system.still_there(records)) == ["deal", "ticket"]
    for type_ in ("0-3", "tickets"):
        hubspot.state.alive(type_)[0].archived = True
    assert not await hubspot.system.still_there(records)
    assert not await hubspot.system.still_there(())


async def test_what_a_batch_left_behind_in_silence_is_still_there(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek", activities=(Activity("notes", "a"), Activity("notes", "b"))))
    *notes, contact = await hubspot.find()
    hubspot.sandbox.faults.add(Fault(Trouble.STATUS, "POST", "batch/archive", status=204))
    await hubspot.erase_all([*notes, contact])
    assert not await hubspot.find()
    assert await hubspot.system.still_there([*notes, contact]) == tuple(notes)


async def test_an_activity_in_the_bin_is_gone_and_a_contact_in_it_is_not(account: Open) -> None:
    """HubSpot empties the bin after 90 days and nobody can sooner; a contact can be deleted for good from there."""
    hubspot = await account(Person(MOA, "Moa", "Ek", activities=(Activity("notes", "a"),)))
    note, contact = await hubspot.find()
    for type_, one in (("notes", note), ("contacts", contact)):
        held = hubspot.state.get(type_, one.id)
        assert held is not None
        held.archived = True
    assert await hubspot.system.still_there([note, contact]) == (contact,)


async def test_a_surveys_answer_is_there_as_long_as_a_contact_has_it(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek", activities=(Activity("feedback_submissions", "Nöjd"),)))
    contact, feedback = await hubspot.find()
    (held,) = hubspot.state.alive("feedback_submissions")
    assert await hubspot.system.still_there([feedback]) == (feedback,)
    hubspot.sandbox.faults.add(_passed_over("feedback_submissions/contacts"))
    assert await hubspot.system.still_there([feedback]) == (feedback,)
    hubspot.state.part("feedback_submissions", held.id, contact.id)  # as a permanent deletion leaves it for a while
    assert not await hubspot.system.still_there([feedback])


async def test_what_a_batch_passes_over_is_asked_for_by_itself(account: Open) -> None:
    """A contact merged into another answers to both ids."""
    hubspot = await account(Person(MOA, "Moa", "Ek"))
    contact = await hubspot.contact()
    for _ in range(2):
        hubspot.sandbox.faults.add(_passed_over("contacts/batch/read"))
    gone = Record("hubspot", "contact", "4711")
    assert await hubspot.system.still_there([gone, contact]) == (contact,)


async def test_what_a_batch_passes_over_is_neither_left_out_of_the_copy_nor_taken_for_erased(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek", activities=(Activity("notes", "x"),)))
    note, _ = await hubspot.find()
    hubspot.sandbox.faults.add(_passed_over("notes/batch/read"))
    with pytest.raises(NeedsHuman) as caught:
        await hubspot.system.export(note)
    assert caught.value.key == "trouble.partial"
    hubspot.sandbox.faults.add(_passed_over("notes/batch/read"))
    assert [one.note for one in await hubspot.erase_all([note])] == [""]
    assert not hubspot.state.alive("notes")
    hubspot.sandbox.faults.add(_passed_over("notes/batch/read"))
    assert not (await hubspot.system.export(note)).fields


async def test_ten_thousand_are_asked_for_a_hundred_at_a_time_and_each_once(account: Open) -> None:
    hubspot = await account(
        Person(MOA, "Moa", "Ek", activities=tuple(Activity("notes", "x") for _ in range(250))), calls_per_10_seconds=0
    )
    records = await hubspot.find()
    hubspot.sandbox.seen.clear()
    assert await hubspot.system.still_there([*records, *records]) == (*records, *records)
    assert len(hubspot.sandbox.seen) == 5  # three portions of notes, the contact in the bin and out of it


def _passed_over(path: str) -> Fault:
    """Return an answer in part: it speaks of nobody who was asked for."""
    named = not_found({"ids": ["1"], "fromObjectId": ["1"]})
    body: JsonValue = {"status": "COMPLETE", "results": [], "numErrors": 1, "errors": [named]}
    return Fault(Trouble.STATUS, "POST", path, status=207, body=body)


# --- who else is on it ------------------------------------------------------------------------


async def test_no_answer_is_never_that_nobody_else_is_on_it(account: Open) -> None:
    hubspot = await account(
        Person(ELSE, "E", "E"), Person(MOA, "Moa", "Ek", activities=(Activity("meetings", "Möte", also=(ELSE,)),))
    )
    none: JsonValue = {"results": [], "status": "COMPLETE"}
    server: JsonValue = {"status": "COMPLETE", "results": [], "numErrors": 1, "errors": [{"category": "SERVER"}]}
    unfinished: JsonValue = {"status": "PROCESSING", "results": []}
    path = "associations/2026-03/meetings/contacts"
    faults = [
        _passed_over(path),
        *(Fault(Trouble.STATUS, "POST", path, status=207, body=one) for one in (none, server)),
    ]
    for fault in (*faults, Fault(Trouble.STATUS, "POST", path, status=200, body=unfinished)):
        hubspot.sandbox.faults.clear()
        hubspot.sandbox.faults.add(fault)
        with pytest.raises(NeedsHuman) as caught:
            await hubspot.find()
        assert caught.value.key == "trouble.partial"
    hubspot.sandbox.faults.clear()
    assert kinds(await hubspot.find()) == ["meeting", "contact"]


async def test_an_activity_that_went_while_it_was_asked_about_is_no_trouble(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek", activities=(Activity("notes", "x"), Activity("meetings", "y"))))
    listed: JsonValue = {"results": [{"toObjectId": "4711", "associationTypes": []}]}
    hubspot.sandbox.faults.add(Fault(Trouble.STATUS, "GET", "associations/meetings", status=200, body=listed))
    assert kinds(await hubspot.find()) == ["note", "contact"]


# --- whose file it is -------------------------------------------------------------------------


async def test_a_file_that_hangs_on_somebody_elses_activity_is_shared(account: Open) -> None:
    hubspot = await account(
        Person(ELSE, "E", "E", activities=(Activity("calls", "till E"),)),
        Person(MOA, "Moa", "Ek", activities=(Activity("notes", "x", files=(CV, CV)), Activity("tasks", "y"))),
    )
    (note,), (call,), (task,) = (hubspot.state.alive(one) for one in ("notes", "calls", "tasks"))
    first, second = note.properties["hs_attachment_ids"].split(";")
    task.properties["hs_attachment_ids"] = second  # her own, too
    assert not any(one.shared for one in await hubspot.find())
    call.properties["hs_attachment_ids"] = f"7;{first}"
    files = [one for one in await hubspot.find() if one.kind == "file"]
    assert {one.id: one.shared for one in files} == {first: True, second: False}
    await hubspot.erase_all(await hubspot.find())
    assert list(hubspot.state.files) == [first]


async def test_both_contacts_of_the_person_are_the_persons(account: Open) -> None:
    hubspot = await account(
        Person(ELSE, "Moa", "Ek", activities=(Activity("calls", "x"),)),
        Person(MOA, "Moa", "Ek", activities=(Activity("notes", "x", files=(CV,)),)),
    )
    (note,), (call,) = (hubspot.state.alive(one) for one in ("notes", "calls"))
    call.properties["hs_attachment_ids"] = note.properties["hs_attachment_ids"]
    file, *_ = await hubspot.system.find([Identifier(IdentifierKind.EMAIL, one) for one in (MOA, ELSE)])
    assert (file.kind, file.shared) == ("file", False)
    file, *_ = await hubspot.find()
    assert file.shared


async def test_a_hit_the_activity_itself_denies_is_none(account: Open) -> None:
    """The search lags behind, and takes values apart at every mark."""
    hubspot = await account(
        Person(ELSE, "E", "E", activities=(Activity("notes", "x"),)),
        Person(MOA, "Moa", "Ek", activities=(Activity("notes", "x", files=(CV,)),)),
    )
    other, own = sorted(hubspot.state.alive("notes"), key=lambda one: "hs_attachment_ids" in one.properties)
    other.properties["hs_attachment_ids"] = f"7-{own.properties['hs_attachment_ids']}"
    file, *_ = await hubspot.find()
    assert not file.shared


@pytest.mark.parametrize(
    ("about", "shared"),
    [
        ({"access": "HIDDEN_PRIVATE", "isUsableInContent": False}, False),
        ({"access": "PUBLIC_NOT_INDEXABLE", "isUsableInContent": False}, True),
        ({"access": "PRIVATE", "isUsableInContent": True}, True),
        ({"access": "PRIVATE"}, True),
        ({}, True),
    ],
)
async def test_a_file_any_page_may_use_is_shared_and_one_in_doubt_too(
    account: Open, about: dict[str, JsonValue], shared: bool
) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek", activities=(Activity("notes", "x", files=(CV,)),)))
    body: JsonValue = {"id": "1", "name": "cv", **about}
    hubspot.sandbox.faults.add(Fault(Trouble.STATUS, "GET", "/files/", status=200, body=body))
    file, *_ = await hubspot.find()
    assert file.shared is shared


async def test_a_published_file_is_left_for_a_person_and_is_off_the_person_with_its_note(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek", activities=(Activity("notes", "x", files=(CV,)),)))
    (file,) = hubspot.state.files
    hubspot.state.published.add(file)
    record, *others = await hubspot.find()
    assert record.shared
    receipt = await hubspot.system.dissociate(record, [Identifier(IdentifierKind.EMAIL, MOA)])
    assert receipt.note == "off with the activities it hung on"
    await hubspot.erase_all(others)
    assert not await hubspot.find()
    assert list(hubspot.state.files) == [file]


async def test_a_file_that_is_gone_is_not_found_though_a_note_names_it(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek", activities=(Activity("notes", "x", files=(CV,)),)))
    hubspot.state.files.clear()
    assert kinds(await hubspot.find()) == ["note", "contact"]


async def test_a_search_for_attachments_that_is_refused_leaves_the_file_in_doubt(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek", activities=(Activity("notes", "x", files=(CV,)),)))
    hubspot.sandbox.faults.add(Fault(Trouble.STATUS, "POST", "calls/search", status=400))
    assert (await hubspot.find())[0].shared
    hubspot.sandbox.faults.add(Fault(Trouble.STATUS, "POST", "calls/search", status=302))
    with pytest.raises(NeedsHuman):
        await hubspot.find()


async def test_many_files_take_few_searches_and_none_where_there_is_no_file(account: Open) -> None:
    hubspot = await account(
        Person(MOA, "Moa", "Ek", activities=(Activity("notes", "x", files=(CV,) * 12),)),
        Person(ELSE, "E", "E", activities=(Activity("notes", "x"),)),
        searches_per_second=0,
    )
    assert len([one for one in await hubspot.find() if one.kind == "file"]) == 12
    assert len([one for one in hubspot.sandbox.seen if one.path.endswith("/search")]) == 1 + 7 * 3
    hubspot.sandbox.seen.clear()
    await hubspot.find(ELSE)
    assert len([one for one in hubspot.sandbox.seen if one.path.endswith("/search")]) == 1


# --- mailings, the bin ------------------------------------------------------------------------


async def test_an_opt_out_that_does_not_show_is_looked_at_again(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek", further=(ELSE,)))
    address = Identifier(IdentifierKind.EMAIL, MOA)
    nothing: JsonValue = {"results": []}
    hubspot.sandbox.faults.add(Fault(Trouble.STATUS, "POST", f"{ELSE}/unsubscribe-all", status=200, body=nothing))
    with pytest.raises(TryLater) as caught:
        await hubspot.system.suppress(address)
    assert caught.value.key == "trouble.not_yet_there"
    assert caught.value.after is not None
    await hubspot.system.suppress(address)
    assert hubspot.state.opted_out == {MOA, ELSE}


async def test_a_contact_in_the_bin_is_a_persons_until_it_is_brought_back(account: Open) -> None:
    """Deleted for good from the bin it would leave behind what lies on it, with no way there."""
    hubspot = await account(
        Person(MOA, "Moa", "Ek", activities=(Activity("notes", "hemligt"),)),
        Person(ELSE, "Moa", "Ek", further=(MOA,), activities=(Activity("calls", "x"),)),
    )
    binned = hubspot.state.by_first_address(MOA)
    assert binned is not None
    binned.archived = True
    records = await hubspot.find()
    assert kinds(records) == ["call", "contact", "contact"]
    assert records[-1].id == binned.id
    assert (await hubspot.system.export(records[-1])).fields["in_recycle_bin"] is True
    assert "in_recycle_bin" not in (await hubspot.system.export(records[-2])).fields
    for erasing in (hubspot.erase_all(records), hubspot.system.erase(records[-1])):
        with pytest.raises(NeedsHuman) as caught:
            await erasing
        assert caught.value.key == "trouble.in_bin"
    assert await hubspot.system.still_there(records) == (records[-1],)
    binned.archived = False
    records = await hubspot.find()
    assert kinds(records) == ["note", "contact"]
    await hubspot.erase_all(records)
    assert not await hubspot.find()
    assert not hubspot.state.alive("notes")


async def test_nothing_is_restricted_where_the_contact_is_gone_or_in_the_bin(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek"))
    contact = await hubspot.contact()
    held = hubspot.state.get("contacts", contact.id)
    assert held is not None
    held.archived = True
    for one in (contact, Record("hubspot", "contact", "4711")):
        with pytest.raises(NeedsHuman) as caught:
            await hubspot.system.restrict(one)
        assert caught.value.key == "trouble.not_found_again"
    assert not hubspot.wrote()
