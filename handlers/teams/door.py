"""The one address Teams knows, mounted in the one web application.

In this order: who knocks (a token that Teams signed; without one only this machine, for a
playground), then how much they bring, what it is, where it comes from (Teams, our own
directory, the service the token names). Only then does anything reach the desk.
"""

import ipaddress
import logging
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from aiohttp import web
from yarl import URL

from handlers.parts import Unreadable, read_json, word_in
from handlers.teams.activities import Activities
from handlers.teams.front import Json, Refused, Reply, TeamsDoor
from handlers.teams.notes import Notes
from handlers.teams.values import read_activity, tenants_in

if TYPE_CHECKING:
    from handlers.teams.sdk import Gate

log = logging.getLogger(__name__)

PATH: Final = "/api/messages"
#: Bytes. Teams' largest message is 100 KB and a form with every field full stays below.
LARGEST: Final = 1 << 20
TEAMS: Final = "msteams"
#: A proxy writes these: whoever stands behind one is not on this machine.
FORWARDED: Final = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


class NotHere(Exception):
    """Without sign-in Teams' door is for this machine alone, and the desk listens elsewhere too."""


def mount(application: web.Application, teams: TeamsDoor, host: str) -> None:
    """Add Teams to the application, which listens on *host*. Raises `NotHere`.

    It waits for private answers under way when the application stops.
    """
    from handlers.teams.sdk import Gate, Passport  # noqa: PLC0415 - 0.2 s and 10 MB, only where Teams is in use

    if not teams.app_id and not is_this_machine(host):
        raise NotHere
    gate = Gate(Passport(teams.app_id, teams.tenant_id))
    notes = Notes(teams.messenger)
    guard = Guard(gate, teams, Activities(teams, notes))

    async def close(_application: web.Application) -> None:
        await notes.close()

    application.router.add_post(PATH, guard.receive)
    application.on_shutdown.append(close)


class Guard:
    """Lets in and hands on."""

    def __init__(self, gate: "Gate", teams: TeamsDoor, activities: Activities) -> None:
        self._gate = gate
        self._teams = teams
        self._activities = activities

    async def receive(self, request: web.Request) -> web.Response:
        """Answer one delivery; a refusal is a bare status, and only the log knows why."""
        try:
            return _response(await self._received(request))
        except Refused as refused:
            log.warning("refused an activity %d: %s", refused.status, refused)
            return web.Response(status=refused.status)
        except Unreadable as wrong:
            log.warning("refused an unreadable activity: %s", wrong)
            return web.Response(status=400)

    async def _received(self, request: web.Request) -> Reply:
        if not self._teams.app_id and not _from_this_machine(request):
            raise Refused(403, "not from this machine")
        claims = await self._gate.admit(request.headers.get("Authorization"))
        try:
            raw = await request.clone(client_max_size=LARGEST).read()
        except web.HTTPRequestEntityTooLarge:
            raise Refused(413, "too large") from None
        body = parsed(raw)
        read_activity(body)  # what is none is refused for that, wherever it claims to come from
        if not self._gate.same_service(claims, word_in(body, "serviceUrl", "")):
            raise Refused(401, "service address")
        if why := self._misplaced(body):
            raise Refused(403, why)
        return await self._gate.run(claims, body, self._activities.hear)

    def _misplaced(self, body: Json) -> str:
        """Return why an activity is not from our Teams; "" when it is."""
        if word_in(body, "channelId", "") != TEAMS:
            return "another channel"
        ours, tenants = self._teams.tenant_id.casefold(), tenants_in(body)
        if ours and tenants != {ours}:
            return "another directory" if tenants else "no directory"
        return ""


def parsed(raw: bytes) -> Json:
    """Return a request's body. Raises `Unreadable`."""
    try:
        body = read_json(raw.decode())
    except UnicodeDecodeError:
        raise Unreadable("body") from None
    if not isinstance(body, dict):
        raise Unreadable("body")
    return body


def _response(reply: Reply) -> web.Response:
    if reply.body is None:
        return web.Response(status=reply.status)
    return web.json_response(reply.body, status=reply.status)


@lru_cache(maxsize=64)
def is_this_machine(host: str) -> bool:
    """Whether an address is this machine's own and nobody else's."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _from_this_machine(request: web.Request) -> bool:
    """Whether a program on this machine asks, and no page in its browser: that names itself or cannot send JSON."""
    host, headers = URL.build(scheme="http", authority=request.host).host or "", request.headers
    near = is_this_machine(request.remote or "") and is_this_machine(host)
    strange = any(name in headers for name in (*FORWARDED, "Origin"))
    return near and not strange and request.content_type == "application/json"
