"""Who may do what (D9): every verb, by every duty, from every chat. The desk decides, not the chat."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.card import Press, Verb
from bot.cards.buttons import FORMS
from bot.desk.rights import RIGHTS, allows
from bot.domain.errors import NotAllowedNow, NotFound, NotYours, PrivacyDeskError
from bot.domain.ledger import LedgerEvent
from bot.domain.people import Colleague, Duty, People
from bot.services.staff.roster import catch_up
from tests.journeys.furnished import Furnished

ROOT = Path(__file__).parent.parent.parent
CHATS = ("slack", "teams", "console")


def colleague(who: str, *duties: Duty, owns: str = "", deputises: str = "") -> Colleague:
    """Return a colleague with one duty and an id in every chat."""
    handles = {chat: f"{chat}-{who}" for chat in CHATS}
    own, other = (frozenset({one} - {""}) for one in (owns, deputises))
    return Colleague(who, f"The {who}", f"{who}@gotowork.example", frozenset(duties), own, other, handles=handles)


#: One colleague for each column of the table.
COLUMNS = {
    "Viewer": colleague("viewer", Duty.VIEWER),
    "Handler": colleague("handler", Duty.HANDLER),
    "Owner": colleague("owner", owns="hubspot"),
    "Deputy": colleague("deputy", deputises="hubspot"),
    "Officer": colleague("officer", Duty.OFFICER),
}
PEOPLE = People(tuple(COLUMNS.values()))


def written() -> Iterator[tuple[Verb, str, bool]]:
    """Yield what the README says: verb, column, whether that colleague may."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    table = text[text.index("| What | Viewer |") :].split("\n\n")[0].splitlines()
    heads = [cell.strip() for cell in table[0].strip("|").split("|")]
    for line in table[2:]:
        cells = dict(zip(heads, (cell.strip() for cell in line.strip("|").split("|")), strict=True))
        for verb in re.findall(r"`([a-z_]+)`", cells["Verbs"]):
            for column in COLUMNS:
                assert cells[column] in ("yes", "–"), line
                yield Verb(verb), column, cells[column] == "yes"


WRITTEN = list(written())


def test_every_verb_stands_in_the_written_table_once() -> None:
    assert sorted(verb for verb, column, _ in WRITTEN if column == "Viewer") == sorted(Verb)
    assert set(RIGHTS) == set(Verb)


@pytest.mark.parametrize(("verb", "column", "may"), WRITTEN, ids=str)
def test_the_code_allows_what_is_written(verb: Verb, column: str, may: bool) -> None:
    assert allows(RIGHTS[verb], COLUMNS[column]) is may


async def refused(desk: Furnished, actor: Colleague, verb: Verb, way: str) -> bool:
    """Whether the desk refuses somebody a verb for who they are; every other answer means it looked further."""
    press = Press(verb, "no-such-thing")
    try:
        match way:
            case "form":
                await desk.opened.desk.form(actor, press)
            case "submit":
                await desk.opened.desk.submit(actor, press, {})
            case "act":
                await desk.opened.desk.act(actor, press)
            case _:
                await desk.opened.desk.press(actor, press)
    except NotYours:
        return True
    except PrivacyDeskError:
        return False
    return False


async def test_the_desk_decides_and_every_chat_hears_the_same(desk: Furnished) -> None:
    """Every verb × duty × chat × way of asking, on the real desk: as the table says, and the same from each chat."""
    await catch_up(desk.opened.house, PEOPLE)
    walked = 0
    for chat in CHATS:
        for column, known in COLUMNS.items():
            actor = await desk.opened.desk.recognise(chat, f"{chat}-{known.id}")
            assert actor.id == known.id
            for verb, _, may in (row for row in WRITTEN if row[1] == column):
                for way in ("form", "submit") if verb in FORMS else ("press", "act"):
                    told = await refused(desk, actor, verb, way)
                    if not may:
                        assert told, f"{verb} by {column} in {chat} ({way}) was not refused"
                    walked += 1
    assert walked == len(CHATS) * len(COLUMNS) * len(Verb) * 2


async def test_nobody_unknown_may_anything(desk: Furnished) -> None:
    await catch_up(desk.opened.house, PEOPLE)
    for chat in CHATS:
        with pytest.raises(NotFound):
            await desk.opened.desk.recognise(chat, "somebody-else")


async def test_every_refusal_is_written_down_with_its_verb_and_key_and_nothing_else(desk: Furnished) -> None:
    await catch_up(desk.opened.house, PEOPLE)
    viewer = COLUMNS["Viewer"]
    for verb in (Verb.NEW, Verb.CONFIRM, Verb.HOLD):
        assert await refused(desk, viewer, verb, "form")
    for words in ("ny", "stoppa", "stoppa hubspot", "jour ange handler 2026-03-10 2026-03-11"):
        with pytest.raises(NotYours):
            await desk.opened.desk.say(viewer, words)
    ref = await desk.sample("access")
    with pytest.raises(NotYours):
        await desk.opened.desk.say(viewer, f"bevara {ref}")
    entries = [entry for entry in await desk.events("desk") if entry.event is LedgerEvent.REFUSED]
    assert [(entry.actor, entry.facts["verb"]) for entry in entries] == [
        ("viewer", "new"),
        ("viewer", "confirm"),
        ("viewer", "hold"),
        *[("viewer", "say")] * 5,
    ]
    assert all(set(entry.facts) == {"verb", "why"} for entry in entries)
    assert all(str(entry.facts["why"]).startswith("refusal.not_yours") for entry in entries)


async def test_what_cannot_be_done_now_is_a_refusal_too(desk: Furnished) -> None:
    ask, maria = desk.opened.desk.say, desk.who("maria")
    await ask(maria, "stoppa")
    with pytest.raises(NotAllowedNow):
        await ask(maria, "stoppa")
    refused_ = [entry for entry in await desk.events("desk") if entry.event is LedgerEvent.REFUSED]
    assert [(one.actor, one.facts["why"]) for one in refused_] == [("maria", "refusal.stopped_already")]


async def test_who_may_not_stop_is_told_who_may(desk: Furnished) -> None:
    sara = desk.who("sara")
    for words, names in (("stoppa hubspot", ("Karin Holm", "Maria Ek")), ("stoppa", ("Maria Ek",))):
        with pytest.raises(NotYours) as told:
            await desk.opened.desk.say(sara, words)
        assert all(name in desk.opened.desk.explain(sara.language, told.value) for name in names)


def test_no_chat_asks_for_duties_itself() -> None:
    """A chat's handlers hand over who pressed what; none of them knows what anybody may."""
    telling = re.compile(r"Duty\.|is_officer|handles_tickets|approves_in|\.owns|\.deputises")
    for folder in ("slack", "teams"):  # the console names duties to choose whom to act as
        for path in (ROOT / "handlers" / folder).rglob("*.py"):
            assert not telling.search(path.read_text(encoding="utf-8")), path
