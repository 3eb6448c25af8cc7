"""The vault: put, get and shred on all three; on both databases what lies on disk and what tampering does."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.errors import NotFound, PrivacyDeskError, Shredded
from bot.ports import Link, LinkPurpose, Shelf, Work
from bot.store import KeyRing, Store, WrongKey, key_bytes, new_key, open_store, rotate
from bot.store.sqlite_immediate import ImmediateClient
from bot.store.vault import CHUNK
from tests.databases import INDEX_KEY, opened
from tests.fakes import FixedClock
from tests.store.samples import LATER

MAIL = b"Anna Berg, anna.berg@example.com, wants to be forgotten"
BIG = bytes(range(256)) * 4 * 768 + b"end"  # three chunks and three bytes


async def put(work: Work, content: bytes, name: str = "mail", shelf: Shelf = Shelf.CASE, owner: str = "t1") -> None:
    """Seal something in a unit of its own."""
    async with work() as unit:
        await unit.vault.put(owner, shelf, name, content)


async def get(work: Work, name: str = "mail", shelf: Shelf = Shelf.CASE, owner: str = "t1") -> bytes:
    """Open something in a unit of its own."""
    async with work() as unit:
        return await unit.vault.get(owner, shelf, name)


@pytest.mark.parametrize("content", [b"", b"x", MAIL, b"y" * CHUNK, BIG], ids=["empty", "one", "mail", "chunk", "big"])
async def test_a_content_comes_back_as_it_was(work: Work, content: bytes) -> None:
    await put(work, content)
    assert await get(work) == content


async def test_a_content_is_replaced_by_name_and_names_are_listed(work: Work) -> None:
    await put(work, BIG, "found/hubspot")
    await put(work, b"less", "found/hubspot")
    await put(work, b"two", "found/eventbrite")
    await put(work, b"three", "mail")
    await put(work, b"another", "found/other", Shelf.FINDINGS)
    assert await get(work, "found/hubspot") == b"less"
    async with work() as unit:
        assert await unit.vault.names("t1", Shelf.CASE, "found/") == ["found/eventbrite", "found/hubspot"]
        assert await unit.vault.names("t1", Shelf.CASE) == ["found/eventbrite", "found/hubspot", "mail"]
        assert await unit.vault.names("t2", Shelf.CASE) == []


async def test_one_content_is_taken_away_and_the_rest_stays(work: Work) -> None:
    await put(work, BIG, "mail/later")
    await put(work, b"two", "mail")
    for _ in range(2):
        async with work() as unit:
            await unit.vault.drop("t1", Shelf.CASE, "mail/later")
            await unit.vault.drop("t2", Shelf.CASE, "mail")
    async with work() as unit:
        assert await unit.vault.names("t1", Shelf.CASE) == ["mail"]
    assert await get(work) == b"two"
    with pytest.raises(NotFound):
        await get(work, "mail/later")


async def test_within_a_unit_a_content_is_what_was_last_done_to_it(work: Work) -> None:
    """What was opened last is remembered until something is sealed, taken away or shredded."""
    await put(work, MAIL)
    async with work() as unit:
        for sealed in (b"another", b"a third"):
            await unit.vault.get("t1", Shelf.CASE, "mail")
            await unit.vault.put("t1", Shelf.CASE, "mail", sealed)
            assert await unit.vault.get("t1", Shelf.CASE, "mail") == sealed
        await unit.vault.drop("t1", Shelf.CASE, "mail")
        with pytest.raises(NotFound):
            await unit.vault.get("t1", Shelf.CASE, "mail")
        await unit.vault.put("t1", Shelf.CASE, "mail", MAIL)
        assert await unit.vault.get("t1", Shelf.CASE, "mail") == MAIL
        await unit.vault.shred("t1", Shelf.CASE)
        with pytest.raises(PrivacyDeskError):
            await unit.vault.get("t1", Shelf.CASE, "mail")


async def test_what_was_never_there_is_not_found(work: Work) -> None:
    with pytest.raises(NotFound):
        await get(work)
    await put(work, MAIL)
    with pytest.raises(NotFound):
        await get(work, "other")
    with pytest.raises(NotFound):
        await get(work, owner="t2")


async def test_shredding_one_shelf_leaves_the_other_and_is_harmless_twice(work: Work) -> None:
    await put(work, MAIL)
    await put(work, BIG, "package", Shelf.FINDINGS)
    for _ in range(2):
        async with work() as unit:
            await unit.vault.shred("t1", Shelf.FINDINGS)
            await unit.vault.shred("nobody", Shelf.FINDINGS)
    with pytest.raises(Shredded):
        await get(work, "package", Shelf.FINDINGS)
    async with work() as unit:
        assert await unit.vault.names("t1", Shelf.FINDINGS) == []
    assert await get(work) == MAIL


async def test_shredding_takes_the_links_to_what_is_gone(work: Work) -> None:
    async with work() as unit:
        await unit.links.add(Link("d", LinkPurpose.SUBJECT, "t1", LATER))
        await unit.links.add(Link("e", LinkPurpose.SUBJECT, "t2", LATER))
        await unit.vault.shred("t1", Shelf.FINDINGS)
        assert await unit.links.by_digest("d") is None
        assert await unit.links.by_digest("e") is not None


async def test_a_shelf_may_live_again_after_shredding_without_its_past(work: Work) -> None:
    await put(work, MAIL, "old")
    async with work() as unit:
        await unit.vault.shred("t1", Shelf.CASE)
    await put(work, b"new", "new")
    assert await get(work, "new") == b"new"
    with pytest.raises(NotFound):
        await get(work, "old")


async def test_a_shredding_that_fails_shreds_nothing(work: Work) -> None:
    await put(work, MAIL)

    async def fail() -> None:
        async with work() as unit:
            await unit.vault.shred("t1", Shelf.CASE)
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await fail()
    assert await get(work) == MAIL


TAMPERED = {
    "swapped": (
        "UPDATE vault_content SET number = number + 10 WHERE name = 'mail' AND number IN (1, 2)",
        "UPDATE vault_content SET number = 13 - number WHERE number > 10",
    ),
    "cut": ("DELETE FROM vault_content WHERE name = 'mail' AND number = 3",),
    "beheaded": ("DELETE FROM vault_content WHERE name = 'mail' AND number = 0",),
    "cut and counted anew": (
        "DELETE FROM vault_content WHERE name = 'mail' AND number = 3",
        "UPDATE vault_content SET count = 3 WHERE name = 'mail'",
    ),
    "renamed": (
        "UPDATE vault_content SET name = 'gone' WHERE name = 'mail'",
        "UPDATE vault_content SET name = 'mail' WHERE name = 'other'",
    ),
    "mixed": (
        "DELETE FROM vault_content WHERE name = 'mail' AND number = 1",
        "UPDATE vault_content SET name = 'mail' WHERE name = 'other' AND number = 1",
    ),
}


@pytest.mark.parametrize("statements", TAMPERED.values(), ids=TAMPERED.keys())
async def test_chunks_cannot_be_moved_swapped_or_cut(store: Store, statements: tuple[str, ...]) -> None:
    await put(store.work, BIG)
    await put(store.work, BIG[::-1], "other")
    for statement in statements:
        await store.session.rows(statement)
    with pytest.raises(PrivacyDeskError) as refused:
        await get(store.work)
    assert refused.value.key == "trouble.vault_damaged"


async def test_a_chunk_of_an_older_version_does_not_pass_for_one_of_the_newer(store: Store) -> None:
    await put(store.work, BIG)
    old = await store.session.rows("SELECT sealed FROM vault_content WHERE number = 1")
    await put(store.work, BIG.replace(b"end", b"END"))
    await store.session.rows("UPDATE vault_content SET sealed = $1 WHERE number = 1", old[0]["sealed"])
    with pytest.raises(PrivacyDeskError) as refused:
        await get(store.work)
    assert refused.value.key == "trouble.vault_damaged"


async def test_a_key_moved_to_another_owner_opens_nothing(store: Store) -> None:
    await put(store.work, MAIL, owner="t1")
    await put(store.work, MAIL, owner="t2")
    other = await store.session.rows("SELECT wrapped FROM vault_key WHERE owner = 't2'")
    await store.session.rows("UPDATE vault_key SET wrapped = $1 WHERE owner = 't1'", other[0]["wrapped"])
    with pytest.raises(WrongKey):
        await get(store.work)


def everything_on_disk(path: Path) -> bytes:
    """Return the database file with all that lies beside it."""
    return b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


async def test_nothing_stands_in_clear_and_what_was_shredded_stands_nowhere(sqlite_store: Store) -> None:
    path = sqlite_store.place.path
    assert path is not None
    await put(sqlite_store.work, MAIL)
    rows = await sqlite_store.session.rows("SELECT wrapped FROM vault_key UNION ALL SELECT sealed FROM vault_content")
    sealed = [row["wrapped"] for row in rows]
    disk = everything_on_disk(path)
    assert b"Anna" not in disk
    assert b"anna" not in disk
    assert all(one in disk for one in sealed)
    async with sqlite_store.work() as unit:
        await unit.vault.shred("t1", Shelf.CASE)
    disk = everything_on_disk(path)
    assert not any(one in disk or one[12:] in disk for one in sealed)


async def test_a_log_that_somebody_reads_is_cleaned_after_the_next_commit(sqlite_store: Store) -> None:
    path = sqlite_store.place.path
    assert path is not None
    await put(sqlite_store.work, MAIL)
    await sqlite_store.session.rows("PRAGMA busy_timeout = 50")
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM vault_key").fetchall()
        async with sqlite_store.work() as unit:
            await unit.vault.shred("t1", Shelf.CASE)
        assert path.with_name(f"{path.name}-wal").stat().st_size > 0
    await put(sqlite_store.work, MAIL, owner="t2")
    assert path.with_name(f"{path.name}-wal").stat().st_size == 0


async def test_a_log_is_cleaned_though_who_shredded_was_cancelled_while_it_was_committed(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits for the disk may be cancelled, as by the end of a lease; what was shredded is written all the same."""
    path, committing, go_on = sqlite_store.place.path, asyncio.Event(), asyncio.Event()
    assert path is not None
    await put(sqlite_store.work, MAIL)
    commit = ImmediateClient.commit

    async def slow(client: ImmediateClient) -> None:
        committing.set()
        await go_on.wait()
        await commit(client)

    async def shred() -> None:
        async with sqlite_store.work() as unit:
            await unit.vault.shred("t1", Shelf.CASE)

    with monkeypatch.context() as patched:
        patched.setattr(ImmediateClient, "commit", slow)
        shredding = asyncio.create_task(shred())
        await committing.wait()
        shredding.cancel()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await shredding
    await put(sqlite_store.work, MAIL, owner="t2")
    assert path.with_name(f"{path.name}-wal").stat().st_size == 0


