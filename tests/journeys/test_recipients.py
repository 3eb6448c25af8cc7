"""Who else is told what was done (Art. 19, R47): one row each, a colleague's step, and a letter that names them."""

import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from selectolax.lexbor import LexborHTMLParser

from bot.card import Choice, Press, Values, Verb
from bot.domain.errors import Incomplete, NotAllowedNow, NotYours
from bot.domain.ledger import LedgerEvent
from bot.domain.letter import LetterState
from bot.domain.task import TaskState
from bot.domain.ticket import Stage
from config.settings import HERE
from integrations.registry import SettingsProblem
from tests.fakes import FixedClock
from tests.journeys.furnished import FIRST, Furnished, furnished, verbs, words
from tests.journeys.sixth import ASTRID, searched
from tests.journeys.walks import confirmed_by_link, states

ERASE: Final = "Hej, jag vill att ni raderar alla mina uppgifter."
RESTRICT: Final = "Jag vill att ni begränsar behandlingen av mina uppgifter, jag behöver dem för ett rättsligt anspråk."
RECTIFY: Final = "Hej, mitt telefonnummer är fel hos er. Jag vill att ni rättar det till 070-222 22 22."
CONTACT: Final = "köket@catering.example"
CATERER: Final = f"""
[[recipient]]
key = "caterer"
roles = ["attendee"]
name = "Cateringbolaget"
receives_from = ["eventbrite"]
contact = "{CONTACT}"
sv = "namn och allergier inför event"
en = "names and allergies before events"
"""
TOLD: Final = {"result": "done", "note": "Mejlade köket, de svarade ja."}
TELL: Final = "Cateringbolaget"


@asynccontextmanager
async def with_caterer(
    folder: Path, sqlite_url: str, clock: FixedClock, patch: pytest.MonkeyPatch, more: str = CATERER
) -> AsyncIterator[Furnished]:
    """Give a furnished desk whose policy names a caterer."""
    config = folder / "config"
    config.mkdir()
    shutil.copy(HERE / "desk.toml", config)
    (config / "policy.toml").write_text((HERE / "policy.toml").read_text("utf-8") + more, "utf-8")
    patch.setenv("PRIVACY_CONFIG", str(config))
    async with furnished(folder, sqlite_url, clock) as desk:
        yield desk


@pytest.fixture
async def desk(
    tmp_path: Path, sqlite_url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Furnished]:
    """A furnished desk with a caterer."""
    async with with_caterer(tmp_path, sqlite_url, clock, monkeypatch) as desk:
        yield desk


async def decided(desk: Furnished, choice: str = "approve") -> None:
    """Say the same to every row, as everybody it takes."""
    for name in ("sara", "karin", "jonas", "maria"):
        if Verb.DECIDE in verbs(await desk.card(name)):
            form = await desk.form(name, Verb.DECIDE)
            rows = [one for one in form.elements if isinstance(one, Choice)]
            given = {one.name: next((v for v, _ in one.options if v.startswith(choice)), "") for one in rows}
            typed = (
                {"reference": FIRST} if any(getattr(one, "name", "") == "reference" for one in form.elements) else {}
            )
            await desk.send(name, form, given | typed)


async def by_hand(desk: Furnished, given: Mapping[str, str]) -> None:
    """Close every step by hand in our own systems."""
    while left := [
        task for task in (await desk.ticket()).tasks if task.state is TaskState.BY_HAND and task.operation != "notify"
    ]:
        name = desk.opened.house.words[left[0].system].name
        await desk.fill("maria", Verb.FINISH_BY_HAND, given, label=name)


async def erased(desk: Furnished, result: str = "done") -> None:
    """Walk Astrid's erasure to where every system has its result."""
    await searched(desk, ERASE)
    await decided(desk)
    await confirmed_by_link(desk)
    desk.eventbrite.drop(ASTRID)
    await by_hand(desk, {"result": result})
    await desk.later(timedelta(seconds=30))


def rows(page: str) -> dict[str, list[str]]:
    """Return what a review page says of each recipient."""
    for table in LexborHTMLParser(page).css("section"):
        heading = table.css_first("h2")
        if heading is not None and "art. 19" in heading.text():
            cells = [[cell.text(strip=True) for cell in row.css("td, th")] for row in table.css("tbody tr")]
            return {row[0]: row[1:] for row in cells}
    return {}


