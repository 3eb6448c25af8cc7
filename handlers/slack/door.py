"""The one address Slack knows, mounted in the one web application.

The signature is checked here, over the raw body and before anything is read, and so is
what the body means: bolt parses first and verifies second, answers 500 to garbage, and
loses a command whose words contain "payload". Bolt gets the request as Socket Mode would
hand it over (a parsed body), so both ways in are one.
"""

import json
import logging
from collections.abc import Callable, Mapping
from traceback import extract_tb
from typing import Any, Final
from urllib.parse import parse_qsl

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import SignatureVerifier

from handlers.slack.front import SlackDoor
from handlers.slack.listeners import Listeners
from handlers.slack.messages import read_event, read_shortcut
from handlers.slack.notes import Notes
from handlers.slack.trouble import slack_client
from handlers.slack.values import Unreadable, read_command, read_press, read_submission

log = logging.getLogger(__name__)

PATH: Final = "/slack/events"
#: Bytes. Slack's largest request, a form with every field full, stays well below.
LARGEST: Final = 1 << 20
#: What we listen to, and what must be in it. Whatever else Slack sends is thanked for and dropped.
KINDS: Final[Mapping[str, Callable[[Mapping[str, Any]], object]]] = {
    "command": read_command,
    "block_actions": read_press,
    "view_submission": read_submission,
    "message_action": read_shortcut,
    "event_callback": read_event,
    "url_verification": dict,
}


def mount(application: web.Application, slack: SlackDoor) -> None:
    """Add Slack to the application. It waits for private answers under way when the application stops."""
    client = slack_client(slack.bot_token, slack.api_url, slack.session)
    notes = Notes(client, slack.session)
    app = _bolt(slack)
    Listeners(slack, client, notes).listen(app)
    verifier = SignatureVerifier(slack.signing_secret)

    async def receive(request: web.Request) -> web.Response:
        return await _received(request, app, verifier)

    async def look(request: web.Request) -> web.Response:
        if request.query.get("ssl_check") == "1":
            return web.Response()
        return web.Response(status=405, headers={"Allow": "POST"})

    async def close(_application: web.Application) -> None:
        await notes.close()

    application.router.add_post(PATH, receive)
    application.router.add_get(PATH, look)
    application.on_shutdown.append(close)


def _bolt(slack: SlackDoor) -> AsyncApp:
    """Return bolt's app; it knows its token without asking Slack, so that no request waits for that."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=slack.bot_token)

    app = AsyncApp(
        name="privacy-desk",
        client=slack_client(None, slack.api_url, slack.session),
        authorize=authorize,
        process_before_response=True,
        raise_error_for_unhandled_request=True,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        ignoring_self_events_enabled=False,
        attaching_function_token_enabled=False,
    )
    app.error(_failed)
    return app


async def _received(request: web.Request, app: AsyncApp, verifier: SignatureVerifier) -> web.Response:
    try:
        raw = await request.clone(client_max_size=LARGEST).read()
    except web.HTTPRequestEntityTooLarge:
        return web.Response(status=413)
    if b"ssl_check=1" in raw.split(b"&"):
        return web.Response()
    if not signed(verifier, raw, request.headers):
        log.warning("refused a request without Slack's signature")
        return web.Response(status=401)
    try:
        body = parsed(raw, request.content_type)
        kind = "command" if "command" in body else str(body.get("type", ""))
        if kind not in KINDS:
            log.info("nobody listens to %.40s", kind)
            return web.Response()
        KINDS[kind](body)
        bolt_request = _bolt_request(body)
    except Unreadable as trouble:
        log.warning("refused an unreadable request: %s", trouble)
        return web.Response(status=400)
    return await to_aiohttp_response(await app.async_dispatch(bolt_request))


def signed(verifier: SignatureVerifier, raw: bytes, headers: Mapping[str, str]) -> bool:
    """Whether Slack signed *raw* within the last five minutes (docs.slack.dev, verifying requests)."""
    try:
        return bool(verifier.is_valid(raw, headers.get("X-Slack-Request-Timestamp"), headers.get("X-Slack-Signature")))
    except (ValueError, TypeError):  # a timestamp that is no number, a signature or body that is no text
        return False


def parsed(raw: bytes, content_type: str) -> dict[str, Any]:
    """Return a request's body: JSON, a form, or JSON in the form's `payload`. Raises `Unreadable`."""
    try:
        text = raw.decode()
        form = {} if content_type == "application/json" else dict(parse_qsl(text, keep_blank_values=True))
        body = json.loads(form.get("payload", text)) if "payload" in form or not form else form
    except (ValueError, RecursionError):
        raise Unreadable("body") from None
    if not isinstance(body, dict) or not ("command" in body or isinstance(body.get("type"), str)):
        raise Unreadable("body")
    return body


def _bolt_request(body: dict[str, Any]) -> AsyncBoltRequest:
    try:
        return AsyncBoltRequest(body=body, mode="socket_mode")
    except (AttributeError, IndexError, KeyError, TypeError):
        raise Unreadable("context") from None


async def _failed(error: Exception, body: dict[str, Any]) -> BoltResponse:
    """Answer what no listener could: bolt would write the whole request into the log."""
    if isinstance(error, BoltUnhandledRequestError):
        log.warning("no listener for %.40s", body.get("type", "command"))
        return BoltResponse(status=200, body="")
    where = extract_tb(error.__traceback__)[-1]
    log.error("slack request failed: %s in %s:%s", type(error).__name__, where.name, where.lineno)
    return BoltResponse(status=500, body="")
