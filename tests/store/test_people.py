"""Places, chat identities, shifts, pauses: the same promises from memory, SQLite and PostgreSQL."""

import asyncio
import json
from dataclasses import fields, replace
from datetime import date, timedelta

import pytest

from bot.ports import ALL_SYSTEMS, ChatIdentity, Pause, Place, PlaceKind, SetShift, Work
from tests.store.samples import AT, LATER

HANDLE = "0f3f5a52-1111-2222-3333-444455556666"
PLACE = Place("teams", "tenant-1", HANDLE, "a:1xyz", "https://smba.example.com/emea/", PlaceKind.PERSONAL, AT)
IDENTITY = ChatIdentity("slack", "U2", "karin", AT)
SHIFT = SetShift(date(2026, 3, 9), date(2026, 3, 15), "karin", "vera", AT)


async def test_a_place_is_kept_once_and_the_latest_address_of_the_service_counts(work: Work) -> None:
    moved = replace(PLACE, service_url="https://smba.example.com/amer/", conversation="a:2", seen_at=LATER)
    async with work() as unit:
        await unit.places.put(PLACE)
        await unit.places.put(replace(PLACE, tenant="tenant-2"))
        await unit.places.put(moved)
    async with work() as unit:
        assert await unit.places.at("teams", "tenant-1", HANDLE) == moved
        assert await unit.places.at("teams", "tenant-3", HANDLE) is None
        assert await unit.places.at("slack", "tenant-1", HANDLE) is None


async def test_the_places_of_a_tenant_are_listed_and_one_is_dropped(work: Work) -> None:
    channel = replace(PLACE, address="19:b@thread.tacv2", kind=PlaceKind.CHANNEL)
    group = replace(PLACE, address="19:A@thread.v2", kind=PlaceKind.GROUP)
    async with work() as unit:
        for place in (PLACE, channel, group, replace(PLACE, tenant="tenant-2")):
            await unit.places.put(place)
        assert await unit.places.of("teams", "tenant-1") == [PLACE, group, channel]
        await unit.places.drop("teams", "tenant-1", HANDLE)
        await unit.places.drop("teams", "tenant-1", HANDLE)
        assert await unit.places.of("teams", "tenant-1") == [group, channel]
        assert await unit.places.at("teams", "tenant-2", HANDLE) is not None


async def test_the_same_place_told_by_many_at_once_is_one(work: Work) -> None:
    async def tell(n: int) -> None:
        async with work() as unit:
            await unit.places.put(replace(PLACE, conversation=f"a:{n}"))

    await asyncio.gather(*(tell(n) for n in range(4)))
    async with work() as unit:
        assert len(await unit.places.of("teams", "tenant-1")) == 1


async def test_a_handle_is_one_colleagues_at_a_time(work: Work) -> None:
    async with work() as unit:
        await unit.identities.put(replace(IDENTITY, colleague=""))
        await unit.identities.put(IDENTITY)
        await unit.identities.put(replace(IDENTITY, chat="console"))
    async with work() as unit:
        assert await unit.identities.of("slack", "U2") == IDENTITY
        assert await unit.identities.of("teams", "U2") is None
        assert [one.chat for one in await unit.identities.every()] == ["console", "slack"]
        await unit.identities.drop("slack", "U2")
        await unit.identities.drop("slack", "U2")
        assert await unit.identities.of("slack", "U2") is None


async def test_shifts_come_in_the_order_they_were_set_and_the_past_is_forgotten(work: Work) -> None:
    swap = replace(SHIFT, first_day=date(2026, 3, 12), last_day=date(2026, 3, 12), colleague="vera", set_at=LATER)
    async with work() as unit:
        await unit.shifts.add(SHIFT)
        await unit.shifts.add(swap)
    async with work() as unit:
        assert list(await unit.shifts.since(date(2026, 3, 12))) == [SHIFT, swap]
        assert list(await unit.shifts.since(date(2026, 3, 13))) == [SHIFT]
        assert list(await unit.shifts.since(date(2026, 3, 16))) == []
        await unit.shifts.forget(SHIFT.last_day)
        assert list(await unit.shifts.since(date(2026, 3, 1))) == [SHIFT]
        await unit.shifts.forget(SHIFT.last_day + timedelta(days=1))
        assert list(await unit.shifts.since(date(2026, 3, 1))) == []


async def test_what_is_stopped_is_stopped_once_and_goes_on_once(work: Work) -> None:
    first = Pause("hubspot", "sara", AT)
    async with work() as unit:
        assert await unit.pauses.put(first)
        assert not await unit.pauses.put(Pause("hubspot", "vera", LATER))
        assert await unit.pauses.put(Pause(ALL_SYSTEMS, "vera", LATER))
    async with work() as unit:
        assert list(await unit.pauses.every()) == [Pause(ALL_SYSTEMS, "vera", LATER), first]
        assert await unit.pauses.lift("hubspot")
        assert not await unit.pauses.lift("hubspot")
        assert [one.system for one in await unit.pauses.every()] == [ALL_SYSTEMS]


async def test_personal_places_are_found_over_all_tenants_and_no_rooms(work: Work) -> None:
    elsewhere = replace(PLACE, tenant="tenant-2", address="1" + HANDLE[1:])
    async with work() as unit:
        for place in (elsewhere, PLACE, replace(PLACE, address="19:room", kind=PlaceKind.CHANNEL)):
            await unit.places.put(place)
        await unit.places.put(replace(PLACE, chat="other"))
        assert list(await unit.places.personal("teams")) == [PLACE, elsewhere]


@pytest.mark.parametrize("kind", [Place, ChatIdentity, SetShift, Pause])
def test_no_name_and_no_mail_address_has_a_column(kind: type) -> None:
    assert not {"name", "email", "mail", "title"} & {field.name for field in fields(kind)}, json.dumps(kind.__name__)
