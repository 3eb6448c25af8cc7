"""The short commands, and the doors to the long ones. Each prints for a person, or one JSON value."""

import argparse
import asyncio
import json
import logging
import os
import shutil
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from bot.app import backfill, chats, check, demo, proposals, serve, teams_package
from bot.app.clock import SystemClock
from bot.app.wiring import reading_of
from bot.domain.deadline import deadlines
from bot.domain.errors import PrivacyDeskError
from bot.domain.extension import nearest
from bot.domain.ledger import Entry
from bot.domain.request import Language, Role
from bot.domain.retention import due_for
from bot.domain.ticket import Ticket
from bot.i18n import Texts
from bot.ports import EVERY, TicketQuery
from bot.reading import read_mail_line
from bot.store import (
    KeyRing,
    Store,
    backup,
    key_bytes,
    migrate,
    new_key,
    open_store,
    restore,
    rotate,
    store_lock,
    verify,
)
from config.calendar import swedish_calendar
from config.settings import Settings, SettingsError, load
from config.texts import load_catalogue

#: Settings that every command but the pure ones needs.
KEYS: Final = ("keys", "index_key", "signing_key")
Command = Callable[[argparse.Namespace], int]
Found = TypeVar("Found")


def sentence(trouble: PrivacyDeskError) -> str:
    """Return a trouble's sentence, in English: the command line is the engineers'."""
    texts = Texts(load_catalogue())
    try:
        return texts.say(Language.EN, trouble.key, trouble.facts)
    except KeyError:
        return trouble.key


def _print(value: Any, *, as_json: bool, words: Sequence[str] = ()) -> None:
    if as_json or not words:
        sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
    else:
        sys.stdout.write("\n".join(words) + "\n")