async def test_the_caterer_is_told_of_an_erasure_and_the_letter_names_them(desk: Furnished) -> None:
    await erased(desk)
    ticket = await desk.ticket()
    assert states(ticket, "notify") == {"caterer": TaskState.BY_HAND}
    assert ticket.stage is Stage.EXECUTING, "the letter waits to say who was told"
    card = words(await desk.card("sara"))
    assert "Underrätta Cateringbolaget…" in card
    assert CONTACT not in card
    _, _, page = await desk.review("sara")
    assert f"Skicka till: {CONTACT}" in page
    assert "Radera uppgifterna hos er" in page
    assert "Please erase the data on your side" in page
    assert page.count(ASTRID) >= 2
    assert rows(page)["Cateringbolaget"][1] == "väntar på en kollega"
    assert rows(page)["HubSpot"][1] == "underrättad genom det som gjordes där"
    await desk.fill("sara", Verb.FINISH_BY_HAND, TOLD, label=TELL)
    ticket = await desk.ticket()
    assert ticket.stage is Stage.REPLYING
    told = next(task for task in ticket.tasks if task.operation == "notify")
    assert (told.state, told.settled_by) == (TaskState.DONE, "sara")
    _, _, page = await desk.review("sara")
    what, came, when, by, note = rows(page)["Cateringbolaget"]
    assert (what, came, by, note) == ("radera", "underrättad", "Sara", TOLD["note"])
    assert when
    assert "Radera uppgifterna hos er" not in page, "it has been sent"
    await desk.press("sara", Verb.SEND_LETTER)
    assert "Vi har också underrättat Cateringbolaget." in desk.letters()[-1].text
    events = [entry for entry in await desk.events() if entry.event is LedgerEvent.RECIPIENT]
    assert [(one.actor, one.facts["state"]) for one in events] == [("sara", "done")]
    assert TOLD["note"] not in str(await desk.events())


async def test_silence_holds_the_letter_three_days_and_the_duty_outlasts_the_ticket(desk: Furnished) -> None:
    """R26 before R47: the person waits for no third party, and the letter does not say more than is so."""
    await erased(desk)
    ticket = await desk.ticket()
    target = desk.opened.house.dates(ticket, ticket.parts[0]).safe_target
    for _ in range(4):
        assert (await desk.ticket()).stage is Stage.EXECUTING
        await desk.later(timedelta(days=1))
        if (await desk.ticket()).stage is Stage.REPLYING:
            break
    assert (await desk.ticket()).stage is Stage.REPLYING
    assert desk.opened.house.today() < target
    kinds = [entry.facts.get("kind") for entry in await desk.events() if entry.event is LedgerEvent.REMINDED]
    assert kinds.count("recipients") >= 3, "asked for the same day and every working morning"
    await desk.press("sara", Verb.SEND_LETTER)
    letter = desk.letters()[-1].text
    assert "Vi håller på att underrätta Cateringbolaget." in letter
    assert "Vi har också underrättat" not in letter
    assert (await desk.ticket()).stage is Stage.CLOSED
    card = await desk.card("sara")
    assert "1 mottagare kvar att höra av sig till" in words(card)
    await desk.later(timedelta(days=3))
    again = [entry.facts.get("kind") for entry in await desk.events() if entry.event is LedgerEvent.REMINDED]
    assert again.count("recipients") > kinds.count("recipients"), "asked for although the ticket is closed"
    await desk.fill("sara", Verb.FINISH_BY_HAND, TOLD, label=TELL)
    card = await desk.card("sara")
    assert "kvar att höra av sig till" not in words(card)
    _, _, page = await desk.review("sara")
    assert rows(page)["Cateringbolaget"][1] == "underrättad"
    before = len(await desk.events())
    await desk.later(timedelta(days=4))
    late = [entry for entry in (await desk.events())[before:] if entry.event is LedgerEvent.REMINDED]
    assert late == [], "nobody is asked for what is done"


