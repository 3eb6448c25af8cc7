"""The mailbox in Microsoft 365, through Graph.

A mail is unread while it lies in the inbox; filing it away moves it into a folder of
ours, and that is the only thing we ever do to it. Nothing depends on the read mark,
which any colleague's look would change. Change notifications are a hint only: the
inbox's delta is the truth (D4, D33).
"""

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import aiohttp

from bot.domain.errors import CredentialsRefused, NeedsHuman, OutcomeUnknown, SystemTrouble, TryLater
from bot.ports import Arrival, Bookmark, Clock, OutgoingMail, Subscription, Tokens
from integrations.http import Api, NotHeld, Nothing, pace, shared_lane, together
from integrations.mailbox.graph.inbox import Inbox
from integrations.mailbox.graph.letters import Letters
from integrations.mailbox.graph.places import (
    AT_ONCE,
    BASE_URL,
    CALLS,
    CALLS_SECONDS,
    Folder,
    Folders,
    Message,
    Messages,
    Rooms,
    moment_of,
    next_page,
    quoted,
    since,
    vendor,
)
from integrations.mailbox.graph.telling import Telling
from integrations.mailbox.graph.whole import fetched

log = logging.getLogger(__name__)

#: Times a mail is asked for whole before what there is of it is taken.
TIRED: Final = 3
BATCH_BYTES: Final = 48 * 1024 * 1024  # so that a pile of big mails does not fill the memory


@dataclass(frozen=True, slots=True)
class GraphSettings:
    """Which mailbox, from when on, and where what was read is put.

    `counted_as` names tenant, application and mailbox: whoever else calls there as the same shares its limits.
    """

    mailbox: str
    start: date
    folder: str
    base_url: str = BASE_URL
    seconds: float = 30.0
    counted_as: tuple[str, ...] = ()


