"""The rules of cards.md, held by every card and form there is."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

import pytest

from bot import commands
from bot.card import Actions, Button, Card, Choice, Form, Input, InputKind, Style, Text, Verb
from bot.cards import decide, forms, lettering, lookups
from bot.cards import fields as names
from bot.cards.buttons import FORMS
from bot.cards.home import home_card
from bot.cards.items import items_card
from bot.cards.particulars import NOTHING_BESIDE
from bot.cards.progress import clock
from bot.cards.reminders import reminder_card
from bot.cards.retention import review_card
from bot.cards.summary import Morning, morning_card
from bot.cards.ticket import ticket_card
from bot.domain.errors import NotYours
from bot.domain.letter import LetterKind
from bot.domain.people import Colleague
from bot.domain.policy import OFFICER_ONLY, grounds_of
from bot.domain.request import Language, RequestType, Role, Route, Scope, ScopeKind
from bot.domain.system import Operation
from bot.domain.task import TAKEN_BACK, Task, TaskState
from bot.domain.ticket import Stage, Ticket
from bot.ports import ReviewState
from tests.cards import tickets as t
from tests.cards.scenes import DAVID, JONAS, KARIN, MARIA, SARA, scene
from tests.cards.shown import ITEMS, OPEN, REVIEW, REVIEWS, RULE, all_forms, cards

CARDS = [(language, name, card) for language in Language for name, card in cards(language)]
ALL_FORMS = [(language, name, form) for language in Language for name, form in all_forms(language)]
OPEN_TICKETS = {name: one for name, one in (t.TICKETS | t.THREADS).items() if one.stage is not Stage.CLOSED}
OPEN_TICKETS = {name: one for name, one in {**t.TICKETS, **t.ON_ROADS}.items() if one.stage is not Stage.CLOSED}

every_card = pytest.mark.parametrize(
    "card", [pytest.param(card, id=f"{name}-{language}") for language, name, card in CARDS]
)
every_form = pytest.mark.parametrize(
    "form", [pytest.param(form, id=f"{name}-{language}") for language, name, form in ALL_FORMS]
)


def strings(value: object) -> Iterator[str]:
    """Yield every string somebody can read in a card or form (a press is for machines)."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from strings(one)
    elif is_dataclass(value):
        for field in fields(value):
            if field.name not in ("press", "about", "name"):
                yield from strings(getattr(value, field.name))


def actions(card: Card) -> list[Actions]:
    return [element for element in card.elements if isinstance(element, Actions)]


def buttons(card: Card) -> list[Button]:
    return [button for one in actions(card) for button in (*one.buttons, *one.more)]


def primary(card: Card) -> list[Verb]:
    return [button.press.verb for button in buttons(card) if button.style is Style.PRIMARY]


@every_card
def test_at_most_one_primary_and_three_buttons(card: Card) -> None:
    assert len(actions(card)) <= 1
    assert all(len(one.buttons) <= 3 and len(one.more) <= 5 for one in actions(card))
    assert len(primary(card)) <= 1
    assert all(button.style is Style.PLAIN for one in actions(card) for button in one.more)


#: A template's own key, which only the code needs: T15B, the number of a decision or a feature, a word in capitals.
INTERNAL = re.compile(r"\b(T\d+[A-Z]|D7|F\d\d|CODE|LINK|UNDO)\b")


@pytest.mark.parametrize("shown", [one for _, _, one in (*CARDS, *ALL_FORMS)])
def test_a_letter_is_called_what_people_call_it(shown: Card | Form) -> None:
    assert [said for said in strings(shown) if INTERNAL.search(said)] == []


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", LetterKind)
def test_every_letter_has_a_name_of_its_own(kind: LetterKind, language: Language) -> None:
    here = scene(language)
    called = [lettering.named(here, other) for other in LetterKind]
    assert called.count(lettering.named(here, kind)) == 1
    written = (lettering.short(here, kind), lettering.written_in(here, kind, language))
    assert not any(INTERNAL.search(one) for one in (*called, *written))


@every_card
def test_labels_fit_every_chat(card: Card) -> None:
    assert all(len(button.label) <= 75 for button in buttons(card))
    assert all(len(packed) <= 200 for packed in (button.press.pack() for button in buttons(card)))
    assert len(card.title) <= 150