async def test_what_was_done_is_still_to_be_told_when_the_ticket_begins_anew(desk: Furnished) -> None:
    await erased(desk)
    await desk.later(timedelta(days=5))
    await desk.press("sara", Verb.SEND_LETTER)
    await desk.fill("maria", Verb.REOPEN, {"reason": "wrongly_closed"})
    ticket = await desk.ticket()
    assert states(ticket, "notify") == {"caterer": TaskState.BY_HAND}
    assert states(ticket, "erase") == {}
    _, _, page = await desk.review("sara")
    assert rows(page)["Cateringbolaget"][1] == "väntar på en kollega"
    assert "Radera uppgifterna hos er" in page
    await desk.fill("sara", Verb.FINISH_BY_HAND, TOLD, label=TELL)
    assert states(await desk.ticket(), "notify") == {"caterer": TaskState.DONE}


async def test_nobody_is_named_where_nothing_can_be_told(desk: Furnished) -> None:
    await desk.sample("nobody")
    await desk.press("sara", Verb.CONFIRM)
    ticket = await desk.ticket()
    press = Press(Verb.NAME_RECIPIENT, ticket.id, ticket.version)
    with pytest.raises(NotAllowedNow, match="nobody_to_tell"):
        await desk.opened.desk.form(desk.who("sara"), press)
    with pytest.raises(NotAllowedNow, match="nobody_to_tell"):
        await desk.opened.desk.submit(desk.who("sara"), press, {"name": ("Tryckeriet",)})


async def test_who_is_named_before_anything_is_done_is_told_when_it_is(desk: Furnished) -> None:
    await searched(desk, ERASE)
    await desk.fill("sara", Verb.NAME_RECIPIENT, {"name": "Tryckeriet Ek"})
    assert states(await desk.ticket(), "notify") == {}
    await decided(desk)
    await confirmed_by_link(desk)
    await desk.later(timedelta(seconds=30))
    assert states(await desk.ticket(), "notify") == {"recipient_1": TaskState.BY_HAND}, "the same day as the first deed"


async def test_the_later_look_is_taken_where_we_can_look_alone(desk: Furnished) -> None:
    """31 days after closing the desk looks whether it is still gone: with us, not at those who were told (F31)."""
    await erased(desk)
    await desk.fill("sara", Verb.FINISH_BY_HAND, TOLD, label=TELL)
    await desk.press("sara", Verb.SEND_LETTER)
    assert (await desk.ticket()).stage is Stage.CLOSED
    before = len(await desk.events())
    await desk.later(timedelta(days=32))
    events = [entry.event for entry in (await desk.events())[before:]]
    assert LedgerEvent.SEARCHED in events
    assert (await desk.ticket()).stage is Stage.CLOSED


async def test_a_draft_nobody_has_touched_says_who_was_told_since(desk: Furnished) -> None:
    await erased(desk)
    await desk.later(timedelta(days=5))
    (letter,) = [one for one in (await desk.ticket()).letters if one.answers]
    assert letter.state is LetterState.DRAFT
    await desk.fill("sara", Verb.FINISH_BY_HAND, TOLD, label=TELL)
    await desk.press("sara", Verb.SEND_LETTER)
    assert "Vi har också underrättat Cateringbolaget." in desk.letters()[-1].text
    assert "håller på" not in desk.letters()[-1].text


async def test_what_could_not_be_told_needs_its_reason_and_is_said_honestly(desk: Furnished) -> None:
    await erased(desk)
    for given, lacking in (
        ({"result": "exception"}, "exception_reason"),
        ({"result": "exception", "exception_reason": "disproportionate"}, "note"),
    ):
        with pytest.raises(Incomplete) as refused:
            await desk.fill("sara", Verb.FINISH_BY_HAND, given, label=TELL)
        assert refused.value.facts["field"] == lacking
    assert states(await desk.ticket(), "notify") == {"caterer": TaskState.BY_HAND}
    given = {"result": "exception", "exception_reason": "impossible", "note": "Bolaget är upplöst."}
    await desk.fill("sara", Verb.FINISH_BY_HAND, given, label=TELL)
    with pytest.raises(AssertionError):
        await desk.form("sara", Verb.FINISH_BY_HAND, label=TELL)
    _, _, page = await desk.review("sara")
    assert rows(page)["Cateringbolaget"][1] == "inte underrättad"
    assert "Bolaget är upplöst." in rows(page)["Cateringbolaget"][4]
    await desk.press("sara", Verb.SEND_LETTER)
    letter = desk.letters()[-1].text
    assert "Vi har inte underrättat Cateringbolaget, därför att det har visat sig vara omöjligt." in letter
    assert "upplöst" not in letter


