"""Chats and other conversations in HubSpot's inboxes, found by the contact they belong to."""

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Final

from pydantic import JsonValue

from bot.domain.errors import NeedsHuman
from integrations.http import Api, NotHeld, at
from integrations.hubspot.answers import Chat, Chats, Original, Page
from integrations.hubspot.flow import ahead
from integrations.hubspot.places import THREAD_PAGE, THREADS

#: What HubSpot says of a message it shows in part.
WHOLE: Final = "NOT_TRUNCATED"


class ChatRooms:
    """HubSpot's conversations."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def with_contact(self, contact: str) -> Sequence[str]:
        """Return the ids of the conversations with a contact."""
        query = {"associatedContactId": contact, "limit": THREAD_PAGE}
        found: dict[str, None] = {}
        while True:
            try:
                page = await self._api.get(at(THREADS), Chats, query)
            except NotHeld:  # no contact has that id any longer
                return list(found)
            found |= {one.id: None for one in page.results if not one.archived}
            if page.paging.next is None:
                return list(found)
            query = _further(query, page.paging.next.after)

    async def held(self, chat: str) -> Chat | None:
        """Return a conversation that is not in the bin; None when it is gone."""
        try:
            found = await self._api.get(at(THREADS + "/{}", chat), Chat)
        except NotHeld:
            return None
        return None if found.archived else found

    async def of(self, chat: str) -> Mapping[str, JsonValue]:
        """Return a conversation with every message, whole; nothing when it is gone."""
        about = await self.held(chat)
        if about is None:
            return {}
        messages: list[JsonValue] = []
        async for entries in self._messages(chat):
            messages += [dict(one) async for one in ahead(partial(self._whole, chat, one) for one in entries)]
        return {**about.model_dump(exclude_none=True), "messages": messages}

    async def _messages(self, chat: str) -> AsyncIterator[Sequence[Mapping[str, JsonValue]]]:
        query = {"limit": THREAD_PAGE}
        while True:
            page = await self._api.get(at(THREADS + "/{}/messages", chat), Page, query)
            yield page.results
            if page.paging.next is None:
                return
            query = _further(query, page.paging.next.after)

    async def _whole(self, chat: str, message: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        """Return a message whole: long mails are shown in part unless asked for."""
        if str(message.get("truncationStatus", WHOLE)) == WHOLE:
            return message
        place = at(THREADS + "/{}/messages/{}/original-content", chat, str(message.get("id", "")))
        original = await self._api.get(place, Original)
        return {**message, "text": original.text, "richText": original.rich, "truncationStatus": WHOLE}

    async def erase(self, chat: str) -> None:
        """Move a conversation to HubSpot's bin."""
        await self._api.delete(at(THREADS + "/{}", chat))


def _further(query: Mapping[str, str], after: str) -> dict[str, str]:
    if after == query.get("after"):
        raise NeedsHuman("trouble.endless", {"system": "hubspot"})
    return {**query, "after": after}
