"""Mail that somebody forwarded into a channel of the Slack stand-in: the file, and the event that tells of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from types import MappingProxyType
from typing import Any, Final

from aiohttp import ClientSession

from tests.standins.slack import SIGNING_SECRET, TEAM, File, SlackStandIn
from tests.standins.slack_people import Answer, Person, _now, signature

Json = Mapping[str, Any]
NOTHING: Final[Json] = MappingProxyType({})
JSON = "application/json"
SENT = 1_772_700_000  # Thursday 5 March 2026, 08:40 UTC


@dataclass(frozen=True, slots=True)
class Mailing:
    """Slack's mail channel at the desk's address."""

    slack: SlackStandIn
    session: ClientSession
    events_url: str
    channel: str
    numbers: "count[int]"

    def put(self, text: str, page: str = "", says: Json = NOTHING) -> str:
        """Let a mail lie in the channel, described otherwise where *says* does; return its file id."""
        number = next(self.numbers)
        name = f"F0MAIL{number}"
        url = f"{self.slack.url}/files/{name}"
        described = {
            "id": name,
            "created": SENT + 3,
            "timestamp": SENT,
            "name": "mail",
            "mimetype": "text/html",
            "filetype": "email",
            "mode": "email",
            "user": "USLACKBOT",
            "subject": "Mina uppgifter",
            "from": [{"address": "priya@example.org", "name": "Priya", "original": "Priya <priya@example.org>"}],
            "to": [{"address": "", "name": "Email", "original": "Email <>"}],
            "cc": [],
            "attachments": [],
            "original_attachment_count": 0,
            "plain_text": text,
            "headers": {
                "date": "Thu, 5 Mar 2026 09:39:00 +0100",
                "in_reply_to": None,
                "reply_to": None,
                "message_id": f"<mail{number}@example.org>",
            },
            "has_more": False,
            "url_private": url,
            "url_private_download": url,
            **says,
        }
        body = page or f"<html><body><p>{text}</p></body></html>"
        self.slack.files[name] = File(described, body.encode())
        return name

    def event(self, *files: str, differs: Json = NOTHING, shared: bool = False) -> dict[str, Any]:
        """Return what Slack tells of mails that came: the mail itself is in it too, and must go nowhere."""
        number = next(self.numbers)
        return {
            "token": "old",
            "team_id": TEAM,
            "api_app_id": "A0",
            "type": "event_callback",
            "event_id": f"Ev{number}",
            "event_time": SENT,
            "authorizations": [{"team_id": TEAM, "user_id": "UBOT", "is_bot": True}],
            "is_ext_shared_channel": shared,
            "event": {
                "type": "message",
                "subtype": "file_share",
                "text": "",
                "user": "USLACKBOT",
                "bot_id": "B0",
                "upload": True,
                "display_as_bot": True,
                "channel": self.channel,
                "channel_type": "group",
                "ts": f"{SENT}.{number:06d}",
                "event_ts": f"{SENT}.{number:06d}",
                "files": [dict(self.slack.files[file].says) for file in files],
                **differs,
            },
        }

    def lies(self, *files: str, days_ago: int = 0, differs: Json = NOTHING) -> Json:
        """Let a message with mails stand in the channel, as `conversations.history` has it; return the event of it."""
        event = self.event(*files)
        ts = f"{SENT - days_ago * 86_400}.{next(self.numbers):06d}"
        event["event"] |= {"ts": ts, "event_ts": ts}
        stands = {name: event["event"][name] for name in ("type", "text", "user", "bot_id", "ts", "files")}
        self.slack.written[self.channel].append({**stands, **differs})
        return event

    async def tell(self, event: Json, retry: int = 0, secret: str = SIGNING_SECRET) -> Answer:
        """Deliver an event, signed, for the first time or again."""
        body = json.dumps(event).encode()
        again = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"} if retry else {}
        slackbot = Person(self.slack, self.session, self.events_url, "USLACKBOT", self.channel)
        return await slackbot.send(body, {**signature(secret, _now(), body), **again}, JSON)
