"""Bringing the tables up to date, with Tortoise's runner and hand-written migrations.

Migrations are additive. Tortoise changes a column on SQLite by building the table anew,
which deletes the children of its rows while foreign keys are on, and drops indexes and
triggers in any case; so foreign keys are off here, everything is looked over before the
commit, and a migration that loses an index or a trigger is refused whole.

Tortoise records a migration after its transaction: a process killed in between could
never start again. Here the tables and the record are one transaction, which also lets
any number of processes migrate at once: the first does, the rest find nothing to do.
"""

import asyncio
import fcntl
import os
import pkgutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.context import TortoiseContext
from tortoise.migrations.executor import MigrationExecutor
from tortoise.migrations.graph import MigrationKey
from tortoise.migrations.recorder import MigrationRecorder
from tortoise.migrations.schema_editor import AsyncpgSchemaEditor, SqliteSchemaEditor
from tortoise.migrations.schema_generator.state import State

from bot.domain.errors import PrivacyDeskError
from bot.ports import Clock
from bot.store.place import APP, Place, place, tortoise_config
from bot.store.session import Session
from bot.store.trouble import translated

MIGRATIONS: Final = "bot.store.migrations"
ADVISORY_LOCK: Final = 815_2026
BACKUPS_LIVE: Final = timedelta(days=30)  # a backup holds wrapped keys: it is forgotten too (D24)
STAMP: Final = "%Y%m%dT%H%M%SZ"


async def migrate(url: str, clock: Clock, *, migrations: str = MIGRATIONS) -> Sequence[str]:
    """Bring the store up to date; return the migrations that this call applied, in order.

    Safe to run by many at once, and cheap when there is nothing to do. On SQLite a copy of the file is made
    first when there is something to lose (`<file>.before-<migration>-<moment>`), kept for 30 days.
    Raises `PrivacyDeskError` (unreachable, damaged, disk full); nothing is changed then.
    """
    at = place(url)
    with translated():
        if at.path is None:
            return await _apply(at, migrations) if await pending(at, migrations) else ()
        await asyncio.to_thread(_make_room, at.path)
        expire_backups(at.path, clock.now())
        if not await pending(at, migrations):
            return ()
        async with _alone(at.path):
            if due := await pending(at, migrations):
                await asyncio.to_thread(_back_up, at.path, due[0], clock.now())
                return await _apply(at, migrations)
    return ()


async def pending(at: Place, migrations: str = MIGRATIONS) -> Sequence[str]:
    """Return the migrations that this version knows and the store has not had."""
    known = sorted(name for _, name, folder in pkgutil.iter_modules(import_module(migrations).__path__) if not folder)
    had = await _had(at)
    return [name for name in known if name not in had]


def expire_backups(path: Path, now: datetime) -> None:
    """Remove the copies that migrations made more than 30 days before *now*."""
    for copy in path.parent.glob(f"{path.name}.before-*"):
        try:
            made = datetime.strptime(copy.name.rpartition("-")[2], STAMP).replace(tzinfo=UTC)
        except ValueError:
            continue
        if made < now - BACKUPS_LIVE:
            copy.unlink(missing_ok=True)


class Recorder(MigrationRecorder):
    """Tortoise's record of what was applied, kept in the transaction it is given.

    Its own `ensure_schema` runs a script, and a script on SQLite commits whatever was open. It must be called
    first: asking PostgreSQL for a table that is not there spoils the transaction.
    """

    async def ensure_schema(self, schema_editor: Any) -> None:
        """Make the record's table, as part of the transaction."""
        table: str = schema_editor._get_model_sql_data(self.model).table_sql  # noqa: SLF001
        await self.connection.execute_query(table.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1))


class Tables(State):
    """The tables on their way through the migrations. Tortoise keeps a copy from before every operation.

    Hardly any operation looks at it, and a class for each table each time took half of a migration and 20 MB.
    """

    def clone(self) -> State:
        """Return a copy whose classes are made when somebody looks at them."""
        models = {key: model.clone() for key, model in self.models.items()}
        return State(models, Unread(partial(self.apps.clone, models)))  # type: ignore[arg-type] # read, it is the same


class Unread:
    """Stands for a value that is made when something is asked of it."""

    def __init__(self, make: Callable[[], object]) -> None:
        self._made = cache(make)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made(), name)


