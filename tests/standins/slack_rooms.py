"""Whom and what a Slack workspace has: channels in every state they can be in, members who left."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


class Refused(Exception):
    """Slack's `ok: false`, with its error code and what else the answer says."""

    def __init__(self, code: str, **more: str) -> None:
        super().__init__(code)
        self.more = more


@dataclass(frozen=True, slots=True)
class Room:
    """One channel. `there` False: deleted, or private and the app was never in it, which looks the same."""

    there: bool = True
    archived: bool = False
    member: bool = True
    private: bool = True
    shared: bool = False
    locked: bool = False


def entered(rooms: Mapping[str, Room], gone: set[str], channel: str) -> None:
    """Raise `Refused` when a message to *channel* would be."""
    room = rooms.get(channel, Room())
    if channel[:1] not in "CDG" or not room.there:
        raise Refused("channel_not_found")
    if channel[:1] == "D" and any(channel[1:] == user[1:] for user in gone):
        raise Refused("is_inactive")
    if room.archived:
        raise Refused("is_archived")
    if not room.member:
        raise Refused("not_in_channel")
    if room.locked:
        raise Refused("restricted_action_read_only_channel")


def described(rooms: Mapping[str, Room], scopes: set[str], channel: str) -> Json:
    """Return what `conversations.info` says. Raises `Refused`."""
    room = rooms.get(channel, Room())
    needed = "groups:read" if room.private else "channels:read"
    if needed not in scopes:
        raise Refused("missing_scope", needed=needed, provided=",".join(sorted(scopes)))
    if not room.there or (room.private and not room.member):
        raise Refused("channel_not_found")
    return {
        "channel": {
            "id": channel,
            "is_archived": room.archived,
            "is_member": room.member,
            "is_private": room.private,
            "is_ext_shared": room.shared,
        }
    }


def history(rooms: Mapping[str, Room], scopes: set[str], asked: Json, told: list[Json]) -> Json:
    """Return what `conversations.history` says of messages *told* oldest first. Raises `Refused`.

    Newest first, a page at a time; metadata only for who asks for it (docs.slack.dev).
    """
    channel = asked["channel"]
    private = "groups:history" if rooms.get(channel, Room()).private else "channels:history"
    needed = "im:history" if channel[:1] == "D" else private
    if needed not in scopes:
        raise Refused("missing_scope", needed=needed, provided=",".join(sorted(scopes)))
    since = [one for one in reversed(told) if float(one["ts"]) > float(asked.get("oldest", 0))]
    first, size = int(asked.get("cursor", 0)), int(asked.get("limit", 100))
    page = since[first : first + size]
    if str(asked.get("include_all_metadata", "0")).lower() not in ("1", "true"):
        page = [{name: said for name, said in one.items() if name != "metadata"} for one in page]
    more = first + size < len(since)
    return {
        "messages": page,
        "has_more": more,
        "response_metadata": {"next_cursor": str(first + size) if more else ""},
    }


def member(gone: set[str], never: set[str], user: str) -> Json:
    """Return what `users.info` says. Raises `Refused`."""
    if user in never:
        raise Refused("user_not_found")
    return {"user": {"id": user, "deleted": user in gone, "is_bot": False}}
