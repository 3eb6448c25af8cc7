"""The stand-ins behave as the vendors do, also where our own client never goes."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import aiohttp
import pytest
from pydantic import JsonValue

from integrations.eventbrite.sandbox import ORGANIZATION, EventbriteSandbox
from integrations.eventbrite.sandbox import demo as demo_eventbrite
from integrations.eventbrite.seed import own
from integrations.hubspot.filters import fits
from integrations.hubspot.sandbox import HubSpotSandbox
from integrations.hubspot.sandbox import demo as demo_hubspot
from integrations.hubspot.seed import Activity, Person
from integrations.sandbox import TOKEN, Fault, Sandbox, Trouble, serve

OBJECTS = "/crm/objects/2026-03"
MOA = "moa@example.com"


class Caller:
    """Calls a sandbox as anybody could."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def __call__(self, method: str, path: str, body: JsonValue = None, token: str = TOKEN) -> tuple[int, Any]:
        """Return status and answer, None when it is not JSON."""
        headers = {"Authorization": f"Bearer {token}"}
        async with self._session.request(method, self._url + path, json=body, headers=headers) as answer:
            return answer.status, await answer.json() if answer.content_type == "application/json" else None

    async def search(self, name: str, value: str, limit: int = 200, after: str = "") -> tuple[int, Any]:
        """Search contacts by one property."""
        filters: JsonValue = [{"filters": [{"propertyName": name, "operator": "EQ", "value": value}]}]
        body: JsonValue = {"filterGroups": filters, "properties": [], "sorts": [], "limit": limit, "after": after}
        return await self("POST", f"{OBJECTS}/contacts/search", body)


@pytest.fixture
def hubspot(today: date) -> HubSpotSandbox:
    """HubSpot with one contact and a note, its search lagging for the whole test."""
    return HubSpotSandbox(
        [Person(MOA, "Moa", "Ek", activities=(Activity("notes", "Hej"),))], today=today, search_lag=60
    )


@pytest.fixture
async def call(hubspot: HubSpotSandbox, session: aiohttp.ClientSession) -> AsyncIterator[Caller]:
    """Call HubSpot's sandbox."""
    async with serve(hubspot.application()) as url:
        yield Caller(session, url)


def contact_id(hubspot: HubSpotSandbox) -> str:
    contact = hubspot.account.contact(MOA)
    assert contact is not None
    return contact.id


async def test_the_token_opens_it(call: Caller) -> None:
    assert (await call("GET", f"{OBJECTS}/contacts/1", token="wrong"))[0] == 401


async def test_a_read_names_its_properties(call: Caller, hubspot: HubSpotSandbox) -> None:
    _, contact = await call("GET", f"{OBJECTS}/contacts/{contact_id(hubspot)}")
    assert "phone" not in contact["properties"]
    _, contact = await call("GET", f"{OBJECTS}/contacts/{contact_id(hubspot)}?properties=phone,firstname")
    assert contact["properties"]["phone"] is None


async def test_the_ordinary_delete_is_a_bin(call: Caller, hubspot: HubSpotSandbox) -> None:
    place = f"{OBJECTS}/contacts/{contact_id(hubspot)}"
    for _ in range(2):
        assert (await call("DELETE", place))[0] == 204
    assert len(hubspot.writes()) == 1
    assert (await call("GET", place))[0] == 404
    assert (await call("GET", f"{place}?archived=true"))[0] == 200
    assert (await call("DELETE", f"{OBJECTS}/contacts/4711"))[0] == 204


async def test_the_search_lags_behind_and_catches_up(call: Caller, hubspot: HubSpotSandbox) -> None:
    number = contact_id(hubspot)
    await call("PATCH", f"{OBJECTS}/contacts/{number}", {"properties": {"firstname": "Mo"}})
    assert (await call.search("firstname", "Moa"))[1]["total"] == 1
    hubspot.account._unindexed = [(0.0, number)]
    assert (await call.search("firstname", "Moa"))[1]["total"] == 0
    assert (await call.search("firstname", "Mo"))[1]["total"] == 1
    await call("POST", f"{OBJECTS}/contacts/gdpr-delete", {"objectId": number})
    hubspot.account._unindexed = [(0.0, number)]
    assert (await call.search("firstname", "Mo"))[1]["total"] == 0


async def test_the_search_ends_at_its_window(call: Caller) -> None:
    assert (await call.search("email", MOA, limit=201))[0] == 400
    assert (await call.search("email", MOA, after="9900"))[0] == 400


async def test_permanent_deletion_blocks_the_address_until_an_api_request_brings_it_back(
    call: Caller, hubspot: HubSpotSandbox
) -> None:
    assert (await call("POST", f"{OBJECTS}/contacts/gdpr-delete", {"objectId": contact_id(hubspot)}))[0] == 204
    assert hubspot.account.blocklist == {MOA}
    assert (await call("POST", f"{OBJECTS}/contacts", {"properties": {"email": MOA}, "associations": []}))[0] == 201
    assert not hubspot.account.blocklist
    assert (await call("POST", f"{OBJECTS}/contacts", {"properties": {"email": MOA}, "associations": []}))[0] == 409