@every_card
def test_no_button_stands_twice(card: Card) -> None:
    presses = [button.press.pack() for button in buttons(card)]
    assert len(presses) == len(set(presses))


@every_card
def test_the_words_are_plain_and_calm(card: Card) -> None:
    for said in strings(card):
        assert "!" not in said
        assert not re.search(r"\bpending\b|\bticket\b|\bbot\b|\bbot+en\b", said, re.IGNORECASE)
        assert not re.search("[\U0001f300-\U0001faff\u2600-\u27bf]", said), "no sign may carry meaning"
        assert "  " not in said
        assert said == said.strip()


@every_card
def test_what_is_read_aloud_reads_well(card: Card) -> None:
    assert card.spoken.endswith((".", "?", "…"))
    assert not re.search("[·●○—|⋯]", card.spoken)
    assert card.spoken[0] == card.spoken[0].upper()
    assert card.spoken != card.title


@every_form
def test_forms_are_plain_and_calm(form: Form) -> None:
    assert all("!" not in said and "pending" not in said.lower() for said in strings(form))
    assert form.submit
    assert form.cancel


@every_form
def test_a_forms_names_are_its_own(form: Form) -> None:
    asked = [element.name for element in form.elements if isinstance(element, Choice | Input)]
    assert len(asked) == len(set(asked)) > 0
    known = {value for name, value in vars(names).items() if name.isupper() and isinstance(value, str)}
    assert all(name in known or name.startswith(names.TASK) for name in asked)


@every_form
def test_what_is_chosen_beforehand_can_be_chosen(form: Form) -> None:
    for element in form.elements:
        if isinstance(element, Choice):
            assert set(element.chosen) <= {value for value, _ in element.options}
            assert element.several or len(element.chosen) <= 1


def test_every_verb_stands_on_some_card() -> None:
    shown = {button.press.verb for _, _, card in CARDS for button in buttons(card)}
    # owners decide in one form, row by row, so no card carries a bare yes or no
    assert set(Verb) == shown


def test_a_button_opens_a_form_exactly_when_there_is_one() -> None:
    made = {form.press.verb for _, _, form in ALL_FORMS}
    assert made == FORMS
    for _, _, card in CARDS:
        assert all(button.opens_form == (button.press.verb in FORMS) for button in buttons(card))


# --- what every ticket's card says -----------------------------------------------------------------


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", sorted(OPEN_TICKETS))
def test_an_open_card_names_both_dates_and_whom_it_waits_for(name: str, language: Language) -> None:
    ticket, at = OPEN_TICKETS[name], scene(language, t.LOOKED_AT.get(name, t.MONDAY))
    card = ticket_card(at, ticket, for_officer=True)
    said = " ".join(element.text for element in card.elements if isinstance(element, Text))
    days = clock(at, ticket)
    assert at.day(days.safe_target) in said
    assert at.day(days.last_day) in said
    waits = ("Väntar på", "Inget att göra nu") if language is Language.SV else ("Waiting for", "Nothing to do now")
    assert any(words in said for words in waits)
    assert at.texts.long_day(language, days.last_day) in card.spoken


@pytest.mark.parametrize("days", [0, 23, 24, 25, 28, 29, 30, 60])
@pytest.mark.parametrize("language", Language)
def test_both_dates_stand_however_late_it_is(days: int, language: Language) -> None:
    at = scene(language, t.MONDAY + days * t.DAY)
    said = " ".join(strings(ticket_card(at, t.NEW)))
    assert at.day(clock(at, t.NEW).safe_target) in said
    assert at.day(clock(at, t.NEW).last_day) in said
    assert re.search(r"\d+ (arbetsdag|working day)|i dag|today", said)


@pytest.mark.parametrize("flag", sorted(OFFICER_ONLY | {"authority_missing", "third_party_no_authority"}))
def test_confirm_never_leads_where_somebody_may_pretend(flag: str) -> None:
    card = ticket_card(scene(), replace(t.NEW, flags=frozenset({"sender_passed", flag})), for_officer=True)
    leads = {"phishing_suspected": Verb.ANSWER_NEUTRALLY}.get(flag, Verb.REVIEW)
    assert primary(card) == [leads if flag in OFFICER_ONLY else Verb.ASK_AUTHORITY]


