"""The file of a case, fit to hand to IMY: everything in it, in both languages, provable, and nobody named (D26)."""

import re
from datetime import timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser

from bot.card import Link, Verb
from bot.domain.errors import NotYours
from bot.domain.ledger import LedgerEvent
from bot.domain.letter import LetterKind
from bot.domain.request import Language
from tests.journeys.furnished import FIRST, Furnished, Visitor, verbs
from tests.journeys.test_by_hand import at_the_erasure_by_hand
from tests.journeys.walks import PRIYA, at_decision, erased
from tests.store.test_ledger import tamper


async def file_of(desk: Furnished, who: str = "sara", typed: str = f"akt {FIRST}") -> tuple[Visitor, str, str]:
    """Ask for the file by command and open it; return the browser, the page's path and its HTML."""
    shown = await desk.opened.desk.say(desk.who(who), typed)
    (link,) = (one.url for one in shown.elements if isinstance(one, Link))
    browser = await desk.visitor()
    async with browser.session.post(link) as answer:
        assert answer.status == 200
        return browser, answer.url.path, await answer.text()


def text_of(page: str, language: str) -> str:
    found = LexborHTMLParser(page).css_first(f"article[lang={language}]")
    assert found is not None
    return " ".join(found.text(separator=" ").split())


async def test_it_tells_the_whole_story_in_both_languages(desk: Furnished) -> None:
    await erased(desk)
    _, path, page = await file_of(desk)
    swedish, english = text_of(page, "sv"), text_of(page, "en")
    for said in (
        f"Ärendeakt {FIRST}",
        "556920-3580",
        "Radering (art. 17)",
        "artikel 12.3",
        "1182/71",
        "Karin Holm, systemägare",
        "Godkänt, 1 av 2",
        "Godkänt, 2 av 2",
        "Sökt igen efter åtgärden: inget kvar",
        "Radering utförd",
        "Granskningsloggens kedja är obruten",
    ):
        assert said in swedish, said
    for said in ("Case file", "Article 12(3)", "Approved, 2 of 2", "Searched again afterwards", "is unbroken"):
        assert said in english, said
    entries = await desk.events()
    head = entries[-1].hash
    assert head in page, "the head of the chain stands there whole"
    rows = LexborHTMLParser(page).css("article[lang=sv] table.sheet-events tbody tr")
    assert len(rows) == len(entries)
    assert not re.search(r"\b(history|evidence|task_state|letter)\.[a-z_]+", swedish + english), "no bare keys"
    assert PRIYA not in page
    assert "Natarajan" not in page
    assert PRIYA not in path


async def test_that_somebody_looked_stands_in_the_next_one(desk: Furnished) -> None:
    await erased(desk)
    await file_of(desk)
    _, _, page = await file_of(desk, "maria")
    assert text_of(page, "sv").count("Ärendeakten öppnades.") == 4, (
        "both looks, in the list and among all that happened"
    )
    looks = [(one.actor, dict(one.facts)) for one in await desk.events() if one.event is LedgerEvent.LOOKED]
    assert looks[-2:] == [("sara", {"file": 1}), ("maria", {"file": 1})]


async def test_only_an_officers_copy_names_the_address(desk: Furnished) -> None:
    await erased(desk)
    _, _, page = await file_of(desk, "maria", f"evidence {FIRST}")
    assert PRIYA in page
    assert "Natarajan" not in page


async def test_it_is_offered_on_the_closed_card_and_the_link_opens_once(desk: Furnished) -> None:
    await erased(desk)
    assert Verb.EVIDENCE in verbs(await desk.card("sara"))
    shown = await desk.press("sara", Verb.EVIDENCE)
    (link,) = (one.url for one in shown.elements if isinstance(one, Link))
    browser = await desk.visitor()
    async with browser.session.post(link) as answer:
        assert answer.status == 200
    async with (await desk.visitor()).session.post(link) as answer:
        assert answer.status == 404
    async with browser.session.post(f"{answer.url}/letter") as answer:
        assert answer.status >= 400, "nothing can be done from the file"


