"""`python -m bot proposals`: how often the proposals were right, for a person or as one JSON value."""

import argparse
import asyncio
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime, time
from typing import Any

from bot.app.clock import SystemClock
from bot.domain.accuracy import Accuracy, Report, Verdict
from bot.domain.deadline import SWEDEN
from bot.services.keeping.accuracy import how_right
from bot.store import KeyRing, key_bytes, open_store
from config.settings import Settings, SettingsError, load


def command(chosen: argparse.Namespace) -> int:
    """Print the report."""
    since = _since(chosen.since) if chosen.since else None
    found = asyncio.run(_report(load(), since))
    if chosen.json:
        sys.stdout.write(json.dumps(as_json(found)) + "\n")
    else:
        sys.stdout.write("\n".join(words(found)) + "\n")
    return 0


def _since(typed: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(typed), time(), SWEDEN)
    except ValueError:
        raise SettingsError(["--since: not a date – write it like 2026-09-01"]) from None


async def _report(settings: Settings, since: datetime | None) -> Report:
    store = await open_store(
        settings.database_url,
        keys=KeyRing.parse(settings.keys.get_secret_value()),
        index_key=key_bytes(settings.index_key.get_secret_value(), "PRIVACY_INDEX_KEY"),
        clock=SystemClock(),
    )
    try:
        async with store.work() as unit:
            return await how_right(unit, since)
    finally:
        await store.close()


def as_json(found: Report) -> Mapping[str, Any]:
    """Return the report as JSON values."""
    return {
        "whole": _one(found.whole),
        "months": {month: _one(one) for month, one in found.months.items()},
        "bands": {band: _one(one) for band, one in found.bands.items()},
    }


def _one(counted: Accuracy) -> Mapping[str, Any]:
    return {**asdict(counted), "decided": counted.decided, "right_percent": counted.right}


def words(found: Report) -> list[str]:
    """Return the report for a person, a line for the whole, each month and each band of confidence."""
    rows = [("all", found.whole), *found.months.items(), *((f"confidence {b}", one) for b, one in found.bands.items())]
    return [_line(name, one) for name, one in rows]


def _line(name: str, one: Accuracy) -> str:
    right = "no decision yet" if one.right is None else f"{one.right}% right of {one.decided} decided"
    counts = ", ".join(f"{one.verdicts.get(verdict, 0)} {verdict}" for verdict in Verdict)
    changed = f" ({', '.join(f'{what} {n}' for what, n in one.changed.items())})" if one.changed else ""
    return f"{name}: {right} – {counts}{changed}, {one.undone} undone, {one.missed} missed, {one.quiet} rightly quiet"
