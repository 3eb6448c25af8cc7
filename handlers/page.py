"""What the HTML pages share: templates, the look, languages, and forms that cannot grow without bound.

Every page is made from a Jinja2 template with autoescape on and undefined names
forbidden. Handlers hand over values and sentences, never markup; a URL, a cookie's name
and a log line never hold personal data.
"""

import hashlib
import ipaddress
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Final
from urllib.parse import quote

from aiohttp import BodyPartReader, web
from aiohttp.typedefs import Handler
from babel.core import negotiate_locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.card import Values
from bot.domain.errors import Incomplete, NotAllowedNow, PrivacyDeskError
from bot.domain.request import Language
from bot.i18n import Texts
from bot.services.person_views import Parcel
from handlers.handover import Handover

log = logging.getLogger(__name__)

HERE: Final = Path(__file__).parent
LOOK: Final = HERE / "look"
TEMPLATES: Final = (HERE / "templates", HERE / "console" / "templates")
KINDS: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

FORM_LIMIT: Final = 1024 * 1024  # bytes; what is typed, not uploaded
FIELD_LIMIT: Final = 200_000  # bytes of one typed field in a form with files
PARTS_LIMIT: Final = 40  # fields and files of one form
CHUNK: Final = 1024 * 1024  # bytes; more than a connection buffers, so aiohttp never has to put any back

URL: Final = re.compile(r"https?://[^\s<>\"')\]]+[^\s<>\"')\].,;:]")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came: the name is the sender's own and only ever shown, never used as a path."""

    name: str = field(repr=False)
    content: bytes = field(repr=False)


class Pages:
    """Makes HTML answers out of templates and texts."""

    def __init__(self, texts: Texts) -> None:
        self.texts = texts
        self.environment = _environment()

    def html(self, template: str, language: Language, values: Mapping[str, object]) -> str:
        """Return the page; templates say texts with `say` and `count`, dates with `day` and `long_day`."""
        texts = self.texts
        words = {
            "language": language,
            "say": partial(texts.say, language),
            "count": partial(texts.count, language),
            "together": partial(texts.together, language),
            "day": partial(texts.day, language),
            "long_day": partial(texts.long_day, language),
            "moment": partial(texts.moment, language),
            "size": partial(texts.size, language),
        }
        return self.environment.get_template(template).render({**words, **values})

    def answer(
        self, template: str, language: Language, values: Mapping[str, object], status: int = 200
    ) -> web.Response:
        """Return the page as an answer nobody keeps a copy of."""
        return web.Response(
            text=self.html(template, language, values), status=status, content_type="text/html", charset="utf-8"
        )

    def notice(self, language: Language, key: str, status: int, facts: Mapping[str, str]) -> web.Response:
        """Return a page with one clear sentence; a plain one where its own lacks a fact."""
        try:
            sentence = self.texts.say(language, key, facts)
        except KeyError:
            sentence = self.texts.say(language, "web.refused")
        return self.answer("notice.html", language, {"sentence": sentence}, status)


def look_routes() -> list[web.RouteDef]:
    """Return the routes of style sheet, script and pictures; all are read once, at start."""
    return [web.get(f"/look/{path.name}", _asset(path)) for path in sorted(LOOK.iterdir())]


def _asset(path: Path) -> Handler:
    """Return what answers with one file. Its address carries the look's version, so it may be kept for long."""
    body, kind = path.read_bytes(), KINDS[path.suffix]
    kept = {"Cache-Control": "public, max-age=31536000, immutable"}

    async def asset(_request: web.Request) -> web.Response:
        return web.Response(body=body, content_type=kind, charset="utf-8", headers=kept)

    return asset


@cache
def _environment() -> Environment:
    """Return where templates run; one for all, because reading one takes far longer than filling it in."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["linked"] = linked
    environment.globals["look"] = _look_version()
    return environment


def _look_version() -> str:
    digest = hashlib.sha256()
    for path in sorted(LOOK.iterdir()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def linked(text: str) -> Markup:
    """Return the text escaped, with its web addresses as links that open beside the page."""
    pieces, end = [], 0
    for found in URL.finditer(text):
        address = found.group()
        pieces.append(escape(text[end : found.start()]))
        pieces.append(Markup('<a href="{0}" target="_blank" rel="noopener">{0}</a>').format(address))
        end = found.end()
    return Markup("").join([*pieces, escape(text[end:])])


def language_of(request: web.Request) -> Language:
    """Return the language the reader's browser prefers, Swedish when it says nothing we speak."""
    weighed: list[tuple[float, str]] = []
    for entry in request.headers.get("Accept-Language", "").split(","):
        tag, _, weight = entry.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), tag.partition("-")[0].lower()))
        except ValueError:
            continue
    wanted = [tag for _, tag in sorted(weighed, key=lambda pair: pair[0])]
    return Language(negotiate_locale(wanted, list(Language)) or Language.SV)


