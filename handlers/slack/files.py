"""A mail that Slack keeps as a file, fetched and written as a mail our reading can read.

Slack gives the head in pieces and the body by itself, so the mail is put together again
from those pieces, and from those alone: what would count as our own server's word
(`Received`, `Authentication-Results`) is never among them, so a sender cannot smuggle it
in. The token goes to Slack's own hosts only, and no redirection is followed with it.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientResponse, ClientTimeout
from pydantic import BaseModel, Field, ValidationError
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import CredentialsRefused, NeedsHuman, TryLater
from bot.domain.unfetched import Unfetched
from bot.ports import ChatMail
from handlers.slack.messages import EMAIL
from handlers.slack.parcel import Hung, Parcel, written
from handlers.slack.trouble import A_WHILE, asked

#: Bytes of a body; the text of the longest real mail stays far below.
LARGEST: Final = 8 * 1024 * 1024
SECONDS: Final = 30
SLACKS: Final = "slack.com"
HTML: Final = "text/html"
PLAIN: Final = "text/plain"
#: What Slack calls a file that is no longer to be had.
GONE: Final = frozenset({"file_not_found", "file_deleted"})
TOMBSTONES: Final = frozenset({"tombstone", "hidden_by_limit"})
_CHARSET: Final = re.compile(r"[A-Za-z0-9._-]{1,40}")


class _Address(BaseModel):
    address: str = ""
    name: str | None = ""


class _Hung(BaseModel):
    filename: str | None = ""
    mimetype: str | None = ""


class _Head(BaseModel):
    date: str | None = None
    in_reply_to: str | None = None
    reply_to: str | None = None
    message_id: str | None = None


class _File(BaseModel):
    """What `files.info` says of a mail; whatever else it says is not ours."""

    mode: str = ""
    filetype: str = ""
    created: int = 0
    timestamp: int = 0
    subject: str | None = ""
    senders: list[_Address] = Field([], alias="from")
    to: list[_Address] = []
    plain_text: str | None = ""
    has_more: bool = False
    headers: _Head = _Head()
    attachments: list[_Hung] = []
    original_attachment_count: int = 0
    url_private_download: str = ""

    @property
    def is_mail(self) -> bool:
        return EMAIL in (self.mode, self.filetype)


async def fetched(client: AsyncWebClient, file: str) -> ChatMail:
    """Return the mail. Raises `TryLater`, `CredentialsRefused`, or `NeedsHuman` saying why it is not to be had."""
    found = await _described(client, file)
    lacks = None
    kind, content = PLAIN, b""
    try:
        kind, content = await _downloaded(client, found.url_private_download)
    except OverflowError:
        lacks = Unfetched.TOO_BIG
    if not content and found.has_more:
        lacks = lacks or Unfetched.CUT
    if found.original_attachment_count > len(found.attachments):
        lacks = lacks or Unfetched.CUT
    received = datetime.fromtimestamp(found.timestamp or found.created, UTC)
    return ChatMail(written(_parcel(found, kind, content)), received, lacks)


async def _described(client: AsyncWebClient, file: str) -> _File:
    try:
        answer = await asked("files.info", client.files_info(file=file))
    except NeedsHuman as refused:
        if refused.facts.get("code") in GONE:
            raise NeedsHuman("trouble.chat_mail_gone") from None
        raise
    try:
        found = _File.model_validate(answer.get("file"))
    except ValidationError:
        raise NeedsHuman("trouble.chat_mail_no_mail") from None
    if found.mode in TOMBSTONES:
        raise NeedsHuman("trouble.chat_mail_gone")
    if not found.is_mail:
        raise NeedsHuman("trouble.chat_mail_no_mail")
    return found


async def _downloaded(client: AsyncWebClient, url: str) -> tuple[str, bytes]:
    """Return a body's kind with its charset, and the body. Raises `OverflowError` when it is too big."""
    if not _is_slacks(url, client.base_url) or client.session is None:
        raise NeedsHuman("trouble.chat_mail_no_mail")
    try:
        async with client.session.get(
            url,
            headers={"Authorization": f"Bearer {client.token}"},
            allow_redirects=False,
            timeout=ClientTimeout(total=SECONDS),
        ) as reply:
            _refuse(reply)
            return _kind(reply), await _body(reply)
    except (ClientError, TimeoutError):
        raise TryLater("trouble.unreachable") from None


def _is_slacks(url: str, api_url: str) -> bool:
    """Whether the token may go there: to Slack over https, or to where the Web API itself is."""
    try:
        place, api = urlsplit(url), urlsplit(api_url)
        host = place.hostname or ""
        same = (place.scheme, place.hostname, place.port) == (api.scheme, api.hostname, api.port)
    except ValueError:
        return False
    return same or (place.scheme == "https" and (host == SLACKS or host.endswith(f".{SLACKS}")))


def _refuse(reply: ClientResponse) -> None:
    """Raise unless the body follows; a redirection leads to Slack's sign-in page."""
    if reply.status == 429:
        seconds = reply.headers.get("Retry-After", "")
        raise TryLater("trouble.too_many", timedelta(seconds=int(seconds)) if seconds.isdecimal() else A_WHILE)
    if reply.status >= 500:
        raise TryLater("trouble.busy")
    if reply.status in {404, 410}:
        raise NeedsHuman("trouble.chat_mail_gone")
    if reply.status != 200:
        raise CredentialsRefused("trouble.credentials", {"system": "Slack"})
    if reply.content_type not in {HTML, PLAIN}:
        raise NeedsHuman("trouble.chat_mail_no_mail")


def _kind(reply: ClientResponse) -> str:
    charset = reply.charset or "utf-8"
    return f"{reply.content_type}; charset={charset if _CHARSET.fullmatch(charset) else 'utf-8'}"


async def _body(reply: ClientResponse) -> bytes:
    body = bytearray()
    async for piece in reply.content.iter_chunked(64 * 1024):
        body += piece
        if len(body) > LARGEST:
            raise OverflowError
    return bytes(body)


def _parcel(found: _File, kind: str, content: bytes) -> Parcel:
    head = found.headers
    plain = (found.plain_text or "").encode("utf-8", "replace")
    bodies = [(f"{PLAIN}; charset=utf-8", plain)] if plain and not kind.startswith(PLAIN) else []
    bodies += [(kind, content)] if content else []
    if not bodies:
        bodies = [(f"{PLAIN}; charset=utf-8", plain)]
    return Parcel(
        senders=tuple((one.name or "", one.address) for one in found.senders),
        recipients=tuple((one.name or "", one.address) for one in found.to),
        fields=(
            ("Subject", found.subject or ""),
            ("Date", head.date or ""),
            ("Message-ID", head.message_id or ""),
            ("In-Reply-To", head.in_reply_to or ""),
            ("Reply-To", head.reply_to or ""),
        ),
        bodies=tuple(bodies),
        hung=tuple(Hung(one.filename or "", one.mimetype or "") for one in found.attachments),
    )
