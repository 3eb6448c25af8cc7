"""Our few calls of the Bot Connector, which is how a bot speaks in Teams unasked.

The SDK's own client is not used for them. It opens a session for every conversation it is
asked to continue where the desk has one for all it sends; it cuts a conversation's id at
150 characters, while a personal chat's may be longer, and puts it into the path as it is;
it logs a refusal's words and carries them in its exception; and a lost answer, a refusal
and a wrong key are one kind of error there. What is called is documented and small:
learn.microsoft.com, "Bot Connector REST API", "Send proactive messages", "Targeted messages".

The address comes with every message from Teams and our token goes with every call, so it
goes to few hosts. The SDK's list is not taken over: it names storage anybody can rent.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import aiohttp
from yarl import URL

from bot.domain.errors import NeedsHuman, OutcomeUnknown, SystemTrouble, TryLater
from bot.ports import Tokens
from handlers.pace import Rests
from handlers.teams.trouble import SYSTEM, TOO_MANY, judged

Json = dict[str, Any]

#: Where Teams' bots answer (learn.microsoft.com, "Send proactive messages", service addresses).
HOSTS: Final = ("smba.trafficmanager.net", "botframework.com", "teams.microsoft.com")
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
#: The address for every region, for whom Teams has not told us a nearer one yet.
EVERYWHERE: Final = "https://smba.trafficmanager.net/teams/"
#: What our token must be made out for.
SCOPE: Final = "https://api.botframework.com/.default"
#: Seconds Teams may take to answer.
PATIENCE: Final = 10.0
#: People on a page of a roster; what Teams tells of one is some 400 octets.
PAGE: Final = 100
#: Most octets read of an answer: it holds an id, or a page of a roster.
MOST_OCTETS: Final = 65_536


@dataclass(frozen=True, slots=True)
class Spot:
    """A conversation and the address it is reached at."""

    service_url: str
    conversation: str

    @property
    def room(self) -> str:
        """The conversation, whatever thread of it."""
        return self.conversation.partition(";")[0]

    def below(self, message_id: str) -> "Spot":
        """Return the thread below a message of a channel."""
        return Spot(self.service_url, f"{self.conversation};messageid={message_id}")


def is_allowed(service_url: str, *, loopback: bool) -> bool:
    """Whether an address is one of Teams' own, or with *loopback* a playground's on this machine."""
    try:
        url = URL(service_url)
    except ValueError:
        return False
    host = (url.host or "").casefold()
    if url.user or url.password or url.query_string or url.fragment:
        return False
    if loopback:
        return url.scheme == "http" and host in LOOPBACK
    ours = any(host == one or host.endswith(f".{one}") for one in HOSTS)
    return url.scheme == "https" and url.port == 443 and ours


class Connector:
    """Speaks as the bot *app_id*. Every method raises `SystemTrouble` only; nothing of what was sent is in it.

    With *loopback* it speaks to this machine alone: to a playground, which asks for no *tokens*.

    A conversation of which Teams said "too many" is left alone for as long as it said, whoever asks and whatever:
    its limits are a conversation's (learn.microsoft.com, "Rate limiting for bots"), and all are counted alike.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        app_id: str,
        tokens: Tokens | None,
        *,
        loopback: bool = False,
        rests: Rests | None = None,
    ) -> None:
        self._session = session
        self._tokens = tokens
        self._app_id = app_id
        self._loopback = loopback
        self._rests = rests or Rests(SYSTEM)

    def heed(self, spot: Spot) -> None:
        """Raise `TryLater` while Teams wants a conversation left alone."""
        self._rests.heed(spot.room)

    async def send(self, spot: Spot, activity: Json) -> str:
        """Say something in a conversation; return the message's id."""
        return self._id(await self._asked("send", "POST", spot, "/activities", self._ours(activity)))

    async def whisper(self, spot: Spot, reader: str, activity: Json) -> str:
        """Say something in a group or channel that only *reader* (the id Teams gives them there) sees."""
        targeted = {**self._ours(activity), "recipient": {"id": reader}}
        return self._id(await self._asked("whisper", "POST", spot, "/activities", targeted, "isTargetedActivity=true"))

    async def edit(self, spot: Spot, message_id: str, activity: Json) -> None:
        """Put something else in a message's place; doing it twice is harmless."""
        shown = {**self._ours(activity), "id": message_id}
        await self._asked("edit", "PUT", spot, f"/activities/{quote(message_id, safe='')}", shown)

    async def open(self, service_url: str, tenant: str, person: str) -> str:
        """Return the id of the bot's conversation with a person of a tenant, by their id in the directory."""
        asked = {
            "bot": {"id": self._bot},
            "members": [{"id": person}],
            "isGroup": False,
            "tenantId": tenant,
            "channelData": {"tenant": {"id": tenant}},
        }
        return self._id(await self._asked("open", "POST", Spot(service_url, ""), "", asked))

    async def look(self, spot: Spot) -> None:
        """See that the bot may speak in a conversation; who else is in it comes back and is not read."""
        await self._asked("look", "GET", spot, "/pagedmembers", None)

    async def members(self, spot: Spot, after: str = "") -> Json:
        """Return a page of who is in a conversation; `continuationToken` in it leads to the next."""
        query = f"pageSize={PAGE}" + (f"&continuationToken={quote(after, safe='')}" if after else "")
        return self._read_json(await self._asked("members", "GET", spot, "/pagedmembers", None, query))

    async def member(self, spot: Spot, person: str) -> Json:
        """Return one person in a conversation, by their id in the directory."""
        return self._read_json(await self._asked("member", "GET", spot, f"/members/{quote(person, safe='')}", None))

    @property
    def _bot(self) -> str:
        return f"28:{self._app_id}"

    def _ours(self, activity: Json) -> Json:
        return {"type": "message", "from": {"id": self._bot}, **activity}

    def _id(self, answer: bytes) -> str:
        name = self._read_json(answer).get("id")
        if not isinstance(name, str) or not name:
            raise NeedsHuman("trouble.unreadable", {"system": SYSTEM})
        return name

    def _read_json(self, answer: bytes) -> Json:
        try:
            said: Any = json.loads(answer)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            raise NeedsHuman("trouble.unreadable", {"system": SYSTEM})
        return said

    async def _asked(self, asked: str, method: str, spot: Spot, rest: str, body: Json | None, query: str = "") -> bytes:
        """Ask, and once more with a new token where ours is refused."""
        if not is_allowed(spot.service_url, loopback=self._loopback):
            raise NeedsHuman("trouble.strange_host", {"system": SYSTEM})
        self.heed(spot)
        room = f"/{quote(spot.conversation, safe='')}" if spot.conversation else ""
        tail = f"?{query}" if query else ""
        url = URL(f"{spot.service_url.rstrip('/')}/v3/conversations{room}{rest}{tail}", encoded=True)
        status, headers, answer = await self._answered(asked, method, url, body, fresh=False)
        if status == 401 and self._tokens is not None:
            status, headers, answer = await self._answered(asked, method, url, body, fresh=True)
        if status not in (200, 201, 202):
            trouble = judged(asked, status, headers, answer)
            if status == TOO_MANY and isinstance(trouble, TryLater) and trouble.after is not None:
                self._rests.begin(spot.room, trouble.after)
            raise trouble
        return answer

    async def _answered(
        self, asked: str, method: str, url: URL, body: Json | None, *, fresh: bool
    ) -> tuple[int, Mapping[str, str], bytes]:
        signed = {} if self._tokens is None else {"Authorization": f"Bearer {await self._tokens.token(fresh=fresh)}"}
        facts = {"system": SYSTEM, "asked": asked}
        trouble: SystemTrouble
        try:
            async with (
                asyncio.timeout(PATIENCE),
                self._session.request(method, url, json=body, headers=signed, allow_redirects=False) as reply,
            ):
                return reply.status, reply.headers, await _read(reply)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            trouble = TryLater("trouble.unreachable", facts=facts)
        except (TimeoutError, aiohttp.ClientError, OSError):
            trouble = OutcomeUnknown("trouble.lost", facts)
        raise trouble  # outside the except block: the library's own error carries the whole address


async def _read(reply: aiohttp.ClientResponse) -> bytes:
    """Return an answer's beginning: what we want of it is short."""
    read = bytearray()
    async for chunk in reply.content.iter_chunked(8_192):
        read += chunk
        if len(read) >= MOST_OCTETS:
            break
    return bytes(read)
