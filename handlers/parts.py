"""Reading what a chat sent, part by part: what is not of the shape it should have is `Unreadable`, never guessed."""

import json
from collections.abc import Mapping
from typing import Any, Final

#: How JSON writes half a letter; alone it is no letter, and no store and no mail can hold it.
HALF: Final = "\\ud"


class Unreadable(ValueError):
    """Signed, but not what the chat sends. Says which part, never what stood there."""


def read_json(text: str) -> Any:
    """Return what JSON says. Raises `Unreadable`, for half a letter too, which `json` lets through."""
    try:
        said = json.loads(text)
        if HALF in text.lower():
            json.dumps(said, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise Unreadable("body") from None
    return said


def part_in(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return an object in an object; {} when it is not there. Raises `Unreadable`."""
    part = body.get(name)
    if part is None:
        return {}
    if not isinstance(part, dict):
        raise Unreadable(name)
    return part


def list_in(body: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return a list of objects in an object; [] when it is not there. Raises `Unreadable`."""
    found = body.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Unreadable(name)
    return found


def word_in(body: Mapping[str, Any], name: str, otherwise: str | None = None) -> str:
    """Return a text in an object. Raises `Unreadable`."""
    word = body.get(name)
    if word is None and otherwise is not None:
        return otherwise
    if not isinstance(word, str):
        raise Unreadable(name)
    return word
