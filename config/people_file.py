"""Colleagues and the on-call rota as desk.toml writes them: the part of it that may change while the desk runs."""

import os
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from pydantic import AliasChoices, BaseModel, Field, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from bot.domain.people import Colleague, Duty, People, Shift, comparable
from bot.domain.request import Language
from config.shapes import GUID
from integrations.manual import ManualSystem

PREFIX: Final = "PRIVACY_"
HERE: Final = Path(__file__).parent
FILE: Final = "desk.toml"
#: Where a colleague may be known by an id.
CHATS: Final = ("slack", "teams", "console")
#: What an address looks like; whether anybody reads it is not known here.
ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class SettingsError(ValueError):
    """Settings that cannot be used; `lines` say what, where and what to do, one problem each, no secret in them."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


class ColleagueEntry(BaseModel):
    """One colleague in desk.toml."""

    id: str = Field(pattern=r"^[a-z0-9-]+$", description="a short lower-case name")
    name: str = Field(pattern=r"\S", description="the name colleagues know them by")
    email: str
    addresses: tuple[str, ...] = Field((), repr=False)
    duties: frozenset[Duty] = frozenset()
    owns: frozenset[str] = frozenset()
    deputises: frozenset[str] = frozenset()
    language: Language = Language.SV
    slack: str = ""
    teams: str = Field("", pattern=f"^({GUID})?$", description="the colleague's object id in Entra ID")
    console: str = ""

    @field_validator("addresses")
    @classmethod
    def each_an_address(cls, addresses: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse what is no address: it would match nobody's mail, and whose request it is would go unseen."""
        trimmed = tuple(one.strip() for one in addresses)
        if not all(ADDRESS.fullmatch(one) for one in trimmed):
            raise PydanticCustomError("address", "holds something that is no address – write name@domain")
        return trimmed

    def value(self) -> Colleague:
        """Return the colleague as the desk knows them."""
        handles = {chat: handle for chat in CHATS if (handle := getattr(self, chat))}
        if self.teams:  # capitals mean nothing in an object id, and Teams writes small ones
            handles["teams"] = self.teams.casefold()
        if "teams" in handles:  # Microsoft writes an id either way; Teams' side of the desk in small letters
            handles["teams"] = handles["teams"].lower()
        duties, owns, deputises, further = self.duties, self.owns, self.deputises, self.addresses
        return Colleague(self.id, self.name, self.email, duties, owns, deputises, self.language, handles, further)


class ShiftEntry(BaseModel):
    """One stretch of the on-call rota in desk.toml."""

    first: date
    last: date
    colleague: str


class PeopleSettings(BaseSettings):
    """Who works here, who is on call, and who answers for the systems that exist only in desk.toml."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="ignore",
        populate_by_name=True,
        nested_model_default_partial_update=True,
    )

    manual_system: tuple[ManualSystem, ...] = ()
    colleague: tuple[ColleagueEntry, ...] = Field((), validation_alias=AliasChoices("colleague", "colleagues"))
    rota: tuple[ShiftEntry, ...] = ()

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

    @field_validator("colleague")
    @classmethod
    def told_apart(cls, colleagues: tuple[ColleagueEntry, ...]) -> tuple[ColleagueEntry, ...]:
        """Refuse two colleagues of one id, address or chat id: whose right would it be?"""
        for what, of in _alike(colleagues):
            raise PydanticCustomError(
                "alike", "{of} have the same {what} – give each their own", {"of": " and ".join(of), "what": what}
            )
        return colleagues

    def people(self) -> People:
        """Return everybody the desk knows, and the rota."""
        shifts = tuple(Shift(entry.first, entry.last, entry.colleague) for entry in self.rota)
        return People(tuple(self._with_manual(entry.value()) for entry in self.colleague), shifts)

    def _with_manual(self, colleague: Colleague) -> Colleague:
        """Return the colleague with the systems whose own entry names them (D21)."""
        owns = {one.key for one in self.manual_system if colleague.id in one.owner}
        deputises = {one.key for one in self.manual_system if colleague.id in one.deputy}
        return replace(colleague, owns=colleague.owns | owns, deputises=colleague.deputises | deputises)


def _alike(colleagues: Sequence[ColleagueEntry]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what two colleagues share that only one can have, and who they are."""
    for what in ("id", "email", *CHATS):
        counted = Counter(getattr(one, what).casefold() for one in colleagues)
        for value, times in counted.items():
            if value and times > 1:
                yield what, tuple(one.id for one in colleagues if getattr(one, what).casefold() == value)
    yield from _sharing_an_address(colleagues)


def _sharing_an_address(colleagues: Sequence[ColleagueEntry]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield who shares a further address with somebody: it would make each of them the other in every request."""
    theirs = {
        one.id: {comparable(one.email)} | {comparable(address) for address in one.addresses} for one in colleagues
    }
    further = {comparable(address) for one in colleagues for address in one.addresses}
    for address in sorted(further):
        whose = tuple(name for name, addresses in theirs.items() if address in addresses)
        if len(whose) > 1:
            yield "address (addresses)", whose


def desk_toml(folder: Path) -> dict[str, Any]:
    """Return the content of desk.toml in a folder; empty when there is none. Raises `SettingsError` when unreadable."""
    path = folder / FILE
    if not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path.name}: {error} – mend the file"]) from None
    except OSError as error:
        raise SettingsError([f"{path.name}: {error.strerror} – make it readable"]) from None
