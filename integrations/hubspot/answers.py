"""What HubSpot answers, as far as we read it. Its own documents call nearly every field optional."""

from collections.abc import Mapping

from pydantic import Field, JsonValue

from integrations.http import VendorShape


class Next(VendorShape):
    """Where the next page begins."""

    after: str


class Paging(VendorShape):
    """Paging of a list; no `next` on the last page."""

    next: Next | None = None


class Thing(VendorShape):
    """One CRM object with the properties asked for."""

    id: str
    properties: Mapping[str, str | None] = Field(default_factory=dict, repr=False)
    history: Mapping[str, JsonValue] = Field(default_factory=dict, alias="propertiesWithHistory", repr=False)
    created: str = Field("", alias="createdAt")
    updated: str = Field("", alias="updatedAt")


class Fault(VendorShape):
    """One part of a batch that failed."""

    category: str = ""


class Things(VendorShape):
    """A page of objects, or a batch; a batch names what it could not do in `errors` (status 207)."""

    results: tuple[Thing, ...]
    errors: tuple[Fault, ...] = ()
    paging: Paging = Paging()


class Link(VendorShape):
    """The far end of an association."""

    to: str = Field(alias="toObjectId", coerce_numbers_to_str=True)


class Links(VendorShape):
    """What one object is associated with."""

    results: tuple[Link, ...]
    paging: Paging = Paging()


class From(VendorShape):
    """The near end of an association."""

    id: str = Field(coerce_numbers_to_str=True)


class LinksOf(VendorShape):
    """What one of a batch is associated with; `paging` says that there is more than one page of it."""

    source: From = Field(alias="from")
    to: tuple[Link, ...]
    paging: Paging = Paging()


class LinksOfMany(VendorShape):
    """What a batch of objects is associated with; those without association may be missing."""

    results: tuple[LinksOf, ...]


class Property(VendorShape):
    """The definition of a property."""

    name: str


class Properties(VendorShape):
    """All properties an object type has."""

    results: tuple[Property, ...]


class Statuses(VendorShape):
    """Consent or list entries, passed on as they are."""

    results: tuple[Mapping[str, JsonValue], ...] = Field(default=(), repr=False)