OLD, NEW, OTHER = (bytes([n]) * 32 for n in (1, 2, 3))


async def test_rotating_wraps_live_keys_anew_and_leaves_the_contents(store_url: str, clock: FixedClock) -> None:
    async with opened(store_url, clock, ring=KeyRing([OLD])) as store:
        await put(store.work, MAIL)
        await put(store.work, BIG, "package", Shelf.FINDINGS)
        await put(store.work, MAIL, owner="gone")
        async with store.work() as unit:
            await unit.vault.shred("gone", Shelf.CASE)
    async with opened(store_url, clock, ring=KeyRing([NEW, OLD])) as store:
        before = await store.session.rows("SELECT sealed FROM vault_content ORDER BY id")
        assert await get(store.work) == MAIL
        await put(store.work, MAIL, owner="t2")
        assert await rotate(store) == 2
        assert await rotate(store) == 0
        assert await store.session.rows("SELECT sealed FROM vault_content WHERE owner = 't1' ORDER BY id") == before
    async with opened(store_url, clock, ring=KeyRing([NEW])) as store:
        assert await get(store.work) == MAIL
        assert await get(store.work, "package", Shelf.FINDINGS) == BIG
        with pytest.raises(Shredded):
            await get(store.work, owner="gone")
    with pytest.raises(WrongKey):
        await open_store(store_url, keys=KeyRing([OLD]), index_key=INDEX_KEY, clock=clock)


