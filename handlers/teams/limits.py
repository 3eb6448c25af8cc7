"""What Teams takes at most, and how a text stays below it.

A message of a bot may hold 100 KB of UTF-16 today; older pages of Microsoft's say 40 and
28 KB, and some clients may still hold on to the smallest. A card stays below 28,000 bytes.
"""

import json
from collections.abc import Mapping
from typing import Any, Final

#: Bytes of a card's JSON in UTF-16.
CARD_BYTES: Final = 28_000
#: People whose copy of a card asks for a view of their own; a card that names more is refused.
REFRESHED_FOR: Final = 60
FALLBACK_TEXT: Final = 4_000

#: Ours, not Teams': what is longer is cut or wraps badly on a phone.
TITLE: Final = 150
BUTTON_TEXT: Final = 75
TOOLTIP: Final = 150
#: Ours, in letters: how wide a card is on a phone of 360 pixels, and what a button and the ⋯ add to their words.
ROW: Final = 38
BUTTON_EDGES: Final = 4
DOTS_WIDE: Final = 5
#: Ours: more alternatives than this are a menu, so that a form fits the screen.
RADIO_BUTTONS: Final = 6
CHECKBOXES: Final = 10
#: Ours: what one field takes at most.
TYPED: Final = 4_000


def cut(text: str, most: int) -> str:
    """Return *text*, no longer than *most* characters (then it ends in …)."""
    text = text.strip()
    return text[: most - 1].rstrip() + "…" if len(text) > most else text


def size(part: Mapping[str, Any]) -> int:
    """Return how many bytes a part of a card is in UTF-16, as Teams counts; half a sign counts as one."""
    written = json.dumps(part, ensure_ascii=False, separators=(",", ":"))
    return len(written.encode("utf-16-le", "surrogatepass"))


def fits(card: Mapping[str, Any]) -> bool:
    """Whether a card is small enough; most are by far, which their JSON in plain ASCII shows three times as fast."""
    return 2 * len(json.dumps(card)) <= CARD_BYTES or size(card) <= CARD_BYTES
