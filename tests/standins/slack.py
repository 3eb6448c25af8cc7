"""Slack's Web API as the desk uses it, on loopback.

It keeps messages, threads and modals as Slack would show them, refuses what Slack would
refuse, and records every word it was sent, so that a journey can search the chat for
personal data. How people act in it (signed requests) stands in `slack_people`.
"""

import asyncio
import json
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final

from aiohttp import web

from tests.standins.blockkit import message_complaints, view_complaints
from tests.standins.slack_members import Members
from tests.standins.slack_rooms import Refused, Room, described, entered, history, member
from tests.standins.slack_socket import Sockets

APP_TOKEN: Final = "xapp-stand-in"
TOKEN: Final = "xoxb-stand-in"
SIGNING_SECRET: Final = "stand-in-signing-secret"
TEAM: Final = "T0GOTOWORK"
#: Which scope each method needs (docs.slack.dev, "Scopes" of each method); None: any token.
SCOPES: Final[dict[str, str | None]] = {
    "auth.test": None,
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.postEphemeral": "chat:write",
    "views.open": None,
    "views.update": None,
    "views.publish": None,
    "chat.getPermalink": None,
    "conversations.open": "im:write",
    "conversations.info": None,  # by the kind of conversation
    "conversations.history": None,  # the same
    "users.info": "users:read",
    "users.lookupByEmail": "users:read.email",
    "apps.connections.open": None,  # by the app-level token
    "files.info": "files:read",
}
TRIGGER_SECONDS: Final = 3.0
RESPONSES: Final = 5
RESPONSE_SECONDS: Final = 1800.0
#: Messages to one channel that Slack takes at once; then one a second, when a test sets `paced`.
BURST: Final = 3.0
#: What a workspace grants unless a test says otherwise.
GRANTED: Final = (
    "app_mentions:read",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "groups:history",
    "groups:read",
    "im:history",
    "im:write",
    "links:read",
    "users:read",
    "users:read.email",
)

Json = dict[str, Any]


@dataclass(slots=True)
class Message:
    """One message: as it stands now, and the lines below it. `user`: only they see it (ephemeral)."""

    channel: str
    ts: str
    text: str
    blocks: list[Json]
    user: str = ""
    edits: int = 0
    thread: list[str] = field(default_factory=list)
    metadata: Json = field(default_factory=dict)


