"""The special roads, mail in to letter out: referrals, an authority, what is meant, a question, a death."""

import re
from base64 import b64encode
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from bot.card import Card, Press, Values, Verb
from bot.domain.errors import Incomplete, NotAllowedNow, NotYours
from bot.domain.identity import Method
from bot.domain.request import RequestType
from bot.domain.roads import Road, reply_by, taken
from bot.domain.task import TaskState
from bot.domain.ticket import MAIL_TO_READ, Outcome, Stage
from tests.journeys.furnished import FIRST, Furnished, buttons, verbs, words
from tests.journeys.leaks import leaks
from tests.journeys.test_decisions import fields as fields_of
from tests.journeys.walks import PRIYA, confirmed_by_link, states

OSKAR, EVA, RUT, PIA = (
    "oskar.nordin@example.com",
    "eva.natarajan@example.se",
    "rut.fragvis@example.se",
    "pia@example.se",
)
NUMBERS = count(1)


def mail(sender: str, subject: str, text: str, name: str = "") -> bytes:
    """Return a mail as it leaves its sender."""
    head = (
        f"From: {name} <{sender}>\r\nTo: info@goto.work\r\nDate: Mon, 9 Mar 2026 10:00:00 +0100\r\n"
        f"Message-ID: <road{next(NUMBERS)}@example.org>\r\nMIME-Version: 1.0\r\n"
        f"Subject: =?utf-8?b?{b64encode(subject.encode()).decode()}?=\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    )
    return f"{head}{text}\r\n".encode()


CUSTOMER = {
    "sv": "Hej,\n\nvi är kund hos er enligt avtal 2024-17. Jag vill veta vilka uppgifter ni har om mig i avtalet.\n",
    "en": "Hello,\n\nwe are a customer under our service agreement. Please tell me what data you hold about me.\n",
}
SITE = "Hej!\n\nJag sökte ett jobb hos er via jobbsajten Jobbportalen. Jag vill att mitt konto där raderas.\n"
AGENT = {
    "sv": f"Hej,\n\njag är jurist och företräder min klient Priya Natarajan ({PRIYA}). "
    "Hon vill ha ut alla uppgifter ni har om henne.\n\nOskar Nordin\n",
    "en": f"Hello,\n\nI am writing on behalf of my client Priya Natarajan ({PRIYA}). "
    "She wants a copy of all the data you hold about her.\n\nOskar Nordin\n",
}
QUESTION = {
    "sv": "Hej!\n\nJag läste er integritetspolicy och undrar vilka ni delar personuppgifter med?\n\nRut\n",
    "en": "Hi,\n\nI read your privacy policy and wonder who you share personal data with?\n\nRuth\n",
}
DEATH = (
    f"Hej,\n\nmin mamma Priya Natarajan ({PRIYA}) gick bort i januari. Hon får fortfarande era nyhetsbrev. "
    "Ta bort hennes uppgifter.\n\nEva\n"
)


def primary(card: Card) -> Verb:
    """Return what the first button means."""
    return buttons(card)[0].press.verb


# --- contract customers (P5, P6, R57) -----------------------------------------------------------------


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_a_contract_customer_is_referred_and_own_data_is_looked_for(desk: Furnished, language: str) -> None:
    await desk.mail(mail("nobody@example.org", "Avtal", CUSTOMER[language]))
    card = await desk.card("sara")
    assert primary(card) is Verb.REFER_CONTRACT
    assert Verb.CONFIRM not in verbs(card)
    form = await desk.form("sara", Verb.REFER_CONTRACT)
    assert "Ingen avtalskontakt är inlagd" in words(form), "says plainly that no contact is set"
    given = {"contact": "Ulla Berg, ulla@nordbygg.example", "passed_on": "2026-03-09T10:00"}
    for lacking in ({"contact": "x"}, {"contact": "x", "passed_on": "2027-01-01T10:00"}, given | {"contact": " "}):
        with pytest.raises(Incomplete):
            await desk.send("sara", form, lacking)
    await desk.send("sara", form, given)
    (referral,) = desk.letters("nobody@example.org")
    said = {"sv": ("9 mars 2026", "styrs av det avtalet"), "en": ("9 March 2026", "governed by that contract")}
    for word in ("ulla@nordbygg.example", *said[language]):
        assert word in referral.text
    await desk.finish("jonas")
    ticket = await desk.ticket()
    assert [letter.kind for letter in ticket.letters] == ["T16", "T6"], "no receipt beside the referral"
    await desk.press("sara", Verb.SEND_LETTER)
    answer = desk.letters("nobody@example.org")[-1].text
    assert {"sv": "styrs av ett kundavtal ingår inte", "en": "governed by a customer contract is not part"}[
        language
    ] in answer
    assert (await desk.ticket()).parts[0].outcome is Outcome.NOTHING_HELD


async def test_beside_a_contract_nothing_is_taken_out_or_erased_by_program(desk: Furnished) -> None:
    """Our own contact data is answered for, by a colleague who leaves what the contract governs (P5)."""
    await desk.mail(mail(PRIYA, "Avtal", "Vi är kund hos er enligt avtal 2024-17. Radera mina uppgifter."))
    given = {"contact": "Ulla Berg", "passed_on": "2026-03-09T10:00"}
    await desk.fill("sara", Verb.REFER_CONTRACT, given)
    await desk.finish("jonas")
    for name in ("karin", "jonas", "maria"):
        await desk.decide(name)
    await confirmed_by_link(desk)
    erasing = states(await desk.ticket(), "erase")
    assert erasing == dict.fromkeys(("hubspot", "google_display"), TaskState.BY_HAND), "a list is synced of customers"
    await desk.finish("jonas", label="Google Display")
    form = await desk.form("karin", Verb.FINISH_BY_HAND)
    assert "det som hör till ett avtal lämnas orört" in words(form)
    assert not desk.hubspot.writes("gdpr-delete")
    await desk.send("karin", form, {"result": "done", "count": "1"})
    await desk.press("sara", Verb.SEND_LETTER)
    answer = desk.letters(PRIYA)[-1].text
    assert "HubSpot: Uppgifterna är raderade. En kollega gjorde det för hand." in answer
    assert "permanent" not in answer
    assert "styrs av ett kundavtal ingår inte" in answer


async def test_confirm_is_refused_where_the_contract_comes_first(desk: Furnished) -> None:
    await desk.mail(mail(PRIYA, "Avtal", CUSTOMER["sv"]))

    ticket = await desk.ticket()
    with pytest.raises(NotAllowedNow, match="contract_first"):
        await desk.opened.desk.press(desk.who("sara"), Press(Verb.CONFIRM, ticket.id, ticket.version))
    await desk.fill("sara", Verb.CHANGE, {"roles": ["contact"]})
    card = await desk.card("sara")
    assert primary(card) is Verb.CONFIRM, "a colleague knows better than the reading"
    assert Verb.OTHER_ROADS in verbs(card)


async def test_a_third_party_site_is_named_and_our_own_recruitment_searched(desk: Furnished) -> None:
    """P78-P80, R58."""
    await desk.mail(mail("moa@example.com", "Mitt konto", SITE))
    card = await desk.card("sara")
    assert primary(card) is Verb.REFER_SITE
    with pytest.raises(Incomplete):
        await desk.fill("sara", Verb.REFER_SITE, {"site": "Jobbportalen"})
    await desk.fill("sara", Verb.REFER_SITE, {"site": "Jobbportalen", "reach": "https://jobbportalen.example/gdpr"})
    referral = desk.letters("moa@example.com")[0].text
    for word in ("Jobbportalen", "https://jobbportalen.example/gdpr", "personuppgiftsansvarig", "vår egen rekrytering"):
        assert word in referral
    await desk.finish("jonas")
    assert [letter.kind for letter in (await desk.ticket()).letters] == ["T17", "T6"]


# --- somebody speaks for another (F08, R59, R60) --------------------------------------------------------


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_an_agent_is_asked_for_authority_and_told_nothing(desk: Furnished, language: str) -> None:
    await desk.mail(mail(OSKAR, "Utdrag", AGENT[language], "Oskar Nordin"))
    card = await desk.card("sara")
    assert primary(card) is Verb.ASK_AUTHORITY
    assert Verb.CONFIRM not in verbs(card)
    await desk.fill("sara", Verb.ASK_AUTHORITY, {"document": "power"})
    (asked,) = desk.letters()
    assert asked.to == OSKAR, "the person is not written to"
    assert {"sv": "fullmakt", "en": "authority"}[language] in asked.text
    assert {"sv": "inget om huruvida", "en": "nothing on whether"}[language] in asked.text
    assert "Priya" not in asked.text + asked.subject
    ticket = await desk.ticket()
    assert (ticket.stage, taken(ticket)) == (Stage.RECEIVED, Road.AUTHORITY)
    assert "den som skrev" in words(await desk.card("sara"))
    assert not ticket.tasks, "nothing is looked for yet"
    with pytest.raises(NotAllowedNow, match="still_waiting"):
        await press_anyway(desk, Verb.CLOSE_UNANSWERED)


async def press_anyway(desk: Furnished, verb: Verb, name: str = "sara", **given: str) -> None:
    """Send a form whose button the card does not offer."""

    ticket = await desk.ticket()
    values: Values = {key: (value,) for key, value in {"way": "close_kindly", **given}.items()}
    await desk.opened.desk.submit(desk.who(name), Press(verb, ticket.id, ticket.version), values)


async def test_silence_is_reminded_of_once_and_then_a_person_closes_kindly(desk: Furnished) -> None:
    await desk.mail(mail(OSKAR, "Utdrag", AGENT["sv"], "Oskar Nordin"))
    await desk.fill("sara", Verb.ASK_AUTHORITY, {})
    until = reply_by(await desk.ticket())
    for _ in range(20):
        await desk.later(timedelta(days=1))
        await desk.tick("morning")
    assert until is not None
    assert [letter.kind for letter in (await desk.ticket()).letters] == ["T18", "T18"]
    reminder = desk.letters(OSKAR)[1]
    assert reminder.subject.startswith("Påminnelse")
    assert "Vi har frågat en gång tidigare" in reminder.text
    card = await desk.card("sara")
    assert "obesvarat" in words(card)
    told = [entry for entry in await desk.events() if entry.facts.get("kind") == "unanswered"]
    assert told, "whoever walks the ticket hears of it"
    await desk.fill("sara", Verb.CLOSE_UNANSWERED, {"way": "close_kindly"})
    assert (await desk.ticket()).stage is Stage.REPLYING, "the letter is read before it leaves"
    await desk.press("sara", Verb.SEND_LETTER)
    closing = desk.letters(OSKAR)[-1].text
    for word in ("inte har hört av dig", "klagomål", "domstol", "på nytt"):
        assert word in closing
    assert "Priya" not in closing
    ticket = await desk.ticket()
    assert (ticket.stage, ticket.parts[0].outcome) == (Stage.CLOSED, Outcome.NO_REPLY)
    assert not desk.letters(PRIYA)


SHOWN = {"document": "power", "covers": ["access"], "checked": ["read", "valid"]}


async def answered(desk: Furnished) -> None:
    """Walk Priya's access to where its letter waits to be read."""
    await desk.press("sara", Verb.CONFIRM)
    await desk.finish("jonas")
    await desk.decide("karin")
    assert (await desk.ticket()).stage is Stage.REPLYING


async def test_authority_shown_the_answer_goes_to_the_person_unless_it_says_otherwise(desk: Furnished) -> None:
    """P16, R19: the address on file is the default, whoever asks."""
    await desk.mail(mail(OSKAR, "Utdrag", AGENT["sv"], "Oskar Nordin"))
    await desk.fill("sara", Verb.ASK_AUTHORITY, {})
    await desk.mail(mail(OSKAR, f"Sv: {FIRST}", "Hej, fullmakten är bifogad.", "Oskar Nordin"))
    ticket = await desk.ticket()
    assert MAIL_TO_READ in ticket.flags
    assert reply_by(ticket) is None
    assert primary(await desk.card("sara")) is Verb.REVIEW, "the reply is read first"
    for wrong in (SHOWN | {"checked": ["read"]}, SHOWN | {"covers": []}):
        with pytest.raises(Incomplete):
            await desk.fill("sara", Verb.SHOW_AUTHORITY, wrong)
    await desk.fill("sara", Verb.SHOW_AUTHORITY, SHOWN)
    entry = next(one for one in await desk.events() if one.event == "identity.authority")
    assert (entry.actor, dict(entry.facts)) == ("sara", {"document": "power", "rights": "access", "answer": "person"})
    await answered(desk)
    await desk.press("sara", Verb.SEND_LETTER)
    assert [letter.to for letter in desk.letters() if "/c/" in letter.text] == [PRIYA]


async def test_an_answer_to_the_agent_takes_an_express_word_and_two_colleagues(desk: Furnished) -> None:
    await desk.mail(mail(OSKAR, "Utdrag", AGENT["en"], "Oskar Nordin"))
    await desk.fill("sara", Verb.SHOW_AUTHORITY, SHOWN | {"answer_to": "to_requester"})
    await answered(desk)
    with pytest.raises(NotYours, match="authority_other_approves"):
        await desk.press("sara", Verb.SEND_LETTER)
    assert not [letter for letter in desk.letters() if "/c/" in letter.text]
    await desk.press("maria", Verb.SEND_LETTER)
    (answer,) = [letter for letter in desk.letters() if "/c/" in letter.text]
    assert answer.to == OSKAR
    assert answer.text.startswith("Hello,"), "not by the name of somebody else"
    await (await desk.person(answer)).package()
    assert (await desk.ticket()).parts[0].outcome is Outcome.FULFILLED


async def test_an_authority_counts_only_for_what_it_covers_and_whom_it_names(desk: Furnished) -> None:
    text = AGENT["sv"].replace(
        "vill ha ut alla uppgifter ni har om henne", "vill ha ut sina uppgifter och sedan bli raderad"
    )
    await desk.mail(mail(OSKAR, "Utdrag", text, "Oskar Nordin"))
    assert [part.type for part in (await desk.ticket()).parts] == [RequestType.ACCESS, RequestType.ERASURE]
    with pytest.raises(NotAllowedNow, match="authority_too_narrow"):
        await desk.fill("sara", Verb.SHOW_AUTHORITY, SHOWN)
    await desk.fill("sara", Verb.SHOW_AUTHORITY, SHOWN | {"covers": ["access", "erasure"]})
    assert primary(await desk.card("sara")) is Verb.CONFIRM
    await desk.fill("sara", Verb.CHANGE, {"subject": "lars.wallin@example.se"})
    with pytest.raises(NotAllowedNow, match="authority_first"):
        await confirm_anyway(desk)


async def test_an_agent_who_names_nobody_cannot_be_searched_for(desk: Furnished) -> None:
    """Their own address is not their client's."""
    text = "Hej, jag är advokat och företräder en klient som vill ha ut alla uppgifter ni har."
    await desk.mail(mail(OSKAR, "Utdrag", text, "Oskar Nordin"))
    with pytest.raises(Incomplete):
        await desk.fill("sara", Verb.SHOW_AUTHORITY, SHOWN)
    await desk.fill("sara", Verb.SHOW_AUTHORITY, SHOWN | {"subject": PRIYA})
    await answered(desk)
    await desk.press("sara", Verb.SEND_LETTER)
    assert [letter.to for letter in desk.letters() if "/c/" in letter.text] == [PRIYA]


async def test_a_guardian_acts_for_a_child_and_a_child_for_itself(desk: Furnished) -> None:
    """R60."""
    text = (
        "Hej,\n\nmin son Elias, 9 år (elias.nordin@example.com), anmälde sig till ert event. Radera hans uppgifter.\n"
    )
    await desk.mail(mail(OSKAR, "Min son", text, "Oskar Nordin"))
    assert primary(await desk.card("sara")) is Verb.ASK_AUTHORITY
    await desk.fill(
        "sara", Verb.SHOW_AUTHORITY, {"document": "guardian", "covers": ["erasure"], "checked": ["read", "valid"]}
    )
    await desk.press("sara", Verb.CONFIRM)
    await desk.mail(mail("elsa@example.com", "Hej", "Hej! Jag är 12 år. Jag vill att ni raderar mina uppgifter. Elsa"))
    own = (await desk.tickets())[-1]
    card = await desk.card("sara", own.ref)
    assert Verb.CONFIRM in verbs(card), "the child's own request is valid"


async def test_a_colleague_may_say_that_who_writes_is_the_person(desk: Furnished) -> None:
    """No reading may end in a street without exit."""
    await desk.mail(mail(PRIYA, "Utdrag", "Hej, jag skriver för min klient. Skicka alla uppgifter ni har om henne."))
    assert Verb.CONFIRM not in verbs(await desk.card("sara"))
    await desk.fill("sara", Verb.CHANGE, {"subject": PRIYA})
    await desk.press("sara", Verb.CONFIRM)
    assert (await desk.ticket()).stage is Stage.LOCATING


async def confirm_anyway(desk: Furnished) -> None:
    """Press Confirm though the card does not offer it."""
    ticket = await desk.ticket()
    await desk.opened.desk.press(desk.who("sara"), Press(Verb.CONFIRM, ticket.id, ticket.version))


# --- what is meant (T3, R27) ----------------------------------------------------------------------------

UNCLEAR = {
    "sv": "Hej, vad är det för uppgifter ni har på mig egentligen? Gör något åt det. Jag vill inte ha er reklam.",
    "en": "Hi, what is it you have on me anyway? Do something about it.",
}


async def asked_what_is_meant(desk: Furnished, rights: list[str], language: str = "sv") -> None:
    await desk.mail(mail(PIA, "GDPR", UNCLEAR[language], "Pia"))
    await desk.fill("sara", Verb.CHANGE, {"rights": rights, "language": language})
    roads = await desk.press("sara", Verb.OTHER_ROADS)
    assert Verb.CLARIFY in verbs(roads)
    ticket = await desk.ticket()
    form = await desk.opened.desk.form(desk.who("sara"), Press(Verb.CLARIFY, ticket.id, ticket.version))
    with pytest.raises(Incomplete):
        await desk.send("sara", form, {})
    await desk.send("sara", form, {"questions": ["right", "scope"], "words": "Med vänlig fråga från Sara."})


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_access_goes_on_at_its_widest_when_nobody_answers(desk: Furnished, language: str) -> None:
    await asked_what_is_meant(desk, ["access"], language)
    (question,) = desk.letters(PIA)
    said = {
        "sv": ("radera mina uppgifter", "tar vi hand om hela din begäran", "Du får vårt svar senast"),
        "en": ("erase my data", "we deal with the whole of your request", "You will have our answer by"),
    }
    for word in (*said[language], "Med vänlig fråga från Sara."):
        assert word in question.text
    assert (await desk.ticket()).stage is Stage.RECEIVED
    for _ in range(16):
        await desk.later(timedelta(days=1))
        await desk.tick("morning")
    ticket = await desk.ticket()
    assert ticket.stage is Stage.LOCATING, "as the letter said"
    assert [letter.kind for letter in ticket.letters] == ["T3", "T3"], "reminded once; no receipt on top"
    assert ticket.handler == "sara"
    assert "ticket.silence" in {entry.event for entry in await desk.events()}


async def test_an_erasure_never_goes_on_because_nobody_answered(desk: Furnished) -> None:
    await asked_what_is_meant(desk, ["erasure", "unsubscribe"])
    question = desk.letters(PIA)[0].text
    assert "Inget raderas bara för att svaret uteblir." in question
    assert "stoppas genast" in question
    ticket = await desk.ticket()
    assert [part.stage for part in ticket.parts] == [Stage.RECEIVED, Stage.CLOSED], (
        "what needs no answer waits for none"
    )
    for _ in range(16):
        await desk.later(timedelta(days=1))
        await desk.tick("morning")
    assert (await desk.ticket()).parts[0].stage is Stage.RECEIVED
    card = await desk.card("sara")
    assert Verb.CLOSE_UNANSWERED in verbs(card)
    assert Verb.CONFIRM in verbs(card), "a person decides which"


async def test_a_reply_ends_the_waiting_and_the_request_can_be_made_what_was_meant(desk: Furnished) -> None:
    await asked_what_is_meant(desk, ["erasure", "unsubscribe"])
    await desk.mail(mail(PIA, f"Sv: {FIRST}", "Jag menade att få veta vad ni har.", "Pia"))
    ticket = await desk.ticket()
    assert reply_by(ticket) is None
    await desk.fill("sara", Verb.CHANGE, {"rights": ["access"]})
    ticket = await desk.ticket()
    assert [part.type for part in ticket.parts] == [RequestType.ACCESS, RequestType.UNSUBSCRIBE], "what was done stays"
    await desk.press("sara", Verb.CONFIRM)
    assert (await desk.ticket()).stage is Stage.LOCATING


async def test_a_question_that_may_not_leave_is_seen_to_on_the_first_card(desk: Furnished) -> None:
    """What was never asked is never taken for silence."""
    await desk.mail(mail(PIA, "GDPR", UNCLEAR["sv"], "Pia"))
    await desk.fill("sara", Verb.CHANGE, {"rights": ["access"]})
    ticket = await desk.ticket()
    form = await desk.opened.desk.form(desk.who("sara"), Press(Verb.CLARIFY, ticket.id, ticket.version))
    await desk.send("sara", form, {"questions": ["right"], "words": "Är ditt nummer 19850214-1239?"})
    assert not desk.letters(), "no personal number leaves"
    card = await desk.card("sara")
    assert primary(card) is Verb.SEND_LETTER
    with pytest.raises(NotAllowedNow, match="letter_incomplete"):
        await desk.press("sara", Verb.SEND_LETTER)
    for _ in range(16):
        await desk.later(timedelta(days=1))
        await desk.tick("morning")
    ticket = await desk.ticket()
    assert ticket.stage is Stage.RECEIVED
    assert [letter.kind for letter in ticket.letters] == ["T3"], "and not put a second time either"
    browser, path, page = await desk.review("sara")
    letter = fields_of(page)
    mended = letter["text"].replace("19850214-1239", "rätt")
    status, _ = await browser.post(f"{path}/letter", letter | {"text": mended})
    assert status == 200
    await desk.press("sara", Verb.SEND_LETTER)
    assert len(desk.letters(PIA)) == 1


# --- questions and views (P86) --------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_a_question_is_answered_and_the_ticket_closes_with_it(desk: Furnished, language: str) -> None:
    await desk.mail(mail(RUT, "Er policy", QUESTION[language], "Rut"))
    card = await desk.card("sara")
    assert [button.press.verb for button in buttons(card)][:2] == [Verb.REVIEW, Verb.ANSWER_QUESTION]
    await desk.fill("sara", Verb.ANSWER_QUESTION, {})
    assert not desk.letters()
    with pytest.raises(NotAllowedNow, match="letter_incomplete"):
        await desk.press("sara", Verb.SEND_LETTER)
    browser, path, page = await desk.review("sara")
    letter = fields_of(page)
    empty = {"sv": "[Skriv svaret här]", "en": "[Write the answer here]"}[language]
    written = {"sv": "Vi delar dem inte med någon.", "en": "We share them with nobody."}[language]
    assert empty in letter["text"]
    status, _ = await browser.post(f"{path}/letter", letter | {"text": letter["text"].replace(empty, written)})
    assert status == 200
    await desk.press("sara", Verb.SEND_LETTER)
    answer = desk.letters(RUT)[0].text
    assert written in answer
    assert {"sv": "ingen särskild blankett", "en": "No special form"}[language] in answer


async def test_an_answer_written_in_the_form_is_read_before_it_leaves(desk: Furnished) -> None:
    await desk.mail(mail(RUT, "Er policy", QUESTION["sv"], "Rut"))
    await desk.fill("sara", Verb.ANSWER_QUESTION, {"answer": "Vi delar dem med de system som står i policyn."})
    assert not desk.letters()
    await desk.press("sara", Verb.SEND_LETTER)
    (answer,) = desk.letters(RUT)
    for word in ("Vi delar dem med", "Vi tog emot ditt meddelande", "ingen särskild blankett", "IMY"):
        assert word in answer.text
    assert "Du bad om" not in answer.text
    ticket = await desk.ticket()
    assert (ticket.stage, ticket.parts[0].outcome) == (Stage.CLOSED, Outcome.QUESTION_ANSWERED)
    await desk.fill("maria", Verb.REOPEN, {"reason": "wrongly_closed"})
    assert taken(await desk.ticket()) is None, "it can turn out to be a request after all"
    assert Verb.CONFIRM in verbs(await desk.card("sara"))


async def test_a_question_on_the_quiet_list_is_taken_up_and_answered(desk: Furnished) -> None:
    await desk.mail(mail(RUT, "Lunch", "Hej, hinner du ses på torsdag? Vi har några tankar om samarbetet.", "Rut"))
    assert not await desk.tickets()
    browser, path, page = await desk.review("sara", f"items:{desk.opened.house.today()}", Verb.OPEN_ITEM)
    (item,) = set(re.findall(r'name="item" value="([^"]+)"', page))
    status, _ = await browser.post(
        f"{path}/open", {"item": item, "csrf": re.findall(r'name="csrf" value="([^"]+)"', page)[0]}
    )
    assert status == 200
    await by_other_roads(desk, Verb.ANSWER_QUESTION, answer="Vi hörs på torsdag.")
    await desk.press("sara", Verb.SEND_LETTER)
    assert "Vi hörs på torsdag." in desk.letters(RUT)[0].text


async def by_other_roads(desk: Furnished, verb: Verb, **given: str) -> None:
    """Take a road from the list of all roads."""
    assert verb in verbs(await desk.press("sara", Verb.OTHER_ROADS))
    ticket = await desk.ticket()
    form = await desk.opened.desk.form(desk.who("sara"), Press(verb, ticket.id, ticket.version))
    await desk.send("sara", form, given)


# --- somebody has died (R61) ----------------------------------------------------------------------------


async def test_a_death_is_met_with_a_letter_of_its_own(desk: Furnished) -> None:
    await desk.mail(mail(EVA, "Dödsfall", DEATH, "Eva"))
    card = await desk.card("sara")
    assert primary(card) is Verb.ANSWER_KIN
    assert Verb.CONFIRM not in verbs(card)
    with pytest.raises(NotAllowedNow, match="deceased_first"):
        await confirm_anyway(desk)
    await desk.fill("sara", Verb.ANSWER_KIN, {"wish": "erase"})
    assert states(await desk.ticket(), "suppress"), "mailings stop before anything is searched"
    await desk.finish("jonas")
    ticket = await desk.ticket()
    assert ticket.identity.method is Method.DECEASED
    assert not desk.letters(), "neither a receipt nor a question, to nobody"
    await desk.decide("karin")
    assert not desk.hubspot.writes("gdpr-delete"), "two people, as always"
    await desk.decide("jonas")
    await desk.later(timedelta(seconds=10))
    assert desk.hubspot.writes("gdpr-delete")
    await desk.press("sara", Verb.SEND_LETTER)
    (answer,) = desk.letters()
    assert answer.to == EVA
    for word in ("beklagar", "inga fler utskick", "kontaktuppgifter som vi kan ha haft", "inte lämna ut"):
        assert word in answer.text
    assert "HubSpot" not in answer.text
    assert "Priya" not in answer.text
    _, _, page = await desk.review("sara")
    assert "dataskyddsförordningen gäller kanske inte" in page


async def test_for_the_dead_nothing_is_ever_taken_out(desk: Furnished) -> None:
    text = DEATH.replace("Ta bort hennes uppgifter.", "Jag vill ha en kopia av alla uppgifter ni har om henne.")
    await desk.mail(mail(EVA, "Dödsfall", text, "Eva"))
    await desk.fill("sara", Verb.ANSWER_KIN, {"wish": "stop"})
    await desk.later(timedelta(seconds=10))
    ticket = await desk.ticket()
    assert [part.type for part in ticket.parts] == [RequestType.UNSUBSCRIBE]
    assert not states(ticket, "export")
    assert [letter.kind for letter in ticket.letters] == ["T20"]
    await desk.press("sara", Verb.SEND_LETTER)
    answer = desk.letters(EVA)[0].text
    assert "kontaktuppgifter som vi kan ha haft" not in answer, "nothing was removed"


@pytest.mark.parametrize("verb", [Verb.ANSWER_KIN, Verb.ASK_AUTHORITY])
async def test_by_phone_the_letter_goes_to_who_called_and_never_to_the_person(desk: Furnished, verb: Verb) -> None:
    """A request that a colleague typed in knows only whom it is about: whom to write to is asked."""
    text = "En kvinna ringde. Hennes mamma har gått bort, hon vill att uppgifterna tas bort."
    await desk.fill("sara", Verb.NEW, {"channel": "phone", "subject": PRIYA, "text": text}, "home")
    ticket = await desk.ticket()
    form = await desk.opened.desk.form(desk.who("sara"), Press(verb, ticket.id, ticket.version))
    for wrong in ({}, {"requester": "eva"}):
        with pytest.raises(Incomplete):
            await desk.send("sara", form, wrong)
    await desk.send("sara", form, {"requester": EVA} | ({"wish": "stop"} if verb is Verb.ANSWER_KIN else {}))
    await desk.later(timedelta(seconds=10))
    if verb is Verb.ANSWER_KIN:
        await desk.press("sara", Verb.SEND_LETTER)
    assert {letter.to for letter in desk.letters()} == {EVA}


# --- consent withdrawn (R46) ----------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_consent_withdrawn_has_its_own_answer(desk: Furnished, language: str) -> None:
    text = {
        "sv": "Hej, jag återkallar mitt samtycke till att ni behandlar mina uppgifter.",
        "en": "Hello, I withdraw my consent to your processing of my data.",
    }
    await desk.mail(mail(PRIYA, "GDPR", text[language], "Priya Natarajan"))
    await desk.press("sara", Verb.CONFIRM)
    await desk.finish("jonas")
    await desk.decide("karin")
    await desk.decide("jonas")
    await confirmed_by_link(desk)
    await desk.later(timedelta(seconds=10))
    await desk.press("sara", Verb.SEND_LETTER)
    ticket = await desk.ticket()
    assert (ticket.letters[-1].kind, ticket.parts[0].outcome) == ("T19", Outcome.FULFILLED)
    answer = desk.letters(PRIYA)[-1].text
    said = {
        "sv": ("fortfarande tillåtet", "ansökan", "återkallat"),
        "en": ("remains lawful", "application", "withdrawn"),
    }
    for word in said[language]:
        assert word in answer


# --- what does not fit is refused, and changes nothing ---------------------------------------------------

NAMED = {"site": "Jobbportalen", "reach": "jobbportalen.example"}
NOBODY = b"Subject: Min klient\r\n\r\nHej, jag skriver for min klient. Skicka alla uppgifter ni har om henne.\r\n"


async def test_a_road_that_does_not_fit_is_refused(desk: Furnished) -> None:
    await desk.mail(mail(OSKAR, "Utdrag", AGENT["sv"], "Oskar Nordin"))
    before = await desk.ticket()
    with pytest.raises(NotAllowedNow, match="authority_first"):
        await press_anyway(desk, Verb.REFER_SITE, **NAMED)
    with pytest.raises(NotAllowedNow, match="road_closed"):
        await press_anyway(desk, Verb.CLOSE_UNANSWERED)
    with pytest.raises(Incomplete):
        await press_anyway(desk, Verb.ASK_AUTHORITY, document="passport")
    with pytest.raises(NotYours):
        await press_anyway(desk, Verb.ASK_AUTHORITY, "karin", document="any")
    assert await desk.ticket() == before
    await desk.fill("sara", Verb.SHOW_AUTHORITY, SHOWN)
    await desk.press("sara", Verb.CONFIRM)
    for verb, given in ((Verb.REFER_SITE, NAMED), (Verb.CLARIFY, {"questions": "right"})):
        with pytest.raises(NotAllowedNow, match="already_decided"):
            await press_anyway(desk, verb, **given)
    values: Values = {name: (one,) if isinstance(one, str) else tuple(one) for name, one in SHOWN.items()}
    ticket = await desk.ticket()
    press = Press(Verb.SHOW_AUTHORITY, ticket.id, ticket.version)
    with pytest.raises(Incomplete, match="not_offered"):  # the form is another one by now
        await desk.opened.desk.submit(desk.who("sara"), press, values | {"answer_to": ("to_person",)})


async def test_a_bare_opt_out_is_not_asked_about(desk: Furnished) -> None:
    await desk.mail(mail(PIA, "Hej", "Hej, jag invänder mot all direktmarknadsföring.", "Pia"))
    with pytest.raises(NotAllowedNow, match="road_closed"):
        await press_anyway(desk, Verb.CLARIFY, questions="right")


async def test_no_letter_names_a_day_that_is_a_guess_or_goes_to_nobody(desk: Furnished) -> None:
    await desk.raw_mail(NOBODY)
    assert (await desk.ticket()).unsure_clock
    for verb, given in ((Verb.ASK_AUTHORITY, {"document": "any"}), (Verb.ANSWER_KIN, {"wish": "stop"})):
        with pytest.raises(NotAllowedNow, match="clock_unsure"):
            await press_anyway(desk, verb, **given)
    await desk.fill("sara", Verb.CHANGE, {"received": "2026-03-06T09:00"})
    for verb, given in ((Verb.ASK_AUTHORITY, {"document": "any"}), (Verb.ANSWER_KIN, {"wish": "stop"})):
        with pytest.raises(NotAllowedNow, match="subject_missing"):
            await press_anyway(desk, verb, **given)
    assert not desk.letters()


# --- where nothing of it may be seen --------------------------------------------------------------------


async def test_no_chat_log_or_database_hears_who_wrote_for_whom(
    desk: Furnished, caplog: pytest.LogCaptureFixture
) -> None:
    """D14: neither the agent, nor the contact, nor a typed answer stands anywhere in clear."""
    caplog.set_level("DEBUG")
    await desk.mail(mail(OSKAR, "Utdrag", AGENT["sv"], "Oskar Nordin"))
    await desk.fill("sara", Verb.ASK_AUTHORITY, {})
    await desk.fill("sara", Verb.SHOW_AUTHORITY, SHOWN | {"answer_to": "to_requester"})
    await desk.mail(mail("helena@example.net", "Avtal", CUSTOMER["sv"]))
    second = (await desk.tickets())[-1].ref
    given = {"contact": "Kvastskaftsbolaget", "passed_on": "2026-03-09T10:00"}
    await desk.fill("sara", Verb.REFER_CONTRACT, given, second)
    assert "Kvastskaftsbolaget" in desk.letters("helena@example.net")[0].text
    file = Path(desk.opened.settings.database_url.removeprefix("sqlite://"))
    places = {path.name: path.read_bytes() for path in file.parent.glob(f"{file.name}*")}
    assert places
    places |= {"slack": desk.slack.traffic.encode(), "log": caplog.text.encode()}
    assert FIRST.encode() in places["slack"], "the search would find what is there"
    assert leaks(places, ["Oskar", "oskar.nordin", "Natarajan", "Kvastskaftsbolaget", "helena@"]) == []
