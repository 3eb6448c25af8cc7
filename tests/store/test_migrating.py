"""Migrations: every trap of Tortoise's tool that concerns us, on both databases."""

import asyncio
import pkgutil
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import pytest
from tortoise import fields
from tortoise.context import TortoiseContext
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.migrations.operations import AddField, CreateModel
from tortoise.migrations.schema_generator.state_apps import StateApps
from tortoise.models import Model

from bot.domain.errors import PrivacyDeskError
from bot.domain.ledger import LedgerEvent
from bot.domain.ticket import Ticket
from bot.ports import Opening, Shelf
from bot.store import Store, bursts, migrate, migrations, open_store, people, people_rows, rooms, rows, tickets, verify
from bot.store.ledger import ENTRY
from bot.store.migrating import Tables, _guards, expire_backups
from bot.store.opening import StoredUnit, prove_ring
from bot.store.place import Place, place, tortoise_config
from bot.store.session import Session
from bot.store.shape import Shape
from tests.databases import INDEX_KEY, RING, SIGNING_KEY, PostgresServer, opened
from tests.fakes import FixedClock
from tests.store.samples import FULL, a_ticket
from tests.store.test_people import IDENTITY, PLACE, SHIFT
from tests.store.test_work import write_everything

LATER = "tests.store.later"
MIGRATIONS = sorted(name for _, name, _ in pkgutil.iter_modules(migrations.__path__))
INDEXES = [index for name in MIGRATIONS for index in import_module(f"bot.store.migrations.{name}").INDEXES]
ROWS = (*vars(rows).values(), *vars(people_rows).values())
MODELS = [one for one in ROWS if isinstance(one, type) and issubclass(one, Model) and one is not Model]


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a store that nobody has migrated."""
    if request.param == "sqlite":
        yield f"sqlite://{tmp_path / 'new' / 'desk.sqlite3'}"
        return
    server: PostgresServer = request.getfixturevalue("pg")
    with server.database(migrated=False) as url:
        yield url


async def test_an_empty_store_is_brought_up_to_date_once(empty_url: str, clock: FixedClock) -> None:
    assert await migrate(empty_url, clock) == MIGRATIONS
    assert await migrate(empty_url, clock) == ()
    async with opened(empty_url, clock) as store, store.work() as unit:
        await write_everything(unit)


async def test_a_store_nobody_migrated_is_not_opened(empty_url: str, clock: FixedClock) -> None:
    with pytest.raises(PrivacyDeskError) as refused:
        await open_store(empty_url, keys=RING, index_key=INDEX_KEY, clock=clock)
    assert refused.value.key == "trouble.not_migrated"


async def test_every_index_the_migration_names_is_really_there(store: Store) -> None:
    """Tortoise leaves out Meta.constraints without a word; so the live list is read."""
    if store.place.postgres:
        sql = "SELECT indexname AS name, indexdef AS sql FROM pg_indexes WHERE schemaname = 'public'"
    else:
        sql = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    live = {row["name"]: " UNIQUE " in row["sql"] for row in await store.session.rows(sql)}
    for statement in INDEXES:
        unique, name = " UNIQUE " in statement, statement.partition("INDEX ")[2].split()[0]
        assert live.get(name) is unique, name


def test_no_row_names_an_index_or_a_constraint_that_may_silently_not_exist() -> None:
    for model in MODELS:
        meta = model._meta
        assert not meta.indexes, model
        assert not meta.unique_together, model
        assert not meta.constraints, model
        for name, field in meta.fields_map.items():
            assert field.pk or not (field.unique or field.index), f"{model.__name__}.{name}"


def test_no_row_is_deleted_with_its_parent() -> None:
    for model in MODELS:
        for name in model._meta.fk_fields:
            assert model._meta.fields_map[name].on_delete == "RESTRICT", f"{model.__name__}.{name}"  # type: ignore[attr-defined]


async def test_the_rows_are_what_the_migrations_make(tmp_path: Path) -> None:
    config = tortoise_config(Place(path=tmp_path / "unused"))
    async with TortoiseContext() as context:
        await context.init(config=config, init_connections=False)
        assert context.apps is not None
        missing = await MigrationAutodetector(context.apps, config["apps"]).changes()
    operations = [line for writer in missing for line in writer.as_string().splitlines() if "ops." in line]
    assert [line for line in operations if "AlterModelOptions" not in line] == []  # a docstring is no column


SHAPES: list[tuple[type[Model], Shape[object], set[str]]] = [
    (rows.TicketRow, tickets.TICKET, set()),  # type: ignore[list-item]
    (rows.PartRow, tickets.PART, {"ticket_id"}),  # type: ignore[list-item]
    (rows.TaskRow, tickets.TASK, {"ticket_id", "position"}),  # type: ignore[list-item]
    (rows.LetterRow, tickets.LETTER, {"ticket_id", "position"}),  # type: ignore[list-item]
    (rows.ItemRow, rooms.ITEM, set()),  # type: ignore[list-item]
    (rows.LinkRow, rooms.LINK, set()),  # type: ignore[list-item]
    (rows.PostRow, rooms.POST, {"seq"}),  # type: ignore[list-item]
    (rows.ReviewRow, rooms.REVIEW, set()),  # type: ignore[list-item]
    (rows.BurstRow, bursts.OPENING, set()),  # type: ignore[list-item]
    (people_rows.PlaceRow, people.PLACE, {"id"}),  # type: ignore[list-item]
    (people_rows.IdentityRow, people.IDENTITY, {"id"}),  # type: ignore[list-item]
    (people_rows.ShiftRow, people.SHIFT, {"id"}),  # type: ignore[list-item]
    (people_rows.PauseRow, people.PAUSE, set()),  # type: ignore[list-item]
    (rows.LedgerRow, ENTRY, {"id"}),  # type: ignore[list-item]
]


@pytest.mark.parametrize(("model", "shape", "own"), SHAPES, ids=lambda one: getattr(one, "__name__", ""))
async def test_every_field_of_a_value_has_its_column(
    model: type[Model], shape: Shape[object], own: set[str], tmp_path: Path
) -> None:
    """A field was added to the domain? Then a column belongs into `rows` and into a migration."""
    async with TortoiseContext() as context:  # only then does Tortoise know the columns of references
        await context.init(config=tortoise_config(Place(path=tmp_path / "unused")), init_connections=False)
    assert set(model._meta.fields_db_projection) == set(shape.names) | own


async def seeded(url: str, clock: FixedClock) -> Ticket:
    """Fill a store; return the ticket with every field set."""
    async with opened(url, clock) as store, store.work() as unit:
        await write_everything(unit)
        full = await unit.tickets.add(FULL, 2026)
        await unit.vault.put("full", Shelf.FINDINGS, "package", b"x" * 600_000)
        await unit.ledger.close_day(SIGNING_KEY)
        return full


async def test_a_second_migration_keeps_every_row_index_and_trigger(store_url: str, clock: FixedClock) -> None:
    full = await seeded(store_url, clock)
    async with opened(store_url, clock) as store:
        names = [model._meta.db_table for model in MODELS]
        counts = {name: await store.session.rows(f"SELECT count(*) AS n FROM {name}") for name in names}  # noqa: S608
        guards = await _guards(store.session)
    assert all(count[0]["n"] for count in counts.values()), "a table without a row proves nothing"

    assert await migrate(store_url, clock, migrations=LATER) == ["0002_later"]
    assert await migrate(store_url, clock, migrations=LATER) == ()

    async with opened(store_url, clock) as store:
        for name, count in counts.items():
            assert await store.session.rows(f"SELECT count(*) AS n FROM {name}") == count, name  # noqa: S608
        assert await _guards(store.session) >= guards | {"ticket_priority"}
        with pytest.raises(Exception, match="append-only"):
            await store.session.rows("DELETE FROM ledger")
        assert await verify(store, [], SIGNING_KEY) == []
        assert {row["priority"] for row in await store.session.rows("SELECT priority FROM ticket")} == {3}
        async with store.work() as unit:
            assert await unit.tickets.load("full") == full
            assert await unit.vault.get("full", Shelf.FINDINGS, "package") == b"x" * 600_000


async def test_a_table_built_anew_on_sqlite_is_refused_whole(sqlite_url: str, clock: FixedClock) -> None:
    """It keeps its children, for foreign keys are off, but loses its indexes: the migration is taken back."""
    full = await seeded(sqlite_url, clock)
    with pytest.raises(RuntimeError, match="loses ticket_closed_at, ticket_ref"):
        await migrate(sqlite_url, clock, migrations="tests.store.careless")
    async with opened(sqlite_url, clock) as store, store.work() as unit:
        assert await unit.tickets.load("full") == full


async def test_a_migration_that_leaves_orphans_is_taken_back(sqlite_url: str, clock: FixedClock) -> None:
    full = await seeded(sqlite_url, clock)
    with pytest.raises(PrivacyDeskError) as refused:
        await migrate(sqlite_url, clock, migrations="tests.store.orphaning")
    assert refused.value.key == "trouble.store_damaged"
    async with opened(sqlite_url, clock) as store, store.work() as unit:
        assert await unit.tickets.load("full") == full


async def test_a_migration_broken_off_in_the_middle_was_never_begun(store_url: str, clock: FixedClock) -> None:
    """Tortoise records a migration after its transaction; ours is one with it, so there is no half."""
    with pytest.raises(RuntimeError, match="killed"):
        await migrate(store_url, clock, migrations="tests.store.failing")
    async with opened(store_url, clock) as store:
        with pytest.raises(Exception, match="half_done"):
            await store.session.rows("SELECT * FROM half_done")
    assert await migrate(store_url, clock, migrations=LATER) == ["0002_later"]


@pytest.fixture
def first_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The migrations of the version before the chats' people came, as a package of their own."""
    folder = tmp_path / "first_two_migrations"
    folder.mkdir()
    (folder / "__init__.py").touch()
    for name in MIGRATIONS[:2]:
        shutil.copy(Path(migrations.__path__[0]) / f"{name}.py", folder)
    monkeypatch.syspath_prepend(tmp_path)
    yield folder.name
    for name in [name for name in sys.modules if name.startswith(folder.name)]:
        del sys.modules[name]


