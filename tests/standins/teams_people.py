"""People in the Teams stand-in: what they type, press and send reaches the desk as Teams sends it.

A button is found by the words on it, as a person finds it, in a message, a message only
they see or a dialog, the menu below ⋯ included. The documented JSON: learn.microsoft.com,
"Activity schema", "Universal Actions for Adaptive Cards", "Use dialogs in Microsoft Teams
bots", "Define message extension action commands".
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from aiohttp import ClientSession

from tests.standins.teams import APP_ID, CARD, CHANNEL, GROUP, TEAM, TENANT, Message, TeamsStandIn

Json = dict[str, Any]
NOTHING: Mapping[str, str | Sequence[str]] = {}
_IDS = count(1)


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

    @property
    def sentence(self) -> str:
        """What is said to the presser alone, by a press or a dialog; "" when nothing is."""
        said = self.body.get("task", self.body)
        return said["value"] if isinstance(said.get("value"), str) else ""

    @property
    def card(self) -> Json:
        """The card that stands in the old one's place, or in the dialog; {} when there is none."""
        said = self.body.get("task", self.body)
        card: Json = {}
        if said.get("type") == CARD:
            card = said["value"]
        elif said.get("type") == "continue":
            card = said["value"]["card"]["content"]
        return card


@dataclass(frozen=True, slots=True)
class TeamsPerson:
    """One person of the tenant, at the desk's address *url*, writing in *room*."""

    teams: TeamsStandIn
    session: ClientSession
    url: str
    person: str
    room: str = CHANNEL
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def known_as(self) -> str:
        """The id Teams gives them in its conversations."""
        return f"29:{self.person}"

    def alone(self) -> "TeamsPerson":
        """Return the person in their own chat with the bot."""
        return replace(self, room=self.teams.install_for(self.person))

    def activity(self, type_: str, thread: str = "") -> Json:
        """Return what every activity of theirs says."""
        shared = self.room in (CHANNEL, GROUP)
        kind = {CHANNEL: "channel", GROUP: "groupChat"}.get(self.room, "personal")
        conversation = {"conversationType": kind, "tenantId": TENANT, "id": self.room}
        place: Json = {"tenant": {"id": TENANT}}
        if kind == "channel":
            place |= {"channel": {"id": CHANNEL}, "team": {"id": TEAM}}
            conversation["id"] += f";messageid={thread}" if thread else ""
        return {
            "type": type_,
            "id": f"f:{next(_IDS)}",
            "timestamp": "2026-03-09T09:05:00.000Z",
            "channelId": "msteams",
            "serviceUrl": self.teams.service_url,
            "from": {"id": self.known_as, "name": "Somebody", "aadObjectId": self.person},
            "conversation": {**conversation, **({"isGroup": True} if shared else {})},
            "recipient": {"id": f"28:{APP_ID}", "name": "Privacy"},
            "entities": [{"type": "clientInfo", "locale": "sv-SE", "country": "SE", "platform": "Windows"}],
            "channelData": place,
            "locale": "sv-SE",
        }

    async def post(self, activity: Json) -> Answer:
        """Send an activity as it is; what comes back was said in Teams."""
        async with self.session.post(self.url, json=activity, headers=dict(self.headers)) as reply:
            answer = Answer(reply.status, await reply.text())
        if answer.body:
            self.teams.heard(answer.body)
        if answer.card:
            self.teams.check_card(answer.card)
        return answer

    async def say(self, text: str) -> Answer:
        """Type something to the bot, mentioned where others are present."""
        activity = self.activity("message")
        if self.room in (CHANNEL, GROUP):
            mention = {"type": "mention", "mentioned": activity["recipient"], "text": "<at>Privacy</at>"}
            activity["entities"].append(mention)
            text = f"<at>Privacy</at> {text}"
        return await self.post({**activity, "text": text, "textFormat": "plain"})

    async def install(self, action: str = "add") -> Answer:
        """Let the app into the conversation, or out of it."""
        return await self.post({**self.activity("installationUpdate"), "action": action})

    async def press(self, message: Message, label: str, given: Mapping[str, str] | None = None) -> Answer:
        """Press a button that acts (Action.Execute)."""
        return await self.post(self.pressed(message, label, given))

    def pressed(self, message: Message, label: str, given: Mapping[str, str] | None = None) -> Json:
        """Return what Teams sends when a button that acts is pressed."""
        action = found(message.card, label)
        assert action["type"] == "Action.Execute", f"{label!r} is {action['type']}"
        sent = {
            "type": "Action.Execute",
            "title": label,
            "verb": action.get("verb", ""),
            "data": {**action.get("data", {}), **(given or {})},
        }
        value = {"action": sent, "trigger": "manual"}
        return {**self._invoke("adaptiveCard/action", message), "value": value}

    async def press_fallback(self, message: Message, label: str) -> Answer:
        """Press the same button in a client that knows no Action.Execute: it sends a message without words."""
        action = found(message.card, label)["fallback"]
        assert action["type"] == "Action.Submit"
        activity = {**self.activity("message", message.id), "replyToId": message.id}
        return await self.post({**activity, "value": action["data"]})

    async def refresh(self, message: Message, card: Json | None = None) -> Answer:
        """Look at a card that asks for a view of the reader's own."""
        action = (card or message.card)["refresh"]["action"]
        value = {"action": {key: action[key] for key in ("type", "verb", "data", "title") if key in action}}
        return await self.post(
            {**self._invoke("adaptiveCard/action", message), "value": {**value, "trigger": "automatic"}}
        )

    async def open(self, message: Message, label: str) -> Answer:
        """Press a button that opens a form: Teams asks for the dialog."""
        action = found(message.card, label)
        assert action["type"] == "Action.Submit", f"{label!r} is {action['type']}"
        assert action["data"]["msteams"] == {"type": "task/fetch"}
        value = {"data": action["data"], "context": {"theme": "default"}}
        return await self.post({**self._invoke("task/fetch", message), "value": value})

    async def send(self, message: Message, form: Json, given: Mapping[str, str | Sequence[str]] = NOTHING) -> Answer:
        """Send a dialog's form: what stands in it is sent unless *given* (by field: words, or labels of choices)."""
        value = {"data": filled(form, given), "context": {"theme": "default"}}
        return await self.post({**self._invoke("task/submit", message), "value": value})

    async def choose(self, payload: Json, command: str) -> Answer:
        """Choose a message action on a message."""
        value = {
            "commandId": command,
            "commandContext": "message",
            "context": {"theme": "default"},
            "messagePayload": payload,
        }
        activity = self.activity("invoke", payload["id"])
        return await self.post({**activity, "name": "composeExtension/fetchTask", "value": value})

    async def send_chosen(self, form: Json, command: str, given: Mapping[str, str | Sequence[str]]) -> Answer:
        """Send the form of a message action."""
        value = {"commandId": command, "commandContext": "message", "data": filled(form, given)}
        return await self.post({**self.activity("invoke"), "name": "composeExtension/submitAction", "value": value})

    def _invoke(self, name: str, message: Message) -> Json:
        return {**self.activity("invoke", message.id), "name": name, "replyToId": message.id}