async def test_permanent_deletion_of_an_unknown_address_blocks_it_too(call: Caller, hubspot: HubSpotSandbox) -> None:
    """Why our client never deletes by address."""
    unknown: JsonValue = {"objectId": "Any@example.com", "idProperty": "email"}
    assert (await call("POST", f"{OBJECTS}/contacts/gdpr-delete", unknown))[0] == 204
    assert hubspot.account.blocklist == {"any@example.com"}
    assert (await call("POST", f"{OBJECTS}/contacts/gdpr-delete", {"objectId": "4711"}))[0] == 404


async def test_permanent_deletion_leaves_what_lay_on_the_timeline(call: Caller, hubspot: HubSpotSandbox) -> None:
    number = contact_id(hubspot)
    (note,) = hubspot.account.alive("notes")
    await call("POST", f"{OBJECTS}/contacts/gdpr-delete", {"objectId": number})
    assert (await call("GET", f"{OBJECTS}/notes/{note.id}"))[0] == 200
    assert (await call("GET", f"{OBJECTS}/contacts/{number}/associations/notes"))[0] == 404
    assert (await call("GET", f"/crm/lists/2026-03/records/0-1/{number}/memberships"))[0] == 404


async def test_opting_out_shows(call: Caller) -> None:
    place = f"/communication-preferences/2026-03/statuses/{MOA}"
    assert (await call("GET", f"{place}/unsubscribe-all?channel=EMAIL"))[1]["results"] == []
    await call("POST", f"{place}/unsubscribe-all?channel=EMAIL")
    for path in (place, f"{place}/unsubscribe-all"):
        _, answer = await call("GET", f"{path}?channel=EMAIL")
        assert [one["status"] for one in answer["results"]] == ["UNSUBSCRIBED"]


async def test_too_many_names_the_policy(call: Caller, hubspot: HubSpotSandbox) -> None:
    hubspot.faults.add(Fault(Trouble.STATUS, status=429))
    _, answer = await call("GET", f"{OBJECTS}/contacts/1")
    assert answer["policyName"] == "TEN_SECONDLY_ROLLING"


async def test_a_fault_wears_off_and_can_be_switched_off(call: Caller, hubspot: HubSpotSandbox) -> None:
    place = f"{OBJECTS}/contacts/{contact_id(hubspot)}"
    hubspot.faults.add(Fault(Trouble.STATUS, "GET", times=1))
    assert [(await call("GET", place))[0] for _ in range(2)] == [500, 200]
    hubspot.faults.add(Fault(Trouble.STATUS, times=None))
    assert (await call("GET", place))[0] == 500
    hubspot.faults.clear()
    assert (await call("GET", place))[0] == 200


def test_an_operator_the_sandbox_does_not_know_is_no_match_in_silence() -> None:
    with pytest.raises(ValueError, match="BETWEEN"):
        fits({"email": MOA}, [[{"propertyName": "email", "operator": "BETWEEN"}]])
    assert fits({"email": MOA}, [[{"propertyName": "email", "operator": "HAS_PROPERTY"}]])


async def test_eventbrite_knows_its_organisation_and_its_continuations(session: aiohttp.ClientSession) -> None:
    sandbox = EventbriteSandbox([own("710001", "Moa", MOA)])
    async with serve(sandbox.application()) as url:
        call = Caller(session, url)
        _, answer = await call("GET", "/users/me/organizations/")
        assert answer["organizations"][0]["id"] == ORGANIZATION
        assert (await call("GET", "/organizations/7/orders/"))[0] == 404
        assert (await call("GET", "/events/7/attendees/"))[0] == 404
        status, answer = await call("GET", f"/organizations/{ORGANIZATION}/orders/?continuation=!")
        assert (status, answer["error"]) == (400, "BAD_CONTINUATION_TOKEN")
        sandbox.faults.add(Fault(Trouble.STATUS, status=429))
        _, answer = await call("GET", "/users/me/organizations/")
        assert answer["error"] == "HIT_RATE_LIMIT"


def test_the_demos_hold_the_people_of_the_sample_mails(today: date) -> None:
    hubspot, eventbrite = demo_hubspot(today), demo_eventbrite(today)
    for address in ("astrid.lundgren@example.se", "lars.wallin@example.se", "fatima.haddad@example.com"):
        assert hubspot.account.contact(address), address
    assert len(eventbrite.orders_of("astrid.lundgren@example.se")) == 2
    assert not eventbrite.orders_of("fatima.haddad@example.com")
    assert eventbrite.orders_of("yusuf.demir@example.org")


async def test_a_stand_in_must_say_what_it_answers() -> None:
    sandbox = Sandbox()
    with pytest.raises(NotImplementedError):
        sandbox.application()
    with pytest.raises(NotImplementedError):
        sandbox.problem(404, "X", "x")
