"""Colleagues and the on-call rota as desk.toml writes them."""

from datetime import date
from typing import Final

from pydantic import BaseModel, Field

from bot.domain.people import Colleague, Duty
from bot.domain.request import Language
from config.shapes import GUID

#: Where a colleague may be known by an id.
CHATS: Final = ("slack", "teams", "console")


class ColleagueEntry(BaseModel):
    """One colleague in desk.toml."""

    id: str = Field(pattern=r"^[a-z0-9-]+$", description="a short lower-case name")
    name: str
    email: str
    duties: frozenset[Duty] = frozenset()
    owns: frozenset[str] = frozenset()
    deputises: frozenset[str] = frozenset()
    language: Language = Language.SV
    slack: str = ""
    teams: str = Field("", pattern=f"^({GUID})?$", description="the colleague's object id in Entra ID")
    console: str = ""

    def value(self) -> Colleague:
        """Return the colleague as the desk knows them."""
        handles = {chat: handle for chat in CHATS if (handle := getattr(self, chat))}
        return Colleague(self.id, self.name, self.email, self.duties, self.owns, self.deputises, self.language, handles)


class ShiftEntry(BaseModel):
    """One stretch of the on-call rota in desk.toml."""

    first: date
    last: date
    colleague: str
