"""Who has which work address, as the channel's roster says; guests and strangers are nobody."""

from typing import Any

import pytest
from aiohttp import ClientSession

from bot.domain.errors import NeedsHuman, SystemTrouble
from bot.domain.roster import Account
from handlers.teams import Connector, References, TeamsDirectory
from handlers.teams.connector import PAGE
from tests.fakes import FixedClock, MemoryWork
from tests.handlers.teams.door.conftest import ANNA_ID, KARIN_ID, STRANGER_ID
from tests.handlers.teams.outgoing import spoken
from tests.standins.teams import CHANNEL, TENANT, TeamsStandIn


@pytest.fixture
async def directory(
    session: ClientSession, memory_work: MemoryWork, clock: FixedClock, teams: TeamsStandIn
) -> TeamsDirectory:
    """The directory of a channel that Teams has spoken from."""
    references = References(memory_work, clock, TENANT, loopback=True)
    await references.remember(spoken(teams, ANNA_ID, "channel", CHANNEL))
    return TeamsDirectory(Connector(session, "app", None, loopback=True), references, CHANNEL, TENANT)


def member(email: str, /, **differs: Any) -> dict[str, Any]:
    """Return what Teams says of a member of ours."""
    return {"email": email, "userPrincipalName": email, "tenantId": TENANT, "userRole": "user", **differs}


async def test_a_work_address_and_an_id_lead_to_each_other(directory: TeamsDirectory, teams: TeamsStandIn) -> None:
    teams.members = {ANNA_ID: member("Anna@goto.work"), KARIN_ID: member("karin@goto.work")}
    assert await directory.handle_of("anna@goto.work") == ANNA_ID
    assert await directory.handle_of("KARIN@goto.work") == KARIN_ID
    assert await directory.handle_of("nobody@goto.work") == ""
    assert await directory.address_of(ANNA_ID.upper()) == ""
    assert await directory.address_of(KARIN_ID) == "karin@goto.work"
    assert await directory.address_of(STRANGER_ID) == ""


async def test_who_signs_in_by_another_name_is_found_by_either(directory: TeamsDirectory, teams: TeamsStandIn) -> None:
    teams.members = {ANNA_ID: member("anna@goto.work", userPrincipalName="al@gotowork.onmicrosoft.com")}
    assert await directory.handle_of("al@gotowork.onmicrosoft.com") == ANNA_ID
    assert await directory.address_of(ANNA_ID) == "anna@goto.work"


async def test_older_rosters_call_the_id_otherwise(directory: TeamsDirectory, teams: TeamsStandIn) -> None:
    teams.members = {ANNA_ID: member("anna@goto.work", aadObjectId=None, objectId=ANNA_ID.upper())}
    assert await directory.handle_of("anna@goto.work") == ANNA_ID


@pytest.mark.parametrize(
    "differs",
    [
        {"userPrincipalName": "anna_goto.work#EXT#@other.onmicrosoft.com"},
        {"userRole": "guest"},
        {"userRole": "anonymous"},
        {"tenantId": "99999999-0000-4000-8000-000000000000"},
        {"tenantId": None},
        {"email": None, "userPrincipalName": None},
        {"email": 7, "userPrincipalName": ["anna@goto.work"]},
    ],
)
async def test_a_guest_with_a_colleagues_address_is_nobody(
    directory: TeamsDirectory, teams: TeamsStandIn, differs: dict[str, Any]
) -> None:
    teams.members = {STRANGER_ID: member("anna@goto.work", **differs)}
    assert await directory.handle_of("anna@goto.work") == ""
    assert await directory.address_of(STRANGER_ID) == ""


@pytest.mark.parametrize(
    ("differs", "ours", "addresses"),
    [
        ({}, True, ("anna@goto.work", "anna@goto.work")),
        ({"userPrincipalName": "anna_goto.work#EXT#@other.onmicrosoft.com"}, False, ()),
        ({"userRole": "guest"}, False, ()),
        ({"tenantId": "99999999-0000-4000-8000-000000000000"}, False, ()),
        ({"aadObjectId": STRANGER_ID}, False, ("anna@goto.work", "anna@goto.work")),
        ({"tenantId": None}, True, ()),
        ({"email": None, "userPrincipalName": None}, True, ()),
    ],
)
async def test_what_is_known_of_an_id_that_somebody_wrote_down(
    directory: TeamsDirectory, teams: TeamsStandIn, differs: dict[str, Any], ours: bool, addresses: tuple[str, ...]
) -> None:
    teams.members = {ANNA_ID: member("anna@goto.work", **differs)}
    assert await directory.account(ANNA_ID) == Account(ours, addresses)
    assert await directory.account(KARIN_ID) == Account(ours=True), "of who is not in the team nothing is said"


async def test_a_long_roster_is_read_to_its_end(directory: TeamsDirectory, teams: TeamsStandIn) -> None:
    crowd = {f"cccccccc-0000-4000-8000-{number:012}": member(f"c{number}@goto.work") for number in range(PAGE * 2 + 1)}
    teams.members = {**crowd, ANNA_ID: member("anna@goto.work")}
    assert await directory.handle_of("anna@goto.work") == ANNA_ID
    assert len(teams.calls) == 3


@pytest.mark.parametrize(("status", "code"), [(403, "BotNotInConversationRoster"), (429, ""), (503, "")])
async def test_a_roster_that_is_refused_is_trouble_without_names(
    directory: TeamsDirectory, teams: TeamsStandIn, status: int, code: str
) -> None:
    teams.members = {ANNA_ID: member("anna@goto.work")}
    teams.refuse("look", status, code)
    with pytest.raises(SystemTrouble) as refused:
        await directory.handle_of("anna@goto.work")
    assert "anna" not in str(refused.value.facts)


async def test_where_teams_never_spoke_nobody_is_known(
    session: ClientSession, memory_work: MemoryWork, clock: FixedClock
) -> None:
    references = References(memory_work, clock, "", loopback=True)
    nowhere = TeamsDirectory(Connector(session, "", None, loopback=True), references, CHANNEL, "")
    with pytest.raises(NeedsHuman):
        await nowhere.handle_of("anna@goto.work")
