"""What Slack takes at most, by the documented limits of Block Kit.

One is measured, not documented: a message whose blocks hold more than about 13,200
characters is refused as `msg_blocks_too_long` (slackapi/bolt-js issue 2509). It is not
known what counts, so we count the whole JSON, which can only be too careful.
"""

from typing import Final

MESSAGE_BLOCKS: Final = 50
MESSAGE_CHARACTERS: Final = 13_200
FALLBACK_TEXT: Final = 4_000
TEXT: Final = 3_000
HEADER: Final = 150

ACTIONS: Final = 25
BUTTON_TEXT: Final = 75
ACCESSIBILITY_LABEL: Final = 75
OVERFLOW_OPTIONS: Final = 5
OPTION_TEXT: Final = 75
SELECT_OPTIONS: Final = 100

VIEW_BLOCKS: Final = 100
VIEW_TITLE: Final = 24
VIEW_BUTTON: Final = 24
LABEL: Final = 2_000
HINT: Final = 2_000
TYPED: Final = 3_000

#: Ours, not Slack's: more alternatives than this are a menu, so that a form fits the screen.
RADIO_BUTTONS: Final = 5
#: Ours, not Slack's: a longer table becomes several blocks, so that a cut loses rows and not the table.
TABLE_LINES: Final = 15


def cut(text: str, most: int) -> str:
    """Return *text*, no longer than *most* characters (then it ends in …); a dash when empty: Slack refuses none."""
    text = text.strip()
    return text[: most - 1].rstrip() + "…" if len(text) > most else text or "–"


def pieces(text: str, most: int) -> list[str]:
    """Return *text* in pieces of at most *most* characters, parted at line ends or spaces where there are any."""
    found: list[str] = []
    text = text.strip()
    while len(text) > most:
        end = max(text.rfind("\n", 1, most), text.rfind(" ", 1, most))
        end = end if end > 0 else most
        found.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [*found, text] if text else found
