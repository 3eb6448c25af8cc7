"""Going through a copy on a colleague's page: what becomes of each record that may concern others (Art. 15(4)).

What was typed stands in its form again when it is refused; nothing of it is kept before
all of it holds. A file is fetched by a press, never by following a link: that it was read
is written down.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol
from urllib.parse import quote

from aiohttp import web

from bot.card import Values
from bot.domain.errors import Incomplete, NotAllowedNow, PrivacyDeskError, StaleCard
from bot.services.views import CopyRecord, CopyTyped, ReviewPage, Section
from handlers.page import Upload, back_to, one, typed, typed_with_files

LONGEST_FILE: Final = 50 * 1024 * 1024  # bytes


class Copies(Protocol):
    """What the page needs of the desk to have a copy gone through."""

    async def judge(self, session: str, typed: CopyTyped) -> None:
        """Keep what becomes of one record. Raises `Incomplete`, `NotAllowedNow` or `StaleCard`."""

    async def let_out(self, session: str, task_id: str, numbers: str, seen: str) -> None:
        """Let go out as they are the records a page has shown. Raises `StaleCard`."""

    async def copied_file(self, session: str, task_id: str, number: int, place: int) -> tuple[str, bytes]:
        """Return a file of a record, with its name. Raises `NotFound`."""


class Room(Protocol):
    """What the pages of a review have in common."""

    @property
    def uploads(self) -> asyncio.Semaphore:
        """How many uploads are held in memory at the same time."""

    async def checked(self, request: web.Request, values: Values) -> tuple[str, ReviewPage]:
        """Return session and page of a POST that came from our own page."""

    def refused(self, request: web.Request, page: ReviewPage, trouble: PrivacyDeskError) -> web.Response:
        """Return the page with the sentence that says why nothing was changed."""


def copy_routes(place: str, copies: Copies, room: Room) -> list[web.RouteDef]:
    """Return the routes by which a copy is gone through, below the address of an opened page."""
    desk = _Copies(copies, room)
    return [
        web.post(f"{place}/copy", desk.judge),
        web.post(f"{place}/copies", desk.let_out),
        web.post(f"{place}/copied", desk.file),
    ]


@dataclass(frozen=True, slots=True)
class _Copies:
    copies: Copies
    room: Room

    async def judge(self, request: web.Request) -> web.Response:
        async with self.room.uploads:
            values, files = await typed_with_files(request, LONGEST_FILE)
            session, page = await self.room.checked(request, values)
            said = _typed(values, [upload for name, upload in files if name == "file" and upload.name])
            try:
                await self.copies.judge(session, said)
            except (Incomplete, NotAllowedNow, StaleCard) as refused:
                again = replace(page, sections=tuple(_as_typed(section, said) for section in page.sections))
                return self.room.refused(request, again, refused)
        return back_to(f"{request.path.removesuffix('/copy')}?told=saved")

    async def let_out(self, request: web.Request) -> web.Response:
        values = await typed(request)
        session, page = await self.room.checked(request, values)
        try:
            await self.copies.let_out(session, one(values, "task"), one(values, "numbers"), one(values, "seen"))
        except (NotAllowedNow, StaleCard) as refused:
            return self.room.refused(request, page, refused)
        return back_to(f"{request.path.removesuffix('/copies')}?told=saved")

    async def file(self, request: web.Request) -> web.Response:
        values = await typed(request)
        session, _ = await self.room.checked(request, values)
        number, place = _number(values, "number"), _number(values, "place")
        name, body = await self.copies.copied_file(session, one(values, "task"), number, place)
        told = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
        return web.Response(body=body, content_type="application/octet-stream", headers=told)


def _typed(values: Values, files: Sequence[Upload]) -> CopyTyped:
    return CopyTyped(
        one(values, "task"),
        _number(values, "number"),
        _number(values, "seen"),
        one(values, "way"),
        one(values, "words").replace("\r\n", "\n"),
        one(values, "reason"),
        (files[0].name, files[0].content) if files else None,
    )


def _as_typed(section: Section, said: CopyTyped) -> Section:
    if not isinstance(section, CopyRecord) or (section.task_id, section.number) != (said.task_id, said.number):
        return section
    return replace(section, way=said.way, words=said.words, reason=said.reason)


def _number(values: Values, name: str) -> int:
    try:
        return int(one(values, name))
    except ValueError:
        raise Incomplete("web.not_a_form", {"field": name}) from None