async def test_a_store_of_the_version_before_keeps_all_it_holds(
    empty_url: str, first_two: str, clock: FixedClock
) -> None:
    """Open tickets, their keys, the ledger and its digests: all there and whole after 0003, which adds its tables."""
    assert await migrate(empty_url, clock, migrations=first_two) == ["0001_first", "0002_bursts"]
    async with TortoiseContext() as context:  # the store itself does not open before it is up to date
        await context.init(config=tortoise_config(place(empty_url)))
        session = Session(context.db())
        await prove_ring(session, RING)
        async with session.transaction() as db:
            unit = StoredUnit(Session(db), RING, INDEX_KEY, clock)
            full = await unit.tickets.add(FULL, 2026)
            await unit.bursts.put(Opening("full", clock.now(), "b1", held=True))
            await unit.vault.put("full", Shelf.CASE, "mail", b"a mail")
            await unit.ledger.write("full", LedgerEvent.TICKET_OPENED, "karin")
            await unit.ledger.close_day(SIGNING_KEY)
            await unit.flush()
        before = await _guards(session)

    assert await migrate(empty_url, clock) == ["0003_people"]

    async with opened(empty_url, clock) as store:
        assert await _guards(store.session) >= before | {"chat_place_address", "chat_identity_handle"}
        assert await verify(store, [], SIGNING_KEY) == []
        async with store.work() as unit:
            assert await unit.tickets.load("full") == full
            assert await unit.bursts.load("full") == Opening("full", clock.now(), "b1", held=True)
            assert await unit.vault.get("full", Shelf.CASE, "mail") == b"a mail"
            assert list(await unit.pauses.every()) == []
            await unit.shifts.add(SHIFT)
            await unit.identities.put(IDENTITY)
            await unit.places.put(PLACE)


