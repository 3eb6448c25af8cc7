"""Everything that can be set, validated once: `desk.toml`, then the environment (`PRIVACY_`, `__` between levels).

Secrets come from the environment only. A missing or malformed setting is one clear line
naming the variable and what it wants, never a traceback (`problems`).
Only `bot.app` and `bot.__main__` read this.
"""

import os
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from pydantic import (
    AliasChoices,
    Field,
    SecretStr,
    ValidationError,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from bot.domain.people import Colleague, People, Shift
from bot.domain.request import Language
from config.chats import SlackSettings, TeamsSettings
from config.mailbox import MailboxSettings
from config.people_file import ColleagueEntry, ShiftEntry
from config.sign_in import SignInSettings
from integrations.manual import ManualSystem

PREFIX: Final = "PRIVACY_"
HERE: Final = Path(__file__).parent


class Settings(BaseSettings):
    """The whole of it."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="ignore",
        populate_by_name=True,
        nested_model_default_partial_update=True,
    )

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
    slack: SlackSettings = SlackSettings()
    teams: TeamsSettings = TeamsSettings()
    sign_in: SignInSettings = SignInSettings()
    mailbox: MailboxSettings = MailboxSettings()
    systems: dict[str, dict[str, Any]] = {}
    manual_system: tuple[ManualSystem, ...] = ()
    colleague: tuple[ColleagueEntry, ...] = Field((), validation_alias=AliasChoices("colleague", "colleagues"))
    rota: tuple[ShiftEntry, ...] = ()
    digest_file: Path = Path("var/ledger-digests.txt")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What the program passes wins over the environment, and that over desk.toml."""
        folder = Path(os.environ.get(f"{PREFIX}CONFIG", HERE))
        return (init_settings, env_settings, InitSettingsSource(settings_cls, desk_toml(folder)))

    def people(self) -> People:
        """Return everybody the desk knows, and the rota."""
        shifts = tuple(Shift(entry.first, entry.last, entry.colleague) for entry in self.rota)
        return People(tuple(self._with_manual(entry.value()) for entry in self.colleague), shifts)

    def _with_manual(self, colleague: Colleague) -> Colleague:
        """Return the colleague with the systems whose own entry names them (D21)."""
        owns = {one.key for one in self.manual_system if colleague.id in one.owner}
        deputises = {one.key for one in self.manual_system if colleague.id in one.deputy}
        return replace(colleague, owns=colleague.owns | owns, deputises=colleague.deputises | deputises)


def desk_toml(folder: Path) -> dict[str, Any]:
    """Return the content of desk.toml in a folder; empty when there is none. Raises `SettingsError` when unreadable."""
    path = folder / "desk.toml"
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise SettingsError([f"{path.name}: {error} – mend the file"]) from None


class SettingsError(ValueError):
    """Settings that cannot be used; `lines` say what, where and what to do, one problem each, no secret in them."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


def load(overrides: Mapping[str, Any] | None = None) -> Settings:
    """Return the settings. Raises `SettingsError` with one line per problem."""
    try:
        return Settings(**dict(overrides or {}))
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
    raise SettingsError(_line(one["loc"], one["msg"]) for one in found)


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
