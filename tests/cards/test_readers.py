"""The cards as three people read them: a colleague on a phone, a lawyer, somebody who hears them read aloud."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.card import Actions, Card, Facts, Link, Style, Table, Text, Verb
from bot.cards.home import ROWS, home_card
from bot.cards.particulars import NOTHING_BESIDE
from bot.cards.reminders import reminder_card
from bot.cards.ticket import more_card, ticket_card
from bot.cards.wait import For, Waiter
from bot.cards.waiting import waits
from bot.domain.deadline import deadlines
from bot.domain.request import Language
from bot.domain.ticket import MAIL_TO_READ, Stage, Ticket
from bot.domain.unfetched import Unfetched
from bot.domain.unfetched import mark_of as unfetched_mark
from config.texts import load_catalogue
from tests.cards import tickets as t
from tests.cards.rights import RIGHTS
from tests.cards.scenes import SARA, TEXTS, scene
from tests.cards.shown import OPEN, cards
from tests.cards.test_rules import buttons, every_card, primary, strings
from tests.cards.told import TO_TELL

ROOT = Path(__file__).parents[2]
SHOWN = {language: dict(cards(language)) for language in Language}
SV = SHOWN[Language.SV]
EVERY_TICKET = {
    **t.TICKETS,
    **t.THREADS,
    **t.ON_ROADS,
    **t.COPIES,
    **TO_TELL,
    **{name: ticket for name, (ticket, _) in RIGHTS.items()},
}
every_ticket = pytest.mark.parametrize(("name", "language"), [(one, two) for one in EVERY_TICKET for two in Language])

#: The sketches of cards.md: what stands out, what else can be pressed. A *…* opens a form or a page.
SKETCHES = {
    "ticket_new": ("Bekräfta", "Ändra…", "Inte en begäran…", "Visa bara för mig", "Bevarandekrav…", "Lämna över…"),
    "ticket_verifying": ("", "Skicka frågan igen", "Bekräftad på annat sätt…", "Kan inte bekräftas…"),
    "ticket_deciding": ("Besluta…", "Visa bara för mig", "Bevarandekrav…", "Förläng…"),
    "ticket_replying": ("Godkänn och skicka…", "Läs och ändra…"),
    "ticket_closed": ("", "Hämta ärendeakt", "Återöppna…", "Skickat till fel person…"),
    "reminder_unconfirmed": ("Öppna ärendet", "Lämna över…", "Påminn i morgon"),
    "review_proposed": ("Gå igenom listan", "Skjut upp 30 dagar…"),
    "review_opened": ("", "Gå igenom listan", "Godkänn alla 212…"),
    "home_handler": ("Ny begäran",),
    "items_opened": ("", "Inget av detta är en begäran"),
    "ticket_incident_running": ("Visa bara för mig", "Anmäld till IMY…", "Ingen anmälan behövs…"),
    "ticket_impostor_for_officer": ("Svara neutralt (T21)", "Visa bara för mig"),
    "ticket_new_agent": ("Be om fullmakt (T18)…", "Behörighet styrkt…"),
    "ticket_new_contract": ("Hänvisa (T16)…",),
    "ticket_correcting": ("Rätta…", "Besluta…"),
    "ticket_restricted": ("", "Meddela att begränsningen upphör…"),
}


def drawn(name: str, language: Language) -> tuple[Ticket, Card]:
    """Return a ticket and its card as an officer sees it."""
    ticket = EVERY_TICKET[name]
    at = scene(language, t.LOOKED_AT.get(name, t.MONDAY))
    return ticket, ticket_card(at, ticket, for_officer=True)


def lines(card: Card) -> list[str]:
    return [element.text for element in card.elements if isinstance(element, Text)]


@pytest.mark.parametrize("name", SKETCHES)
def test_what_can_be_pressed_is_what_was_sketched(name: str) -> None:
    leads, *others = SKETCHES[name]
    assert [one.label for one in buttons(SV[name]) if one.style is Style.PRIMARY] == ([leads] if leads else [])
    assert set(others) <= {one.label for one in buttons(SV[name])}


@every_ticket
def test_everything_that_can_be_done_is_a_button_away(name: str, language: Language) -> None:
    """What a full menu has no room for stands behind its last entry: nobody needs to know a command."""
    ticket, card = drawn(name, language)
    at = scene(language, t.LOOKED_AT.get(name, t.MONDAY))
    shown, more = list(buttons(card)), list(buttons(more_card(at, ticket, NOTHING_BESIDE)))
    verbs = {one.press.verb for one in (*shown, *more)}
    if ticket.stage is not Stage.CLOSED:
        assert Verb.HOLD in verbs
    if any(part.open and part.stage is not Stage.RECEIVED for part in ticket.parts):
        assert Verb.WITHDRAW in verbs
    assert bool(more) is (Verb.MORE in {one.press.verb for one in shown})
    assert not {one.press for one in more} & {one.press for one in shown}


@every_card
def test_a_menu_never_stands_alone(card: Card) -> None:
    """On a phone nobody sees three dots below a closed request."""
    assert all(element.buttons for element in card.elements if isinstance(element, Actions))


@every_card
def test_nothing_fills_a_phone(card: Card) -> None:
    assert [said for said in strings(card) if len(said) > 260 and said != card.spoken] == []
    for element in card.elements:
        if isinstance(element, Facts):
            assert all(len(re.findall(r"PR-\d{4}-\d{4}", value)) <= 3 for _, value in element.pairs)


@every_card
def test_a_table_names_its_columns(card: Card) -> None:
    for table in (element for element in card.elements if isinstance(element, Table)):
        assert all(table.head)
        assert all(len(row) == len(table.head) for row in table.rows)
        assert set(table.named) <= set(range(1, len(table.head)))


@every_card
def test_a_row_has_both_dates_or_none(card: Card) -> None:
    target, last = "card.private.table_target", "card.private.table_last"
    for table in (element for element in card.elements if isinstance(element, Table)):
        for language in Language:
            if TEXTS.say(language, target) in table.head:
                one, two = (table.head.index(TEXTS.say(language, key)) for key in (target, last))
                assert {one, two} <= set(table.named), "a line says which is which"
                assert all(bool(row[one]) == bool(row[two]) for row in table.rows)
                days = re.compile(r"\d+ (arbetsdag|working day)|passer|passed|i dag|today")
                assert all(days.search(row[one]) for row in table.rows if row[one])


@every_ticket
def test_both_dates_stand_in_one_line_with_working_days_as_number_and_word(name: str, language: Language) -> None:
    ticket, card = drawn(name, language)
    if ticket.stage is Stage.CLOSED:
        return
    at = scene(language, t.LOOKED_AT.get(name, t.MONDAY))
    first = min(part.received for part in ticket.parts if part.open)
    days = deadlines(first, at.calendar)
    both = [line for line in lines(card) if at.day(days.safe_target) in line and at.day(days.last_day) in line]
    assert both
    assert all(re.search(r"\d+ (arbetsdag|working day)|i dag|today|har passerat|have passed", line) for line in both)


@every_ticket
def test_who_is_waited_for_is_named_whatever_the_stage(name: str, language: Language) -> None:
    """A closed request can wait too: for a mail to be read, a letter that came back, somebody to be told."""
    ticket, card = drawn(name, language)
    at = scene(language, t.LOOKED_AT.get(name, t.MONDAY))
    waited = [one for one in waits(at, ticket) if one.on is Waiter.COLLEAGUES and one.what is not For.ORIGINAL]
    if not waited:
        return
    (said,) = [line for line in lines(card) if line.startswith(("Väntar på: ", "Waiting for: "))]
    names = {at.name(one.id) for wait in waited for one in wait.colleagues} or {at.say("card.waiting_for_handler")}
    assert any(who in said for who in names)
    assert f"{said}." in card.spoken


@every_ticket
def test_what_is_heard_holds_the_reference_the_wait_and_the_next_step(name: str, language: Language) -> None:
    ticket, card = drawn(name, language)
    assert ticket.ref in card.spoken
    leads = [one.label.rstrip("…") for one in buttons(card) if one.style is Style.PRIMARY]
    step = scene(language).say("card.next_step", {"step": leads[0]}) if leads else ""
    assert step in card.spoken
    assert bool(step) == bool(re.search("Nästa steg|Next step", card.spoken))


@pytest.mark.parametrize("ticket", [one for one in t.TICKETS.values() if one.parts], ids=list(t.TICKETS))
def test_a_mail_nobody_has_read_is_the_next_step(ticket: Ticket) -> None:
    """It may change everything else that can be pressed."""
    card = ticket_card(scene(), replace(ticket, flags=ticket.flags | {MAIL_TO_READ}), for_officer=True)
    assert primary(card) == [Verb.REVIEW]
    assert [one.press.verb for one in buttons(card)].count(Verb.REVIEW) == 1


@pytest.mark.parametrize("language", Language)
def test_a_reminder_says_why_its_reader_got_it(language: Language) -> None:
    why = {text for key, text in load_catalogue()[language].items() if key.startswith("reminder.why_you")}
    starts = {text.partition("{")[0] for text in why}
    for name, card in SHOWN[language].items():
        waits_on = name.startswith("reminder_") and buttons(card) and "protected" not in name
        if waits_on:
            assert any(line.startswith(tuple(starts)) for line in lines(card)), name


def test_on_its_last_day_a_reminder_says_so() -> None:
    at = scene(now=t.MONDAY + 29 * t.DAY)
    assert reminder_card(at, t.VERIFYING, "deadline", SARA, "x").title == "PR-2026-0042 · sista dag i dag"


def test_who_is_to_remove_the_original_is_not_spoken_of_by_name() -> None:
    card = reminder_card(scene(), t.FROM_CHAT, "original", SARA, "x")
    assert "Sara" not in " ".join(lines(card))


@pytest.mark.parametrize("ticket", [t.FROM_CHAT, t.FROM_CHAT_PROTECTED], ids=["open to all", "officers' alone"])
def test_who_is_to_remove_the_original_is_led_there_and_told_what_of_it_is_not_here(ticket: Ticket) -> None:
    """Removed unread, the rest of the message would be nowhere (D17)."""
    cut = replace(ticket, flags=ticket.flags | {unfetched_mark(Unfetched.PART)})
    whole = reminder_card(scene(), ticket, "original", SARA, "x")
    card = reminder_card(scene(), cut, "original", SARA, "x", "https://gotowork.slack.com/archives/C1/p1")
    lacking = scene().say("card.unfetched.part")
    assert lacking in lines(card)
    assert lacking not in lines(whole)
    assert [one.url for one in card.elements if isinstance(one, Link)] == ["https://gotowork.slack.com/archives/C1/p1"]
    assert not [one for one in whole.elements if isinstance(one, Link)]


def test_a_home_page_lists_no_request_twice_as_mine_and_few_at_a_time() -> None:
    card = home_card(scene(), SARA, OPEN)
    tables = [element for element in card.elements if isinstance(element, Table)]
    refs = [row[0] for table in tables for row in table.rows]
    assert len(refs) == len(set(refs))
    assert all(len(table.rows) <= ROWS for table in tables)
    assert any(line.startswith("Dessutom 10 ärenden.") for line in lines(card))
    mine = tuple(replace(one, handler="sara") for one in (t.NEW, t.UNASKED))
    assert "Alla dina ärenden står ovan." in lines(home_card(scene(), SARA, mine))


def test_a_hold_can_be_set_wherever_the_menu_has_room() -> None:
    for name, ticket in t.TICKETS.items():
        card = ticket_card(scene(), ticket, for_officer=True)
        if ticket.stage is Stage.CLOSED:
            assert Verb.HOLD not in {one.press.verb for one in buttons(card)}, name
        elif sum(len(one.more) for one in card.elements if isinstance(one, Actions)) < 5:
            assert Verb.HOLD in {one.press.verb for one in buttons(card)}, name


@pytest.mark.parametrize("language", Language)
def test_a_refusal_of_what_is_not_yours_names_who_can(language: Language) -> None:
    """By name, or at least by role (cards.md rule 7)."""
    used: set[str] = set()
    for path in (ROOT / "bot").rglob("*.py"):
        found = re.findall(r'(?:NotYours\(\s*|: |, )"(refusal\.[a-z_]+)"', path.read_text(encoding="utf-8"))
        if "NotYours(" in path.read_text(encoding="utf-8"):
            used |= {key for key in found if re.match(r"refusal\.(not_your|own_|no_row|same_person)", key)}
        used |= set(re.findall(r'NotYours\(\s*"(refusal\.[a-z_]+)"', path.read_text(encoding="utf-8")))
    assert {"refusal.not_yours_handler", "refusal.not_yours_officer", "refusal.same_person"} <= used
    said = load_catalogue()[language]
    roles = re.compile(r"\{who\}|kollega|colleague|dataskyddsansvarig|privacy officer|systemägar|äger det|who owns it")
    assert [key for key in sorted(used) if not roles.search(said[key])] == []
