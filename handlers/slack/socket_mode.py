"""Socket Mode: a connection we keep to Slack, over which it sends what it would else send to our address.

Our own small loop over aiohttp and not slack_sdk's client: that one closes the old
connection before it opens the next (what is sent between is late), tries a used-up
address again for ever, writes a traceback every few seconds when the token is refused,
and runs each request as a task nobody holds. Here the next connection is opened first, a
refusal is one line until it changes, and a request under way is waited for.

An answer goes back over the connection its request came by. One that is lost is no harm:
Slack sends the request again, and the listeners know it.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientWebSocketResponse, WSMsgType
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.domain.errors import CredentialsRefused, NeedsHuman, SystemTrouble, TryLater
from handlers.parts import Unreadable, read_json
from handlers.slack.trouble import asked

log = logging.getLogger(__name__)

#: Seconds between two tries, growing; the last again and again.
PAUSES: Final = (1.0, 2.0, 5.0, 15.0, 30.0)
#: Seconds between two tries when only a person can help.
LONG: Final = 60.0
#: Seconds between our pings: a connection that died without a word is noticed within one and a half times that.
HEARTBEAT: Final = 20.0
CONNECT: Final = 10.0  # seconds
#: Seconds a connection must have lasted for the next to be opened without a pause.
LASTED: Final = 10.0
#: Seconds a connection that Slack wants replaced may still bring and take.
DRAIN: Final = 20.0
#: Seconds the requests under way get when the desk stops.
LAST_CALL: Final = 3.0
LARGEST: Final = 1 << 20  # bytes of one frame
#: What Slack calls a frame that holds a request.
REQUESTS: Final = frozenset({"slash_commands", "interactive", "events_api"})
#: Slack's reasons to end a connection that a new one does not cure by itself.
SWITCHED_OFF: Final = "link_disabled"
TOO_MANY: Final = "too_many_websockets"

Answering = Callable[[Mapping[str, Any]], Awaitable[BoltResponse]]


class SocketMode:
    """Keeps one connection while the desk runs. `connected` is set while Slack can reach us."""

    def __init__(
        self,
        client: AsyncWebClient,
        app_token: str,
        session: ClientSession,
        answered: Answering,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        connected: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self._client = client
        self._app_token = app_token
        self._session = session
        self._answered = answered
        self._sleep = sleep
        self._on_connected = connected
        self._keeping: asyncio.Task[None] | None = None
        self._readers: set[asyncio.Task[str]] = set()
        self._under_way: set[asyncio.Task[None]] = set()
        self._said = ""
        self.connected = asyncio.Event()

    def start(self) -> None:
        """Begin to keep a connection; whether it comes about is in the log."""
        self._keeping = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Take nothing more, and wait a moment for the requests under way, whose answers still go out."""
        if self._keeping is None:
            return
        self._keeping.cancel()
        with suppress(asyncio.CancelledError):
            await self._keeping
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=LAST_CALL)
        for task in (*self._under_way, *self._readers):
            task.cancel()
        await asyncio.gather(*self._under_way, *self._readers, return_exceptions=True)

    async def _keep(self) -> None:
        failures, loop = 0, asyncio.get_running_loop()
        while True:
            pause = 0.0
            try:
                socket, since = await self._opened(), loop.time()
                why = await self._hold(socket)
                failures = 0
                short = not why or loop.time() - since < LASTED
                pause = {SWITCHED_OFF: LONG, TOO_MANY: LONG}.get(why, PAUSES[0] if short else 0.0)
                self._say(f"slack socket ended: {why or 'no word'}", logging.WARNING if pause else logging.INFO)
            except (ClientError, TimeoutError, OSError, ValueError) as trouble:
                pause = PAUSES[min(failures, len(PAUSES) - 1)]
                self._say(f"slack socket not opened: {type(trouble).__name__}")
            except SystemTrouble as trouble:
                pause = _pause(trouble, failures)
                self._say(f"slack socket refused: {trouble.key} {trouble.facts.get('code', '')}".rstrip())
            failures += 1
            if pause:
                await self._sleep(pause)

    async def _opened(self) -> ClientWebSocketResponse:
        call = self._client.apps_connections_open(app_token=self._app_token)
        url = str((await asked("apps.connections.open", call)).get("url", ""))
        if not _is_slacks(url, self._client.base_url):
            raise NeedsHuman("trouble.strange_host", {"system": "Slack"})
        async with asyncio.timeout(CONNECT):
            return await self._session.ws_connect(url, heartbeat=HEARTBEAT, max_msg_size=LARGEST)

    async def _hold(self, socket: ClientWebSocketResponse) -> str:
        """Return once the connection ended or Slack wants the next one, and why: "" when it broke off."""
        ends: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        reader = asyncio.create_task(self._read(socket, ends))
        self._readers.add(reader)
        reader.add_done_callback(self._readers.discard)
        try:
            await asyncio.wait({reader, ends}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not ends.done():
                ends.cancel()
        return ends.result() if ends.done() and not ends.cancelled() else reader.result()

    async def _read(self, socket: ClientWebSocketResponse, ends: "asyncio.Future[str]") -> str:
        """Take frames until the connection ends; one that Slack wants replaced is taken from for a while still."""
        loop = asyncio.get_running_loop()
        until: float | None = None
        try:
            while True:
                try:
                    frame = await socket.receive(timeout=None if until is None else max(until - loop.time(), 0.0))
                except TimeoutError:
                    return ""
                if frame.type is not WSMsgType.TEXT:
                    if frame.type is WSMsgType.BINARY:
                        log.warning("slack sent an unreadable frame")
                        continue
                    return ""
                why = self._take(socket, frame.data)
                if why and until is None:
                    until = loop.time() + DRAIN
                    if not ends.done():
                        ends.set_result(why)
        finally:
            if until is None:
                self.connected.clear()
            await socket.close()

    def _take(self, socket: ClientWebSocketResponse, text: str) -> str:
        """Take one frame; return Slack's reason when it says that the connection will end."""
        frame = _frame(text)
        kind = frame.get("type")
        if kind == "hello":
            self._say("slack socket connected", logging.INFO)
            self.connected.set()
            self._hold_on_to(self._catch_up())
        elif kind == "disconnect":
            return str(frame.get("reason") or "disconnect")[:40]
        elif kind in REQUESTS and isinstance(frame.get("envelope_id"), str):
            self._hold_on_to(self._answer(socket, frame))
        else:
            log.warning("slack sent an unreadable frame")
        return ""

    def _hold_on_to(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _catch_up(self) -> None:
        """Let be looked for what Slack could not tell us while there was no connection."""
        if self._on_connected is None:
            return
        try:
            await self._on_connected()
        except Exception as trouble:  # noqa: BLE001 - the next connection, or the night, has it looked for
            log.warning("slack socket: nothing looked for, %s", type(trouble).__name__)

    async def _answer(self, socket: ClientWebSocketResponse, frame: Mapping[str, Any]) -> None:
        """Do what is asked, then say so; what failed is not acknowledged, so that Slack sends it again."""
        body = frame.get("payload")
        answer = BoltResponse(status=200, body="")
        try:
            if not isinstance(body, dict):
                raise Unreadable("payload")
            answer = await self._answered(body)
        except Unreadable as trouble:  # it would be as unreadable a second time
            log.warning("refused an unreadable request: %s", trouble)
        if answer.status != 200:
            return
        said = _payload(answer)
        try:
            await socket.send_json({"envelope_id": frame["envelope_id"], **({"payload": said} if said else {})})
        except (ClientError, ConnectionError):
            log.warning("answer to slack lost: its connection ended")

    def _say(self, line: str, level: int = logging.WARNING) -> None:
        """Say a line once, until there is another to say."""
        if line != self._said:
            log.log(level, "%s", line)
        self._said = line


def _pause(trouble: SystemTrouble, failures: int) -> float:
    if isinstance(trouble, TryLater) and trouble.after is not None:
        return max(trouble.after, timedelta(seconds=1)).total_seconds()
    if isinstance(trouble, CredentialsRefused | NeedsHuman):
        return LONG
    return PAUSES[min(failures, len(PAUSES) - 1)]


def _frame(text: str) -> Mapping[str, Any]:
    try:
        frame = read_json(text)
    except ValueError:
        return {}
    return frame if isinstance(frame, dict) else {}


def _payload(answer: BoltResponse) -> Any:
    """Return an answer's body as Socket Mode takes it: JSON as it is, words as a text."""
    if not answer.body:
        return None
    if answer.first_headers().get("content-type", "").startswith("application/json"):
        return json.loads(answer.body)
    return {"text": answer.body}


def _is_slacks(url: str, api_url: str) -> bool:
    """Whether a connection may go there: over TLS, or unencrypted only where the Web API itself is."""
    try:
        place, api = urlsplit(url), urlsplit(api_url)
        same = (place.hostname, place.port) == (api.hostname, api.port)
    except ValueError:
        return False
    return place.scheme == "wss" or (place.scheme == "ws" and api.scheme == "http" and same)