MIGRATE = "import asyncio, sys; from bot.store import migrate; from tests.fakes import FixedClock; "
MIGRATE += "print(len(asyncio.run(migrate(sys.argv[1], FixedClock(), migrations=sys.argv[2]))))"


async def test_many_processes_may_migrate_at_once_and_all_of_them_end(empty_url: str) -> None:
    async def one() -> str:
        command = [sys.executable, "-c", MIGRATE, empty_url, LATER]
        done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    assert sorted(await asyncio.gather(*(one() for _ in range(3)))) == ["0", "0", str(len(MIGRATIONS) + 1)]


def backups(url: str) -> list[str]:
    """Return the copies beside the database file."""
    path = Path(url.removeprefix("sqlite://"))
    return sorted(file.name for file in path.parent.glob(f"{path.name}.before-*"))


async def test_a_copy_is_made_only_when_there_is_something_to_migrate_and_to_lose(
    tmp_path: Path, clock: FixedClock
) -> None:
    url = f"sqlite://{tmp_path}/desk.sqlite3"
    await migrate(url, clock)
    await migrate(url, clock)
    assert backups(url) == []
    await seeded(url, clock)
    await migrate(url, clock, migrations=LATER)
    assert backups(url) == ["desk.sqlite3.before-0002_later-20260309T090500Z"]
    copy = tmp_path / backups(url)[0]
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as file:
        assert file.execute("SELECT count(*) FROM ticket").fetchall() == [(2,)]
    clock.advance(timedelta(days=30))
    await migrate(url, clock, migrations=LATER)
    assert len(backups(url)) == 1
    clock.advance(timedelta(seconds=1))
    await migrate(url, clock, migrations=LATER)
    assert backups(url) == []