class Executor(MigrationExecutor):
    """Tortoise's runner, over `Tables`."""

    async def _project_state(self, applied: set[MigrationKey], *, upto: MigrationKey | None = None) -> State:
        state = await super()._project_state(applied, upto=upto)
        return Tables(state.models, state.apps)


async def _apply(at: Place, migrations: str) -> Sequence[str]:
    config = tortoise_config(at, foreign_keys=False)
    config["apps"][APP]["migrations"] = migrations
    applied: list[str] = []
    EXECUTOR_CACHE.clear()  # it is filled by connection name, whatever the dialect
    async with TortoiseContext() as context:  # closes its connections: an open one keeps the process alive
        await context.init(config=config)
        async with Session(context.db()).transaction() as db:
            if at.postgres:
                await db.execute_query_dict("SELECT pg_advisory_xact_lock($1)", [ADVISORY_LOCK])
            guards = await _guards(Session(db))
            executor = Executor(db, config["apps"])
            executor.recorder = executor.loader.recorder = recorder = Recorder(db)
            await recorder.ensure_schema(AsyncpgSchemaEditor(db) if at.postgres else SqliteSchemaEditor(db))
            await executor.migrate(progress=lambda event, _, name: _note(applied, event, name))
            if not at.postgres:
                await _look_over(Session(db))
            if lost := guards - await _guards(Session(db)):
                raise RuntimeError(f"a migration loses {', '.join(sorted(lost))}: make it additive")
    return applied


def _note(applied: list[str], event: str, name: str) -> None:
    if event == "apply_done":
        applied.append(name)


async def _guards(session: Session) -> set[str]:
    """Return the names of the indexes and triggers there are: what a rebuilt table loses without a word."""
    if session.postgres:
        sql = (
            "SELECT indexname AS name FROM pg_indexes WHERE schemaname = current_schema() "
            "UNION SELECT tgname::text AS name FROM pg_trigger WHERE NOT tgisinternal"
        )
    else:
        sql = "SELECT name FROM sqlite_master WHERE type IN ('index', 'trigger') AND name NOT LIKE 'sqlite_%'"
    return {row["name"] for row in await session.rows(sql)}


async def _look_over(session: Session) -> None:
    orphans = await session.rows("PRAGMA foreign_key_check")
    broken = [row for row in await session.rows("PRAGMA integrity_check") if row["integrity_check"] != "ok"]
    if orphans or broken:
        raise PrivacyDeskError("trouble.store_damaged")


async def _had(at: Place) -> set[str]:
    if at.path is not None:
        return await asyncio.to_thread(_had_on_sqlite, at.path)
    import asyncpg  # noqa: PLC0415 - not installed where SQLite is enough

    connection = await asyncpg.connect(**at.server)
    try:
        rows = await connection.fetch("SELECT name FROM tortoise_migrations WHERE app = $1", APP)
    except asyncpg.UndefinedTableError:
        return set()
    finally:
        await connection.close()
    return {row["name"] for row in rows}


def _had_on_sqlite(path: Path) -> set[str]:
    if not path.exists():
        return set()
    with closing(sqlite3.connect(path)) as file:
        if not file.execute("SELECT 1 FROM sqlite_master WHERE name = 'tortoise_migrations'").fetchall():
            return set()
        return {name for (name,) in file.execute("SELECT name FROM tortoise_migrations WHERE app = ?", (APP,))}


def _make_room(path: Path) -> None:
    """Make the folder and an empty file that only we may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _back_up(path: Path, first: str, now: datetime) -> None:
    if not _had_on_sqlite(path):
        return  # nothing to lose yet
    copy = path.with_name(f"{path.name}.before-{first}-{now.astimezone(UTC).strftime(STAMP)}")
    copy.unlink(missing_ok=True)
    os.close(os.open(copy, os.O_CREAT | os.O_RDWR, 0o600))
    with closing(sqlite3.connect(path)) as file:
        file.execute("VACUUM INTO ?", (str(copy),))


@asynccontextmanager
async def _alone(path: Path) -> AsyncIterator[None]:
    """Hold the right to migrate the file; others wait. It goes when the process does."""
    with path.with_name(f"{path.name}.migrating").open("w") as door:
        await asyncio.to_thread(fcntl.flock, door, fcntl.LOCK_EX)
        yield
