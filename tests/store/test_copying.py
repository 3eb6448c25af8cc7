"""A copy of the store, and the way back."""

from pathlib import Path

import pytest

from bot.domain.errors import PrivacyDeskError
from bot.ports import Shelf
from bot.store import Store, backup, restore
from tests.databases import opened
from tests.fakes import FixedClock
from tests.store.samples import a_ticket


async def refused(trouble: object) -> str:
    """Return why something was refused."""
    with pytest.raises(PrivacyDeskError) as why:
        await trouble  # type: ignore[misc]
    return why.value.key


async def test_a_copy_taken_while_the_desk_works_opens_in_its_place(
    sqlite_url: str, tmp_path: Path, clock: FixedClock
) -> None:
    copy = tmp_path / "copy"
    async with opened(sqlite_url, clock) as store:
        async with store.work() as unit:
            await unit.tickets.add(a_ticket(), 2026)
            await unit.vault.put("t1", Shelf.CASE, "mail", b"a mail")
        await backup(sqlite_url, copy)
        async with store.work() as unit:
            await unit.tickets.add(a_ticket("t2"), 2026)
    assert copy.stat().st_mode & 0o777 == 0o600
    await restore(sqlite_url, copy)
    async with opened(sqlite_url, clock) as store, store.work() as unit:
        assert (await unit.tickets.load("t1")).ref == "PR-2026-0001"
        assert await unit.vault.get("t1", Shelf.CASE, "mail") == b"a mail"
        assert (await unit.tickets.add(a_ticket("t3"), 2026)).ref == "PR-2026-0002"


async def test_what_was_replaced_can_be_put_back(sqlite_url: str, tmp_path: Path, clock: FixedClock) -> None:
    await backup(sqlite_url, tmp_path / "empty")
    async with opened(sqlite_url, clock) as store, store.work() as unit:
        await unit.tickets.add(a_ticket(), 2026)
    await restore(sqlite_url, tmp_path / "empty")
    await restore(sqlite_url, tmp_path / "desk.sqlite3.replaced")
    async with opened(sqlite_url, clock) as store, store.work() as unit:
        assert (await unit.tickets.load("t1")).ref == "PR-2026-0001"


async def test_a_file_that_is_there_is_left_alone(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "copy").write_text("precious")
    assert await refused(backup(sqlite_url, tmp_path / "copy")) == "trouble.file_exists"
    assert (tmp_path / "copy").read_text() == "precious"


async def test_a_store_that_is_not_there_is_not_copied(tmp_path: Path) -> None:
    assert await refused(backup(f"sqlite://{tmp_path}/none", tmp_path / "copy")) == "trouble.store_unreachable"
    assert not (tmp_path / "copy").exists()


async def test_a_copy_that_cannot_be_made_leaves_no_half_of_one(tmp_path: Path) -> None:
    (tmp_path / "desk").write_bytes(b"no database" * 1000)
    assert await refused(backup(f"sqlite://{tmp_path}/desk", tmp_path / "copy")) == "trouble.store_damaged"
    assert not (tmp_path / "copy").exists()


async def test_a_copy_may_be_put_where_no_store_was(sqlite_url: str, tmp_path: Path, clock: FixedClock) -> None:
    await backup(sqlite_url, tmp_path / "copy")
    await restore(f"sqlite://{tmp_path}/fresh", tmp_path / "copy")
    async with opened(f"sqlite://{tmp_path}/fresh", clock) as store, store.work() as unit:
        await unit.tickets.add(a_ticket(), 2026)


@pytest.mark.parametrize("content", [b"", b"no database" * 1000, None])
async def test_what_is_no_store_is_not_put_back(
    sqlite_url: str, tmp_path: Path, clock: FixedClock, content: bytes | None
) -> None:
    copy = tmp_path / "copy"
    if content is not None:
        copy.write_bytes(content)
    assert await refused(restore(sqlite_url, copy)) == "trouble.store_damaged"
    async with opened(sqlite_url, clock) as store, store.work() as unit:
        await unit.tickets.add(a_ticket(), 2026)


async def test_postgres_has_its_own_tools(tmp_path: Path) -> None:
    url = "postgres://desk@127.0.0.1:1/desk"
    assert await refused(backup(url, tmp_path / "copy")) == "trouble.sqlite_only"
    assert await refused(restore(url, tmp_path / "copy")) == "trouble.sqlite_only"


async def test_the_open_store_does_not_notice_the_copy(sqlite_store: Store, tmp_path: Path) -> None:
    async with sqlite_store.work() as unit:
        await unit.tickets.add(a_ticket(), 2026)
        await backup(f"sqlite://{sqlite_store.place.path}", tmp_path / "copy")
    async with sqlite_store.work() as unit:
        assert (await unit.tickets.load("t1")).ref == "PR-2026-0001"
