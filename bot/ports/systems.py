"""The systems that hold personal data, and what only some of them can do besides (each a port of its own).

What a system can do beyond `System` is asked of the object, never of its name: a sixth one fits in by implementing it.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, runtime_checkable

from bot.domain.system import (
    Correction,
    Exported,
    Identifier,
    Manifest,
    Operation,
    Prepared,
    Receipt,
    Record,
    Remains,
)


class System(Protocol):
    """A system that holds personal data. Every method raises `SystemTrouble` only.

    Only operations whose manifest says AUTOMATIC (and FIND for ASSISTED) are ever called.
    """

    @property
    def manifest(self) -> Manifest:
        """What it is and can do."""

    async def find(self, person: Sequence[Identifier]) -> Sequence[Record]:
        """Return every record held about the person, each once; empty when none. Reads only."""

    async def export(self, record: Record) -> Exported:
        """Return the record's whole content. Reads only."""

    async def erase(self, record: Record) -> Receipt:
        """Erase the record for good; already gone is success. May raise `OutcomeUnknown`: look before asking again."""

    async def suppress(self, identifier: Identifier) -> Receipt:
        """Stop every mailing to the identifier; already stopped is success."""


@dataclass(frozen=True, slots=True)
class Idle:
    """A contact that shows no interest (P60), by the vendor's id, with when it last did. Personal data by id only."""

    record: Record
    last_sign: date | None
    self_initiated: bool | None
    label: str = field(default="", repr=False)


@runtime_checkable
class KeepsContacts(Protocol):
    """A system whose idle contacts can be listed for the retention review."""

    async def idle_since(self, cutoff: date) -> tuple[Sequence[Idle], Mapping[str, int]]:
        """Return contacts without a sign of interest since *cutoff*, and counts of those exempt, by why."""


@runtime_checkable
class Corrects(Protocol):
    """A system in which the desk itself can put a value right (RECTIFY automatic). Raises `SystemTrouble` only."""

    async def correctable(self, record: Record) -> Mapping[str, str]:
        """Return the values of the record that can be corrected, by the system's own field name; {} when gone."""

    async def correct(self, record: Record, corrections: Sequence[Correction]) -> Receipt:
        """Write every correction whose value is not there already; read again. Already so is success.

        Raises `NeedsHuman` when what stands there is neither *before* nor *after*: somebody else changed it.
        """


@runtime_checkable
class Restricts(Protocol):
    """A system in which the desk itself can mark a record as restricted (RESTRICT automatic, Art. 18)."""

    async def restrict(self, record: Record) -> Receipt:
        """Keep the record from every use but storage; already so is success."""

    async def lift(self, record: Record) -> Receipt:
        """End that; already ended is success. What was stopped for another reason stays stopped."""


@runtime_checkable
class TakesMany(Protocol):
    """A system whose records can be read and erased in portions: a person may have ten thousand of them."""

    def export_all(self, records: Sequence[Record]) -> AsyncIterator[Exported]:
        """Yield each record's content as `export` would, in the order given, a portion in memory at a time."""

    def erase_all(self, records: Sequence[Record]) -> AsyncIterator[Receipt]:
        """Erase in the order given, a portion at a time, looking first as `erase` does; yield what is done."""


@runtime_checkable
class Dissociates(Protocol):
    """A system in which the person can be taken off a record that concerns others too (D20)."""

    async def dissociate(self, record: Record, person: Sequence[Identifier]) -> Receipt:
        """Take the person off the record and leave the rest; already off is success."""


@runtime_checkable
class Unseen(Protocol):
    """A system that shows nobody who is in it (FIND absent), yet erases whatever bears an identifier.

    There is no looking again there: the vendor's receipt is all the proof there is, and asking twice is harmless.
    """

    def named(self, person: Sequence[Identifier]) -> Sequence[Record]:
        """Return what `erase` is to be asked for, made from the identifiers alone, always in the same order.

        Asks nobody and claims nothing. Raises `NeedsHuman` when an identifier cannot be one of that system.
        """


@runtime_checkable
class CarriesOut(Protocol):
    """A system that takes an order (`erase`, `suppress`) and carries it out in its own time."""

    async def carried_out(self, receipt: Receipt) -> None:
        """Return when what the receipt ordered is done. Raises `TryLater` before, `NeedsHuman` when it failed there."""


@runtime_checkable
class PreparesSearch(Protocol):
    """A system in which a person looks, with a search the desk has written for them (D18)."""

    def searches(self, person: Sequence[Identifier]) -> Sequence[str]:
        """Return what to paste into the system's own search box. Personal data: for a signed-in page only."""


@runtime_checkable
class LooksAgain(Protocol):
    """A system that can say of a record found before whether the person still stands in it, erased as it was by hand.

    FIND alone would not see an answer that was forgotten below an address already replaced.
    """

    async def remains(self, record: Record, person: Sequence[Identifier]) -> Remains:
        """Return what is left of the record. Reads only."""


@runtime_checkable
class ProvesGone(Protocol):
    """A system that can be asked for a record by its id, whatever a search by the person's address would show.

    An address changed between search and erasure leads to nobody: that alone proves nothing gone.
    """

    async def still_there(self, records: Sequence[Record]) -> Sequence[Record]:
        """Return those of *records* that the system still holds, in the order given, many at once. Reads only.

        What lies in a bin from which it can be brought back is still there; what the vendor only purges in its
        own time, beyond anybody's reach, is gone.
        """


@runtime_checkable
class Prepares(Protocol):
    """A system that makes a step by hand ready: where to go, what to write to the vendor. Asks nobody."""

    def prepared(self, operation: Operation, records: Sequence[Record]) -> Sequence[Prepared]:
        """Return what a colleague needs for the step, in the order it is needed."""
