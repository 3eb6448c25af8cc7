"""What a ticket's card may say beside the ticket itself: sizes, settings, other tickets; never content."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from bot.domain.incident import Incident
from bot.domain.request import SenderEvidence
from bot.domain.restriction import Restriction
from bot.domain.ticket import Ticket


@dataclass(frozen=True, slots=True)
class Asked:
    """By which later mail a part came. `mail` names it in the vault; `sender` is what our server says of that mail.

    `guessed`: its receipt was not read but proposed (C11). `limited`: the person keeps something, nobody said what yet.
    `known`: it came from an address the ticket knows.
    """

    mail: str
    sender: SenderEvidence = SenderEvidence.MISSING
    reply_to_differs: bool = False
    guessed: bool = False
    limited: bool = False
    known: bool = True


@dataclass(frozen=True, slots=True)
class Thread:
    """What a ticket knows of others: the reference its mail names ("" when there is no such ticket), and where it went.

    `asked` says by which later mail a part came, by the part's id.
    """

    said: str = ""
    joined_to: str = ""
    asked: Mapping[str, Asked] = field(default_factory=dict)


NO_THREAD: Final = Thread()


@dataclass(frozen=True, slots=True)
class Particulars:
    """`package_bytes`: size of the sealed package, if any; `recheck_days`: how long after closing we look again.

    `incident` is the 72-hour clock of a suspected breach.
    `twins` are other open tickets of the same person with a right asked here, `kin` those with other rights.
    `restriction` is the one in force. `tries` says when what is in trouble is tried again, by task; `reminded` on which
    day whoever has a step by hand is reminded next.
    """

    package_bytes: int | None = None
    recheck_days: int | None = None
    incident: Incident | None = None
    thread: Thread = NO_THREAD
    twins: tuple[Ticket, ...] = ()
    kin: tuple[Ticket, ...] = ()
    restriction: Restriction | None = None
    tries: Mapping[str, datetime] = field(default_factory=dict)
    reminded: date | None = None


NOTHING_BESIDE: Final = Particulars()
