"""Everything that can be set, validated once: `desk.toml`, then the environment (`PRIVACY_`, `__` between levels).

Secrets come from the environment only. A missing or malformed setting is one clear line
naming the variable and what it wants, never a traceback (`problems`).
Only `bot.app` and `bot.__main__` read this.
"""

import os
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from pydantic import Field, SecretStr, ValidationError

from bot.domain.people import People
from bot.domain.request import Language
from config.chats import SlackSettings, TeamsSettings
from config.mailbox import MailboxSettings
from config.people_file import FILE, HERE, PREFIX, PeopleSettings, SettingsError, desk_toml
from config.sign_in import SignInSettings
from integrations.manual import ManualSystem

__all__ = ["HERE", "PREFIX", "Settings", "SettingsError", "desk_toml", "load", "load_people", "unknown_variables"]
#: What of desk.toml is read again while the desk runs.
PEOPLE: Final = frozenset({"colleague", "colleagues", "rota", "manual_system"})


class Settings(PeopleSettings):
    """The whole of it."""

    database_url: str = "sqlite://var/desk.sqlite3"
    keys: SecretStr = Field(description="keys made by `python -m bot keys new`, comma-separated, the first one wraps")
    index_key: SecretStr = Field(description="a key made by `python -m bot keys new`; it cannot be rotated")
    signing_key: SecretStr = Field(description="a key made by `python -m bot keys new`")
    config: Path = HERE
    public_url: str = "http://127.0.0.1:8080"
    host: str = Field("127.0.0.1", description="the address the web half listens on; keep it behind your proxy")
    port: int = 8080
    start_date: date = Field(description="the day from which mail counts as new, such as 2026-11-22 (D4)")
    language: Language = Field(Language.SV, description="the language of channel cards, sv or en")
    single_person: bool = Field(
        default=False, description="true lets one person say both of two yeses, 24 hours apart (D10)"
    )
    slack: SlackSettings = SlackSettings()
    teams: TeamsSettings = TeamsSettings()
    sign_in: SignInSettings = SignInSettings()
    mailbox: MailboxSettings = MailboxSettings()
    systems: dict[str, dict[str, Any]] = Field({})
    digest_file: Path = Path("var/ledger-digests.txt")


def load(overrides: Mapping[str, Any] | None = None) -> Settings:
    """Return the settings. Raises `SettingsError` with one line per problem."""
    try:
        return Settings(**dict(overrides or {}))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
    raise SettingsError(_line(one["loc"], one["msg"]) for one in found)


def load_people(folder: Path) -> People:
    """Return the people as a folder's desk.toml has them now. Raises `SettingsError` with one line per problem.

    A file that names nobody, or no privacy officer, is refused too: most likely it is half written.
    """
    if not (folder / FILE).is_file():
        raise SettingsError([f"{FILE}: not there any more – put it back"])
    kept = {name for name in PEOPLE if f"{PREFIX}{name.upper()}" in os.environ}  # the environment wins, as at the start
    entries = {name: value for name, value in desk_toml(folder).items() if name in PEOPLE - kept}
    try:
        people = PeopleSettings(**entries).people()
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise SettingsError(_line(one["loc"], one["msg"]) for one in found) from None
    if not people.officers():
        raise SettingsError([f"{FILE}: names no privacy officer – give one colleague the duty officer"])
    return people


def _line(where: tuple[int | str, ...], what: str) -> str:
    if len(where) > 1 and where[0] == "manual_system":
        return _line_of_entry(int(where[1]) + 1, [str(step) for step in where[2:]], what)
    name = PREFIX + "__".join(str(step).upper() for step in where)
    wants = _wants(where)
    return f"{name}: {what[0].lower()}{what[1:]}" + (f" – {wants}" if wants else "")


def _line_of_entry(number: int, inside: Sequence[str], what: str) -> str:
    """Return what is wrong with an entry that stands in the file, not in a variable: the how-manieth, and where."""
    field = ManualSystem.model_fields.get(inside[0]) if inside else None
    wants = f" – {field.description}" if field and field.description else ""
    place = ".".join(step for step in inside if step != "[key]")
    return f"desk.toml [[manual_system]] number {number}: {place} {what[0].lower()}{what[1:]}{wants}"


def _wants(where: tuple[int | str, ...]) -> str:
    model: Any = Settings
    description = ""
    for step in where:
        fields = getattr(model, "model_fields", {})
        if step not in fields:
            break
        description = fields[step].description or description
        model = fields[step].annotation
    return description


def unknown_variables(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Return `PRIVACY_*` variables that mean nothing here: most often a misspelt one."""
    return tuple(
        sorted(name for name in environment if name.startswith(PREFIX) and not _known(name.removeprefix(PREFIX)))
    )


def _known(name: str) -> bool:
    model: Any = Settings
    for step in name.lower().split("__"):
        fields = getattr(model, "model_fields", None)
        if fields is None:
            return True  # a free mapping: its reader judges (systems)
        if step not in fields:
            return False
        model = fields[step].annotation
    return True
