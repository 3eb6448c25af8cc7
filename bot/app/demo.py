"""The whole desk with no account anywhere: sandboxes over real HTTP, a folder mailbox, made-up people.

Loopback only. The keys are made once and lie beside the data they open, which is exactly
what a real installation must not do.
"""

import json
import logging
import os
import secrets
import sys
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from datetime import date
from email import message_from_bytes
from email.policy import default as modern
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from aiohttp import ClientSession

from bot.app import serve
from bot.app.clock import WoundClock
from bot.app.samples import as_received, samples
from bot.app.wiring import Opened
from bot.domain.deadline import local_date
from bot.domain.people import People
from bot.i18n import Texts
from bot.ports import Messenger, Work
from bot.store import new_key
from config.settings import HERE, Settings, load
from handlers.console import CHAT, ConsoleMessenger, Outside, SentLetter, console_routes
from handlers.page import Pages
from handlers.web import Door
from integrations.registry import discover
from integrations.sandbox import serve as serve_sandbox

SAMPLES: Final = HERE / "samples.toml"
KEYS: Final = ("keys", "index_key", "signing_key")
LOOPBACK: Final = "127.0.0.1"
POLL: Final = 0.5  # seconds between looks into the demo's mailbox


async def play(folder: Path, port: int) -> None:
    """Run the demo until it is stopped, and say where it is."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s", stream=sys.stderr)
    clock = WoundClock()
    async with AsyncExitStack() as stack:
        systems = await _sandboxes(stack, local_date(clock.now()))
        settings = demo_settings(folder, port, systems)
        doors = _doors(settings, clock)
        await stack.enter_async_context(serve.served(settings, clock, _console, doors))
        sys.stdout.write(f"\n  Privacy Desk is ready: http://{LOOPBACK}:{port}/console\n\n  Ctrl-C stops it.\n\n")
        sys.stdout.flush()
        await serve.until_stopped()


def _console(_session: ClientSession, _texts: Texts, _people: People, _work: Work) -> Mapping[str, Messenger]:
    return {CHAT: ConsoleMessenger()}


async def _sandboxes(stack: AsyncExitStack, today: date) -> dict[str, dict[str, object]]:
    """Start every vendor's stand-in and return the settings that point at them."""
    stanzas: dict[str, dict[str, object]] = {}
    for key, found in discover().items():
        if not (Path(found.module.__file__ or "").parent / "sandbox.py").is_file():
            continue
        module = import_module(f"integrations.{key}.sandbox")
        sandbox = module.demo(today)
        url = await stack.enter_async_context(serve_sandbox(sandbox.application()))
        stanzas[key] = module.stanza(url, sandbox)
    return stanzas


def demo_settings(folder: Path, port: int, systems: Mapping[str, Mapping[str, object]]) -> Settings:
    """Return settings that touch nothing outside *folder* and this machine."""
    return load(
        {
            **_keys(folder),
            "database_url": f"sqlite://{(folder / 'desk.sqlite3').resolve()}",
            "public_url": f"http://{LOOPBACK}:{port}",
            "host": LOOPBACK,
            "port": port,
            "systems": systems,
            "mailbox": _mailbox(folder),
            "digest_file": folder / "ledger-digests.txt",
        }
    )


def _mailbox(folder: Path) -> dict[str, Any]:
    return {
        "kind": "folder",
        "folder": folder / "mail",
        "address": "info@goto.work",
        "authserv_id": "mx1.gotowork.example",
        "forwarders": ["info@goto.work"],
        "poll_seconds": POLL,
    }


def _keys(folder: Path) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "demo-keys.json"
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as keys:
            json.dump({name: new_key() for name in KEYS}, keys)
    kept: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return kept


def _doors(settings: Settings, clock: WoundClock) -> Any:
    def doors(desk: Opened, pages: Pages) -> Iterable[Door]:
        inbox, outbox = settings.mailbox.folder / "in", settings.mailbox.folder / "out"

        def drop(raw: bytes) -> None:
            _deliver(inbox, as_received(raw, SAMPLES, clock, settings.mailbox.authserv_id))

        async def skip(days: int) -> None:
            clock.wind(days)
            await desk.clockwork.catch_up()
            desk.runner.wake()

        outside = Outside(samples(SAMPLES), drop, lambda: _letters(outbox), clock, skip)
        names = {manifest.key: manifest.name for manifest in desk.house.manifests}
        channel = desk.house.channels.tickets[CHAT]
        return [console_routes(desk.desk, pages, outside, channel=channel, systems=names)]

    return doors


def _deliver(inbox: Path, raw: bytes) -> None:
    """Put a mail into the Maildir as a mail server would: whole in tmp, then moved into new."""
    name = secrets.token_hex(8)
    for part in ("tmp", "new", "cur"):
        (inbox / part).mkdir(parents=True, exist_ok=True)
    (inbox / "tmp" / name).write_bytes(raw)
    (inbox / "tmp" / name).rename(inbox / "new" / name)


def _letters(outbox: Path) -> list[SentLetter]:
    files = sorted((outbox / "new").glob("*"), key=lambda file: file.stat().st_mtime, reverse=True)
    letters = []
    for file in files:
        mail = message_from_bytes(file.read_bytes(), policy=modern)
        body = mail.get_body(("plain",))
        text = body.get_content() if body is not None else ""
        letters.append(SentLetter(str(mail["To"]), str(mail["Subject"]), text))
    return letters
