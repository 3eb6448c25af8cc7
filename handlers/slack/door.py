"""The ways in, mounted in the one web application: the one address Slack knows, or a connection we keep to Slack.

Socket Mode when an app-level token is set; then the address is not served at all, since
without a signing secret anybody could sign. The signature is checked over the raw body
and before anything is read: bolt parses first and verifies second.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_sdk.signature import SignatureVerifier

from handlers.parts import Unreadable, read_json
from handlers.slack.client import slack_client
from handlers.slack.front import SlackDoor
from handlers.slack.reception import Reception
from handlers.slack.socket_mode import SocketMode

log = logging.getLogger(__name__)

PATH: Final = "/slack/events"
#: Bytes. Slack's largest request, a form with every field full, stays well below.
LARGEST: Final = 1 << 20


def mount(application: web.Application, slack: SlackDoor) -> None:
    """Add Slack to the application. It waits for private answers under way when the application stops."""
    reception = Reception(slack)
    if slack.app_token:
        _keep_connected(application, slack, reception)
    else:
        _serve_address(application, slack, reception)

    async def close(_application: web.Application) -> None:
        await reception.close()

    application.on_shutdown.append(close)


def _keep_connected(application: web.Application, slack: SlackDoor, reception: Reception) -> None:
    """Hold a connection to Slack while the application runs; every `web` process holds one of its own (D39)."""
    client = slack_client(None, slack.api_url, slack.session, slack.rests)
    look = slack.desk.look_for_mail if slack.mail_channel else None
    connection = SocketMode(client, slack.app_token, slack.session, reception.answered, connected=look)

    async def start(_application: web.Application) -> None:
        connection.start()

    async def close(_application: web.Application) -> None:
        await connection.close()

    application.on_startup.append(start)
    application.on_shutdown.append(close)


def _serve_address(application: web.Application, slack: SlackDoor, reception: Reception) -> None:
    verifier = SignatureVerifier(slack.signing_secret)

    async def receive(request: web.Request) -> web.Response:
        return await _received(request, reception, verifier)

    async def look(request: web.Request) -> web.Response:
        if request.query.get("ssl_check") == "1":
            return web.Response()
        return web.Response(status=405, headers={"Allow": "POST"})

    application.router.add_post(PATH, receive)
    application.router.add_get(PATH, look)


async def _received(request: web.Request, reception: Reception, verifier: SignatureVerifier) -> web.Response:
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
        answer = await reception.answered(parsed(raw, request.content_type))
    except Unreadable as trouble:
        log.warning("refused an unreadable request: %s", trouble)
        return web.Response(status=400)
    return await to_aiohttp_response(answer)


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
        body = read_json(form.get("payload", text)) if "payload" in form or not form else form
    except ValueError:
        raise Unreadable("body") from None
    if not isinstance(body, dict) or not ("command" in body or isinstance(body.get("type"), str)):
        raise Unreadable("body")
    return body