def labels(card: Json) -> list[str]:
    """Return the words on every button, those below ⋯ too."""
    return [str(action["title"]) for action in _actions(card)]


def found(card: Json, label: str) -> Json:
    """Return the action behind the button with those words."""
    for action in _actions(card):
        if action["title"] == label:
            return action
    raise AssertionError(f"no {label!r} among {labels(card)}")


def words(card: Json) -> str:
    """Return every text of a card, one a line; the signs that keep a text from being markup are left out."""
    return "\n".join(_texts(card)).replace("\u200b", "").replace("\u2060", "")


def filled(form: Json, given: Mapping[str, str | Sequence[str]]) -> Json:
    """Return what a client sends of a form; refuses to send a required field empty, as a client does."""
    inputs = [part for part in _parts(form) if str(part.get("type", "")).startswith("Input.")]
    unknown = set(given) - {one["id"] for one in inputs}
    assert not unknown, f"no field {unknown} among {[one['id'] for one in inputs]}"
    sent = {one["id"]: _value(one, given.get(one["id"])) for one in inputs}
    for one in inputs:
        assert sent[one["id"]] or not one.get("isRequired"), f"{one['id']} must be filled in"
    (action,) = [action for action in _actions(form) if action["type"] == "Action.Submit"]
    return {**action["data"], **sent}


def _value(field_: Json, given: str | Sequence[str] | None) -> str:
    if given is None:
        return str(field_.get("value", ""))
    if field_["type"] != "Input.ChoiceSet":
        return str(given)
    by_label = {choice["title"]: choice["value"] for choice in field_["choices"]}
    chosen = [given] if isinstance(given, str) else list(given)
    unknown = [label for label in chosen if label not in by_label]
    assert not unknown, f"no {unknown} among {list(by_label)}"
    return ",".join(by_label[label] for label in chosen)


def _actions(card: Json) -> Iterator[Json]:
    for part in _parts(card):
        if str(part.get("type", "")).startswith("Action.") and "title" in part:
            yield part


def _parts(part: object) -> Iterator[Json]:
    """Yield every object in a card but what stands in for another (a fallback) and what is sent (data)."""
    if isinstance(part, dict):
        yield part
        for name, inner in part.items():
            if name not in ("fallback", "data", "refresh"):
                yield from _parts(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _parts(inner)


def _texts(card: Json) -> Iterator[str]:
    for part in _parts(card):
        for name in ("text", "title", "label", "value", "altText", "errorMessage", "placeholder"):
            if isinstance(part.get(name), str):
                yield part[name]
