"""Many records: taken out and erased a portion at a time, broken off and gone on with, and packed whole."""

import io
import json
import zipfile
from collections.abc import AsyncIterator, MutableMapping, Sequence
from datetime import timedelta
from itertools import pairwise

from bot.card import Verb
from bot.domain.errors import TryLater
from bot.domain.system import Exported, Identifier, IdentifierKind, Manifest, Operation, Receipt, Record
from bot.domain.task import TaskState
from bot.domain.ticket import Outcome
from bot.ports import System
from tests.journeys.copies import copy_page
from tests.journeys.furnished import Furnished
from tests.journeys.pages import asked, reply
from tests.journeys.walks import FATIMA, at_decision, states

NOTES = 250


class Wide:
    """A system with many notes and a shared meeting; it takes many at a time, and breaks off once in the middle."""

    def __init__(self, manifest: Manifest) -> None:
        self._manifest = manifest
        contact = Identifier(IdentifierKind.EMAIL, FATIMA)
        self.held = [
            *(Record("hubspot", "note", str(number)) for number in range(NOTES)),
            Record("hubspot", "meeting", "m1", shared=True),
            Record("hubspot", "contact", "c1", contacts=(contact,)),
        ]
        self.asked: list[int] = []
        self.parted: list[str] = []
        self._breaks = {Operation.EXPORT: 130, Operation.ERASE: 40}

    @property
    def manifest(self) -> Manifest:
        return self._manifest

    async def find(self, person: Sequence[Identifier]) -> Sequence[Record]:
        return list(self.held) if any(one.value == FATIMA for one in person) else []

    async def export(self, record: Record) -> Exported:
        files = (("cv.pdf", b"cv"),) if record.kind == "contact" else ()
        return Exported(record, {"number": record.id}, files)

    async def export_all(self, records: Sequence[Record]) -> AsyncIterator[Exported]:
        self.asked.append(len(records))
        for number, record in enumerate(records):
            self._break_at(Operation.EXPORT, number)
            yield await self.export(record)

    async def erase(self, record: Record) -> Receipt:
        assert not record.shared
        self.held = [one for one in self.held if one.id != record.id]
        return Receipt(Operation.ERASE, record.kind, record.id)

    async def erase_all(self, records: Sequence[Record]) -> AsyncIterator[Receipt]:
        self.asked.append(len(records))
        for number, record in enumerate(records):
            self._break_at(Operation.ERASE, number)
            yield await self.erase(record)

    async def dissociate(self, record: Record, person: Sequence[Identifier]) -> Receipt:
        assert person
        self.held = [one for one in self.held if one.id != record.id]
        self.parted.append(record.id)
        return Receipt(Operation.ERASE, record.kind, record.id)

    async def suppress(self, identifier: Identifier) -> Receipt:
        return Receipt(Operation.SUPPRESS, "address", identifier.value)

    def _break_at(self, operation: Operation, number: int) -> None:
        if self._breaks.get(operation) == number:
            del self._breaks[operation]
            raise TryLater("trouble.later")


async def test_many_records_from_copy_to_erasure(desk: Furnished) -> None:
    """Broken off, it goes on where it was; the package holds all; the shared one is let go of by the desk itself."""
    systems = desk.opened.house.systems
    assert isinstance(systems, MutableMapping)
    wide = Wide(systems["hubspot"].manifest)
    system: System = wide
    systems["hubspot"] = system
    await at_decision(desk)
    for name in ("karin", "sara", "jonas"):
        await desk.decide(name)
    await desk.later(timedelta(minutes=1), steps=4)
    assert states(await desk.ticket(), "export")["hubspot"] is TaskState.DONE
    assert wide.asked == [NOTES + 2, NOTES + 2 - 100], "what was kept is not asked for again"
    assert (await (await copy_page(desk, "karin")).let_all_out("HubSpot"))[0] == 200
    await desk.press("sara", Verb.SEND_LETTER)
    person = await desk.person(desk.letters(FATIMA)[-1])
    with zipfile.ZipFile(io.BytesIO(await person.package())) as package:
        assert package.testzip() is None
        records = json.loads(package.read("data/hubspot.json"))["records"]
        (file,) = records[-1]["files"]
        assert package.read(file) == b"cv"
    numbers = [int(one["fields"]["number"]) for one in records[:NOTES]]
    assert all(one + 1 == other for one, other in pairwise(numbers))
    assert [one["kind"] for one in records[NOTES:]] == ["meeting", "contact"]
    await desk.settle()
    assert states(await desk.ticket(), "erase")["hubspot"] is TaskState.LOCKED
    (about,) = [one for one in asked((await desk.review("karin"))[2]) if one.startswith("shared:")]
    await reply(desk, "karin", about, "dissociate:")
    await desk.later(timedelta(minutes=1), steps=4)
    assert wide.held == []
    assert wide.parted == ["m1"]
    assert wide.asked[2:] == [NOTES + 1, NOTES + 1 - 40]
    desk.eventbrite.blank(FATIMA)  # the step by hand, in the vendor's own pages: the desk looks again
    await desk.finish("sara", result="done")
    await desk.press("sara", Verb.SEND_LETTER)
    assert (
        "you have been taken off" in desk.letters(FATIMA)[-1].text or "du är borttagen" in desk.letters(FATIMA)[-1].text
    )
    assert [part.outcome for part in (await desk.ticket()).parts] == [Outcome.FULFILLED] * 2