def _moment(text: str, name: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError([f"{name}: not a moment – write it like 2026-03-05T09:12:00+01:00"]) from None
    if read.tzinfo is None:
        raise SettingsError([f"{name}: has no offset – add +01:00, +02:00 or Z"])
    return read


def _due(chosen: argparse.Namespace) -> int:
    found = asdict(deadlines(_moment(chosen.received, "RECEIVED"), swedish_calendar()))
    _print(found, as_json=chosen.json, words=[f"{name.replace('_', ' ')}: {day}" for name, day in found.items()])
    return 0


def _retention_due(chosen: argparse.Namespace) -> int:
    try:
        role = Role(chosen.role.replace("_", " "))
    except ValueError:
        raise SettingsError([f"ROLE: must be one of {', '.join(Role)}"]) from None
    due = due_for(role, [_moment(chosen.latest, "LATEST_ACTIVITY")])
    words = [
        f"deletion due: {due.due}" if due.due else "no date of its own: kept until the contact is ended (P57, P59)"
    ]
    _print({"deletion_due": due.due.isoformat() if due.due else None}, as_json=chosen.json, words=words)
    return 0


def _read_mail(chosen: argparse.Namespace) -> int:
    context = reading_of(load(dict.fromkeys(KEYS, "-")))  # reading opens nothing: no key is needed
    for name in chosen.files:
        try:
            raw = Path(name).read_bytes()
        except OSError as trouble:
            raise SettingsError([f"{name}: {trouble.strerror} – name a file that can be read"]) from None
        sys.stdout.write(read_mail_line(name, raw, context, swedish_calendar()) + "\n")
    return 0


def _migrate(_chosen: argparse.Namespace) -> int:
    asyncio.run(migrate(load().database_url, SystemClock()))
    sys.stdout.write("the store is up to date\n")
    return 0


def _keys(chosen: argparse.Namespace) -> int:
    if chosen.what == "new":
        sys.stdout.write(new_key() + "\n")
        return 0
    settings = load()
    count = asyncio.run(_with_store(settings, rotate))
    sys.stdout.write(f"{count} keys re-wrapped to the first of PRIVACY_KEYS\n")
    return 0


def _ledger(chosen: argparse.Namespace) -> int:
    settings = load()
    lines = settings.digest_file.read_text(encoding="utf-8").splitlines() if settings.digest_file.exists() else []
    signing = key_bytes(settings.signing_key.get_secret_value(), "PRIVACY_SIGNING_KEY")

    bad = asyncio.run(_with_store(settings, lambda store: verify(store, lines, signing)))
    found = [{"chain": one.chain, "seq": one.seq, "what": one.what} for one in bad]
    words = [f"broken at {one['chain']} entry {one['seq']}: {one['what']}" for one in found] or ["the ledger holds"]
    _print({"holds": not found, "bad": found}, as_json=chosen.json, words=words)
    return 1 if found else 0


async def _with_store(settings: Settings, use: Callable[[Store], Awaitable[Found]]) -> Found:
    store = await open_store(
        settings.database_url,
        keys=KeyRing.parse(settings.keys.get_secret_value()),
        index_key=key_bytes(settings.index_key.get_secret_value(), "PRIVACY_INDEX_KEY"),
        clock=SystemClock(),
    )
    try:
        return await use(store)
    finally:
        await store.close()


def _ticket(chosen: argparse.Namespace) -> int:
    async def look(store: Store) -> list[Mapping[str, Any]]:
        async with store.work() as unit:
            if chosen.what == "list":
                tickets = await unit.tickets.matching(TicketQuery(open_only=False, limit=EVERY))
            else:
                tickets = [await unit.tickets.load((chosen.ref or "").upper())]
            return [_shown(ticket, await unit.ledger.entries(ticket.id)) for ticket in tickets]

    found = asyncio.run(_with_store(load(), look))
    words = [f"{one['ref']}  {one['stage']:10} {', '.join(one['types'])}  last day {one['last_day']}" for one in found]
    _print(found if chosen.what == "list" else found[0], as_json=chosen.json, words=words or ["no tickets"])
    return 0


def _shown(ticket: Ticket, entries: Sequence[Entry]) -> Mapping[str, Any]:
    last_day: date = nearest(ticket, swedish_calendar()).last_day
    return {
        "ref": ticket.ref,
        "types": [part.type for part in ticket.parts],
        "stage": ticket.stage,
        "outcome": [part.outcome for part in ticket.parts],
        "last_day": last_day,
        "tasks": [
            {"system": task.system, "operation": task.operation, "mode": task.mode, "state": task.state}
            for task in ticket.tasks
        ],
        "events": [{"event": entry.event, "at": entry.at.isoformat(), "actor": entry.actor} for entry in entries],
    }


def _backup(chosen: argparse.Namespace) -> int:
    asyncio.run(backup(load().database_url, Path(chosen.file)))
    sys.stdout.write(f"copied to {chosen.file}\n")
    return 0


def _restore(chosen: argparse.Namespace) -> int:
    settings = load()
    with store_lock(settings.database_url):
        asyncio.run(restore(settings.database_url, Path(chosen.file)))
    sys.stdout.write(f"restored from {chosen.file}\n")
    return 0


def _check(chosen: argparse.Namespace) -> int:
    problems = asyncio.run(check.problems(os.environ, offline=chosen.offline))
    words = problems or [check.all_well()]
    _print({"problems": problems}, as_json=chosen.json, words=words)
    return 1 if problems else 0


def _run(halves: serve.Halves) -> Command:
    def run(_chosen: argparse.Namespace) -> int:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s", stream=sys.stderr)
        asyncio.run(_running(load(), halves))
        return 0

    return run


async def _running(settings: Settings, halves: serve.Halves) -> None:
    if settings.database_url.startswith("sqlite") and not (halves.web and halves.worker):
        raise SettingsError(["PRIVACY_DATABASE_URL: SQLite takes one process – use `run`, or a postgres:// address"])
    serve.pass_over_libraries()
    async with serve.served(settings, SystemClock(), chats.messengers(settings, SystemClock()), halves=halves):
        sys.stdout.write(f"listening on http://{settings.host}:{settings.port}\n")
        sys.stdout.flush()
        await serve.until_stopped()


def _demo(chosen: argparse.Namespace) -> int:
    folder = Path(chosen.data)
    if chosen.fresh and folder.exists():
        shutil.rmtree(folder)
    asyncio.run(demo.play(folder, chosen.port))
    return 0


COMMANDS: Final[Mapping[str, Command]] = {
    "demo": _demo,
    "run": _run(serve.Halves()),
    "web": _run(serve.Halves(worker=False)),
    "worker": _run(serve.Halves(web=False)),
    "migrate": _migrate,
    "check": _check,
    "read-mail": _read_mail,
    "due": _due,
    "retention-due": _retention_due,
    "ledger": _ledger,
    "ticket": _ticket,
    "keys": _keys,
    "backup": _backup,
    "restore": _restore,
    "backfill": backfill.command,
    "proposals": proposals.command,
    "teams-package": teams_package.command,
}
