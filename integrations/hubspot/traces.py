"""What people left behind: forms they sent in, and what became of mailings to them.

HubSpot has neither in its dated interface. Forms cannot be searched by address, so every
form is read through and only the person's own entries are kept. Neither can be deleted
by itself: HubSpot purges both with the contact.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from pydantic import JsonValue

from bot.domain.errors import NeedsHuman
from integrations.http import Api, NotHeld, at, together
from integrations.hubspot.answers import FormsPage, MailingEvents, Page
from integrations.hubspot.flow import ahead
from integrations.hubspot.places import EVENT_PAGE, FORM_PAGE, FORMS, MAILING_EVENTS, SUBMISSION_PAGE, SUBMISSIONS


class Traces:
    """Forms sent in and mailings' fates."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def forms_from(self, addresses: Collection[str]) -> list[JsonValue]:
        """Return everything sent in with one of *addresses*, with any form, also one that is no longer in use."""
        if not addresses:
            return []
        used, unused = await together(self._forms(archived="false"), self._forms(archived="true"))
        found: list[JsonValue] = []
        async for entries in ahead(partial(self._sent_with, form, addresses) for form in (*used, *unused)):
            found += entries
        return found

    async def _forms(self, *, archived: str) -> Sequence[str]:
        found: list[str] = []
        query = {"limit": FORM_PAGE, "archived": archived}
        while True:
            page = await self._api.get(at(FORMS), FormsPage, query)
            found += [form.id for form in page.results]
            if page.paging.next is None:
                return found
            query = _further(query, "after", page.paging.next.after)

    async def _sent_with(self, form: str, addresses: Collection[str]) -> list[JsonValue]:
        found: list[JsonValue] = []
        query = {"limit": SUBMISSION_PAGE}
        while True:
            try:
                page = await self._api.get(at(SUBMISSIONS, form), Page, query)
            except NotHeld:  # the form was removed since it was listed
                return found
            found += [{"form": form, **entry} for entry in page.results if _names(entry, addresses)]
            if page.paging.next is None:
                return found
            query = _further(query, "after", page.paging.next.after)

    async def mailings_to(self, address: str) -> list[JsonValue]:
        """Return what became of every mailing to *address*: sent, opened, clicked, with where and on what."""
        found: list[JsonValue] = []
        query = {"recipient": address, "limit": EVENT_PAGE}
        while True:
            page = await self._api.get(at(MAILING_EVENTS), MailingEvents, query)
            found += [dict(one) for one in page.events if str(one.get("recipient", address)).lower() == address]
            if not page.more:
                return found
            query = _further(query, "offset", page.offset)

    async def knock(self, nobody: str, *, forms: bool, mailings: bool) -> None:
        """Try whether both may be read, reading nothing of anybody."""
        if forms:
            await self._api.get(at(FORMS), FormsPage, {"limit": "1"})
        if mailings:
            await self._api.get(at(MAILING_EVENTS), MailingEvents, {"recipient": nobody, "limit": "1"})


def _names(entry: Mapping[str, JsonValue], addresses: Collection[str]) -> bool:
    """Whether a value of the form *is* one of the addresses; one that mentions it is somebody's sentence."""
    values = entry.get("values")
    held = (one.get("value") for one in values if isinstance(one, dict)) if isinstance(values, list) else ()
    return any(isinstance(value, str) and value.strip().lower() in addresses for value in held)


def _further(query: Mapping[str, str], name: str, after: str) -> dict[str, str]:
    if not after or after == query.get(name):
        raise NeedsHuman("trouble.endless", {"system": "hubspot"})
    return {**query, name: after}
