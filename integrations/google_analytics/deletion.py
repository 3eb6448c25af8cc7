"""What Google Analytics deletes by: exactly one of four ids, each written in its own way."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.domain.cookie import client_ids
from bot.domain.errors import NeedsHuman
from bot.domain.finding import international
from bot.domain.system import Identifier, IdentifierKind
from integrations.google.naming import without_dots

#: The name of each id in the order to delete, and our own word for what is behind it.
FIELDS: Final[Mapping[IdentifierKind, str]] = {
    IdentifierKind.GA_CLIENT_ID: "clientId",
    IdentifierKind.GA_USER_ID: "userId",
    IdentifierKind.GA_APP_INSTANCE: "appInstanceId",
    IdentifierKind.EMAIL: "userProvidedData",
    IdentifierKind.PHONE: "userProvidedData",
}
KINDS: Final[Mapping[IdentifierKind, str]] = {
    IdentifierKind.GA_CLIENT_ID: "client",
    IdentifierKind.GA_USER_ID: "login",
    IdentifierKind.GA_APP_INSTANCE: "app",
    IdentifierKind.EMAIL: "provided",
    IdentifierKind.PHONE: "provided",
}
APP_INSTANCE: Final = re.compile(r"[0-9a-fA-F]{32}")
LONGEST_USER_ID: Final = 256


@dataclass(frozen=True, slots=True)
class Deletion:
    """Whose visits go: an identifier as Google wants it."""

    identifier: Identifier = field(repr=False)

    @property
    def kind(self) -> str:
        """Our word for it, as counted on cards."""
        return KINDS[self.identifier.kind]

    @property
    def id(self) -> str:
        """Tells one order from another."""
        return f"{FIELDS[self.identifier.kind]}:{self.identifier.value}"

    @property
    def body(self) -> dict[str, str]:
        """What Google is sent."""
        return {FIELDS[self.identifier.kind]: self.identifier.value}


def deletion_of(one: Identifier) -> Iterator[Deletion]:
    """Yield what is to be ordered for an identifier as the person gave it; several when they pasted several cookies.

    Raises `NeedsHuman` when it cannot be such an id: an order with it would erase nothing and look well.
    """
    values = list(_values(one))
    if not values:
        raise NeedsHuman("trouble.no_such_id", {"system": "google_analytics"})
    yield from (Deletion(Identifier(one.kind, value)) for value in values)


def _values(one: Identifier) -> Iterator[str]:
    text = one.value.strip()
    match one.kind:
        case IdentifierKind.GA_CLIENT_ID:
            yield from client_ids(text)
        case IdentifierKind.GA_APP_INSTANCE:
            yield from APP_INSTANCE.findall(text) if APP_INSTANCE.fullmatch(text) else ()
        case IdentifierKind.GA_USER_ID:
            yield from [text] if 0 < len(text) <= LONGEST_USER_ID else ()
        case IdentifierKind.EMAIL:
            yield from [without_dots(text)] if "@" in text else ()
        case _:
            yield from filter(None, [international(text)])
