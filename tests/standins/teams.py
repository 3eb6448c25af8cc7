"""The Bot Connector as the desk uses it, on loopback: one tenant, a channel, a group chat, people's own chats.

It keeps messages, threads and what only one person sees as Teams would show them, refuses
what Teams would refuse, and records every word it was sent, so that a journey can search
the chat for personal data. How people act in it stands in `teams_people`.
"""

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from aiohttp import web

TENANT: Final = "5d1b7a3c-1f0e-4c55-9a7e-0d4f3b2a1c00"
APP_ID: Final = "5d1b7a3c-1f0e-4c55-9a7e-0d4f3b2a1caa"
TOKEN: Final = "connector-token-stand-in"
CHANNEL: Final = "19:0f6c3b1e9d7a4a52b3c8@thread.tacv2"
GROUP: Final = "19:7d41aa5b0c2e4f1b8e6d@thread.v2"
TEAM: Final = "19:team-of-privacy@thread.tacv2"
CARD: Final = "application/vnd.microsoft.card.adaptive"
#: What Teams takes (learn.microsoft.com, "Rate limiting for bots"): turns and seconds.
LIMITS: Final = ((7, 1.0), (8, 2.0), (60, 30.0), (1_800, 3_600.0))
MOST_BYTES: Final = 100_000
#: What a card stays below, whatever Teams takes today.
CARD_BYTES: Final = 28_000

Json = dict[str, Any]


@dataclass(slots=True)
class Message:
    """One message as it stands now, and the lines below it. `reader`: only they see it."""

    conversation: str
    id: str
    text: str
    card: Json
    summary: str = ""
    reader: str = ""
    edits: int = 0
    edited_at: float = 0.0
    thread: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ConnectorCall:
    """One call, as asked."""

    what: str
    conversation: str
    asked: Json


@dataclass(frozen=True, slots=True)
class _Fault:
    status: int = 200
    code: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    done_first: bool = False
    seconds: float = 0.0
    body: str | None = None


