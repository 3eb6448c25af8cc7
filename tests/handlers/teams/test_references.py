"""Where Teams is answered: kept as it was said last, written only when it is new, nobody's name in it."""

from collections.abc import Mapping
from dataclasses import astuple
from datetime import timedelta
from typing import Any

import pytest

from bot.ports import PlaceKind, Work
from handlers.teams.connector import EVERYWHERE
from handlers.teams.references import TRUSTED, References
from tests.fakes import FixedClock, MemoryWork
from tests.handlers.teams.outgoing import ANNA, KARIN
from tests.standins.teams import CHANNEL, GROUP, TENANT

EMEA, AMER = "https://smba.trafficmanager.net/emea/", "https://smba.trafficmanager.net/amer/"
OWN = "a:1" + "x" * 150


def spoken(kind: str = "personal", room: str = OWN, person: str = ANNA, **differs: Any) -> dict[str, Any]:
    """Return an activity, whole."""
    return {
        "type": "message",
        "id": "1",
        "text": "Priya Natarajan vill bli raderad",
        "serviceUrl": EMEA,
        "from": {"id": f"29:{person}", "name": "Anna Andersson", "aadObjectId": person},
        "conversation": {"id": room, "conversationType": kind, "tenantId": TENANT, "name": "Samtal med Anna"},
        "channelData": {"tenant": {"id": TENANT}},
        **differs,
    }


