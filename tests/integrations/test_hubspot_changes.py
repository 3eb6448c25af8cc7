"""HubSpot: values put right and read again, and the mark of a restriction."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import aiohttp
import pytest
from pydantic import JsonValue, SecretStr

from bot.domain.errors import NeedsHuman, OutcomeUnknown
from bot.domain.system import Correction, Mode, Operation, Record
from bot.ports import Corrects, Restricts
from integrations.hubspot import manifest
from integrations.hubspot.places import refused_field
from integrations.hubspot.quota import Quota
from integrations.hubspot.seed import Activity, Person
from integrations.hubspot.settings import Settings
from integrations.registry import Found, SettingsProblem
from integrations.sandbox import Fault, Trouble
from tests.fakes import FixedClock
from tests.integrations.hubspots import ELSE, MARK, MOA, Account, Open, opened


@pytest.fixture
async def account(found: dict[str, Found], session: aiohttp.ClientSession, clock: FixedClock) -> AsyncIterator[Open]:
    """Open an account with these people in it, and these settings."""
    async with AsyncExitStack() as stack:

        async def open_account(*people: Person, quota: Quota | None = None, **settings: object) -> Account:
            return await stack.enter_async_context(opened(found["hubspot"], session, clock, people, settings, quota))

        yield open_account


async def test_what_can_be_corrected_leaves_out_what_hubspot_counts_itself(account: Open) -> None:
    hubspot = await account(
        Person(MOA, "Moa", "Ek", more={"hs_email_open": "3"}, activities=(Activity("emails", "Hej"),))
    )
    assert isinstance(hubspot.system, Corrects)
    mail, contact = await hubspot.find()
    values = await hubspot.system.correctable(contact)
    assert (values["firstname"], values["city"]) == ("Moa", "")
    assert not {"hs_email_open", "createdate", "hs_object_id", MARK} & values.keys()
    assert await hubspot.system.correctable(mail) == {}
    assert await hubspot.system.correctable(Record("hubspot", "contact", "4711")) == {}
    with pytest.raises(NeedsHuman):
        await hubspot.system.correct(mail, [Correction("hs_email_text", "Hej", "Nej")])


async def test_a_note_can_be_corrected_unless_others_are_on_it_too(account: Open) -> None:
    hubspot = await account(
        Person(ELSE, "E", "E"),
        Person(MOA, "Moa", "Ek", activities=(Activity("notes", "Fel"), Activity("notes", "Vår", also=(ELSE,)))),
    )
    own, shared, _ = await hubspot.find()
    assert (await hubspot.system.correctable(own))["hs_note_body"] == "Fel"
    await hubspot.system.correct(own, [Correction("hs_note_body", "Fel", "Rätt")])
    assert (await hubspot.system.export(own)).fields["hs_note_body"] == "Rätt"
    assert await hubspot.system.correctable(shared) == {}
    with pytest.raises(NeedsHuman):
        await hubspot.system.correct(shared, [Correction("hs_note_body", "Vår", "Min")])


async def test_a_correction_is_written_once_by_id_and_read_again(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek", "070", more={"city": "Umeå"}))
    record = await hubspot.contact()
    corrections = [
        Correction("email", MOA, "Moa.Ek@Example.com"),
        Correction("phone", "070", ""),
        Correction("lastname", "Ek", " Ek-Ahl "),
        Correction("city", "Luleå", "Umeå"),
    ]
    assert (await hubspot.system.correct(record, corrections)).note == ""
    (write,) = hubspot.sandbox.writes()
    assert write.path.endswith(f"/contacts/{record.id}")
    assert write.body == {"properties": {"email": "Moa.Ek@Example.com", "phone": "", "lastname": " Ek-Ahl "}}
    assert (await hubspot.system.correct(record, corrections)).note == "already so"
    assert len(hubspot.wrote()) == 1
    gone = Record("hubspot", "contact", "4711")
    assert (await hubspot.system.correct(gone, corrections)).note == "already gone"


async def test_a_letter_case_is_a_correction_too(account: Open) -> None:
    hubspot = await account(Person(MOA, "moa", "Ek"))
    record = await hubspot.contact()
    await hubspot.system.correct(record, [Correction("firstname", "moa", "Moa")])
    assert (await hubspot.system.export(record)).fields["firstname"] == "Moa"


async def test_what_somebody_else_wrote_meanwhile_is_never_written_over(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek"))
    record = await hubspot.contact()
    with pytest.raises(NeedsHuman) as caught:
        await hubspot.system.correct(record, [Correction("firstname", "Mona", "Mia")])
    assert (caught.value.key, caught.value.facts["field"]) == ("trouble.changed_meanwhile", "firstname")
    assert not hubspot.wrote()


@pytest.mark.parametrize(
    ("correction", "rule"),
    [
        (Correction("phone", "070", "inget"), r"[0-9 +-]*"),  # an administrator's rule (2026-09)
        (Correction("no_such_field", "", "x"), ".*"),
        (Correction("hs_email_open", "3", "0"), ".*"),
    ],
)
async def test_a_refused_value_names_the_field_and_nobody(account: Open, correction: Correction, rule: str) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek", "070", more={"hs_email_open": "3"}))
    hubspot.state.rules["phone"] = rule
    with pytest.raises(NeedsHuman) as caught:
        await hubspot.system.correct(await hubspot.contact(), [correction])
    assert caught.value.key == "trouble.refused_field"
    assert caught.value.facts["field"] == correction.name
    assert "inget" not in str(caught.value.facts)


async def test_a_value_that_does_not_stick_is_a_persons(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek"))
    record = await hubspot.contact()
    unmoved: JsonValue = {"id": record.id, "properties": {}}
    hubspot.sandbox.faults.add(Fault(Trouble.STATUS, "PATCH", status=200, body=unmoved))
    with pytest.raises(NeedsHuman) as caught:
        await hubspot.system.correct(record, [Correction("firstname", "Moa", "Mia")])
    assert caught.value.key == "trouble.not_as_written"


async def test_a_lost_answer_to_a_correction_is_looked_into(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek"))
    record = await hubspot.contact()
    hubspot.sandbox.faults.add(Fault(Trouble.LOST_ANSWER, "PATCH"))
    correction = [Correction("firstname", "Moa", "Mia")]
    with pytest.raises(OutcomeUnknown):
        await hubspot.system.correct(record, correction)
    assert (await hubspot.system.correct(record, correction)).note == "already so"
    assert len(hubspot.wrote()) == 1


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ({"errors": [{"context": {"propertyName": ["city"]}}]}, "city"),
        ({"context": {"propertyName": ["zip"]}}, "zip"),
        ({"message": 'Property values were not valid: [{"isValid":false,"name":"phone"}]'}, "phone"),
        ({"errors": [{"context": {"propertyName": ["moa@example.com"]}}]}, ""),
        ({"errors": "none", "message": "no"}, ""),
    ],
)
def test_only_a_fields_name_is_taken_from_a_refusal(answer: dict[str, JsonValue], field: str) -> None:
    assert refused_field(answer) == field


async def test_a_restriction_marks_and_stops_every_mailing_and_leaves_the_legal_basis(account: Open) -> None:
    hubspot = await account(
        Person(MOA, "Moa", "Ek", further=(ELSE,), activities=(Activity("notes", "x"),), more={"hs_legal_basis": "A;B"})
    )
    assert isinstance(hubspot.system, Restricts)
    note, contact = await hubspot.find()
    assert (await hubspot.system.restrict(note)).note == "with the contact"
    assert (await hubspot.system.restrict(contact)).note == "UNSUBSCRIBE_FROM_ALL_OCCURRED"
    assert hubspot.state.opted_out == {MOA, ELSE}
    held = hubspot.state.get("contacts", contact.id)
    assert held is not None
    assert (held.properties[MARK], held.properties["hs_legal_basis"]) == ("true", "A;B")
    writes = len(hubspot.wrote())
    assert (await hubspot.system.restrict(contact)).note == "already so"
    assert len(hubspot.wrote()) == writes


async def test_the_end_of_a_restriction_takes_the_mark_off_and_mails_nobody(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek"))
    contact = await hubspot.contact()
    await hubspot.system.restrict(contact)
    assert (await hubspot.system.lift(contact)).note == "mailings stay stopped"
    assert hubspot.state.opted_out == {MOA}
    assert (await hubspot.system.lift(contact)).note == "already so"
    assert (await hubspot.system.restrict(contact)).note == "NO_STATUS_CHANGE"
    await hubspot.system.erase(contact)
    assert (await hubspot.system.lift(contact)).note == "already gone"
    assert (await hubspot.system.lift(Record("hubspot", "note", "1"))).note == "with the contact"


async def test_half_a_restriction_is_finished_at_the_next_try(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek"))
    contact = await hubspot.contact()
    hubspot.sandbox.faults.add(Fault(Trouble.LOST_REQUEST, "POST", "unsubscribe-all"))
    with pytest.raises(OutcomeUnknown):
        await hubspot.system.restrict(contact)
    assert (await hubspot.system.restrict(contact)).note == "UNSUBSCRIBE_FROM_ALL_OCCURRED"
    assert len(hubspot.wrote(f"contacts/{contact.id}")) == 1


async def test_a_restriction_that_does_not_stick_is_a_persons(account: Open) -> None:
    hubspot = await account(Person(MOA, "Moa", "Ek"))
    contact = await hubspot.contact()
    nothing: JsonValue = {"results": []}
    hubspot.sandbox.faults.add(Fault(Trouble.STATUS, "POST", "unsubscribe-all", status=200, body=nothing))
    with pytest.raises(NeedsHuman) as caught:
        await hubspot.system.restrict(contact)
    assert caught.value.key == "trouble.not_as_written"
    unmoved: JsonValue = {"id": contact.id, "properties": {}}
    hubspot.sandbox.faults.add(Fault(Trouble.STATUS, "PATCH", status=200, body=unmoved))
    with pytest.raises(NeedsHuman):
        await hubspot.system.lift(contact)


async def test_check_says_that_the_property_is_missing(account: Open) -> None:
    hubspot = await account(restricted_property="nowhere")
    with pytest.raises(NeedsHuman) as caught:
        await hubspot.system.probe()
    assert (caught.value.key, caught.value.facts["field"]) == ("trouble.no_mark", "nowhere")


def test_restriction_is_automatic_only_where_it_can_be_marked() -> None:
    token = SecretStr("t")
    without = manifest(Settings(token=token))
    assert without.how(Operation.RESTRICT).mode is Mode.ASSISTED
    assert manifest(Settings(token=token, restricted_property=MARK)).how(Operation.RESTRICT).mode is Mode.AUTOMATIC
    assert without.how(Operation.RECTIFY).mode is Mode.AUTOMATIC


@pytest.mark.parametrize(
    ("stanza", "said"),
    [
        ({"restricted_property": "Får ej användas"}, "__RESTRICTED_PROPERTY: must be the property's internal name"),
        ({"without": "chats,faxes"}, "__WITHOUT: faxes is no such part – parts of HubSpot the account does not have"),
        ({}, "__TOKEN: is missing – a service key"),
    ],
)
def test_a_setting_that_is_wrong_is_said_in_one_line(
    found: dict[str, Found], stanza: dict[str, object], said: str
) -> None:
    with pytest.raises(SettingsProblem) as caught:
        found["hubspot"].read(stanza if said.startswith("__TOKEN") else {"token": "t", **stanza})
    (line,) = caught.value.lines
    assert said in line
