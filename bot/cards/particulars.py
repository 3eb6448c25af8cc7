"""What a ticket's card may say beside the ticket itself: sizes and settings, never content."""

from dataclasses import dataclass
from typing import Final

from bot.domain.incident import Incident


@dataclass(frozen=True, slots=True)
class Particulars:
    """`package_bytes`: size of the sealed package, if any; `recheck_days`: how long after closing we look again.

    `incident` is the 72-hour clock of a suspected breach.
    """

    package_bytes: int | None = None
    recheck_days: int | None = None
    incident: Incident | None = None


NOTHING_BESIDE: Final = Particulars()
