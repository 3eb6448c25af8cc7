"""The files of a draft: exactly those that were asked for, whatever was there before.

A reply may bring pictures of the mail it answers along, and an attempt that broke off may
have left some of ours: so what lies there is listed first, strangers go, and only what
is missing is added. A file shows only when it is whole.
"""

import base64
from collections.abc import Sequence
from typing import Final

from pydantic import Field, JsonValue

from bot.domain.errors import NeedsHuman, OutcomeUnknown, TryLater
from bot.ports import Attachment
from integrations.http import Api, NotHeld, VendorShape, link
from integrations.mailbox.graph.places import Rooms

#: From here on a file goes through an upload session, and more than that Graph does not take.
BIG: Final = 3 * 1024 * 1024
LARGEST: Final = 150 * 1024 * 1024
#: A stretch of it; Graph takes less than 4 MB at a time.
STRETCH: Final = 3 * 1024 * 1024
#: Stretches in a row whose answer was lost, before it is left to the next attempt.
PATIENCE: Final = 3


class _File(VendorShape):
    id: str
    name: str | None = None


class _FileList(VendorShape):
    value: tuple[_File, ...] = ()
    following: str = Field("", alias="@odata.nextLink")


class _Session(VendorShape):
    """An upload session: where to send, and from where on it wants to have more."""

    url: str | None = Field(None, alias="uploadUrl")
    ranges: tuple[str, ...] | None = Field((), alias="nextExpectedRanges")

    def wants(self, otherwise: int) -> int:
        """Return the first octet it lacks."""
        start = (self.ranges or ("",))[0].partition("-")[0]
        return int(start) if start.isdecimal() else otherwise


class Files:
    """Puts the files of letters in place."""

    def __init__(self, api: Api, rooms: Rooms) -> None:
        self._api = api
        self._rooms = rooms

    async def settle(self, draft: str, wanted: Sequence[Attachment]) -> None:
        """Let the draft hold these files and no other; harmless twice. Raises `TryLater` when one is not there yet."""
        if any(len(one.content) > LARGEST for one in wanted):
            raise NeedsHuman("trouble.mail_refused")
        there = await self._listed(draft)
        names = {one.name for one in wanted}
        kept: set[str | None] = set()
        for one in there:
            if one.name in names - kept:
                kept.add(one.name)
            else:
                await self._remove(draft, one.id)
        missing = [one for one in wanted if one.name not in kept]
        for file in missing:
            await self._add(draft, file)
        if missing and {one.name for one in await self._listed(draft)} != names:
            raise TryLater("trouble.mail_later")

    async def _listed(self, draft: str) -> list[_File]:
        page = await self._api.get(self._rooms.message(draft, "/attachments"), _FileList, {"$select": "id,name"})
        found = [*page.value]
        while page.following:
            page = await self._api.get(link(page.following), _FileList)
            found += page.value
        return found

    async def _remove(self, draft: str, attachment: str) -> None:
        try:
            await self._api.delete(self._rooms.attachment(draft, attachment))
        except NotHeld:
            return
        except OutcomeUnknown as lost:
            raise TryLater("trouble.mail_later", facts=lost.facts) from None

    async def _add(self, draft: str, file: Attachment) -> None:
        try:
            if len(file.content) >= BIG:
                await self._upload(draft, file)
                return
            body: dict[str, JsonValue] = {
                "@odata.type": "#microsoft.graph.fileAttachment",
                "name": file.name,
                "contentType": file.type,
                "contentBytes": base64.b64encode(file.content).decode(),
            }
            await self._api.post(self._rooms.message(draft, "/attachments"), _File, body)
        except OutcomeUnknown as lost:
            raise TryLater("trouble.mail_later", facts=lost.facts) from None

    async def _upload(self, draft: str, file: Attachment) -> None:
        item: dict[str, JsonValue] = {
            "attachmentType": "file",
            "name": file.name,
            "size": len(file.content),
            "contentType": file.type,
        }
        place = self._rooms.message(draft, "/attachments/createUploadSession")
        session = await self._api.post(place, _Session, {"AttachmentItem": item})
        if not session.url:
            raise NeedsHuman("trouble.unreadable", {"system": "Microsoft 365"})
        start, lost = session.wants(0), 0
        while start < len(file.content):
            try:
                start = await self._send(session.url, file.content, start)
                lost = 0
            except TryLater:
                lost += 1
                if lost > PATIENCE:
                    raise
                try:
                    start = (await self._api.get(link(session.url), _Session, signed=False)).wants(start)
                except NotHeld:
                    return  # the session ends with the last stretch: the list will show whether that was it

    async def _send(self, url: str, content: bytes, start: int) -> int:
        """Send one stretch; return where the next begins. The session may want some of it again."""
        stretch = content[start : start + STRETCH]
        headers = {
            "Content-Type": "application/octet-stream",
            "Content-Range": f"bytes {start}-{start + len(stretch) - 1}/{len(content)}",
        }
        answer = await self._api.put_part(link(url), _Session, stretch, headers)
        return answer.wants(start + len(stretch))
