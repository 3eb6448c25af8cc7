"""`python -m bot backfill --since DATE`: older mail, proposed and nothing more (D4)."""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict
from datetime import date

from bot.app.clock import SystemClock
from bot.app.wiring import file_of, opened
from bot.domain.deadline import local_date, months_after
from bot.domain.errors import PrivacyDeskError
from bot.services.intake.backfill import Found, backfill
from bot.store import store_lock
from config.policy_file import load_retention
from config.settings import Settings, SettingsError, load


def command(chosen: argparse.Namespace) -> int:
    """Read older mail; print what was found."""
    settings = load()
    since = since_of(chosen.since, settings, local_date(SystemClock().now()))
    found = asyncio.run(_read(settings, since))
    if chosen.json:
        said = {"since": since.isoformat(), "until": settings.start_date.isoformat(), **asdict(found)}
        sys.stdout.write(json.dumps(said) + "\n")
    else:
        sys.stdout.write("\n".join(words(found, since, settings.start_date)) + "\n")
    return 0


def since_of(typed: str, settings: Settings, today: date) -> date:
    """Return the day to begin with. Raises `SettingsError` with one line: what is wrong with it, and what to do."""
    try:
        since = date.fromisoformat(typed)
    except ValueError:
        raise SettingsError(["--since: not a date – write it like 2026-09-01"]) from None
    if since > today:
        raise SettingsError([f"--since: {since} has not come yet – name a day before {settings.start_date}"])
    if since >= settings.start_date:
        start = settings.start_date
        raise SettingsError([f"--since: the desk reads everything from {start} on by itself – name an earlier day"])
    months = load_retention(file_of(settings.config, "retention.toml")).case_months
    first = months_after(today, -months)
    if since < first:
        kept = f"cases are kept {months} months (case_months in retention.toml)"
        raise SettingsError([f"--since: {since} is too long ago, {kept} – name {first} or a later day"])
    return since


async def _read(settings: Settings, since: date) -> Found:
    try:
        with store_lock(settings.database_url):
            async with opened(settings, SystemClock(), lambda *_: {}) as desk:
                return await backfill(desk.house, since)
    except PrivacyDeskError as trouble:
        if trouble.key == "trouble.store_locked":
            raise SettingsError(
                ["backfill: the desk is running, and SQLite takes one process – stop it, run this, start it again"]
            ) from None
        raise


def words(found: Found, since: date, until: date) -> list[str]:
    """Return what was found, for a person."""
    return [
        f"read {found.read} mails that came from {since} until {until}",
        f"proposed: {found.requests} requests, {found.doubts} doubts – they wait on the quiet list's page",
        f"known already: {found.known} · not a request, left where it is: {found.quiet}",
        "nothing was sent and nothing was moved",
    ]
