"""The check against the vendors' descriptions finds what is wrong; without the files it says that it was skipped."""

from datetime import date

import aiohttp
import pytest
from pydantic import JsonValue

from bot.domain.errors import TryLater
from bot.domain.system import Identifier, IdentifierKind
from bot.ports import CarriesOut, Unseen
from integrations.google_display.sandbox import demo
from integrations.hubspot.sandbox import HubSpotSandbox
from integrations.registry import discover
from integrations.sandbox import TOKEN, serve
from tests.integrations.conftest import Start, sandbox_module
from tests.integrations.specs import SPECS, Watch

pytestmark = pytest.mark.skipif(
    not SPECS.is_dir(), reason="../shared/specs is not here: nothing is held against the vendors' descriptions"
)
CONTACTS = "/crm/objects/2026-03/contacts"


@pytest.mark.parametrize(
    ("method", "path", "body", "difference"),
    [
        ("GET", "/crm/v3/objects/contacts/1", None, "GET /crm/v3/objects/contacts/1 is not described"),
        ("GET", f"{CONTACTS}/1?fields=email", None, "query fields is not described"),
        ("GET", f"{CONTACTS}/1?archived=maybe", None, "query archived"),
        ("GET", "/communication-preferences/2026-03/statuses/a", None, "query channel is missing"),
        ("POST", f"{CONTACTS}/search", {"limit": 1}, "'filterGroups' is a required property"),
        ("POST", f"{CONTACTS}/gdpr-delete", {"objectId": "1", "really": True}, "body field really is not described"),
        ("POST", "/communication-preferences/2026-03/statuses/a/unsubscribe-all?channel=EMAIL", {}, "a body is not"),
    ],
)
async def test_what_the_description_does_not_say_is_noticed(
    session: aiohttp.ClientSession,
    hubspot: HubSpotSandbox,
    method: str,
    path: str,
    body: JsonValue,
    difference: str,
) -> None:
    watch = Watch("hubspot")
    hubspot.middlewares.append(watch.middleware)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with serve(hubspot.application()) as url, session.request(method, url + path, json=body, headers=headers):
        pass
    assert any(difference in one for one in watch.differences), watch.differences


FILTER: JsonValue = {"propertyName": "email", "operator": "EQ", "value": "a", "fuzzy": True}
SEARCH: JsonValue = {
    "filterGroups": [{"filters": [FILTER]}],
    "properties": [],
    "sorts": [],
    "limit": 1,
    "after": "0",
}
CARD: JsonValue = {"emailAddresses": [{"adress": "a"}], "homeAddress": {"city": "Lund", "planet": "Earth"}}


@pytest.mark.parametrize(
    ("vendor", "method", "path", "body", "differences"),
    [
        ("hubspot", "POST", f"{CONTACTS}/search", SEARCH, {"filterGroups[].filters[].fuzzy"}),
        ("hubspot", "PATCH", f"{CONTACTS}/1", {"properties": {"any_name": "is free"}}, set()),
        ("office365", "PATCH", "/users/a/contacts/1", CARD, {"emailAddresses[].adress", "homeAddress.planet"}),
    ],
)
async def test_what_stands_deep_in_a_body_is_noticed_too(
    session: aiohttp.ClientSession,
    today: date,
    vendor: str,
    method: str,
    path: str,
    body: JsonValue,
    differences: set[str],
) -> None:
    sandbox, watch = sandbox_module(discover()[vendor]).demo(today), Watch(vendor)
    sandbox.middlewares.append(watch.middleware)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with serve(sandbox.application()) as url, session.request(method, url + path, json=body, headers=headers):
        pass
    unnamed = [one for one in watch.differences if "body field" in one]
    assert unnamed == [f"{path}: body field {one} is not described" for one in sorted(differences)]


@pytest.fixture
def hubspot(today: date) -> HubSpotSandbox:
    """An empty HubSpot."""
    return HubSpotSandbox(today=today)


@pytest.mark.parametrize("key", ["hubspot", "eventbrite"])
async def test_what_we_ask_is_described(start: Start, key: str) -> None:
    running = await start(key)
    person = [Identifier(IdentifierKind.EMAIL, "astrid.lundgren@example.se")]
    for record in await running.system.find(person):
        await running.system.export(record)
    assert running.sandbox.seen
    assert running.differences == []


@pytest.mark.parametrize(
    ("method", "path", "body", "difference"),
    [
        ("POST", "/v1/audienceMembers:remove", {"destination": []}, "'destination' was unexpected"),
        ("POST", "/v1/audienceMembers:remove", {"encoding": "OCTAL"}, "'OCTAL' is not one of"),
        ("POST", "/v1/audienceMembers:remove", {"destinations": [{"list": "1"}]}, "'list' was unexpected"),
        ("GET", "/v1/requestStatus:retrieve?id=1", None, "query id is not described"),
        ("GET", "/v1/accountTypes/X/accounts/1/userLists/2?page=1", None, "query page is not described"),
        ("POST", "/v1/audienceMembers:erase", {}, "POST /v1/audienceMembers:erase is not described"),
    ],
)
async def test_what_a_discovery_document_does_not_say_is_noticed(
    session: aiohttp.ClientSession, today: date, method: str, path: str, body: JsonValue, difference: str
) -> None:
    sandbox, watch = demo(today), Watch("google_display")
    sandbox.middlewares.append(watch.middleware)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with serve(sandbox.application()) as url, session.request(method, url + path, json=body, headers=headers):
        pass
    assert any(difference in one for one in watch.differences), watch.differences


@pytest.mark.parametrize("key", ["google_analytics", "google_display"])
async def test_what_we_order_is_described(start: Start, key: str) -> None:
    running = await start(key)
    assert isinstance(running.system, Unseen)
    person = [
        Identifier(IdentifierKind.EMAIL, "astrid.lundgren@example.se"),
        Identifier(IdentifierKind.GA_USER_ID, "medlem-4711"),
    ]
    for record in running.system.named(person):
        receipt = await running.system.erase(record)
        if isinstance(running.system, CarriesOut):
            with pytest.raises(TryLater):
                await running.system.carried_out(receipt)
            await running.system.carried_out(receipt)
    assert running.sandbox.writes()
    assert running.differences == []
