"""Outlook: colleagues' own mailboxes, calendars and contacts.

A system of its own beside `office365`, because each operation of a system is done in one
way and these two are done in different ways: the desk never opens a colleague's own mailbox. Its
holder gets the search, leaves private mail out and confirms (D18). So there is no key here,
and nothing is asked of Microsoft.
"""

from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict

from bot.domain.system import Identifier, IdentifierKind, Manifest, Operation, absent, assisted

KEY: Final = "office365_personal"

MANIFEST: Final = Manifest(
    key=KEY,
    name="Outlook",
    known_by=frozenset({IdentifierKind.EMAIL, IdentifierKind.NAME}),
    capabilities={
        Operation.FIND: assisted("reason.find"),
        Operation.EXPORT: assisted("reason.export"),
        Operation.ERASE: assisted("reason.erase", irreversible=True),
        Operation.RECTIFY: assisted("reason.rectify"),
        Operation.RESTRICT: assisted("reason.restrict"),
        Operation.SUPPRESS: absent("reason.suppress"),
    },
)


class Settings(BaseModel):
    """Nothing is needed: holders search for themselves."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def manifest(settings: Settings) -> Manifest:
    """Return what is done with colleagues' own mailboxes, the same whatever the settings."""
    del settings
    return MANIFEST


def searches(person: Sequence[Identifier]) -> Sequence[str]:
    """Return what a holder pastes into Outlook's search box, one search each: every address, then every name.

    Personal data: for a colleague's signed-in page only.
    """
    addresses = dict.fromkeys(one.value.strip().lower() for one in person if one.kind is IdentifierKind.EMAIL)
    names = dict.fromkeys(" ".join(one.value.split()) for one in person if one.kind is IdentifierKind.NAME)
    return (
        *(f'participants:"{_plain(one)}" OR "{_plain(one)}"' for one in addresses if one),
        *(f'"{_plain(one)}"' for one in names if one),
    )


def _plain(text: str) -> str:
    return text.replace('"', "")
