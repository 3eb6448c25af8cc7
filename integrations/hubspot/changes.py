"""Changing what stands on a record: values put right, and the mark of a restriction.

Look, write, look again. What somebody else wrote since a correction was approved is
never written over: a colleague decides.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from bot.domain.errors import NeedsHuman
from bot.domain.system import Correction, IdentifierKind, Operation, Receipt, Record
from integrations.http import together
from integrations.hubspot.answers import Property, Thing
from integrations.hubspot.contact import addresses_of
from integrations.hubspot.content import Content
from integrations.hubspot.crm import Crm
from integrations.hubspot.places import ADDRESSES, COMPLETED, CONTACT, CORRECTED, TYPES

KEY: Final = "hubspot"
GONE_ALREADY: Final = "already gone"
ALREADY_SO: Final = "already so"
#: The mark is the contact's; its activities are reached through it.
WITH_THE_CONTACT: Final = "with the contact"
#: HubSpot knows no way back from leaving all mailings but to agree anew to each, which is the person's to do.
MAILINGS_STAY_STOPPED: Final = "mailings stay stopped"
RESTRICTED: Final = "true"
FREE: Final = "false"


class Changes:
    """Corrections and restrictions. *mark* is the property that says restricted, "" when there is none."""

    def __init__(self, crm: Crm, content: Content, mark: str) -> None:
        self._crm = crm
        self._content = content
        self._mark = mark

    async def correctable(self, record: Record) -> Mapping[str, str]:
        """Return what may be written on a record and holds something, and of a contact what is often to be completed.

        A mail or message is what was written then and stays so; what others are on too is a person's to change.
        """
        if record.kind not in CORRECTED or record.shared:
            return {}
        writable = [one.name for one in await self._content.properties(TYPES[record.kind]) if self._writable(one)]
        thing = await self._read(record, writable)
        if thing is None:
            return {}
        values = {name: thing.properties.get(name) or "" for name in writable}
        completed = COMPLETED if record.kind == CONTACT else frozenset()
        return {name: value for name, value in values.items() if value or name in completed}

    def _writable(self, one: Property) -> bool:
        return one.writable and one.name != self._mark

    async def correct(self, record: Record, corrections: Sequence[Correction]) -> Receipt:
        """Write what does not stand there already, and read it again."""
        if record.kind not in CORRECTED:
            raise NeedsHuman("trouble.refused", {"system": KEY})
        if record.shared:
            raise NeedsHuman("trouble.shared", {"system": KEY})
        names = [one.name for one in corrections]
        thing = await self._read(record, names)
        if thing is None:
            return Receipt(Operation.RECTIFY, record.kind, record.id, GONE_ALREADY)
        wanted = {one.name: one.after for one in corrections if _still_to_write(thing, one)}
        if not wanted:
            return Receipt(Operation.RECTIFY, record.kind, record.id, ALREADY_SO)
        await self._crm.write(record.kind, record.id, wanted)
        again = await self._read(record, names)
        for name, after in wanted.items():
            if again is None or not _means(again.properties.get(name) or "", after):
                raise NeedsHuman("trouble.not_as_written", {"system": KEY, "field": name})
        return Receipt(Operation.RECTIFY, record.kind, record.id)

    async def _read(self, record: Record, names: Sequence[str]) -> Thing | None:
        return next(iter(await self._crm.batch(TYPES[record.kind], [record.id], names)), None)

    async def restrict(self, record: Record) -> Receipt:
        """Mark a contact and stop every mailing to it; the note says whether mailings were stopped before.

        Raises `NeedsHuman` for one that is gone or in the bin: nothing is restricted there.
        """
        if record.kind != CONTACT:
            return Receipt(Operation.RESTRICT, record.kind, record.id, WITH_THE_CONTACT)
        thing = await self._contact(record)
        if thing is None:
            raise NeedsHuman("trouble.not_found_again", {"system": KEY})
        addresses = sorted(addresses_of(thing) | _addresses(record))
        out = await together(*(self._content.opted_out(one) for one in addresses))
        still = [address for address, stopped in zip(addresses, out, strict=True) if not stopped]
        marked = thing.properties.get(self._mark) == RESTRICTED
        if marked and not still:
            return Receipt(Operation.RESTRICT, CONTACT, record.id, ALREADY_SO)
        if not marked:
            await self._write_mark(record, RESTRICTED)
        notes = {await self._content.unsubscribe(address) for address in still}
        left = await together(*(self._content.opted_out(one) for one in addresses))
        if not all(left):
            raise NeedsHuman("trouble.not_as_written", {"system": KEY, "field": "hs_email_optout"})
        return Receipt(Operation.RESTRICT, CONTACT, record.id, ", ".join(sorted(notes)) or "NO_STATUS_CHANGE")

    async def lift(self, record: Record) -> Receipt:
        """Take the mark off. Mailings stay stopped, whoever stopped them, until the person asks for them."""
        if record.kind != CONTACT:
            return Receipt(Operation.RESTRICT, record.kind, record.id, WITH_THE_CONTACT)
        thing = await self._contact(record)
        if thing is None:
            return Receipt(Operation.RESTRICT, CONTACT, record.id, GONE_ALREADY)
        if thing.properties.get(self._mark) != RESTRICTED:
            return Receipt(Operation.RESTRICT, CONTACT, record.id, ALREADY_SO)
        await self._write_mark(record, FREE)
        return Receipt(Operation.RESTRICT, CONTACT, record.id, MAILINGS_STAY_STOPPED)

    async def _contact(self, record: Record) -> Thing | None:
        """Return the living contact; one in the bin is used for nothing, and cannot be written to."""
        return await self._read(record, (*ADDRESSES, self._mark))

    async def _write_mark(self, record: Record, value: str) -> None:
        await self._crm.write(CONTACT, record.id, {self._mark: value})
        again = await self._contact(record)
        if again is None or again.properties.get(self._mark) != value:
            raise NeedsHuman("trouble.not_as_written", {"system": KEY, "field": self._mark})

    async def knock(self) -> None:
        """Try whether the mark exists and is a yes or no that we may write."""
        if not self._mark:
            return
        known = {one.name: one for one in await self._content.properties("contacts")}
        found = known.get(self._mark)
        if found is None or not found.writable or found.type not in ("bool", "enumeration"):
            raise NeedsHuman("trouble.no_mark", {"system": KEY, "field": self._mark})


def _still_to_write(thing: Thing, one: Correction) -> bool:
    stands = thing.properties.get(one.name) or ""
    if stands == one.after:
        return False
    if stands == one.before:
        return True
    if _means(stands, one.after):  # written before, and HubSpot spells it its own way
        return False
    raise NeedsHuman("trouble.changed_meanwhile", {"system": KEY, "field": one.name})


def _means(stands: str, wanted: str) -> bool:
    """Whether HubSpot's spelling is the wanted value's: it trims values and writes addresses in small letters."""
    return " ".join(stands.split()).casefold() == " ".join(wanted.split()).casefold()


def _addresses(record: Record) -> frozenset[str]:
    return frozenset(one.value.lower() for one in record.contacts if one.kind is IdentifierKind.EMAIL)