@dataclass(slots=True)
class File:
    """A mail as Slack keeps it: what `files.info` says of it, and what its address gives (None: a sign-in page)."""

    says: Json
    body: bytes | None = b""
    content_type: str = "text/html; charset=utf-8"
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One call of the Web API, as asked."""

    method: str
    asked: Json


@dataclass(frozen=True, slots=True)
class _Fault:
    status: int = 200
    error: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    done_first: bool = False
    seconds: float = 0


class SlackStandIn:
    """One workspace. Look at `messages`, `views`, `private`, `calls`; make trouble with `too_many`, `refuse` …"""

    def __init__(self, scopes: Sequence[str] = GRANTED) -> None:
        self.url = ""
        self.epoch = 1_767_600_000
        self.scopes = set(scopes)
        self.members = Members()
        self.links_to = "https://gotowork.slack.com/archives"
        self.calls: list[ApiCall] = []
        self.written: defaultdict[str, list[Json]] = defaultdict(list)
        self.messages: dict[tuple[str, str], Message] = {}
        self.private: list[Message] = []
        self.views: dict[str, Json] = {}
        self.homes: dict[str, Json] = {}
        self.files: dict[str, File] = {}
        self.downloads: list[str] = []
        self.complaints: list[str] = []
        self.trigger_seconds = TRIGGER_SECONDS
        self.response_seconds = RESPONSE_SECONDS
        self.rooms: dict[str, Room] = {}
        self.gone: set[str] = set()
        self.never: set[str] = set()
        self.revoked = False
        self.home_tab = True
        self.paced = False
        self._spent: dict[str, tuple[float, float]] = {}
        self.sockets = Sockets()
        self.sockets.heard = self.heard
        self._said: list[str] = []
        self._triggers: dict[str, float | None] = {}
        self._responses: dict[str, tuple[Message, int, float]] = {}
        self._faults: defaultdict[str, deque[_Fault]] = defaultdict(deque)
        self._numbers = count(1)

    @property
    def api_url(self) -> str:
        """What `PRIVACY_SLACK__API_URL` is set to."""
        return f"{self.url}/api/"

    @property
    def traffic(self) -> str:
        """Every word that reached Slack, answers to commands and forms too."""
        return "\n".join(self._said)

    def in_channel(self, channel: str) -> list[Message]:
        """Return a channel's messages, oldest first."""
        return [message for message in self.messages.values() if message.channel == channel]

    def asked(self, method: str) -> list[Json]:
        """Return what a method was asked, oldest first."""
        return [call.asked for call in self.calls if call.method == method]

    def too_many(self, method: str, seconds: int | None) -> None:
        """Answer the next call of *method* (or "response_url") with 429, naming *seconds* or nothing."""
        headers = {} if seconds is None else {"Retry-After": str(seconds)}
        self._faults[method].append(_Fault(429, "ratelimited", headers))

    def refuse(self, method: str, error: str, status: int = 200) -> None:
        """Answer the next call of *method* with an error code ("" for a page that is no JSON)."""
        self._faults[method].append(_Fault(status, error))

    def lose_answer(self, method: str) -> None:
        """Do what the next call of *method* asks and break the connection instead of answering."""
        self._faults[method].append(_Fault(done_first=True))

    def slow(self, method: str, seconds: float) -> None:
        """Let the next call of *method* (or "response_url") wait before it is done."""
        self._faults[method].append(_Fault(seconds=seconds))

    def new_trigger(self) -> str:
        """Return a trigger id as a person's click makes it: good once and for three seconds."""
        trigger = f"{next(self._numbers)}.trigger"
        self._triggers[trigger] = asyncio.get_running_loop().time()
        return trigger

    def new_response_url(self, message: Message) -> str:
        """Return where an app may answer a click on *message*: five times."""
        name = f"r{next(self._numbers)}"
        self._responses[name] = (message, 0, asyncio.get_running_loop().time())
        return f"{self.url}/responses/{name}"

    async def told(self, messages: int) -> list[Message]:
        """Return the private messages once there are as many; they may come after the ack. At most three seconds."""
        for _ in range(300):
            if len(self.private) >= messages:
                return self.private
            await asyncio.sleep(0.01)
        raise AssertionError(f"only {len(self.private)} private messages came")

    def heard(self, body: object) -> None:
        """Note what the desk sent in answer to a request."""
        self._said.append(json.dumps(body, ensure_ascii=False))

    def show_privately(self, user: str, channel: str, text: str, blocks: list[Json]) -> Message:
        """Show a message only its reader sees; return it."""
        self.complaints += message_complaints(text, blocks)
        message = Message(channel, self._ts(), text, blocks, user)
        self.private.append(message)
        return message

    def put_view(self, view: Json, view_id: str = "") -> Json:
        """Show a view; return it as it stands, with its id. Raises `Refused`."""
        wrong = view_complaints(view)
        if wrong:
            self.complaints += wrong
            raise Refused("invalid_arguments")
        view_id = view_id or f"V{next(self._numbers)}"
        self.views[view_id] = {**view, "id": view_id}
        return self.views[view_id]

    def application(self) -> web.Application:
        """Return the server."""
        application = web.Application()
        application.router.add_post("/api/{method}", self._api)
        application.router.add_get("/api/{method}", self._api)
        application.router.add_post("/responses/{name}", self._respond)
        application.router.add_get("/files/{name}", self._download)
        application.router.add_get("/link", self.sockets.connection)
        return application

    def _ts(self) -> str:
        return f"{self.epoch}.{next(self._numbers):06d}"

    async def _api(self, request: web.Request) -> web.StreamResponse:
        method, asked = request.match_info["method"], await _asked(request)
        self.calls.append(ApiCall(method, asked))
        self._said.append(json.dumps(asked, ensure_ascii=False))
        fault = self._faults[method].popleft() if self._faults[method] else None
        if fault and fault.seconds:
            await asyncio.sleep(fault.seconds)
        elif fault and not fault.done_first:
            return _faulty(fault)
        if self.paced and method == "chat.postMessage" and (seconds := self._too_soon(asked["channel"])):
            return _faulty(_Fault(429, "ratelimited", {"Retry-After": str(seconds)}))
        answer = self._answered(method, asked, request.headers.get("Authorization", ""))
        if fault and fault.done_first and request.transport is not None:
            request.transport.abort()
        return web.json_response(answer, headers={"X-OAuth-Scopes": ",".join(sorted(self.scopes))})

    def _too_soon(self, channel: str) -> int:
        """Return how many seconds a message comes too soon: one a second to each channel, a short burst more."""
        now = asyncio.get_running_loop().time()
        left, since = self._spent.get(channel, (BURST, now))
        left = min(BURST, left + (now - since))
        self._spent[channel] = (left - (left >= 1), now)
        return 0 if left >= 1 else 1

    def _answered(self, method: str, asked: Json, authorization: str) -> Json:
        try:
            self._refuse_key(method, authorization)
            needed = SCOPES[method]
            if needed is not None and needed not in self.scopes:
                raise Refused("missing_scope", needed=needed, provided=",".join(sorted(self.scopes)))
            return {"ok": True, **self._methods()[method](asked)}
        except Refused as refused:
            return {"ok": False, "error": str(refused), **refused.more}

    def _refuse_key(self, method: str, authorization: str) -> None:
        if method == "apps.connections.open":
            if authorization == f"Bearer {TOKEN}":
                raise Refused("not_allowed_token_type")
            if authorization != f"Bearer {APP_TOKEN}":
                raise Refused("invalid_auth")
        elif authorization != f"Bearer {TOKEN}":
            raise Refused("invalid_auth")
        if self.revoked:
            raise Refused("token_revoked")
        if method not in SCOPES:
            raise Refused("unknown_method")

    def _methods(self) -> dict[str, Callable[[Json], Json]]:
        return {
            "auth.test": lambda _: {"team": "GoToWork", "team_id": TEAM, "user_id": "UBOT", "bot_id": "BBOT"},
            "chat.postMessage": self._post,
            "chat.update": self._edit,
            "chat.postEphemeral": self._post_ephemeral,
            "views.open": self._open,
            "views.update": lambda asked: {"view": self.put_view(asked["view"], self._known_view(asked))},
            "views.publish": self._publish,
            "chat.getPermalink": self._permalink,
            "conversations.open": self._open_conversation,
            "conversations.history": self._history,
            "conversations.info": lambda asked: described(self.rooms, self.scopes, asked["channel"]),
            "apps.connections.open": lambda _: {"url": self.sockets.new_address(self.url)},
            "users.lookupByEmail": self._lookup,
            "users.info": self._info,
            "files.info": self._file,
        }

    def _taken(self, asked: Json) -> tuple[str, list[Json]]:
        text, blocks = asked.get("text", ""), asked.get("blocks", [])
        wrong = message_complaints(text, blocks)
        if wrong:
            self.complaints += wrong
            raise Refused("invalid_blocks")
        return text, blocks

    def _post(self, asked: Json) -> Json:
        text, blocks = self._taken(asked)
        channel = asked["channel"]
        entered(self.rooms, self.gone, channel)
        ts = self._ts()
        parent = asked.get("thread_ts")
        if parent is None:
            self.messages[channel, ts] = Message(channel, ts, text, blocks, metadata=asked.get("metadata") or {})
        elif (channel, parent) in self.messages:
            self.messages[channel, parent].thread.append(text)
        else:
            raise Refused("thread_not_found")
        return {"channel": channel, "ts": ts}

    def _history(self, asked: Json) -> Json:
        entered(self.rooms, self.gone, asked["channel"])
        told: list[Json] = [
            {"type": "message", "ts": one.ts, "text": one.text, "bot_id": "BBOT", "metadata": one.metadata}
            for one in self.in_channel(asked["channel"])
        ]
        told = sorted([*told, *self.written[asked["channel"]]], key=lambda one: float(one["ts"]))
        return history(self.rooms, self.scopes, asked, told)

    def _permalink(self, asked: Json) -> Json:
        entered(self.rooms, self.gone, asked["channel"])
        stands = f"{asked['channel']}/p{asked['message_ts'].replace('.', '')}"
        return {"channel": asked["channel"], "permalink": f"{self.links_to}/{stands}"}

    def _edit(self, asked: Json) -> Json:
        text, blocks = self._taken(asked)
        entered(self.rooms, self.gone, asked["channel"])
        message = self.messages.get((asked["channel"], asked["ts"]))
        if message is None:
            raise Refused("message_not_found")
        message.text, message.blocks, message.edits = text, blocks, message.edits + 1
        return {"channel": message.channel, "ts": message.ts}

    def _post_ephemeral(self, asked: Json) -> Json:
        text, blocks = self._taken(asked)
        entered(self.rooms, self.gone, asked["channel"])
        if asked["user"] in self.gone:
            raise Refused("user_not_in_channel")
        return {"message_ts": self.show_privately(asked["user"], asked["channel"], text, blocks).ts}

    def _open(self, asked: Json) -> Json:
        issued = self._triggers.get(asked["trigger_id"], -1)
        if issued == -1:
            raise Refused("invalid_trigger_id")
        if issued is None:
            raise Refused("exchanged_trigger_id")
        if asyncio.get_running_loop().time() - issued > self.trigger_seconds:
            raise Refused("expired_trigger_id")
        self._triggers[asked["trigger_id"]] = None
        return {"view": self.put_view(asked["view"])}

    def _known_view(self, asked: Json) -> str:
        view_id = str(asked.get("view_id", ""))
        if view_id not in self.views:
            raise Refused("not_found")
        return view_id

    def _publish(self, asked: Json) -> Json:
        view, user = asked["view"], asked["user_id"]
        wrong = view_complaints(view) or ([] if view.get("type") == "home" else ["no home page"])
        if wrong:
            self.complaints += wrong
            raise Refused("invalid_arguments")
        if not self.home_tab:
            raise Refused("not_enabled")
        if user in self.gone | self.never:
            raise Refused("user_not_found")
        self.homes[user] = {**view, "id": self.homes.get(user, {}).get("id", f"V{next(self._numbers)}")}
        return {"view": self.homes[user]}

    def _open_conversation(self, asked: Json) -> Json:
        if asked["users"] in self.never:
            raise Refused("user_not_found")
        if asked["users"] in self.gone:
            raise Refused("user_disabled")
        return {"channel": {"id": f"D{asked['users'][1:]}"}}

    def _lookup(self, asked: Json) -> Json:
        if (known := self.members.with_address(asked["email"])) is None:
            raise Refused("users_not_found")
        return {"user": known}

    def _info(self, asked: Json) -> Json:
        known = self.members.with_id(asked["user"])
        return {"user": known} if known is not None else member(self.gone, self.never, asked["user"])

    def _file(self, asked: Json) -> Json:
        if asked["file"] not in self.files:
            raise Refused("file_not_found")
        return {"file": self.files[asked["file"]].says}

    async def _download(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.downloads.append(name)
        file = self.files.get(name)
        if file is None:
            return web.Response(status=404)
        if file.body is None or request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(status=302, headers={"Location": f"{self.url}/signin"})
        headers = {"Content-Type": file.content_type, **file.headers}
        return web.Response(status=file.status, body=file.body, headers=headers)

    async def _respond(self, request: web.Request) -> web.Response:
        name, asked = request.match_info["name"], await request.json()
        self._said.append(json.dumps(asked, ensure_ascii=False))
        if self._faults["response_url"]:
            fault = self._faults["response_url"].popleft()
            if not fault.seconds:
                return _faulty(fault)
            await asyncio.sleep(fault.seconds)
        pressed, used, since = self._responses.get(name, (None, RESPONSES, 0.0))
        age = asyncio.get_running_loop().time() - since
        if pressed is None or used >= RESPONSES or age > self.response_seconds:
            return web.json_response({"ok": False, "error": "used_url"}, status=404)
        self._responses[name] = (pressed, used + 1, since)
        text, blocks = asked["text"], asked.get("blocks", [])
        if asked.get("replace_original"):
            self.complaints += message_complaints(text, blocks)
            pressed = self.messages.get((pressed.channel, pressed.ts), pressed)
            pressed.text, pressed.blocks, pressed.edits = text, blocks, pressed.edits + 1
        else:
            self.show_privately(pressed.user, pressed.channel, text, blocks)
        return web.json_response({"ok": True})


@asynccontextmanager
async def serve_slack(slack: SlackStandIn | None = None) -> AsyncIterator[SlackStandIn]:
    """Serve a workspace on a free port of 127.0.0.1; fails at the end when something was sent that Slack refuses."""
    slack = slack or SlackStandIn()
    runner = web.AppRunner(slack.application(), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        slack.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield slack
    finally:
        await runner.cleanup()
    assert not slack.complaints, slack.complaints


async def _asked(request: web.Request) -> Json:
    if request.content_type == "application/json":
        asked: Json = await request.json()
    else:
        asked = {name: str(value) for name, value in (await request.post()).items()}
    return {**request.query, **asked}


def _faulty(fault: _Fault) -> web.Response:
    if not fault.error:
        return web.Response(status=fault.status, text="<html>bad gateway</html>", content_type="text/html")
    body = {"ok": False, "error": fault.error}
    return web.json_response(body, status=fault.status, headers=fault.headers)