class Refused(Exception):
    """Teams' refusal: its status and code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


class TeamsStandIn:
    """One tenant. Look at `messages`, `private`, `calls`; make trouble with `down`, `too_many`, `refuse` …"""

    def __init__(self, token: str = "", *, throttles: bool = False) -> None:
        self.url = ""
        self.token = token
        self.throttles = throttles
        self.down = False
        self.rooms: set[str] = {CHANNEL, GROUP}
        self.people: dict[str, str] = {}
        self.members: dict[str, Json] = {}  # who is in the team, and what its roster says of them
        self.calls: list[ConnectorCall] = []
        self.messages: dict[tuple[str, str], Message] = {}
        self.private: list[Message] = []
        self.complaints: list[str] = []
        self._said: list[str] = []
        self._blocked: dict[str, str] = {}
        self._given: defaultdict[str, deque[float]] = defaultdict(deque)
        self._faults: defaultdict[str, deque[_Fault]] = defaultdict(deque)
        self._numbers = count(1_767_600_000_001)

    @property
    def service_url(self) -> str:
        """The address Teams tells a bot."""
        return f"{self.url}/emea/"

    @property
    def traffic(self) -> str:
        """Every word that reached Teams, answers to presses and forms too."""
        return "\n".join(self._said)

    def install_for(self, person: str) -> str:
        """Let somebody have the app in their own chat; return the conversation's id."""
        return self.people.setdefault(person, f"a:1{person.replace('-', '')}{'x' * 130}")

    def uninstall(self, person: str) -> None:
        """Take the app from somebody: their conversation is gone."""
        del self.people[person]

    def block(self, conversation: str, code: str = "BotNotInConversationRoster") -> None:
        """Let a conversation answer 403."""
        self._blocked[conversation] = code

    def in_room(self, conversation: str) -> list[Message]:
        """Return a conversation's messages, oldest first."""
        return [message for message in self.messages.values() if message.conversation == conversation]

    def of_person(self, person: str) -> list[Message]:
        """Return the messages in somebody's own chat."""
        return self.in_room(self.people.get(person, ""))

    def asked(self, what: str) -> list[Json]:
        """Return what was asked of one kind ("send", "edit", "open", "look"), oldest first."""
        return [call.asked for call in self.calls if call.what == what]

    def too_many(self, what: str, seconds: int | None) -> None:
        """Answer the next call of a kind with 429, naming *seconds* or nothing."""
        headers = {} if seconds is None else {"Retry-After": str(seconds)}
        self._faults[what].append(_Fault(429, "Throttled", headers))

    def refuse(self, what: str, status: int, code: str = "", body: str | None = None) -> None:
        """Answer the next call of a kind with a refusal (*body*: what stands there instead of JSON)."""
        self._faults[what].append(_Fault(status, code, body=body))

    def lose_answer(self, what: str) -> None:
        """Do what the next call of a kind asks and break the connection instead of answering."""
        self._faults[what].append(_Fault(done_first=True))

    def slow(self, what: str, seconds: float) -> None:
        """Let the next call of a kind wait before it is done."""
        self._faults[what].append(_Fault(seconds=seconds))

    def heard(self, body: object) -> None:
        """Note what the desk sent in answer to a request."""
        self._said.append(json.dumps(body, ensure_ascii=False))

    def check_card(self, card: Json) -> None:
        """Note what Teams would not show of a card."""
        self.complaints += card_complaints(card)

    async def told(self, messages: int) -> list[Message]:
        """Return the messages only one person sees once there are as many. At most three seconds."""
        for _ in range(300):
            if len(self.private) >= messages:
                return self.private
            await asyncio.sleep(0.01)
        raise AssertionError(f"only {len(self.private)} private messages came")

    def application(self) -> web.Application:
        """Return the server."""
        application = web.Application(client_max_size=1 << 20)
        rooms = "/emea/v3/conversations"
        application.router.add_post(rooms, self._answer("open", self._open))
        application.router.add_post(f"{rooms}/{{room}}/activities", self._answer("send", self._send))
        application.router.add_put(f"{rooms}/{{room}}/activities/{{id}}", self._answer("edit", self._edit))
        application.router.add_get(f"{rooms}/{{room}}/pagedmembers", self._answer("look", self._look))
        application.router.add_get(f"{rooms}/{{room}}/members/{{person}}", self._answer("member", self._member))
        return application

    def _answer(self, what: str, act: Callable[[web.Request, Json], Json]) -> Callable[[web.Request], Any]:
        async def answered(request: web.Request) -> web.StreamResponse:
            asked: Json = await request.json() if request.can_read_body else {}
            self.calls.append(ConnectorCall(what, request.match_info.get("room", ""), asked))
            self._said.append(json.dumps(asked, ensure_ascii=False))
            fault = self._faults[what].popleft() if self._faults[what] else None
            fault = _Fault(503) if self.down else fault
            if fault and fault.seconds:
                await asyncio.sleep(fault.seconds)
            elif fault and not fault.done_first:
                return _refusal(fault)
            try:
                answer = self._allowed(request, asked, act)
            except Refused as refused:
                return _refusal(_Fault(refused.status, refused.code))
            if fault and fault.done_first and request.transport is not None:
                request.transport.abort()
            return web.json_response(answer, status=201 if request.method == "POST" else 200)

        return answered

    def _allowed(self, request: web.Request, asked: Json, act: Callable[[web.Request, Json], Json]) -> Json:
        authorization = request.headers.get("Authorization")
        if authorization != (f"Bearer {self.token}" if self.token else None):
            raise Refused(401, "Unauthorized")
        if len(json.dumps(asked, ensure_ascii=False).encode("utf-16-le")) > MOST_BYTES:
            raise Refused(413, "MessageSizeTooBig")
        room = request.match_info.get("room", "").partition(";")[0]
        if room in self._blocked:
            raise Refused(403, self._blocked[room])
        if room and room not in self.rooms and room not in self.people.values():
            raise Refused(403, "BotNotInConversationRoster")
        if self.throttles and request.method == "POST":
            self._count(room)
        return act(request, asked)

    def _count(self, room: str) -> None:
        now, given = time.monotonic(), self._given[room]
        if any(len(given) >= turns and given[-turns] + seconds > now for turns, seconds in LIMITS):
            raise Refused(429, "Throttled")
        given.append(now)

    def _open(self, _request: web.Request, asked: Json) -> Json:
        (member,) = asked["members"]
        if asked["tenantId"] != TENANT or asked["channelData"]["tenant"]["id"] != TENANT:
            raise Refused(403, "Forbidden")
        if member["id"] not in self.people:
            raise Refused(403, "ForbiddenOperationException")
        return {"id": self.people[member["id"]]}

    def _send(self, request: web.Request, asked: Json) -> Json:
        room, _, below = request.match_info["room"].partition(";messageid=")
        text, card = self._taken(asked)
        name = str(next(self._numbers))
        message = Message(room, name, text, card, asked.get("summary", ""))
        if request.query.get("isTargetedActivity") == "true":
            if room not in self.rooms:
                raise Refused(400, "BadArgument")  # there is nobody else in a chat of two
            message.reader = asked["recipient"]["id"]
            self.private.append(message)
        elif not below:
            self.messages[room, name] = message
        elif room == CHANNEL and (room, below) in self.messages:
            self.messages[room, below].thread.append(text)
        else:
            raise Refused(404, "ConversationNotFound")
        return {"id": name}

    def _edit(self, request: web.Request, asked: Json) -> Json:
        message = self.messages.get((request.match_info["room"], request.match_info["id"]))
        if message is None:
            raise Refused(404, "ActivityNotFoundInConversation")
        message.text, message.card = self._taken(asked)
        message.edits, message.edited_at = message.edits + 1, time.monotonic()
        return {"id": message.id}

    def _look(self, request: web.Request, _asked: Json) -> Json:
        """Answer with a page of the roster: everybody when none is asked for."""
        everybody = [self._told_of(person) for person in {**self.people, **self.members}]
        size, first = int(request.query.get("pageSize", 200)), int(request.query.get("continuationToken", 0))
        page: Json = {"members": everybody[first : first + size]}
        return page | ({"continuationToken": str(first + size)} if first + size < len(everybody) else {})

    def _member(self, request: web.Request, _asked: Json) -> Json:
        person = request.match_info["person"]
        if person not in {**self.people, **self.members}:
            raise Refused(404, "MemberNotFoundInConversation")
        return self._told_of(person)

    def _told_of(self, person: str) -> Json:
        return {"id": f"29:{person}", "name": "Somebody", "aadObjectId": person, **self.members.get(person, {})}

    def _taken(self, asked: Json) -> tuple[str, Json]:
        """Return a message's text and card; what Teams would show wrongly is a complaint."""
        card: Json = {}
        for attached in asked.get("attachments", []):
            if attached["contentType"] != CARD:
                raise Refused(400, "BadSyntax")
            card = attached["content"]
            self.check_card(card)
            if not asked.get("summary"):
                self.complaints.append("a card without a summary: a notification would say nothing")
        text = asked.get("text", "")
        if not card and not text:
            raise Refused(400, "BadSyntax")
        if asked.get("textFormat") == "xml":
            text = text.replace("<br/>", "\n")
            if any(sign in text for sign in "<&*[`"):
                self.complaints.append("text that is read as markup")
        elif text and asked.get("textFormat") != "plain":
            self.complaints.append("text of no format: it is read as Markdown")
        return text, card