class Counted:
    """A store that counts how often it is asked."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.asked = 0

    def __call__(self) -> Any:
        self.asked += 1
        return self.work()


class Hands:
    """The hands of a clock, moved by the test."""

    def __init__(self) -> None:
        self.at = 0.0

    def now(self) -> float:
        return self.at


@pytest.fixture
def counted(work: Work) -> Counted:
    """The store, in memory and on both databases."""
    return Counted(work)


@pytest.fixture
def places(counted: Counted, clock: FixedClock) -> References:
    """The places of our tenant."""
    return References(counted, clock, TENANT)


async def kept(work: Work) -> list[tuple[object, ...]]:
    async with work() as unit:
        return [astuple(place) for place in await unit.places.of("teams", TENANT)]


async def test_a_conversation_is_kept_by_whom_it_is_with(places: References, counted: Counted) -> None:
    await places.remember(spoken())
    await places.remember(spoken("channel", f"{CHANNEL};messageid=1767600000001", KARIN))
    await places.remember(spoken("groupChat", GROUP))
    spots = {address: await places.spot(address) for address in (ANNA, CHANNEL, GROUP, KARIN)}
    assert {address: spot and spot.conversation for address, spot in spots.items()} == {
        ANNA: OWN,
        CHANNEL: CHANNEL,
        GROUP: GROUP,
        KARIN: None,
    }
    assert [await places.has_threads(address) for address in (ANNA, CHANNEL, GROUP)] == [False, True, False]
    said = str(await kept(counted.work))
    assert not [word for word in ("Anna", "Priya", "Andersson", "Samtal") if word in said]


async def test_only_what_is_new_is_written(places: References, counted: Counted) -> None:
    for n in range(50):
        await places.remember(spoken(id=str(n)))
    assert counted.asked == 1
    await places.remember(spoken(serviceUrl=AMER))
    assert counted.asked == 2
    assert await places.service_url() == AMER


async def test_the_latest_address_is_the_whole_tenants(places: References, clock: FixedClock) -> None:
    """It may change (chat.md §4): who has been silent since is written to at the new one."""
    await places.remember(spoken())
    clock.advance(timedelta(days=1))
    await places.remember(spoken("channel", CHANNEL, KARIN, serviceUrl=AMER))
    spot = await places.spot(ANNA)
    assert spot is not None
    assert (spot.service_url, spot.conversation) == (AMER, OWN)


async def test_an_address_that_is_spoken_from_again_is_the_latest_again(
    places: References, counted: Counted, clock: FixedClock
) -> None:
    """One conversation served from elsewhere does not keep the whole tenant there."""
    for room, address in ((OWN, EMEA), (GROUP, AMER), (OWN, EMEA)):
        await places.remember(spoken("groupChat" if room == GROUP else "personal", room, serviceUrl=address))
        clock.advance(timedelta(minutes=1))
    assert await places.service_url() == EMEA
    asked = counted.asked
    await places.remember(spoken())
    assert counted.asked == asked


async def test_what_another_process_wrote_is_seen_in_a_while(counted: Counted, clock: FixedClock) -> None:
    hands = Hands()
    ours, theirs = (References(counted, clock, TENANT, now=hands.now) for _ in range(2))
    await ours.remember(spoken())
    await theirs.remember(spoken(serviceUrl=AMER))
    hands.at += TRUSTED
    await ours.remember(spoken())
    assert await ours.service_url() == EMEA, "Teams said so last"


async def test_a_removed_app_is_not_written_to(places: References) -> None:
    await places.remember(spoken())
    await places.remember(spoken(type="installationUpdate", action="remove"))
    assert await places.spot(ANNA) is None
    await places.remember(spoken(type="installationUpdate", action="add"))
    assert await places.spot(ANNA) is not None


@pytest.mark.parametrize("kind", ["personal", "groupChat", "channel"])
async def test_the_bot_that_leaves_says_goodbye(places: References, kind: str) -> None:
    """Teams says it twice, as an installation that ended and as a member who left (the id in capitals or not)."""
    room, ours = {"personal": OWN, "groupChat": GROUP, "channel": CHANNEL}[kind], {"id": "28:the-bot"}
    address = ANNA if kind == "personal" else room
    left: dict[str, Any] = {"type": "conversationUpdate", "recipient": ours}
    await places.remember(spoken(kind, room))
    await places.remember(spoken(kind, room, type="installationUpdate", action="remove"))
    await places.remember(spoken(kind, room, **left, membersRemoved=[{"id": "29:x"}, {"id": "28:The-Bot"}]))
    assert await places.spot(address) is None
    await places.remember(spoken(kind, room, **left, membersRemoved=[{"id": "29:x"}, 7]))
    assert await places.spot(address) is not None, "somebody else left"


@pytest.mark.parametrize("name", ["composeExtension/fetchTask", "composeExtension/submitAction"])
async def test_a_chat_between_two_people_is_nobodys_with_the_bot(places: References, name: str) -> None:
    """What is chosen on a message in one comes from there, "personal" and of who chose it: the bot is not in it."""
    await places.remember(spoken(room="a:1of-anna-and-a-friend", type="invoke", name=name))
    assert await places.spot(ANNA) is None
    await places.remember(spoken())
    await places.remember(spoken(room="a:1of-anna-and-a-friend", type="invoke", name=name))
    spot = await places.spot(ANNA)
    assert spot is not None
    assert spot.conversation == OWN


async def test_ids_of_people_mean_the_same_in_capitals(places: References) -> None:
    await places.remember(spoken(person=ANNA.upper()))
    assert await places.spot(ANNA) is not None
    await places.met(KARIN.upper(), "a:1karin", EMEA)
    spot = await places.spot(KARIN)
    assert spot is not None
    assert spot.conversation == "a:1karin"
    await places.forget(KARIN.upper())
    assert await places.spot(KARIN) is None


@pytest.mark.parametrize(
    "odd",
    [
        {"channelData": {"tenant": {"id": "another"}}},
        {"channelData": None, "conversation": {"id": OWN, "conversationType": "personal"}},
        {"serviceUrl": "https://evil.example/"},
        {"serviceUrl": "http://127.0.0.1:3978/"},
        {"serviceUrl": 7},
        {"from": {"id": "28:a-bot"}},
        {"from": "nobody"},
        {"conversation": {"id": OWN, "conversationType": "meeting", "tenantId": TENANT}},
        {"conversation": {"conversationType": "personal", "tenantId": TENANT}},
        {"conversation": None},
    ],
)
async def test_what_is_not_ours_is_not_kept(memory_work: MemoryWork, clock: FixedClock, odd: Mapping[str, Any]) -> None:
    places = References(memory_work, clock, TENANT)
    await places.remember({**spoken(), **odd})
    assert await kept(memory_work) == []


async def test_before_teams_has_spoken(memory_work: MemoryWork, clock: FixedClock) -> None:
    """A channel set in the settings is reached by the address that is for everybody; a playground has none."""
    assert await References(memory_work, clock, TENANT).service_url() == EVERYWHERE
    assert await References(memory_work, clock, "", loopback=True).service_url() == ""


async def test_a_playground_speaks_for_no_tenant(memory_work: MemoryWork, clock: FixedClock) -> None:
    places = References(memory_work, clock, "", loopback=True)
    made_up = {"channelData": {"tenant": {"id": "00000000-0000-0000-0000-0000000000001"}}}
    await places.remember({**spoken(serviceUrl="http://localhost:56150/_connector"), **made_up})
    spot = await places.spot(ANNA)
    assert spot is not None
    assert spot.service_url == "http://localhost:56150/_connector"
    async with memory_work() as unit:
        (place,) = await unit.places.of("teams", "playground")
    assert place.kind is PlaceKind.PERSONAL
