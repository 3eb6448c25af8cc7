"""Where the store lies: PRIVACY_DATABASE_URL, read.

`sqlite://var/desk.sqlite3` (relative; three slashes make it absolute) or
`postgres://user:password@host:port/name` (`?host=/folder` for a local socket).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from bot.domain.errors import PrivacyDeskError
from bot.store.pragmas import PRAGMAS

SQLITE = "bot.store.sqlite_immediate"
POSTGRES = "tortoise.backends.asyncpg"
CONNECTION = "default"
APP = "store"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the store lies: `path` for SQLite, `server` (asyncpg's arguments, with the password) for PostgreSQL."""

    path: Path | None = None
    server: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def postgres(self) -> bool:
        """Whether it is PostgreSQL."""
        return self.path is None


def place(url: str) -> Place:
    """Read the address of a store. Raises `PrivacyDeskError` ("trouble.database_url") when it is neither kind."""
    scheme, _, rest = url.partition("://")
    if scheme == "sqlite" and rest.split("?")[0].strip("/"):
        return Place(path=Path(unquote(rest.split("?")[0])))
    if scheme in ("postgres", "postgresql"):
        return Place(server=_server(url))
    raise PrivacyDeskError("trouble.database_url")


def tortoise_config(at: Place, *, foreign_keys: bool = True) -> dict[str, Any]:
    """Return what Tortoise is started with."""
    if at.path is not None:
        switch = {"foreign_keys": "ON" if foreign_keys else "OFF"}
        connection = {"engine": SQLITE, "credentials": {"file_path": str(at.path), **PRAGMAS, **switch}}
    else:
        connection = {"engine": POSTGRES, "credentials": {**at.server, "minsize": 1, "maxsize": 10}}
    return {
        "connections": {CONNECTION: connection},
        "apps": {
            APP: {
                "models": ["bot.store.rows", "bot.store.people_rows"],
                "default_connection": CONNECTION,
                "migrations": "bot.store.migrations",
            }
        },
    }


def _server(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query))
    try:
        port = parts.port or 5432
    except ValueError:
        raise PrivacyDeskError("trouble.database_url") from None
    if not parts.path.strip("/"):
        raise PrivacyDeskError("trouble.database_url")
    return {
        "host": asked.get("host") or parts.hostname or "127.0.0.1",
        "port": port,
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password) if parts.password else None,
        "database": unquote(parts.path.lstrip("/")),
    }