async def test_who_never_had_it_is_not_spoken_of(desk: Furnished) -> None:
    await erased(desk)
    await desk.fill("sara", Verb.FINISH_BY_HAND, {"result": "not_found"}, label=TELL)
    await desk.press("sara", Verb.SEND_LETTER)
    letter = desk.letters()[-1].text
    assert "Cateringbolaget" not in letter
    assert "Vi har inte underrättat några mottagare utöver systemen ovan." in letter


async def test_only_who_walks_tickets_says_how_it_went(desk: Furnished) -> None:
    await erased(desk)
    with pytest.raises(NotYours):
        await desk.form("jonas", Verb.FINISH_BY_HAND, label=TELL)
    form = await desk.form("sara", Verb.FINISH_BY_HAND, label=TELL)
    with pytest.raises(NotYours):
        await desk.send("jonas", form, {"result": "done"})
    with pytest.raises(Incomplete):
        await desk.opened.desk.submit(desk.who("sara"), form.press, {"result": ("perhaps",)})
    odd: Values = {"result": ("exception",), "exception_reason": ("laziness",), "note": ("x",)}
    with pytest.raises(Incomplete):
        await desk.opened.desk.submit(desk.who("sara"), form.press, odd)


async def test_nothing_done_and_nobody_is_told(desk: Furnished) -> None:
    """Everything declined on a ground: the letter says so, and there is nothing to tell anybody of."""
    await searched(desk, ERASE)
    await decided(desk, "decline")
    ticket = await desk.ticket()
    for task in [one for one in ticket.tasks if one.operation == "erase"]:
        name = desk.opened.house.words[task.system].name
        await desk.fill("maria", Verb.CONFIRM_DECLINE, {"way": "decline"}, label=name)
    ticket = await desk.ticket()
    assert set(states(ticket, "erase").values()) == {TaskState.DECLINED}
    assert states(ticket, "notify") == {}
    assert ticket.stage is Stage.REPLYING
    assert Verb.NAME_RECIPIENT in verbs(await desk.card("sara"))
    _, _, page = await desk.review("sara")
    assert rows(page) == {}
    await desk.press("sara", Verb.SEND_LETTER)
    assert "underrätta" not in desk.letters()[-1].text
    assert Verb.NAME_RECIPIENT not in verbs(await desk.card("sara")), "closed, and nothing was done"


async def test_a_recipient_a_colleague_named_is_told_too_and_named_in_no_chat(desk: Furnished) -> None:
    await erased(desk)
    await desk.fill("sara", Verb.FINISH_BY_HAND, TOLD, label=TELL)
    assert (await desk.ticket()).stage is Stage.REPLYING
    printer, reach = "Tryckeriet Ek", "ek@tryckeriet.example"
    await desk.fill("sara", Verb.NAME_RECIPIENT, {"name": printer, "contact": reach})
    ticket = await desk.ticket()
    assert states(ticket, "notify")["recipient_1"] is TaskState.BY_HAND
    (draft,) = [one for one in ticket.letters if one.answers]
    card = words(await desk.card("sara"))
    assert "Underrätta annan mottagare 1…" in card
    form = words(await desk.form("sara", Verb.FINISH_BY_HAND, label="annan mottagare 1"))
    for telling in (printer, reach):
        assert telling not in card + form + str(await desk.events()) + str(ticket)
    _, _, page = await desk.review("sara")
    assert f"Meddelande till {printer}" in page
    assert reach in page
    assert f"Vi håller på att underrätta {printer}." in page, "the unread draft says so already"
    await desk.fill("sara", Verb.FINISH_BY_HAND, TOLD, label="annan mottagare 1")
    await desk.press("sara", Verb.SEND_LETTER)
    assert draft.id in {one.id for one in (await desk.ticket()).letters}
    assert f"Vi har också underrättat Cateringbolaget och {printer}." in desk.letters()[-1].text
    await desk.fill("sara", Verb.NAME_RECIPIENT, {"name": "Bussbolaget"})
    assert states(await desk.ticket(), "notify")["recipient_2"] is TaskState.BY_HAND, "named after the closing"