def test_a_childs_own_request_is_read_before_it_is_confirmed() -> None:
    """R60: the right is the child's; a person decides."""
    card = ticket_card(scene(), replace(t.NEW, flags=frozenset({"sender_passed", "child"})))
    assert primary(card) == [Verb.REVIEW]
    assert Verb.CONFIRM in {button.press.verb for button in buttons(card)}


def test_confirm_never_leads_in_a_security_review_or_on_an_unsure_reading() -> None:
    suspicious = replace(t.NEW, route=Route.SECURITY_REVIEW)
    unsure = replace(t.NEW, flags=frozenset({"unsure_reading"}))
    assert primary(ticket_card(scene(), suspicious)) == primary(ticket_card(scene(), unsure)) == [Verb.REVIEW]
    assert primary(ticket_card(scene(), t.NEW)) == [Verb.CONFIRM]


def test_a_guessed_clock_is_settled_before_anything_is_confirmed() -> None:
    guessed = replace(t.NEW, unsure_clock=True)
    card = ticket_card(scene(), guessed)
    assert primary(card) == [Verb.CHANGE]
    assert Verb.CONFIRM not in {button.press.verb for button in buttons(card)}
    received = next(one for one in forms.change(scene(), guessed).elements if getattr(one, "name", "") == "received")
    assert isinstance(received, Input)
    assert received.required
    assert received.value == ""


@pytest.mark.parametrize("flag", sorted(OFFICER_ONLY))
@pytest.mark.parametrize("ticket", OPEN_TICKETS.values(), ids=OPEN_TICKETS)
def test_an_officers_ticket_shows_the_channel_its_reference_only(ticket: Ticket, flag: str) -> None:
    card = ticket_card(scene(), replace(ticket, flags=frozenset({flag})))
    assert card.title == ticket.ref
    assert card.elements == (Text("Hanteras av dataskyddsansvarig."),)


PLANTED = ("Anna Andersson", "anna.andersson@example.org", "900101-2385", "nötallergi", "Storgatan 1")
HINTS = re.compile(
    r"kandidat|candidate|känslig|sensitive|skydda(d|t|de)\b|protected|allerg|bedra|impostor|@", re.IGNORECASE
)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", [ScopeKind.FIELDS, ScopeKind.PURPOSES, ScopeKind.ROLES])
@pytest.mark.parametrize("ticket", t.TICKETS.values(), ids=t.TICKETS)
def test_no_card_says_what_a_scope_was_told_by_mistake(ticket: Ticket, kind: ScopeKind, language: Language) -> None:
    parts = tuple(replace(part, scope=Scope(kind, PLANTED)) for part in ticket.parts)
    told = replace(ticket, parts=parts, roles=(Role.CANDIDATE,))
    shown = " ".join(strings(ticket_card(scene(language), told, for_officer=True)))
    shown += " ".join(strings(forms.change(scene(language), told).elements[2:3]))
    assert not [value for value in PLANTED if value in shown]


@every_card
def test_no_card_hints_at_the_person(card: Card) -> None:
    ours = ("info@goto.work", "namn@example.org", "name@example.org")
    said = " ".join(strings(card))
    for address in ours:
        said = said.replace(address, "")
    assert HINTS.findall(said) == []


def test_a_known_field_word_is_said_in_the_readers_language() -> None:
    asked = replace(t.NEW, parts=(replace(t.ERASURE, scope=Scope(ScopeKind.FIELDS, ("Hemadress", "phone"))),))
    assert "bara hemadress och telefonnummer" in " ".join(strings(ticket_card(scene(), asked)))
    assert "only home address and telephone number" in " ".join(strings(ticket_card(scene(Language.EN), asked)))


def test_roles_and_the_address_are_never_filled_in_beforehand() -> None:
    form = forms.change(scene(), replace(t.NEW, roles=(Role.CANDIDATE,)))
    filled = {one.name: one for one in form.elements if isinstance(one, Choice | Input)}
    assert getattr(filled[names.ROLES], "chosen", None) == ()
    assert getattr(filled[names.SUBJECT], "value", None) == ""


# --- deciding -----------------------------------------------------------------------------------------


def rows_of(ticket: Ticket, who: Colleague) -> list[str]:
    elements = decide.decide(scene(), ticket, who).elements
    return [one.name.removeprefix(names.TASK) for one in elements if isinstance(one, Choice)]


