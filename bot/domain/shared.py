"""What becomes of a record that concerns others too (D20): a person rules, record by record.

Taking the person off it, or redacting it, is one colleague's word. Keeping it is a
decline, so an officer says it who did not propose it (D9); erasing it anyway takes
what others have a part in, so two people say it (D10).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.approving import second_yes
from bot.domain.errors import NotAllowedNow, NotYours
from bot.domain.people import Colleague
from bot.domain.system import Record
from bot.domain.ticket import Ticket

#: Mark of a ticket, with a system's key behind it: something shared there still waits for a colleague.
MARK: Final = "shared:"
#: Grounds on which a shared record may be kept as it is: those of an erasure (Art. 17(3)).
KEEPS: Final = ("legal_duty", "legal_claims", "expression", "public_health", "archive")


class Way(StrEnum):
    """What may become of a shared record."""

    DISSOCIATE = "dissociate"  # the person is taken off it, the rest stays
    REDACT = "redact"  # what it says about the person is blanked out, by hand
    KEEP = "keep"  # as it is, on a ground of Art. 17(3)
    ERASE = "erase"  # all of it


#: Ways one colleague may choose alone.
ALONE: Final = frozenset({Way.DISSOCIATE, Way.REDACT})


@dataclass(frozen=True, slots=True)
class Ruling:
    """What was ruled on one record, by whom, since when; `done` once it is carried out there."""

    way: Way
    ground: str = ""
    yes: tuple[str, ...] = ()
    done: bool = False
    since: datetime | None = None

    @property
    def settled(self) -> bool:
        """Whether enough colleagues have said so."""
        return len(self.yes) >= (1 if self.way in ALONE else 2)

    def by_hand(self, *, dissociates: bool) -> bool:
        """Whether a colleague carries it out; *dissociates*: the desk itself can take somebody off a record there."""
        return self.way is Way.REDACT or (self.way is Way.DISSOCIATE and not dissociates)


def rule(
    earlier: Ruling | None,
    wanted: Ruling,
    colleague: Colleague,
    system: str,
    *,
    own_request: bool,
    at: datetime | None = None,
    single: bool = False,
) -> Ruling:
    """Return the ruling after *colleague* said *wanted* at *at*; another way than before begins anew.

    *single*: the same colleague may say it a second time, a day later (see `bot.domain.approving`).

    Raises `NotYours` for whoever may not, `NotAllowedNow` once it is settled or for a ground that is none.
    """
    may_rule(colleague, system, own_request=own_request)
    if earlier is not None and earlier.settled:
        raise NotAllowedNow("refusal.already_decided")
    if (wanted.way is Way.KEEP) != (wanted.ground in KEEPS):
        raise NotAllowedNow("refusal.ground_unknown")
    if earlier is None or (earlier.way, earlier.ground) != (wanted.way, wanted.ground):
        return Ruling(wanted.way, wanted.ground, (colleague.id,), since=at)
    second_yes(colleague.id, earlier.yes, earlier.since, at, single=single)
    if wanted.way is Way.KEEP and not colleague.is_officer:
        raise NotYours("refusal.not_yours_officer")
    return replace(earlier, yes=(*earlier.yes, colleague.id))


def may_rule(colleague: Colleague, system: str, *, own_request: bool) -> None:
    """Refuse whoever may not say what becomes of something shared in *system*, or say that it is done."""
    if own_request:
        raise NotYours("refusal.own_request")
    if not colleague.approves_in(system):
        raise NotYours("refusal.not_yours_owner", {"system": system})


def carried_out(ruling: Ruling) -> Ruling:
    """Return the ruling as done in the system; only what is settled can be."""
    if not ruling.settled or ruling.done:
        raise NotAllowedNow("refusal.already_decided")
    return replace(ruling, done=True)


def waits(record: Record, ruling: Ruling | None, *, dissociates: bool) -> bool:
    """Whether a colleague has still to rule on a record, or to do there what was ruled."""
    if not record.shared:
        return False
    if ruling is None or not ruling.settled:
        return True
    return ruling.by_hand(dissociates=dissociates) and not ruling.done


def marked(ticket: Ticket, system: str, *, waiting: bool) -> Ticket:
    """Return the ticket with its mark for *system* set or taken away."""
    mark = {f"{MARK}{system}"}
    return replace(ticket, flags=ticket.flags | mark if waiting else ticket.flags - mark)


def to_erase(record: Record, ruling: Ruling | None) -> bool:
    """Whether the record goes altogether: it is nobody else's, or that was ruled."""
    return not record.shared or (ruling is not None and ruling.settled and ruling.way is Way.ERASE)


def stays(record: Record, ruling: Ruling | None) -> bool:
    """Whether the record stands there for others by a ruling, without the person or on a ground."""
    return record.shared and ruling is not None and ruling.settled and ruling.way is not Way.ERASE


def ground_of(rulings: Mapping[str, Ruling]) -> str:
    """Return the ground on which something was kept, "" when nothing was."""
    return next((one.ground for one in rulings.values() if one.settled and one.way is Way.KEEP), "")
