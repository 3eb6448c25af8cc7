"""People in the Slack stand-in: what they type and click reaches the desk as Slack sends it, signed.

A click is found by the words on the button, as a person finds it, in a message, a
private message or a modal, overflow menus included.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import ClientSession

from tests.standins.slack import SIGNING_SECRET, TEAM, Message, SlackStandIn

Json = dict[str, Any]
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
HISTORY: Final = "conversations_history"
EVENTS: Final = count(1)


def signature(secret: str, at: int, body: bytes) -> dict[str, str]:
    """Return the headers by which Slack proves that *body* is its own, sent *at* (Unix seconds)."""
    digest = hmac.new(secret.encode(), b"v0:%d:%s" % (at, body), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(at), "X-Slack-Signature": f"v0={digest}"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the desk answered to a request."""

    status: int
    text: str

    @property
    def body(self) -> Json:
        """The answer as JSON; {} for an empty one."""
        body: Json = json.loads(self.text) if self.text.startswith("{") else {}
        return body


@dataclass(frozen=True, slots=True)
class Person:
    """One member of the workspace, at the desk's address *events_url*."""

    slack: SlackStandIn
    session: ClientSession
    events_url: str
    user: str
    channel: str
    secret: str = field(default=SIGNING_SECRET, repr=False)

    async def send(self, body: bytes, headers: Mapping[str, str], content_type: str = FORM) -> Answer:
        """Send raw bytes to the desk."""
        async with self.session.post(
            self.events_url, data=body, headers={"Content-Type": content_type, **headers}
        ) as reply:
            return Answer(reply.status, await reply.text())

    async def post(self, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        """Send a signed form."""
        body = urlencode(form).encode()
        return await self.send(body, {**signature(self.secret, _now(), body), **(headers or {})})

    async def interact(self, payload: Json, headers: Mapping[str, str] | None = None) -> Answer:
        """Send a signed interaction."""
        return await self.post({"payload": json.dumps(payload)}, headers)

    async def tell(self, body: Json, headers: Mapping[str, str] | None = None) -> Answer:
        """Send a signed event."""
        raw = json.dumps(body).encode()
        return await self.send(raw, {**signature(self.secret, _now(), raw), **(headers or {})}, JSON)

    def happens(self, event: Json, **more: object) -> Json:
        """Return an event as Slack tells of it, this person's doing."""
        number = next(EVENTS)
        return {
            "type": "event_callback",
            "team_id": TEAM,
            "event_id": f"Ev{number:08}",
            "event": {"user": self.user, "event_ts": f"1767600000.{number:06}", **event},
            **more,
        }

    async def open_home(self, tab: str = "home") -> Answer:
        """Open the app's page."""
        return await self.tell(self.happens({"type": "app_home_opened", "tab": tab, "channel": self.direct}))

    async def write(self, text: str, **more: object) -> Answer:
        """Write to the app in its direct message."""
        return await self.tell(self.happens(self.written(text) | more))

    def written(self, text: str) -> Json:
        """Return the message somebody writes to the app."""
        return {
            "type": "message",
            "channel_type": "im",
            "channel": self.direct,
            "text": text,
            "ts": "1767600001.000001",
        }

    async def mention(self, text: str, **more: object) -> Answer:
        """Mention the app in a channel."""
        said = {"type": "app_mention", "channel": self.channel, "text": f"<@UBOT> {text}", "ts": "1767600001.000001"}
        return await self.tell(self.happens(said | more))

    async def post_link(self, *urls: str, **more: object) -> Answer:
        """Post links to the desk in a channel."""
        links = [{"domain": "desk.example.org", "url": url} for url in urls]
        said = {"type": "link_shared", "channel": self.channel, "links": links, "message_ts": "1767600001.000001"}
        return await self.tell(self.happens({"is_bot_user_member": True, "source": HISTORY, **said, **more}))

    async def shortcut(self, name: str = "type_request", trigger: str = "") -> Answer:
        """Choose the app's shortcut, anywhere in Slack."""
        return await self.interact(
            {
                "type": "shortcut",
                "callback_id": name,
                "team": {"id": TEAM},
                "user": {"id": self.user},
                "trigger_id": trigger or self.slack.new_trigger(),
                "action_ts": "1767600000.000001",
            }
        )

    @property
    def direct(self) -> str:
        """The app's direct message with this person."""
        return f"D{self.user[1:]}"

    @property
    def home(self) -> Json:
        """The app's page as this person sees it."""
        return self.slack.homes[self.user]

    async def command(self, text: str, trigger: str = "") -> Answer:
        """Type `/privacy <text>`; what comes back is shown to this person only."""
        answer = await self.post(
            {
                "command": "/privacy",
                "text": text,
                "user_id": self.user,
                "team_id": TEAM,
                "channel_id": self.channel,
                "trigger_id": trigger or self.slack.new_trigger(),
                "response_url": f"{self.slack.url}/responses/none",
            }
        )
        if answer.body:
            self.slack.heard(answer.body)
            assert answer.body["response_type"] == "ephemeral"
            self.slack.show_privately(self.user, self.channel, answer.body["text"], answer.body.get("blocks", []))
        return answer

    async def press(self, message: Message, label: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Press a button of a message, or an entry of its menu."""
        return await self.interact(self.pressed(message, label), headers)

    def pressed(self, message: Message, label: str) -> Json:
        """Return what Slack sends when a message's button is pressed."""
        seen = Message(message.channel, message.ts, message.text, message.blocks, self.user)
        return {
            **self._act(message.blocks, label),
            "container": {"type": "message", "message_ts": message.ts, "is_ephemeral": bool(message.user)},
            "channel": {"id": message.channel},
            "response_url": self.slack.new_response_url(message if message.user else seen),
        }

    async def choose(self, message: Json, headers: Mapping[str, str] | None = None, trigger: str = "") -> Answer:
        """Choose "Ny dataskyddsbegäran" in a message's menu."""
        return await self.interact(self.chosen(message, trigger), headers)

    def chosen(self, message: Json, trigger: str = "") -> Json:
        """Return what Slack sends when the shortcut is chosen on *message*."""
        seen = Message(self.channel, message["ts"], message.get("text", ""), [], self.user)
        return {
            "type": "message_action",
            "callback_id": "new_request",
            "token": "old",
            "action_ts": "1767600000.000001",
            "team": {"id": TEAM, "domain": "gotowork"},
            "user": {"id": self.user, "name": "somebody"},
            "channel": {"id": self.channel, "name": "general"},
            "trigger_id": trigger or self.slack.new_trigger(),
            "response_url": self.slack.new_response_url(seen),
            "message_ts": message["ts"],
            "message": message,
        }

    async def press_in_view(self, view: Json, label: str) -> Answer:
        """Press a button in a modal or on the app's page: there is neither channel nor response_url then."""
        shown = {"id": view["id"], "type": view["type"], "blocks": view["blocks"]}
        shown["private_metadata"] = view.get("private_metadata", "")
        return await self.interact({**self._act(view["blocks"], label), "container": {"type": "view"}, "view": shown})

    async def submit(self, view: Json, given: Mapping[str, str | int | Sequence[str]] | None = None) -> Answer:
        """Send a modal: prefilled values stand unless *given* (by field: words, Unix seconds, or option labels)."""
        values = {
            block["block_id"]: {block["element"]["action_id"]: _filled(block, (given or {}).get(block["block_id"]))}
            for block in view["blocks"]
            if block["type"] == "input"
        }
        answer = await self.interact(
            {
                "type": "view_submission",
                "team": {"id": TEAM},
                "user": {"id": self.user},
                "trigger_id": self.slack.new_trigger(),
                "view": {**view, "state": {"values": values}},
                "response_urls": [],
            }
        )
        self._show(view["id"], answer)
        return answer

    def _show(self, view_id: str, answer: Answer) -> None:
        if answer.status != 200:
            return
        self.slack.heard(answer.body)
        match answer.body:
            case {"response_action": "update", "view": view}:
                self.slack.put_view(view, view_id)
            case {"response_action": "push", "view": view}:
                self.slack.put_view(view)
            case {"response_action": "errors", "errors": errors}:
                assert errors.keys() <= {block.get("block_id") for block in self.slack.views[view_id]["blocks"]}
            case _:
                del self.slack.views[view_id]

    def _act(self, blocks: Sequence[Json], label: str) -> Json:
        return {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": self.user},
            "trigger_id": self.slack.new_trigger(),
            "actions": [_found(blocks, label)],
        }


@dataclass(frozen=True, slots=True)
class SocketPerson(Person):
    """A member of the workspace whose doings reach the desk over the connection it keeps."""

    async def post(self, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        """Send a command; *headers* exist over HTTP only."""
        return _acknowledged(await self.slack.sockets.deliver("slash_commands", dict(form)))

    async def interact(self, payload: Json, headers: Mapping[str, str] | None = None) -> Answer:
        """Send an interaction."""
        return _acknowledged(await self.slack.sockets.deliver("interactive", payload))

    async def tell(self, body: Json, headers: Mapping[str, str] | None = None) -> Answer:
        """Send an event."""
        return _acknowledged(await self.slack.sockets.deliver("events_api", body))


def _acknowledged(ack: Json | None) -> Answer:
    """Return an acknowledgement as the HTTP answer that says the same."""
    if ack is None:
        return Answer(500, "")
    return Answer(200, json.dumps(ack["payload"]) if "payload" in ack else "")


def labels(blocks: Sequence[Json]) -> list[str]:
    """Return the words on every button and menu entry."""
    return [label for label, _ in _clickable(blocks)]


def words(blocks: Sequence[Json]) -> str:
    """Return every text of some blocks, one a line."""
    return "\n".join(_texts(blocks))


def _clickable(blocks: Sequence[Json]) -> list[tuple[str, Json]]:
    found: list[tuple[str, Json]] = []
    for element in (element for block in blocks if block["type"] == "actions" for element in block["elements"]):
        common = {"type": element["type"], "action_id": element["action_id"]}
        if element["type"] == "button":
            own = {key: element[key] for key in ("value", "url") if key in element}
            found.append((element["text"]["text"], {**common, **own}))
        else:
            found += [(o["text"]["text"], {**common, "selected_option": o}) for o in element["options"]]
    return found


def _found(blocks: Sequence[Json], label: str) -> Json:
    for words_on_it, action in _clickable(blocks):
        if words_on_it == label:
            return action
    raise AssertionError(f"no {label!r} among {labels(blocks)}")


def _filled(block: Json, given: str | int | Sequence[str] | None) -> Json:
    """Return a field's state as Slack sends it; refuses to send a required field empty, as Slack does."""
    element = block["element"]
    kind = element["type"]
    state: Json = {"type": kind}
    match kind:
        case "plain_text_input":
            state["value"] = element.get("initial_value") if given is None else str(given) or None
            empty = state["value"] is None
        case "datetimepicker":
            state["selected_date_time"] = element.get("initial_date_time") if given is None else given
            empty = state["selected_date_time"] is None
        case "multi_static_select":
            chosen = element.get("initial_options", []) if given is None else _options(element, given)
            state["selected_options"], empty = chosen, not chosen
        case _:
            chosen = [o for o in [element.get("initial_option")] if o] if given is None else _options(element, given)
            state["selected_option"], empty = (chosen[0] if chosen else None), not chosen
    assert block.get("optional") or not empty, f"{block['block_id']} must be filled in"
    return state


def _options(element: Json, given: str | int | Sequence[str]) -> list[Json]:
    by_label = {option["text"]["text"]: option for option in element["options"]}
    chosen = [given] if isinstance(given, str | int) else given
    unknown = [label for label in chosen if label not in by_label]
    assert not unknown, f"no {unknown} among {list(by_label)}"
    return [by_label[str(label)] for label in chosen]


def _texts(part: object) -> list[str]:
    if isinstance(part, dict):
        own = [part["text"]] if isinstance(part.get("text"), str) else []
        return own + [text for inner in part.values() for text in _texts(inner)]
    if isinstance(part, list):
        return [text for inner in part for text in _texts(inner)]
    return []


def _now() -> int:
    return int(time.time())  # noqa: TID251 - Slack's clock is the world's, not the desk's