def test_everybody_decides_on_their_own_rows_only() -> None:
    assert rows_of(t.DECIDING, SARA) == ["export-3", "erase-3"]
    assert rows_of(t.DECIDING, JONAS) == ["export-1", "export-2", "erase-1", "erase-2"]
    assert rows_of(t.HALF_DECIDED, KARIN) == ["export-3", "erase-3"], "her own yes is given; she deputises for Sara"
    assert rows_of(t.HALF_DECIDED, MARIA) == ["export-3", "erase-1", "erase-3"], "a proposed decline is another form"


def test_who_has_nothing_to_decide_is_told_who_has() -> None:
    with pytest.raises(NotYours) as refused:
        decide.decide(scene(), t.DECIDING, DAVID)
    assert "Karin" in refused.value.facts["who"]
    with pytest.raises(NotYours) as refused:
        decide.decide(scene(), t.NEW, KARIN)
    assert refused.value.facts["who"] == "Maria"


def test_what_cannot_be_undone_is_said_and_its_reference_asked_for() -> None:
    form = decide.decide(scene(), t.DECIDING, KARIN)
    said = " ".join(strings(form))
    assert "1 kontakt, 14 aktiviteter och 3 formulär raderas för alltid i HubSpot. Det går inte att ångra." in said
    assert "Du är nummer 1 av 2" in said
    reference = form.elements[-1]
    assert isinstance(reference, Input)
    assert (reference.kind, reference.required) == (InputKind.REFERENCE, False)
    only_export = replace(t.DECIDING, tasks=t.exports(TaskState.PROPOSED))
    assert not any(isinstance(one, Input) for one in decide.decide(scene(), only_export, KARIN).elements)


@pytest.mark.parametrize("right", RequestType)
def test_grounds_are_those_of_the_right_and_a_marketing_objection_has_none(right: RequestType) -> None:
    part = replace(t.ACCESS, type=right, stage=Stage.DECIDING)
    task = replace(t.exports(TaskState.PROPOSED)[0], operation=Operation.SUPPRESS)
    form = decide.decide(scene(), replace(t.DECIDING, parts=(part,), tasks=(task,)), KARIN)
    (row,) = (one for one in form.elements if isinstance(one, Choice))
    declines = [value.removeprefix(names.DECLINE_BY) for value, _ in row.options if value.startswith(names.DECLINE_BY)]
    assert declines == list(grounds_of(part))
    assert (right in (RequestType.OBJECTION, RequestType.UNSUBSCRIBE)) == (declines == [])


# --- lists, reviews, reminders ---------------------------------------------------------------------------


def verbs(card: Card) -> set[Verb]:
    return {button.press.verb for button in buttons(card)}


@pytest.mark.parametrize("name", REVIEWS)
def test_a_whole_list_is_approved_only_once_it_has_been_opened(name: str) -> None:
    review = REVIEWS[name]
    card = review_card(scene(), review, RULE)
    assert (Verb.APPROVE_REVIEW in verbs(card)) == (review.state is ReviewState.OPENED)
    assert primary(card) == ([Verb.REVIEW_LIST] if review.state is ReviewState.PROPOSED else [])


def test_the_quiet_list_is_dismissed_only_once_it_has_been_opened() -> None:
    assert Verb.DISMISS_ITEMS not in verbs(items_card(scene(), "items:x", ITEMS, opened=False))
    opened = items_card(scene(), "items:x", ITEMS, opened=True)
    press = next(button.press for button in buttons(opened) if button.press.verb is Verb.DISMISS_ITEMS)
    assert (press.target, press.version) == ("items:x", len(ITEMS))


def test_an_unknown_reason_for_an_exemption_is_still_counted() -> None:
    card = review_card(scene(), replace(REVIEW, exempt={"something_new": 1}), RULE)
    assert "Undantagna: 1 av annat skäl" in strings(card)


def test_a_morning_without_anything_is_silent() -> None:
    assert morning_card(scene(), Morning(()), "summary:x") is None
    quiet = replace(t.NEW, handler="sara", parts=(replace(t.ACCESS, stage=Stage.REPLYING),))
    assert morning_card(scene(), Morning((quiet,)), "summary:x") is None


