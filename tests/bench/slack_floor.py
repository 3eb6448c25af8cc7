"""The honest floor for Slack (D37): what no desk built of these parts could beat.

Bare bolt, which acks when its listener is done, and in the listener the given statements
on disk. Acking first would be faster and a lie.
"""

import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult

from tests.bench.floor import Floor, Write, floor_from, writers
from tests.standins.slack import SIGNING_SECRET

PATH = "/slack/events"


def floor_application(floor: Floor) -> web.Application:
    """Return the application: signed commands (the floor's first kind) and presses (its second) at `/slack/events`."""
    application = web.Application()
    command, press = writers(floor, application)

    def listening(write: Write) -> Callable[[AsyncAck], Awaitable[None]]:
        async def listen(ack: AsyncAck) -> None:
            await write()
            await ack("ok")

        return listen

    app = AsyncApp(name="floor", signing_secret=SIGNING_SECRET, authorize=_authorize, process_before_response=True)
    app.command("/privacy")(listening(command))
    app.action(re.compile("^press:"))(listening(press))

    async def receive(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    application.router.add_post(PATH, receive)
    return application


async def _authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token="xoxb-floor")


if __name__ == "__main__":
    floor, port = floor_from(Path(sys.argv[1]).read_text(encoding="utf-8"))
    web.run_app(floor_application(floor), host="127.0.0.1", port=port, access_log=None, print=None)
