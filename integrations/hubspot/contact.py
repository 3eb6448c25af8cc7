"""A contact as we know it: its addresses, the other names it bears, whether it lies in the bin."""

from dataclasses import dataclass, field

from bot.domain.system import Identifier, IdentifierKind
from integrations.hubspot.answers import Thing
from integrations.hubspot.places import PHONES


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact and the contact points on file. One that is *binned* can be brought back, and hides what lies on it."""

    id: str
    contacts: tuple[Identifier, ...] = field(repr=False)
    binned: bool = False


def split(value: str | None) -> tuple[str, ...]:
    """Return the parts of a value that holds several, as HubSpot keeps them: between semicolons."""
    return tuple(one.strip() for one in (value or "").split(";") if one.strip())


def addresses_of(thing: Thing) -> frozenset[str]:
    """Return a contact's addresses in lower case, the first and the further ones."""
    every = (thing.properties.get("email") or "", *split(thing.properties.get("hs_additional_emails")))
    return frozenset(one.strip().lower() for one in every if one.strip())


def on_file(thing: Thing) -> tuple[Identifier, ...]:
    """Return everything a contact can be reached or known by, its first address first."""
    phones = dict.fromkeys(value for name in PHONES if (value := thing.properties.get(name)))
    first = (thing.properties.get("email") or "").lower()
    name = " ".join(filter(None, (thing.properties.get("firstname"), thing.properties.get("lastname"))))
    addresses = sorted(addresses_of(thing), key=lambda one: (one != first, one))
    return (
        *(Identifier(IdentifierKind.EMAIL, one) for one in addresses),
        *(Identifier(IdentifierKind.PHONE, one) for one in phones),
        *((Identifier(IdentifierKind.NAME, name),) if name else ()),
    )
