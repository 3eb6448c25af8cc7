"""What HubSpot answers, as far as we read it. Its own documents call nearly every field optional."""

from collections.abc import Mapping

from pydantic import ConfigDict, Field, JsonValue

from integrations.http import VendorShape
from integrations.hubspot.places import NOT_FOUND


class Next(VendorShape):
    """Where the next page begins."""

    after: str


class Paging(VendorShape):
    """Paging of a list; no `next` on the last page."""

    next: Next | None = None


class Thing(VendorShape):
    """One CRM object with the properties asked for."""

    id: str
    archived: bool = False
    properties: Mapping[str, str | None] = Field(default_factory=dict, repr=False)
    history: Mapping[str, JsonValue] = Field(default_factory=dict, alias="propertiesWithHistory", repr=False)
    created: str = Field("", alias="createdAt")
    updated: str = Field("", alias="updatedAt")


class Fault(VendorShape):
    """One part of a batch that failed, and in `context` the ids it is about."""

    category: str = ""
    context: Mapping[str, JsonValue] | None = Field(default=None, repr=False)

    @property
    def about(self) -> frozenset[str]:
        """The ids it names: of objects not found, or without what was asked for at their far end."""
        named = ((self.context or {}).get(name) for name in ("ids", "fromObjectId"))
        return frozenset(str(one) for ids in named if isinstance(ids, list) for one in ids)


class Batch(VendorShape):
    """The answer to many at once; what could not be done stands in `errors` (status 207)."""

    status: str = "COMPLETE"
    errors: tuple[Fault, ...] = ()

    @property
    def not_found(self) -> frozenset[str]:
        """The ids that HubSpot itself says it has nothing for."""
        return frozenset(one for fault in self.errors if fault.category == NOT_FOUND for one in fault.about)


class Things(Batch):
    """A page of objects, or a batch of them."""

    results: tuple[Thing, ...]
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


class LinksOfMany(Batch):
    """What a batch of objects is associated with; those without association stand among the errors."""

    results: tuple[LinksOf, ...]


class Changing(VendorShape):
    """Whether a property's value may be written."""

    read_only: bool = Field(default=False, alias="readOnlyValue")


class Property(VendorShape):
    """The definition of a property."""

    name: str
    type: str = ""
    calculated: bool = False
    changing: Changing = Field(default=Changing(), alias="modificationMetadata")

    @property
    def writable(self) -> bool:
        """Whether its value is ours to write."""
        return not self.calculated and not self.changing.read_only


class Properties(VendorShape):
    """All properties an object type has."""

    results: tuple[Property, ...]


class Statuses(VendorShape):
    """Consent or list entries, passed on as they are."""

    results: tuple[Mapping[str, JsonValue], ...] = Field(default=(), repr=False)


class FileOnFile(VendorShape):
    """A file's description, kept whole."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: str = Field(coerce_numbers_to_str=True)
    name: str = Field("", repr=False)
    extension: str = ""
    archived: bool = False
    access: str | None = None
    in_content: bool | None = Field(default=None, alias="isUsableInContent")


class SignedUrl(VendorShape):
    """Where a file's content lies for a while, open to whoever knows the link."""

    url: str = Field(repr=False)


class Chat(VendorShape):
    """A conversation in an inbox."""

    model_config = ConfigDict(extra="allow", frozen=True)

    id: str = Field(coerce_numbers_to_str=True)
    archived: bool = False


class Page(VendorShape):
    """A page of entries that are passed on as they are."""

    results: tuple[Mapping[str, JsonValue], ...] = Field(repr=False)
    paging: Paging = Paging()


class Chats(VendorShape):
    """A page of conversations."""

    results: tuple[Chat, ...]
    paging: Paging = Paging()


class Original(VendorShape):
    """A message that was cut short, whole."""

    text: str = Field("", repr=False)
    rich: str = Field("", alias="richText", repr=False)


class FormsPage(VendorShape):
    """A page of forms, of which we need the names only."""

    results: tuple[From, ...]
    paging: Paging = Paging()


class MailingEvents(VendorShape):
    """A page of what became of mailings to one address."""

    events: tuple[Mapping[str, JsonValue], ...] = Field(default=(), repr=False)
    more: bool = Field(default=False, alias="hasMore")
    offset: str = Field("", repr=False)
