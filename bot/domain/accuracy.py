"""How often a proposal was right: counted from the ledger, so that it can be counted again years later.

A proposal is judged by what a colleague did with it. Confirmed as it stood: right.
Confirmed after a correction: the ledger names what was corrected, never the values.
Dismissed: wrong, with its reason, unless that was taken back. An item of the quiet list
that a colleague made a ticket of was missed; one that was dismissed there was rightly quiet.
What nobody judged - an opt-out that ran by itself, a request a colleague typed - is no
proof either way and counts nowhere.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import groupby
from typing import Final

from bot.domain.deadline import local_date
from bot.domain.ledger import DESK, Entry, LedgerEvent

#: Who acts in the ledger when no colleague does.
#: What a correction may change, in the order it is told.
CHANGEABLE: Final = ("rights", "scope", "roles", "language", "received", "subject")
#: Lowest confidence (in per cent) of each band, and the band's name; below 50 the card itself says "unsure".
BANDS: Final = ((90, "90-100"), (70, "70-89"), (50, "50-69"), (0, "0-49"))
#: Read before confidence was written down.
NO_BAND: Final = "unknown"
#: Everything that is counted.
EVENTS: Final = frozenset(
    {
        LedgerEvent.TICKET_OPENED,
        LedgerEvent.CHANGED,
        LedgerEvent.CONFIRMED,
        LedgerEvent.DISMISSED,
        LedgerEvent.REOPENED,
        LedgerEvent.ITEM_DISMISSED,
        LedgerEvent.ITEM_RETURNED,
    }
)


class Verdict(StrEnum):
    """What became of a proposal."""

    UNCHANGED = "unchanged"
    CHANGED = "changed"
    DISMISSED = "dismissed"
    WAITING = "waiting"  # nobody has decided yet


@dataclass(frozen=True, slots=True)
class Judged:
    """One proposal: when it was made, how sure the reading was, what became of it and what was corrected."""

    month: str
    band: str
    verdict: Verdict
    changed: tuple[str, ...] = ()
    reason: str = ""
    undone: bool = False
    missed: bool = False


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Counts. `missed`: found on the quiet list by a colleague; `quiet`: dismissed there, and rightly quiet."""

    verdicts: Mapping[Verdict, int] = field(default_factory=dict)
    changed: Mapping[str, int] = field(default_factory=dict)
    reasons: Mapping[str, int] = field(default_factory=dict)
    undone: int = 0
    missed: int = 0
    quiet: int = 0

    @property
    def decided(self) -> int:
        """How many proposals somebody has decided on."""
        return sum(n for verdict, n in self.verdicts.items() if verdict is not Verdict.WAITING)

    @property
    def right(self) -> int | None:
        """How many of a hundred decided proposals were confirmed as they stood; None before the first decision."""
        return round(100 * self.verdicts.get(Verdict.UNCHANGED, 0) / self.decided) if self.decided else None


@dataclass(frozen=True, slots=True)
class Report:
    """The whole, by month of the proposal and by band of confidence. A missed item is in the whole and its month."""

    whole: Accuracy
    months: Mapping[str, Accuracy]
    bands: Mapping[str, Accuracy]


def report(entries: Iterable[Entry]) -> Report:
    """Return how often proposals were right, from the entries of `EVENTS`, in the order they were written."""
    listed = list(entries)
    judged = _judged(listed)
    quiet = _quiet(listed)
    months = sorted({one.month for one in judged} | set(quiet))
    bands = [name for _, name in BANDS] + [NO_BAND]
    return Report(
        replace(_counted(judged), quiet=sum(quiet.values())),
        {m: replace(_counted([one for one in judged if one.month == m]), quiet=quiet.get(m, 0)) for m in months},
        {band: _counted(some) for band in bands if (some := [one for one in judged if one.band == band])},
    )


def band_of(confidence: object) -> str:
    """Return the band a confidence in per cent falls into."""
    if not isinstance(confidence, int):
        return NO_BAND
    return next(name for lowest, name in BANDS if confidence >= lowest)


def _judged(entries: Sequence[Entry]) -> list[Judged]:
    chains = groupby(sorted(entries, key=_chain), key=_chain)
    return [judged for chain, life in chains if chain != DESK and (judged := _one(list(life)))]


def _chain(entry: Entry) -> str:
    return entry.chain


def _one(life: Sequence[Entry]) -> Judged | None:
    """Return how one ticket's proposal was judged; None where there was no proposal, or nobody to judge it."""
    opened = next((entry for entry in life if entry.event is LedgerEvent.TICKET_OPENED), None)
    if opened is None:
        return None
    missed = bool(opened.facts.get("promoted"))
    confirmed = next((entry for entry in life if entry.event is LedgerEvent.CONFIRMED), None)
    if (opened.actor != DESK and not missed) or (confirmed is not None and confirmed.actor == DESK):
        return None
    fresh = Judged(_month(opened), band_of(opened.facts.get("confidence")), Verdict.WAITING, missed=missed)
    for entry in life:
        fresh = _after(fresh, entry)
        if entry is confirmed:
            break
    return fresh


def _after(judged: Judged, entry: Entry) -> Judged:
    """Return the judgement as one more entry leaves it."""
    match entry.event:
        case LedgerEvent.CHANGED if "changed" in entry.facts:
            named = {*judged.changed, *str(entry.facts["changed"]).split(",")}
            return replace(judged, changed=tuple(name for name in CHANGEABLE if name in named))
        case LedgerEvent.CONFIRMED:
            return replace(judged, verdict=Verdict.CHANGED if judged.changed else Verdict.UNCHANGED)
        case LedgerEvent.DISMISSED:
            return replace(judged, verdict=Verdict.DISMISSED, reason=str(entry.facts.get("reason", "")))
        case LedgerEvent.REOPENED if judged.verdict is Verdict.DISMISSED:
            return replace(judged, verdict=Verdict.WAITING, reason="", undone=True)
        case _:
            return judged


def _counted(judged: Sequence[Judged]) -> Accuracy:
    proposed = [one for one in judged if not one.missed]
    changed = Counter(name for one in proposed if one.verdict is Verdict.CHANGED for name in one.changed)
    return Accuracy(
        dict(Counter(one.verdict for one in proposed)),
        {name: changed[name] for name in CHANGEABLE if changed[name]},
        dict(sorted(Counter(one.reason for one in proposed if one.reason).items())),
        sum(one.undone for one in proposed),
        sum(one.missed for one in judged),
    )


def _quiet(entries: Sequence[Entry]) -> Mapping[str, int]:
    """Return by month how many items were said to be no request, those taken back again left out."""
    standing: dict[str, str] = {}
    for entry in entries:
        item = str(entry.facts.get("item", ""))
        if entry.event is LedgerEvent.ITEM_DISMISSED:
            standing[item] = _month(entry)
        elif entry.event is LedgerEvent.ITEM_RETURNED:
            standing.pop(item, None)
    return Counter(standing.values())


def _month(entry: Entry) -> str:
    return local_date(entry.at).strftime("%Y-%m")
