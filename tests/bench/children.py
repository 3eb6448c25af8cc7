"""Programs of their own, on loopback, with a folder and keys of their own: this machine's desk is not touched."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter
from typing import IO

from aiohttp import ClientError, ClientSession

from bot.store import new_key
from tests.free_port import free_port
from tests.standins import teams
from tests.standins.slack import SIGNING_SECRET, TOKEN, SlackStandIn

HOST = "127.0.0.1"
CHANNEL = "C0BENCH"
PATIENCE = 240.0  # seconds until a child must answer, or be gone


@dataclass(frozen=True, slots=True)
class Child:
    """A running program, and how many seconds it took until it was ready."""

    process: Process
    seconds: float


@dataclass(frozen=True, slots=True)
class Installation:
    """A desk's own folder, port and keys; with Slack and systems where they are given."""

    folder: Path
    variables: Mapping[str, str]

    @property
    def url(self) -> str:
        """Where it answers."""
        return self.variables["PRIVACY_PUBLIC_URL"]

    @property
    def database(self) -> Path:
        """Where its store lies."""
        return self.folder / "desk.sqlite3"

    def overrides(self) -> dict[str, object]:
        """Return the same as `config.settings.load` takes it, for a desk in this process."""
        return {
            "database_url": self.variables["PRIVACY_DATABASE_URL"],
            "keys": self.variables["PRIVACY_KEYS"],
            "index_key": self.variables["PRIVACY_INDEX_KEY"],
            "signing_key": self.variables["PRIVACY_SIGNING_KEY"],
            "public_url": self.url,
            "port": int(self.variables["PRIVACY_PORT"]),
            "systems": json.loads(self.variables["PRIVACY_SYSTEMS"]),
            "mailbox": {"folder": self.folder / "mail"},
            "digest_file": self.folder / "digests.txt",
            "teams": {
                name: self.variables[f"PRIVACY_TEAMS__{name.upper()}"]
                for name in ("anonymous", "tenant_id", "channel")
                if f"PRIVACY_TEAMS__{name.upper()}" in self.variables
            },
            "slack": {
                name: self.variables[f"PRIVACY_SLACK__{name.upper()}"]
                for name in ("bot_token", "signing_secret", "api_url", "channel")
                if f"PRIVACY_SLACK__{name.upper()}" in self.variables
            },
        }


def installation(
    folder: Path, slack: SlackStandIn | None = None, systems: Mapping[str, Mapping[str, object]] | None = None
) -> Installation:
    """Return a new one in *folder*, which is made; keys and port are fresh."""
    folder.mkdir(parents=True)
    port = free_port()
    workspace = {} if slack is None else _workspace(slack)
    return Installation(
        folder,
        {
            "PRIVACY_DATABASE_URL": f"sqlite://{folder / 'desk.sqlite3'}",
            **{f"PRIVACY_{name}": new_key() for name in ("KEYS", "INDEX_KEY", "SIGNING_KEY")},
            "PRIVACY_PORT": str(port),
            "PRIVACY_PUBLIC_URL": f"http://{HOST}:{port}",
            "PRIVACY_MAILBOX__FOLDER": str(folder / "mail"),
            "PRIVACY_DIGEST_FILE": str(folder / "digests.txt"),
            "PRIVACY_SYSTEMS": json.dumps(systems or {}),
            **workspace,
        },
    )


def in_teams(desk: Installation) -> Installation:
    """Return the installation with Teams beside what it has, without sign-in, as for a playground on this machine."""
    tenant = {"ANONYMOUS": "true", "TENANT_ID": teams.TENANT, "CHANNEL": teams.CHANNEL}
    return replace(
        desk, variables={**desk.variables, **{f"PRIVACY_TEAMS__{name}": value for name, value in tenant.items()}}
    )


def _workspace(slack: SlackStandIn) -> dict[str, str]:
    return {
        "PRIVACY_SLACK__BOT_TOKEN": TOKEN,
        "PRIVACY_SLACK__SIGNING_SECRET": SIGNING_SECRET,
        "PRIVACY_SLACK__API_URL": slack.api_url,
        "PRIVACY_SLACK__CHANNEL": CHANNEL,
    }


def resident_megabytes(process: int | str) -> float:
    """Return the resident memory of a process, "self" for our own. Raises `OSError` where there is no /proc."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024 / 1_000_000


@asynccontextmanager
async def running(arguments: Sequence[str], variables: Mapping[str, str], ready: str) -> AsyncIterator[Child]:
    """Run `python -m ARGUMENTS` until *ready* (a URL) answers; ask it to end afterwards, and wait until it has."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PRIVACY_")}
    with TemporaryFile() as said:
        began = perf_counter()
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", *arguments, env={**environment, **variables}, stdout=DEVNULL, stderr=said
        )
        try:
            await _answers(ready, process, said)
            yield Child(process, perf_counter() - began)
        finally:
            if process.returncode is None:
                process.terminate()
            async with asyncio.timeout(PATIENCE):
                await process.wait()


async def _answers(url: str, process: Process, said: IO[bytes]) -> None:
    async with ClientSession() as session, asyncio.timeout(PATIENCE):
        while process.returncode is None:
            try:
                async with session.get(url) as answer:
                    if answer.status != 503:  # it listens, and is well
                        return
            except ClientError:
                pass
            await asyncio.sleep(0.005)
    said.seek(0)
    raise RuntimeError(f"the program ended before it was ready: {said.read()[-500:].decode(errors='replace')}")
