"""What a ticket's card may say beside the ticket itself: sizes and settings, never content."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Particulars:
    """`package_bytes`: size of the sealed package, if any; `recheck_days`: how long after closing we look again."""

    package_bytes: int | None = None
    recheck_days: int | None = None


NOTHING_BESIDE: Final = Particulars()
