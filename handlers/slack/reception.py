"""What Slack sends, answered: the one room both ways in lead to, the signed address and Socket Mode.

What a request means is read here before bolt sees it: bolt answers 500 to garbage and
loses a command whose words contain "payload". It gets every request as Socket Mode hands
it over (a parsed body), so that one answer fits both ways.
"""

import logging
from collections.abc import Callable, Mapping
from traceback import extract_tb
from typing import Any, Final

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from handlers.parts import Unreadable, part_in, word_in
from handlers.slack.client import slack_client
from handlers.slack.events import event_id, read_event
from handlers.slack.front import SlackDoor
from handlers.slack.listeners import Listeners
from handlers.slack.messages import read_shortcut
from handlers.slack.notes import Notes
from handlers.slack.values import read_command, read_global, read_press, read_submission

log = logging.getLogger(__name__)

LIMITED: Final = "app_rate_limited"
Body = Mapping[str, Any]


def _read_told(body: Body) -> object:
    """Read what Slack tells of, and by what its repetition is known. Raises `Unreadable`."""
    return event_id(body), read_event(body)


#: What we listen to, and what must be in it. Whatever else Slack sends is thanked for and dropped.
KINDS: Final[Mapping[str, Callable[[Body], object]]] = {
    "command": read_command,
    "block_actions": read_press,
    "view_submission": read_submission,
    "message_action": read_shortcut,
    "shortcut": read_global,
    "event_callback": _read_told,
    "url_verification": dict,
}
#: By which word of what was read bolt finds who listens: it breaks where that is none.
NAMES: Final[Mapping[str, Callable[[Body], str]]] = {
    "command": lambda body: word_in(body, "command"),
    "block_actions": lambda body: word_in(body["actions"][0], "action_id"),
    "view_submission": lambda body: word_in(part_in(body, "view"), "callback_id"),
    "message_action": lambda body: word_in(body, "callback_id"),
    "shortcut": lambda body: word_in(body, "callback_id"),
    "event_callback": lambda body: word_in(part_in(body, "event"), "type"),
    "url_verification": lambda body: word_in(body, "type"),
}


class Reception:
    """Answers parsed bodies. `close` waits for private answers under way."""

    def __init__(self, slack: SlackDoor) -> None:
        client = slack_client(slack.bot_token, slack.api_url, slack.session, slack.rests)
        self._notes = Notes(client, slack.session)
        self._app = _bolt(slack)
        Listeners.of(slack, client, self._notes).listen(self._app)

    async def answered(self, body: Body) -> BoltResponse:
        """Return the answer to a request that is Slack's own. Raises `Unreadable`."""
        kind = "command" if "command" in body else str(body.get("type", ""))
        if kind == LIMITED:  # nothing to answer, but whoever runs the desk must hear that things were not told
            log.error("slack no longer tells us everything: more than it allows happened within an hour")
        if kind not in KINDS:
            log.info("nobody listens to %.40s", kind)
            return BoltResponse(status=200, body="")
        KINDS[kind](body)
        NAMES[kind](body)
        return await self._app.async_dispatch(_bolt_request(dict(body)))

    async def close(self) -> None:
        """Wait a moment for private answers under way."""
        await self._notes.close()


def _bolt(slack: SlackDoor) -> AsyncApp:
    """Return bolt's app; it knows its token without asking Slack, so that no request waits for that."""

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=slack.bot_token)

    app = AsyncApp(
        name="privacy-desk",
        client=slack_client(None, slack.api_url, slack.session, slack.rests),
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