class GraphMailbox:
    """A `Mailbox` and a `TellsOfMail`. Every method raises `SystemTrouble` only."""

    def __init__(
        self,
        settings: GraphSettings,
        session: aiohttp.ClientSession,
        tokens: Tokens,
        bookmark: Bookmark,
        clock: Clock,
    ) -> None:
        whose = settings.counted_as or (settings.mailbox,)
        lane = shared_lane(session, whose, AT_ONCE, pace(CALLS, CALLS_SECONDS))
        api = Api(session, vendor(settings.base_url, settings.seconds), tokens, clock, lane=lane)
        self._api = api
        self._rooms = Rooms(settings.mailbox)
        self._folder_name = settings.folder
        self._folder_id = ""
        self._inbox = Inbox(api, self._rooms, settings.start, bookmark, clock)
        self._turn = asyncio.Lock()
        self._failures: Counter[str] = Counter()
        self._clock = clock
        self._rests_until = clock.now()
        self._letters = Letters(api, self._rooms)
        self._telling = Telling(api, self._rooms, clock)

    async def waiting(self) -> bool:
        """Whether a mail lies unread; while Graph has asked us to stay away nobody looks."""
        return self._clock.now() >= self._rests_until and bool(await self._unfiled())

    async def arrivals(self) -> Sequence[Arrival]:
        """Return unread mails, a page at most and fewer when they are big; what vanished meanwhile is passed over."""
        left = self._rests_until - self._clock.now()
        if left > timedelta():
            raise TryLater("trouble.too_many", left, {"system": "Microsoft 365"})
        while unfiled := await self._unfiled():
            found, trouble = await self._batch(unfiled)
            if found:
                return found  # one mail in trouble keeps no other waiting
            if trouble is not None:
                raise trouble
        return ()

    async def file_away(self, key: str) -> None:
        """Move the mail into our folder; one that lies there, or is gone, is well."""
        try:
            await self._move(key)
        except OutcomeUnknown as lost:
            if await self._where(key) != self._folder_id:
                raise TryLater("trouble.later", facts=lost.facts) from None  # the same again is harmless
        except NotHeld:
            self._folder_id = ""  # either of them may be gone: the mail, or the folder
            if await self._where(key):
                await self._move(key)
        self._inbox.filed(key)

    async def older(self, since_day: date) -> AsyncIterator[Arrival]:
        """Yield the mails of the inbox and of our folder that arrived on that day or later."""
        asked = {
            "$filter": since(moment_of(since_day)),
            "$orderby": "receivedDateTime",
            "$select": "id,receivedDateTime",
        }
        for folder in ("inbox", await self._found_folder()):
            place = self._rooms.in_folder(folder) if folder else None
            query: Mapping[str, str] = asked
            while place is not None:
                page = await self._api.get(place, Messages, query)
                for mail in page.value:
                    arrival = await fetched(self._api, self._rooms, mail, tired=True)
                    if arrival is not None:
                        yield arrival
                place, query = (next_page(page.following) if page.following else None), {}

    async def send(self, mail: OutgoingMail) -> None:
        """Send the letter, as a reply where that can be; never twice."""
        await self._letters.send(mail)

    async def was_sent(self, message_id: str) -> bool:
        """Whether a letter with that id has left."""
        return await self._letters.was_sent(message_id)

    async def be_told(self, url: str, known: Subscription | None) -> Subscription:
        """Let Graph tell *url* of new mail."""
        return await self._telling.kept(url, known)

    async def tried(self) -> Mapping[str, SystemTrouble]:
        """Return what the desk may not do in the mailbox, by "read", "write" and "send"; sends nothing to anybody."""
        try:
            await self._api.get(self._rooms.inbox, Messages, {"$top": "1", "$select": "id"})
        except SystemTrouble as trouble:
            return {"read": trouble}
        try:
            await self._folder()
            draft = await self._api.post(self._rooms.messages, Message, {"subject": "Privacy Desk"})
        except SystemTrouble as trouble:
            return {"write": trouble}
        found: dict[str, SystemTrouble] = {}
        try:
            await self._api.post(
                self._rooms.message(draft.id, "/send"), Nothing
            )  # to nobody: refused, if allowed at all
        except CredentialsRefused as trouble:
            found["send"] = trouble
        except SystemTrouble as trouble:
            log.debug("a letter to nobody was refused %s", trouble.key)
        try:
            await self._api.delete(self._rooms.message(draft.id))
        except SystemTrouble as trouble:
            log.warning("draft still lies there %s", trouble.key)
        return found

    async def _unfiled(self) -> Sequence[Message]:
        async with self._turn:
            try:
                return await self._inbox.unfiled()
            except SystemTrouble as trouble:
                self._rest(trouble)
                raise

    def _rest(self, trouble: SystemTrouble) -> None:
        """Stay away as long as Graph asks, whatever else wakes the reading."""
        if isinstance(trouble, TryLater) and trouble.after is not None:
            self._rests_until = self._clock.now() + trouble.after

    async def _batch(self, unfiled: Sequence[Message]) -> tuple[list[Arrival], SystemTrouble | None]:
        """Return what could be fetched of these, until it is much or there is trouble, and the trouble."""
        found: list[Arrival] = []
        trouble: SystemTrouble | None = None
        for start in range(0, len(unfiled), AT_ONCE):
            for outcome in await together(*map(self._one, unfiled[start : start + AT_ONCE])):
                if isinstance(outcome, SystemTrouble):
                    trouble = outcome
                    self._rest(outcome)
                elif outcome is not None:
                    found.append(outcome)
            if trouble is not None or sum(len(one.raw) for one in found) > BATCH_BYTES:
                break
        return found, trouble

    async def _one(self, mail: Message) -> Arrival | SystemTrouble | None:
        """Return the mail, or what kept us from it; one that is gone needs no filing."""
        tired = self._failures[mail.id] >= TIRED
        try:
            arrival = await fetched(self._api, self._rooms, mail, tired=tired)
        except SystemTrouble as trouble:
            self._failures[mail.id] += trouble.key != "trouble.too_many"  # which is no fault of the mail's
            return trouble
        del self._failures[mail.id]
        if arrival is None:
            self._inbox.filed(mail.id)
        return arrival

    async def _move(self, key: str) -> None:
        body = {"DestinationId": await self._folder()}
        await self._api.post(self._rooms.message(key, "/move"), Nothing, dict(body))

    async def _where(self, key: str) -> str:
        """Return the folder the mail lies in; "" when it is gone."""
        try:
            return (await self._api.get(self._rooms.message(key), Message, {"$select": "parentFolderId"})).folder or ""
        except NotHeld:
            return ""

    async def _folder(self) -> str:
        """Return our folder's id, made when there is none."""
        if not self._folder_id:
            self._folder_id = await self._found_folder() or await self._made_folder()
        return self._folder_id

    async def _found_folder(self) -> str:
        asked = {"$filter": f"displayName eq {quoted(self._folder_name)}", "$select": "id"}
        found = (await self._api.get(self._rooms.folders, Folders, asked)).value
        return found[0].id if found else ""

    async def _made_folder(self) -> str:
        try:
            return (await self._api.post(self._rooms.folders, Folder, {"displayName": self._folder_name})).id
        except (OutcomeUnknown, NeedsHuman):  # perhaps it was made, by us or by somebody else
            found = await self._found_folder()
            if not found:
                raise
            return found
