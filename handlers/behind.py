"""Pages behind the sign-in: without it nothing of them is shown or done, and what was typed meanwhile is not lost."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Final

from aiohttp import web
from aiohttp.web_routedef import RouteDef

from bot.services.pages.admission import SignedIn
from handlers.page import FORM_LIMIT, language_of, refuse_other_sites, typed, typed_with_files
from handlers.sign_in import Asked, FrontDoor

READER: Final = web.RequestKey("reader", SignedIn)


def behind(door: FrontDoor, routes: Iterable[RouteDef]) -> list[RouteDef]:
    """Return the routes of opened pages, each of which asks first who has signed in."""
    return [RouteDef(one.method, one.path, _signed_in(door, one.handler), one.kwargs) for one in routes]


def reader_of(request: web.Request) -> SignedIn | None:
    """Return who has signed in; None where nobody is asked to."""
    return request.get(READER)


def _signed_in(
    door: FrontDoor, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def signed_in(request: web.Request) -> web.StreamResponse:
        reader = await door.who(request)
        if reader is None:
            return await _asked_again(door, request)
        request[READER] = reader
        return await handler(request)

    return signed_in


async def _asked_again(door: FrontDoor, request: web.Request) -> web.Response:
    """Ask who was signed out to sign in again; what they had typed stands ready to be sent once more."""
    language = language_of(request)
    page = f"at/{request.match_info['place']}"
    if request.method != "POST":
        return door.ask(language, Asked(page, "sign_in.lead_again"), 403)
    refuse_other_sites(request)
    kept = await _typed(request)
    if kept is None:
        return door.ask(language, Asked(page, "sign_in.lead_files"), 403)
    return door.ask(language, Asked("", "sign_in.lead_kept", kept, request.path, request.content_type), 403)


async def _typed(request: web.Request) -> tuple[tuple[str, str], ...] | None:
    """Return what was typed, name by name; None when there are files with it, which no page can send again."""
    if not request.content_type.startswith("multipart/"):
        values = await typed(request)
    else:
        try:
            values, files = await typed_with_files(request, FORM_LIMIT)
        except web.HTTPRequestEntityTooLarge:
            return None
        if any(upload.name for _, upload in files):
            return None
    return tuple((name, value) for name, given in values.items() for value in given)