async def test_a_letter_with_a_colleagues_own_words_is_not_written_over_but_lacks_the_name(desk: Furnished) -> None:
    await erased(desk)
    await desk.fill("sara", Verb.FINISH_BY_HAND, TOLD, label=TELL)
    browser, path, page = await desk.review("sara")
    form = LexborHTMLParser(page).css_first("form[action$='/letter']")
    assert form is not None
    text = form.css_first("textarea")
    assert text is not None
    given = {one.attributes["name"] or "": one.attributes["value"] or "" for one in form.css("input")}
    mine = {**given, "text": text.text().lstrip("\n") + "\nHälsningar från Sara"}
    assert (await browser.post(f"{path}/letter", mine))[0] == 200
    await desk.fill("sara", Verb.NAME_RECIPIENT, {"name": "Tryckeriet Ek"})
    with pytest.raises(NotAllowedNow, match="letter_incomplete"):
        await desk.press("sara", Verb.SEND_LETTER)
    _, _, page = await desk.review("sara")
    assert "Hälsningar från Sara" in page
    assert "mottagarna som underrättas" in page


async def test_a_restriction_is_told_and_its_letter_names_who(desk: Furnished) -> None:
    await searched(desk, RESTRICT)
    await desk.fill("sara", Verb.CHOOSE_GROUND, {"ground": "claims", "ends": "claim_over"})
    await decided(desk)
    await by_hand(desk, {"result": "done"})
    _, _, page = await desk.review("sara")
    assert "Spara uppgifterna hos er utan att använda dem" in page
    assert rows(page)["Cateringbolaget"][0] == "begränsa"
    await desk.fill("sara", Verb.FINISH_BY_HAND, TOLD, label=TELL)
    await desk.press("sara", Verb.SEND_LETTER)
    assert "Vi har också underrättat Cateringbolaget." in desk.letters()[-1].text


async def test_a_rectification_is_told_with_what_to_put_right(desk: Furnished) -> None:
    await searched(desk, RECTIFY)
    browser, path, page = await desk.review("sara", verb=Verb.CORRECT)
    for form in LexborHTMLParser(page).css("form[action$='/correct']"):
        heading = form.parent.css_first("h2") if form.parent else None
        given = {one.attributes["name"] or "": one.attributes["value"] or "" for one in form.css("input")}
        if heading is not None and "Eventbrite" in heading.text():
            given |= {"f:0/name": "telefon", "f:0/before": "070-174 06 01", "f:0/after": "070-222 22 22"}
        else:
            given = {name: given[name] for name in ("csrf", "task", "seen")} | {"nothing": "1"}
        assert (await browser.post(f"{path}/correct", given))[0] == 200
    await desk.settle()
    await decided(desk)
    await by_hand(desk, {"result": "done"})
    _, _, page = await desk.review("sara")
    assert "– telefon: från 070-174 06 01 till 070-222 22 22" in page
    assert "Rätta uppgifterna hos er på samma sätt." in page
    await desk.fill("sara", Verb.FINISH_BY_HAND, TOLD, label=TELL)
    await desk.press("sara", Verb.SEND_LETTER)
    letter = desk.letters()[-1]
    assert "Vi har också underrättat Cateringbolaget." in letter.text


async def test_a_protected_persons_address_is_told_to_nobody(desk: Furnished) -> None:
    """The notice is sent out of the house: it names what others can find the person by, and nothing new (D12)."""
    await erased(desk)
    async with desk.opened.house.work() as unit:
        ticket = await unit.tickets.load(FIRST)
        await unit.tickets.save(ticket, replace(ticket, flags=ticket.flags | {"protected_identity"}))
    _, _, page = await desk.review("maria")
    notice = page[page.index("Meddelande till Cateringbolaget") :].partition("</section>")[0]
    assert "Astrid Lundgren" in notice
    assert ASTRID not in notice


async def test_a_recipient_nobody_can_be_told_of_is_refused_at_start(
    tmp_path: Path, sqlite_url: str, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = CATERER.replace('["eventbrite"]', '["eventbright"]')
    with pytest.raises(SettingsProblem, match="eventbright is no system"):
        async with with_caterer(tmp_path, sqlite_url, clock, monkeypatch, wrong):
            pass
