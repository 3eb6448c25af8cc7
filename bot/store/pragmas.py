"""What every SQLite connection of ours is told, in this order.

synchronous FULL: an ack means "it is written", also after a power cut. secure_delete:
what is shredded is overwritten, not only unlinked (D24).
"""

from typing import Final

PRAGMAS: Final[dict[str, str | int]] = {
    "busy_timeout": 5000,
    "journal_mode": "WAL",
    "synchronous": "FULL",
    "foreign_keys": "ON",
    "secure_delete": "ON",
}