def test_a_reminder_says_why_it_came_to_whom() -> None:
    at = scene(now=t.MONDAY + 2 * t.DAY)

    def told(ticket: Ticket, reader: Colleague, kind: str = "deadline") -> str:
        return " ".join(strings(reminder_card(at, ticket, kind, reader, f"reminder:{kind}:{ticket.id}:x")))

    assert "du äger HubSpot" in told(t.DECIDING, KARIN)
    assert "du är ersättare för HubSpot" in told(t.HALF_DECIDED, JONAS)
    assert "du är handläggare" in told(t.LOCATING, SARA)
    assert "du har jour" in told(t.LOCATING, MARIA)
    assert "du äger ett av systemen" in told(t.HALF_DECIDED, KARIN)
    assert "Nu väntar det inte på dig längre" in told(t.NEW, DAVID), "who is not waited for did not ask for it either"
    later = scene(now=t.MONDAY + 10 * t.DAY)  # Sara is on call by then
    card = reminder_card(later, t.LOCATING, "deadline", MARIA, "reminder:deadline:x:y")
    assert "du är dataskyddsansvarig" in " ".join(strings(card))


def test_a_reminder_comes_back_tomorrow_by_its_own_name() -> None:
    about = "reminder:deadline:ticket-1:2026-03-09"
    card = reminder_card(scene(), t.NEW, "deadline", SARA, about)
    assert card.about == about
    assert [button.press.target for button in buttons(card) if button.press.verb is Verb.REMIND_TOMORROW] == [about]


# --- commands ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", Language)
def test_every_command_has_an_example_that_works(language: Language) -> None:
    at = scene(language)
    examples = {word: at.say(f"command.{word}.example") for word in lookups.COMMANDS}
    understood = {word: type(commands.parse(example, 2026)).__name__ for word, example in examples.items()}
    expected = {"open": "OpenTickets", "oncall": "OnCall"}
    assert understood == {word: expected.get(word, word.capitalize()) for word in lookups.COMMANDS}
    shown = " ".join(strings(lookups.help_card(at)))
    assert all(example in shown for example in examples.values())


def test_lists_keep_an_officers_ticket_to_its_reference() -> None:
    card = lookups.list_card(scene(), "open", OPEN, for_officer=False)
    rows = [row for element in card.elements for row in getattr(element, "rows", ())]
    protected = next(one for one in OPEN if OFFICER_ONLY & one.flags)
    assert (protected.ref, "Hanteras av dataskyddsansvarig.", "", "", "", "") in rows
    assert protected.id not in {button.press.target for button in buttons(card)}


def test_a_card_needs_nothing_beside_its_ticket() -> None:
    assert NOTHING_BESIDE.package_bytes is None
    said = " ".join(strings(ticket_card(scene(), t.REPLYING, NOTHING_BESIDE)))
    assert "paket " not in said


def test_a_day_far_off_has_its_year() -> None:
    """A shift that ends in a year and a month, and one that ends next month, must not read alike."""
    at = scene()
    assert at.day(at.today + 30 * t.DAY) == at.texts.day(at.language, at.today + 30 * t.DAY)
    far = at.today.replace(year=at.today.year + 1)
    assert at.day(far).endswith(f" {far.year}")
    assert str(at.today.year - 1) in at.when(at.now - 300 * t.DAY)


def test_a_system_is_not_said_to_be_in_trouble_for_what_is_left_of_a_person() -> None:
    """The home page tells how systems do: that somebody's record is still there tells of a ticket."""
    task = t.DECIDING.tasks[0]
    at_home = [" ".join(strings(home_card(scene(), SARA, (_troubled(task, key),)))) for key in ("busy", "left_by_hand")]
    assert "har mycket att göra" in at_home[0]
    assert "personen finns kvar" not in at_home[1]


def _troubled(task: Task, key: str) -> Ticket:
    held_up = replace(task, state=TaskState.BY_HAND, trouble=f"trouble.{key}")
    return t.DECIDING.with_task(held_up)


def test_what_was_taken_back_is_not_said_to_have_been_impossible() -> None:
    tasks = [replace(one, state=TaskState.NOT_APPLICABLE, reason=TAKEN_BACK) for one in t.CLOSED.tasks]
    card = ticket_card(scene(), replace(t.CLOSED, tasks=tuple(tasks)))
    assert not re.search(r"[Ii]nte möjligt", " ".join(strings(card)))