async def test_more_keys_than_one_step_takes_are_all_wrapped_anew(sqlite_url: str, clock: FixedClock) -> None:
    async with opened(sqlite_url, clock, ring=KeyRing([OLD])) as store, store.work() as unit:
        for n in range(205):
            await unit.vault.put(f"t{n}", Shelf.ITEM, "mail", MAIL)
    async with opened(sqlite_url, clock, ring=KeyRing([NEW, OLD])) as store:
        assert await rotate(store) == 205
    async with opened(sqlite_url, clock, ring=KeyRing([NEW])) as store:
        assert await get(store.work, shelf=Shelf.ITEM, owner="t204") == MAIL


@pytest.mark.parametrize(
    ("keys", "index_key", "setting"),
    [([OTHER], INDEX_KEY, "PRIVACY_KEYS"), ([OLD], OTHER, "PRIVACY_INDEX_KEY")],
)
async def test_a_wrong_key_is_noticed_when_the_store_opens(
    store_url: str, clock: FixedClock, keys: list[bytes], index_key: bytes, setting: str
) -> None:
    async with opened(store_url, clock, ring=KeyRing([OLD])) as store:
        await put(store.work, MAIL)
    with pytest.raises(WrongKey) as refused:
        await open_store(store_url, keys=KeyRing(keys), index_key=index_key, clock=clock)
    assert (refused.value.key, refused.value.facts) == ("trouble.wrong_key", {"setting": setting})
    async with opened(store_url, clock, ring=KeyRing([OLD])) as store:
        assert await get(store.work) == MAIL


def test_a_new_key_is_a_key_and_no_two_are_the_same() -> None:
    first, second = new_key(), new_key()
    assert first != second
    assert len(key_bytes(first, "PRIVACY_KEYS")) == 32
    assert "," not in first
    ring = KeyRing.parse(f" {first}, {second} ,")
    assert ring.first == KeyRing.parse(first).first
    assert ring.unwrap(ring.first, ring.wrap(b"x", b"about"), b"about") == b"x"


@pytest.mark.parametrize(
    "text",
    ["", ",", "secret", new_key()[:-2], new_key() + "x", "ä" * 43, f"{new_key()},short"],
    ids=["empty", "comma", "word", "too short", "too long", "no base64", "second short"],  # a new key at every run
)
def test_a_malformed_key_is_named_by_its_setting_and_not_repeated(text: str) -> None:
    with pytest.raises(PrivacyDeskError) as refused:
        KeyRing.parse(text)
    assert refused.value.key == "trouble.key_malformed"
    assert refused.value.facts == {"setting": "PRIVACY_KEYS"}
    assert not text.strip(",") or text not in str(refused.value)