@pytest.mark.parametrize("name", ["karin", "david"])
async def test_who_does_not_walk_cases_is_refused_and_it_is_noted(desk: Furnished, name: str) -> None:
    await erased(desk)
    with pytest.raises(NotYours) as refused:
        await desk.opened.desk.say(desk.who(name), f"akt {FIRST}")
    assert "Sara" in refused.value.facts["who"]
    assert (await desk.events("desk"))[-1].event is LedgerEvent.REFUSED


async def test_a_tampered_chain_is_said_to_be_broken(desk: Furnished) -> None:
    await erased(desk)
    await tamper(desk.opened.store, "UPDATE ledger SET actor = 'maria' WHERE seq = 3")
    _, _, page = await file_of(desk)
    assert "kedja håller inte: den första felaktiga posten är nummer 3" in text_of(page, "sv")
    assert "unbroken" not in text_of(page, "en")


async def test_forgotten_it_still_proves_itself_and_names_no_colleague(desk: Furnished) -> None:
    """After 24 months: no address in an officer's copy either, roles for names, and the chain holds (D24)."""
    await erased(desk)
    await desk.later(timedelta(days=31))
    await desk.later(timedelta(days=720))
    await desk.tick("forget")
    _, _, page = await file_of(desk, "maria")
    swedish = text_of(page, "sv")
    assert PRIYA not in page
    assert "är obruten" in swedish
    assert "Systemägare" in swedish
    for name in ("Karin", "Jonas", "Sara"):
        assert name not in page
    assert "Maria Ek, dataskyddsansvarig" in swedish, "whoever made the file answers for it by name"


async def test_a_look_at_the_card_is_no_look_at_the_content(desk: Furnished) -> None:
    """Whoever typed the reference saw the card alone: the list of who has read must not say more than that."""
    await erased(desk)
    for typed in (f"visa {FIRST}", f"fel {FIRST}"):
        await desk.opened.desk.say(desk.who("sara"), typed)
    _, _, page = await file_of(desk, "maria")
    said = text_of(page, "sv")
    assert said.count("Sara öppnade ärendets kort eller formulär.") == 2, "among all that happened, and only there"
    assert "Sara läste innehållet." not in said
    await desk.review("sara")
    _, _, page = await file_of(desk, "maria")
    assert text_of(page, "sv").count("Sara läste innehållet.") == 2, "in the list and among all that happened"


async def test_after_a_step_by_hand_the_file_says_that_the_desk_only_looked(desk: Furnished) -> None:
    await at_the_erasure_by_hand(desk)
    await desk.finish("sara", result="done")
    await desk.later(timedelta(minutes=5), steps=5)
    said = text_of((await file_of(desk))[2], "sv")
    assert "Eventbrite: raderingen påbörjades." not in said
    assert "Eventbrite: sökt igen efter steget för hand." in said
    assert "Eventbrite: uppgifterna finns kvar där. En ny sökning görs." in said
    assert "HubSpot: raderingen påbörjades." in said


async def test_it_says_of_each_letter_who_stood_for_it(desk: Furnished) -> None:
    """A receipt leaves unread; an extension was an officer's word; whatever cannot be done is never without a why."""
    await at_decision(desk, "erase")
    given = {"reasons": ("complexity",), "why": "Your data stands in paper archives too."}
    await desk.fill("maria", Verb.EXTEND, given)
    page = LexborHTMLParser((await file_of(desk))[2])
    letters = [[cell.text(strip=True) for cell in row.css("td")] for row in page.css("#sv .sheet-letters tbody tr")]
    stood = {row[0]: row[2] for row in letters}
    unread = "Går utan att någon läser det först"
    assert stood == {"T1": unread, "–": unread, "T4": "Maria Ek, dataskyddsansvarig"}
    last = (await desk.ticket()).letters[-1]
    assert (last.kind, last.approved_by) == (LetterKind.EXTENDED, "maria")
    until = desk.opened.house.texts.long_day(Language.SV, desk.opened.house.nearest(await desk.ticket()).last_day)
    assert f"Maria beslutade att förlänga till {until}: begäran är komplicerad." in text_of(page.html or "", "sv")
    done = [[cell.text(strip=True) for cell in row.css("td")] for row in page.css("#sv .sheet-done tbody tr")]
    assert [row[3] for row in done if row[3].startswith("Ej tillämpligt")]
    assert not [row for row in done if row[3] == "Ej tillämpligt"]