def refuse_other_sites(request: web.Request) -> None:
    """Raise `NotAllowedNow` when a form was sent from another site's page.

    The browser says so in Sec-Fetch-Site; older ones are held off by SameSite=Strict cookies. The Origin
    header cannot be asked: with our `Referrer-Policy: no-referrer` it is "null".
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise NotAllowedNow("web.elsewhere")


def remote_of(request: web.Request) -> str:
    """Return who asks: the peer, or what our own proxy (a private or loopback peer) says of it; IPv6 by its /64."""
    remote = request.remote or ""
    named = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        if named and ipaddress.ip_address(remote).is_private:
            remote = named
        address = ipaddress.ip_address(remote)
    except ValueError:
        return remote
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else remote


async def typed(request: web.Request) -> Values:
    """Return the fields of a form without files; several values of a name stay in order."""
    posted = await request.post()
    return {name: tuple(str(value) for value in posted.getall(name)) for name in posted}


def one(values: Values, name: str) -> str:
    """Return a field's first value, "" when it was not sent."""
    return next(iter(values.get(name, ())), "")


async def typed_with_files(request: web.Request, longest: int) -> tuple[Values, tuple[tuple[str, Upload], ...]]:
    """Return the fields and the files (field name, upload) of a multipart form.

    Nothing touches the disk and no more than *longest* bytes are ever held. Raises HTTP 413 beyond that.
    """
    if not request.content_type.startswith("multipart/"):
        raise Incomplete("web.not_a_form", {"field": "file"})
    if (request.content_length or 0) > longest + FORM_LIMIT:
        raise web.HTTPRequestEntityTooLarge(longest, request.content_length or 0)
    fields: dict[str, tuple[str, ...]] = {}
    files: list[tuple[str, Upload]] = []
    left = longest
    reader = await request.multipart()
    for _ in range(PARTS_LIMIT):
        part = await reader.next()
        if part is None:
            break
        if not isinstance(part, BodyPartReader) or not part.name:
            continue
        if part.filename is None:
            content = await _bounded(part, FIELD_LIMIT)
            fields[part.name] = (*fields.get(part.name, ()), content.decode("utf-8", "replace"))
        else:
            content = await _bounded(part, left)
            left -= len(content)
            files.append((part.name, Upload(part.filename, content)))
    return fields, tuple(files)


async def _bounded(part: BodyPartReader, longest: int) -> bytes:
    body = bytearray()
    while chunk := await part.read_chunk(CHUNK):
        body += chunk
        if len(body) > longest:
            raise web.HTTPRequestEntityTooLarge(longest, len(body))
    return bytes(body)


async def send_parcel(
    request: web.Request, parcel: Parcel, handed: Callable[[], Awaitable[None]]
) -> web.StreamResponse:
    """Send a file to keep, piece by piece, never shown in the browser.

    *handed* is waited for once the other end has taken the last byte, and never when it did not.
    """
    name = parcel.name
    plain = "".join(letter if letter.isascii() and (letter.isalnum() or letter in "-_.") else "_" for letter in name)
    shown = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    kind = "application/zip" if name.endswith(".zip") else "application/octet-stream"
    answer = web.StreamResponse(headers={"Content-Disposition": shown, "Content-Type": kind})
    answer.content_length = parcel.size
    await answer.prepare(request)
    with Handover(request.transport) as way:
        try:
            async for piece in parcel.pieces:
                await answer.write(piece)
        except PrivacyDeskError as closed:  # meanwhile; the answer has begun, so no page can say so
            log.warning("a file was not sent to its end: %s", closed.key)
            if request.transport is not None:
                request.transport.abort()
            return answer
        if await way.reached():
            await handed()
    with suppress(ConnectionResetError):  # who has it all may be gone already
        await answer.write_eof()
    return answer


def back_to(where: str) -> web.Response:
    """Return the redirect that follows every written form, so that a reload sends nothing twice."""
    return web.Response(status=303, headers={"Location": where})