def card_complaints(card: Json) -> list[str]:
    """Return what Teams would refuse of a card or leave out."""
    wrong = []
    size = len(json.dumps(card, ensure_ascii=False, separators=(",", ":")).encode("utf-16-le"))
    if size > CARD_BYTES:
        wrong.append(f"a card of {size} bytes")
    if card.get("type") != "AdaptiveCard" or card.get("version") != "1.5":
        wrong.append(f"no Adaptive Card 1.5: {card.get('type')} {card.get('version')}")
    if len(card.get("refresh", {}).get("userIds", [])) > 60:
        wrong.append("a refresh for more than 60")
    return wrong


@asynccontextmanager
async def serve_teams(teams: TeamsStandIn | None = None) -> AsyncIterator[TeamsStandIn]:
    """Serve a tenant on a free port of 127.0.0.1; fails at the end when something was sent that Teams refuses."""
    teams = teams or TeamsStandIn()
    runner = web.AppRunner(teams.application(), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        teams.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield teams
    finally:
        await runner.cleanup()
    assert not teams.complaints, teams.complaints


def _refusal(fault: _Fault) -> web.Response:
    if fault.body is not None:
        return web.Response(status=fault.status, text=fault.body, content_type="text/html")
    said = {"error": {"code": fault.code, "message": "Somebody named Priya was not found"}}
    return web.json_response(said, status=fault.status, headers=fault.headers)