def test_only_our_own_copies_are_removed(tmp_path: Path) -> None:
    path = tmp_path / "desk.sqlite3"
    names = [
        "desk.sqlite3.before-0002_x-20200101T000000Z",
        "desk.sqlite3.before-lunch",
        "other.before-20200101T000000Z",
    ]
    for name in names:
        (tmp_path / name).touch()
    expire_backups(path, datetime(2026, 3, 9, tzinfo=UTC))
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(names[1:])


def test_a_database_file_is_for_us_alone(empty_file: Path) -> None:
    assert empty_file.stat().st_mode & 0o777 == 0o600


@pytest.fixture
async def empty_file(tmp_path: Path, clock: FixedClock) -> Path:
    """A store's file as `migrate` makes it."""
    await migrate(f"sqlite://{tmp_path}/a/desk.sqlite3", clock)
    return tmp_path / "a" / "desk.sqlite3"


async def test_a_ticket_of_an_old_version_loads_after_the_migration(sqlite_url: str, clock: FixedClock) -> None:
    async with opened(sqlite_url, clock) as store, store.work() as unit:
        before = await unit.tickets.add(a_ticket(), 2026)
    await migrate(sqlite_url, clock, migrations=LATER)
    async with opened(sqlite_url, clock) as store, store.work() as unit:
        assert (await unit.tickets.save(before, replace(before, handler="karin"))).version == 2


def test_what_was_before_an_operation_can_be_looked_at_and_is_made_only_then() -> None:
    tables = Tables({}, StateApps())
    CreateModel("NoteRow", [("id", fields.IntField(primary_key=True))], {"table": "note"}).state_forward("x", tables)
    before = tables.clone()
    AddField("NoteRow", "text", fields.TextField(default="")).state_forward("x", tables)
    made = len(Model.__subclasses__())
    looked_at = before.apps.get_model("x.NoteRow")
    assert len(Model.__subclasses__()) == made + 1
    assert set(looked_at._meta.fields_map) == {"id"}
    assert set(tables.apps.get_model("x.NoteRow")._meta.fields_map) == {"id", "text"}
