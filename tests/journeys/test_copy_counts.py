"""What the letter says of a copy is what lies in it: fetched, not found some day, and no older than it need be."""

import io
import json
import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest

from bot.card import Verb
from bot.domain.errors import TryLater
from bot.domain.letter import LetterKind
from bot.domain.system import Exported, Record
from bot.domain.task import Task, TaskState
from bot.domain.ticket import Outcome
from tests.journeys.furnished import Furnished, verbs, words
from tests.journeys.walks import at_decision
from tests.standins.cabinet import KEY, Proving, put_in

ASTRID = "astrid.lundgren@example.se"
ELSEWHERE = "astrid.new@example.net"


def cabinet_of(desk: Furnished, notes: int) -> Proving:
    cabinet = Proving(desk.opened.house.systems[KEY].manifest, ASTRID, notes)
    put_in(desk.opened.house, cabinet)
    return cabinet


async def decided(desk: Furnished) -> Task:
    """Let the owners say yes; return HubSpot's export as it stands then."""
    for name in ("karin", "jonas"):
        if Verb.DECIDE in verbs(await desk.card(name)):
            await desk.decide(name)
    await desk.later(timedelta(minutes=1), steps=4)
    return next(one for one in (await desk.ticket()).tasks if (one.system, one.operation) == (KEY, "export"))


async def package(desk: Furnished) -> list[dict[str, object]]:
    """Send the answer; return HubSpot's records in the copy."""
    await desk.press("sara", Verb.SEND_LETTER)
    person = await desk.person(desk.letters(ASTRID)[-1])
    with zipfile.ZipFile(io.BytesIO(await person.package())) as files:
        name = f"data/{KEY}.json"
        kept: list[dict[str, object]] = json.loads(files.read(name))["records"] if name in files.namelist() else []
        return kept


async def test_what_is_gone_since_it_was_found_is_neither_counted_nor_in_the_copy(desk: Furnished) -> None:
    cabinet = cabinet_of(desk, 3)
    await at_decision(desk, "access")
    del cabinet.held["n1"]
    task = await decided(desk)
    assert (task.state, dict(task.done), dict(task.found)) == (
        *(TaskState.DONE, {"note": 2, "contact": 1}),
        {"note": 3, "contact": 1},
    )
    kept = await package(desk)
    assert [one["kind"] for one in kept] == ["note", "note", "contact"]
    assert all(one["fields"] for one in kept)
    assert "Det gällde 2 anteckningar och 1 kontakt." in desk.letters(ASTRID)[-1].text


async def test_where_nothing_is_left_nothing_is_said_to_lie_in_the_copy(desk: Furnished) -> None:
    cabinet = cabinet_of(desk, 2)
    await at_decision(desk, "access")
    cabinet.held.clear()
    assert (await decided(desk)).state is TaskState.NOT_HELD
    assert await package(desk) == []
    text = desk.letters(ASTRID)[-1].text
    assert "HubSpot: vi sökte och hittade inga uppgifter om dig." in text


async def test_gone_everywhere_is_answered_with_nothing_found(desk: Furnished, monkeypatch: pytest.MonkeyPatch) -> None:
    cabinet = cabinet_of(desk, 2)

    async def nobody(*_given: object) -> Sequence[Record]:
        return []

    for system in ("office365", "eventbrite"):
        monkeypatch.setattr(type(desk.opened.house.systems[system]), "find", nobody)
    await at_decision(desk, "access")
    cabinet.held.clear()
    assert (await decided(desk)).state is TaskState.NOT_HELD
    assert (await desk.ticket()).letters[-1].kind is LetterKind.NOTHING_FOUND
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).parts[0].outcome is Outcome.NOTHING_HELD


async def test_what_came_before_a_break_counts_too(desk: Furnished, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each portion says what came so far: another try goes on counting, it does not begin anew."""
    cabinet = cabinet_of(desk, 150)
    await at_decision(desk, "access")
    del cabinet.held["n3"]
    whole, breaks = cabinet.export_all, [TryLater("trouble.later")]

    async def breaking(records: Sequence[Record]) -> AsyncIterator[Exported]:
        async for one in whole(records):
            if one.record.id == "n120" and breaks:
                raise breaks.pop()
            yield one

    monkeypatch.setattr(cabinet, "export_all", breaking)
    task = await decided(desk)
    assert (task.attempts, dict(task.done)) == (2, {"note": 149, "contact": 1})


@pytest.mark.parametrize(("age", "notes"), [(timedelta(hours=20), 2), (timedelta(hours=30), 3)])
async def test_a_search_older_than_a_day_is_made_again(desk: Furnished, age: timedelta, notes: int) -> None:
    cabinet = cabinet_of(desk, 2)
    await at_decision(desk, "access")
    cabinet.held["n9"] = Record(KEY, "note", "n9")
    await desk.later(age)
    finds = cabinet.finds
    task = await decided(desk)
    assert dict(task.done) == {"note": notes, "contact": 1}
    assert cabinet.finds - finds == notes - 2


async def test_a_contact_that_moved_since_is_in_nobodys_copy(desk: Furnished) -> None:
    """It may be somebody else's by now: a colleague looks before anything of it is handed over."""
    cabinet = cabinet_of(desk, 2)
    await at_decision(desk, "access")
    cabinet.move_to(ELSEWHERE)
    await desk.later(timedelta(hours=30))
    task = await decided(desk)
    assert (task.state, task.trouble) == (TaskState.STUCK, "trouble.strayed_copy")
    assert "ingen sökning på personens uppgifter leder dit" in words(await desk.card("karin"))
