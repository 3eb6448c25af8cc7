"""Every card and form by name, drawn in one language: what the pictures and the rules are checked on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from bot.card import Card, Form, FormElement, Link
from bot.cards import (
    correction,
    decide,
    forms,
    handing,
    hold,
    identifying,
    incident,
    lookups,
    orders,
    recipients,
    restriction,
    returned,
    special,
    threads,
)
from bot.cards.burst import burst_card
from bot.cards.clearing import OWN_COPIES, clearing_card, uncleared_card
from bot.cards.gathered import gathered_card
from bot.cards.home import home_card
from bot.cards.items import Beside, items_card
from bot.cards.particulars import NOTHING_BESIDE, Particulars
from bot.cards.reminders import reminder_card
from bot.cards.retention import review_card, reviews_card
from bot.cards.scene import Scene
from bot.cards.sending import Addressee, package_again, send_package, settle_letter
from bot.cards.stats import stats_card
from bot.cards.summary import Morning, halted_card, morning_card, unreached_card
from bot.cards.ticket import more_card, ticket_card
from bot.domain.accuracy import NO_BAND, Accuracy, Report, Verdict, report
from bot.domain.finding import By
from bot.domain.kept import Kept
from bot.domain.people import Shift
from bot.domain.request import Channel, Language, RequestType, Route
from bot.domain.retention import NoInterestRule
from bot.domain.system import IdentifierKind, Manifest, Operation, absent, automatic, manual
from bot.domain.task import TaskState
from bot.domain.ticket import Part, Stage
from bot.ports import ALL_SYSTEMS, IncomingItem, ItemState, Pause, RetentionReview, ReviewState
from tests.cards import alone, longer
from tests.cards import tickets as t
from tests.cards.rights import CORRECTING, EMPTYING, RESTRICTED, RIGHTS, UNGROUNDED, WEIGHING
from tests.cards.scenes import JONAS, KARIN, MARIA, SARA, scene
from tests.cards.told import FILED, HANDING, STILL_TO_TELL, TELLING, TO_TELL

RULE = NoInterestRule(months=24)
REVIEW = RetentionReview(
    "review-1",
    "no_interest",
    "hubspot",
    ReviewState.PROPOSED,
    t.MONDAY,
    212,
    {"hold": 3, "open_ticket": 2, "open_deals": 9},
)
OPENED = replace(REVIEW, state=ReviewState.OPENED, opened_by=("karin",))
REVIEWS = {
    "proposed": REVIEW,
    "opened": OPENED,
    "approved_once": replace(OPENED, approved_by=("karin",)),
    "postponed": replace(REVIEW, state=ReviewState.POSTPONED, postponed_until=date(2026, 4, 8)),
    "approved": replace(OPENED, state=ReviewState.APPROVED, approved_by=("karin", "jonas"), done=40),
    "done": replace(OPENED, state=ReviewState.DONE, approved_by=("karin", "jonas"), done=212, exempt={}),
}
#: Asked in January, looked at in March: late, and one of those asked has left.
COPIES_ASKED = t.MONDAY - 60 * t.DAY
CLEARING = RetentionReview(
    "clearing-1", OWN_COPIES, "office365", ReviewState.OPENED, COPIES_ASKED, 0, opened_by=("jonas",)
)
CLEARINGS = {
    "asked": CLEARING,
    "done": replace(CLEARING, state=ReviewState.DONE, approved_by=("jonas",)),
    "lapsed": replace(CLEARING, state=ReviewState.DONE),
}
BY_WHO_LEFT = replace(CLEARING, id="clearing-2", opened_by=("somebody who left",))
HUBSPOT_STOPPED = Pause("hubspot", "karin", t.MONDAY)
ALL_STOPPED = Pause(ALL_SYSTEMS, "maria", t.THURSDAY)
ITEMS = tuple(
    IncomingItem(f"item-{n}", f"source-{n}", t.MONDAY, ItemState.WAITING, Route.NOT_A_CASE, broken=n == 3)
    for n in range(1, 15)
)
MARKETING = replace(
    t.DECIDING,
    parts=(Part("part-1", 1, RequestType.OBJECTION, t.THURSDAY, stage=Stage.DECIDING),),
    tasks=(replace(t.exports(TaskState.PROPOSED)[0], operation=Operation.SUPPRESS),),
)
MANIFEST = Manifest(
    "hubspot",
    "HubSpot",
    frozenset({IdentifierKind.EMAIL}),
    {
        Operation.FIND: automatic(),
        Operation.EXPORT: automatic(),
        Operation.ERASE: automatic(irreversible=True),
        Operation.RECTIFY: manual("reason.rectify"),
        Operation.RESTRICT: manual("reason.restrict"),
        Operation.SUPPRESS: absent("reason.suppress"),
    },
)
ALL = tuple(
    replace(ticket, id=f"ticket-{n}", ref=f"PR-2026-{n:04}") for n, ticket in enumerate(t.TICKETS.values(), start=40)
)
OPEN = tuple(ticket for ticket in ALL if ticket.stage is not Stage.CLOSED)


COUNTED = Accuracy(
    {Verdict.UNCHANGED: 9, Verdict.CHANGED: 3, Verdict.DISMISSED: 1, Verdict.WAITING: 2},
    {"rights": 2, "subject": 1},
    {"duplicate": 1},
    undone=1,
    missed=1,
    quiet=14,
)
STATS = Report(
    COUNTED, {"2026-02": Accuracy({Verdict.WAITING: 1}), "2026-03": COUNTED}, {"90-100": COUNTED, NO_BAND: Accuracy()}
)


def _for_one(language: Language) -> Iterator[tuple[str, Card]]:
    """Yield what one reader alone sees of tickets."""
    yield "more_deciding", more_card(scene(language), t.DECIDING, NOTHING_BESIDE)
    yield "more_nothing", more_card(scene(language), t.CLOSED, NOTHING_BESIDE)
    yield "ticket_new_protected_for_officer", ticket_card(scene(language), t.PROTECTED, for_officer=True)
    yield "ticket_impostor_for_officer", ticket_card(scene(language), t.IMPOSTOR, for_officer=True)
    yield "ticket_hiding_for_officer", ticket_card(scene(language), t.HIDING, for_officer=True)


def cards(language: Language) -> Iterator[tuple[str, Card]]:
    """Yield every card by name."""
    for name, ticket in {**t.TICKETS, **t.THREADS, **t.ON_ROADS, **t.COPIES}.items():
        at = scene(language, t.LOOKED_AT.get(name, t.MONDAY))
        beside = replace(t.BESIDE.get(name, NOTHING_BESIDE), package_bytes=4_200_000, recheck_days=31)
        yield f"ticket_{name}", ticket_card(at, ticket, beside)
    yield from _for_one(language)
    for name, clock, days in (("running", t.CLOCK, 0), ("over", t.CLOCK, 3), ("notified", t.REPORTED, 0)):
        at = scene(language, t.MONDAY + days * t.DAY)
        ticket = t.BREACH if clock is t.CLOCK else replace(t.BREACH, flags=t.BREACH.flags - {"incident_open"})
        yield f"ticket_incident_{name}", ticket_card(at, ticket, Particulars(incident=clock), for_officer=True)
        yield f"page_incident_{name}", incident.incident_card(at, ticket, clock, f"reminder:incident:{ticket.id}:start")
    yield from _of_rights(language)
    yield "roads", special.roads_card(scene(language), t.NEW)
    yield from _reminders(language)
    for name, review in REVIEWS.items():
        yield f"review_{name}", review_card(scene(language), review, RULE)
    here = scene(language)
    yield "items", items_card(here, "items:2026-03-09", ITEMS, opened=False)
    yield "items_opened", items_card(here, "items:2026-03-09", ITEMS, opened=True)
    yield "items_none", items_card(here, "items:2026-03-09", (), opened=True)
    yield "items_older", items_card(here, "items:2026-03-09", ITEMS, opened=True, beside=Beside(12))
    yield "items_only_older", items_card(here, "items:2026-03-09", (), opened=False, beside=Beside(1, 3))
    yield "items_dismissed", items_card(here, "items:2026-03-09", (), opened=True, beside=Beside(dismissed=3))
    late = scene(language, t.MONDAY + 29 * t.DAY)
    morning = morning_card(late, Morning(OPEN[:8], reviews=1, items=14, halted=2), "summary:2026-04-07")
    assert morning is not None
    yield "summary_morning", morning
    yield "halted", halted_card(here, 2, "halted:2026-03-09")
    archived = "trouble.chat_archived"
    yield "unreached", unreached_card(here, archived, {"system": "Slack"}, f"halted:2026-03-09:{archived}:Slack:")
    yield "burst", burst_card(here, (t.NEW, *OPEN[:5]), "burst:b1")
    yield "gathered", gathered_card(here, "unconfirmed", OPEN, MARIA, "gathered:unconfirmed:2026-03-09")
    yield "gathered_done", gathered_card(here, "deadline", (), MARIA, "gathered:deadline:2026-03-09")
    yield "burst_done", burst_card(here, (), "burst:b1")
    yield "home", home_card(here, KARIN, OPEN)
    yield "home_handler", home_card(here, SARA, OPEN)
    yield "home_empty", home_card(here, JONAS, ())
    yield from _lookups(language)


def _of_clearing(here: Scene) -> Iterator[tuple[str, Card]]:
    """Yield the cards of January's clearing."""
    for name, clearing in CLEARINGS.items():
        yield f"clearing_{name}", clearing_card(here, clearing, 2, "clearing:clearing-1:2026-03-09")
    yield "uncleared", uncleared_card(here, (CLEARING, BY_WHO_LEFT), "uncleared:2026-03-09")
    yield "uncleared_none", uncleared_card(here, (), "uncleared:2026-03-09")


def _of_rights(language: Language) -> Iterator[tuple[str, Card]]:
    """Yield the cards of the rights that have their own, and that of a ticket with no road."""
    yield "roads_none", special.roads_card(scene(language), t.LOCATING)
    for name, (ticket, beside) in RIGHTS.items():
        yield f"ticket_{name}", ticket_card(scene(language), ticket, beside)
    for name, untold in TO_TELL.items():
        yield f"ticket_{name}", ticket_card(scene(language), untold)
    yield (
        "reminder_restriction",
        restriction.review_card(scene(language), RESTRICTED, "reminder:restriction:ticket-1:day"),
    )
    page = Link(scene(language).say("review.link_open"), "https://desk.example.org/r/1")
    hint = scene(language).say("review.link_hint")
    yield "values", correction.values_card(scene(language), CORRECTING, hint, page, typed=True)
    yield from longer.cards_of(scene(language))
    yield from alone.cards_of(scene(language))


def _reminders(language: Language) -> Iterator[tuple[str, Card]]:
    rows = (
        ("deadline_owner", t.HALF_DECIDED, "deadline", KARIN, 21),
        ("deadline_second", t.HALF_DECIDED, "deadline", JONAS, 24),
        ("deadline_today", t.REPLYING, "deadline", SARA, 24),
        ("deadline_passed", t.VERIFYING, "deadline", MARIA, 25),
        ("deadline_last_day", t.VERIFYING, "deadline", MARIA, 29),
        ("deadline_overdue", t.VERIFYING, "deadline", MARIA, 31),
        ("unconfirmed", t.NEW, "unconfirmed", MARIA, 1),
        ("by_hand", t.EXECUTING, "deadline", SARA, 8),
        ("stuck", t.EXECUTING, "deadline", JONAS, 8),
        ("unanswered", t.UNCLEAR_ASKED, "unanswered", SARA, 11),
        ("unpressed", t.UNPRESSED, "unpressed", MARIA, 9),
        ("protected", t.PROTECTED, "deadline", SARA, 9),
        ("turn_second", t.ATTESTED_ONCE, "turn", SARA, 0),
        ("turn_new_mail", t.NEW_MAIL, "turn", SARA, 3),
        ("turn_new_mail_closed", t.NEW_MAIL_CLOSED, "turn", MARIA, 20),
        ("turn_regret", t.MAY_BE_TAKEN_BACK, "turn", SARA, 4),
        ("turn_later_part", t.LATER_PART, "turn", SARA, 0),
        ("asked_again", t.ASKED, "asked_again", MARIA, 1),
        ("turn_unwritten", t.UNWRITTEN, "turn", SARA, 3),
        ("closed", t.CLOSED, "deadline", SARA, 20),
        ("original", t.FROM_CHAT, "original", SARA, 1),
        ("original_oncall", t.FROM_CHAT, "original", MARIA, 4),
        ("original_closed", t.FROM_CHAT_CLOSED, "original", SARA, 20),
        ("original_protected", t.FROM_CHAT_PROTECTED, "original", SARA, 1),
        ("help_wanted", t.HIDING, "help", KARIN, 0),
        ("opt_out", t.NEW, "opt_out", MARIA, 0),
        ("turn_returned", t.RETURNED, "turn", MARIA, 20),
        ("recipients", STILL_TO_TELL, "recipients", MARIA, 20),
        ("turn_copy", t.JUDGING, "turn", KARIN, 1),
    )
    for name, ticket, kind, reader, days in rows:
        at = scene(language, t.MONDAY + days * t.DAY)
        about = f"reminder:{kind}:{ticket.id}:{at.today}"
        yield f"reminder_{name}", reminder_card(at, ticket, kind, reader, about)
    yield from _of_clearing(scene(language))


def _lookups(language: Language) -> Iterator[tuple[str, Card]]:
    here = scene(language)
    yield "reviews", reviews_card(here, (REVIEW, replace(OPENED, id="review-2")))
    yield "reviews_none", reviews_card(here, ())
    yield "help", lookups.help_card(here)
    yield "unknown", lookups.unknown_card(here, "due")
    yield "unknown_far", lookups.unknown_card(here, "")
    yield "lacks", lookups.lacks_card(here, "visa")
    yield from _finds(here)
    yield "find_elsewhere", lookups.find_elsewhere_card(here)
    yield "mine", lookups.list_card(here, "mine", OPEN[:7], for_officer=False)
    yield "open_many", lookups.list_card(here, "open", OPEN * 6, for_officer=True)
    yield "mine_none", lookups.list_card(here, "mine", (), for_officer=False)
    yield "open_for_officer", lookups.list_card(here, "open", OPEN, for_officer=True)
    yield "due", lookups.due_card(here, OPEN, 30, for_officer=False)
    yield "due_none", lookups.due_card(here, OPEN, 1, for_officer=False)
    yield "systems", lookups.systems_card(here, (MANIFEST,), (t.EXECUTING,))
    yield "stats", stats_card(here, STATS, Kept(12, 1, 7, 2, 1))
    yield "stats_none", stats_card(here, report([]), Kept())
    yield "oncall", lookups.on_call_card(here)
    yield from _of_the_desk(here)


def _finds(here: Scene) -> Iterator[tuple[str, Card]]:
    first, second = ALL[:2]
    by_address = {By.EMAIL: {first.id, second.id}}
    restricted = [(first.ref, date(2026, 3, 12))]
    by_all = {By.EMAIL: {first.id}, By.NAME: {first.id, second.id}, By.PHONE: set[str]()}
    yield "found", lookups.found_card(here, ALL[:2], by=by_address, for_officer=False)
    yield "found_restricted", lookups.found_card(here, ALL[:1], restricted, by=by_address, for_officer=False)
    yield "found_by_name", lookups.found_card(here, ALL[:2], by=by_all, for_officer=False)
    yield "found_none", lookups.found_card(here, (), by={By.EMAIL: ()}, for_officer=False)
    yield "found_none_by_name", lookups.found_card(here, (), by={By.NAME: ()}, for_officer=False)


def _of_the_desk(here: Scene) -> Iterator[tuple[str, Card]]:
    """Yield what is set for the whole desk: stopped systems, shifts, tickets in other hands."""
    stopped = replace(here, stopped={"": ALL_STOPPED, "hubspot": HUBSPOT_STOPPED})
    one = replace(here, stopped={"hubspot": HUBSPOT_STOPPED})
    yield "stops", orders.stops_card(stopped, MARIA)
    yield "stops_owner", orders.stops_card(one, KARIN)
    yield "stops_none", orders.stops_card(here, MARIA)
    yield "systems_stopped", lookups.systems_card(one, (MANIFEST,), (t.EXECUTING,))
    yield "home_stopped", home_card(one, MARIA, OPEN)
    yield "ticket_stopped", ticket_card(one, t.LOCATING)
    shift = Shift(date(2026, 3, 10), date(2026, 3, 12), "sara")
    yield "shift_set", orders.shift_card(here, shift)
    yield "shift_told", orders.shift_told(here, shift, "oncall:2026-03-10:2026-03-12")
    yield "left", handing.left_card(here, "bo", OPEN[:3], "left:bo:2026-03-09")
    yield "left_none", handing.left_card(here, "bo", (), "left:bo:2026-03-09")
    yield "unproven", handing.unproven_card(here, "slack", SARA, "unproven:slack:sara:2026-03-09")
    yield "handed", handing.handed_card(here, ("bo", "sara", 3, 0), SARA, OPEN[:3])
    yield "handed_partly", handing.handed_card(here, ("sara", "maria", 3, 1), SARA, ())


def all_forms(language: Language) -> Iterator[tuple[str, Form]]:
    """Yield every form by name."""
    here = scene(language)
    yield from _of_the_street(here)
    yield from _of_incidents(here)
    yield from _of_threads(here)
    yield from _of_roads(here)
    yield from longer.forms_of(here)
    telephone = ("task/0/phone", correction.label(here, "hubspot", "telefon", None))
    town = ("task/1/city", correction.label(here, "hubspot", "ort", 2))
    yield "type_value", correction.type_value(here, CORRECTING, (telephone, town))
    yield "choose_ground", restriction.choose_ground(here, UNGROUNDED)
    yield "give_notice", restriction.give_notice(here, RESTRICTED)
    yield "name_recipient", recipients.name_recipient(here, TELLING)
    yield "approve_transfer", recipients.approve_transfer(here, FILED)
    yield "end_transfer", recipients.tell(here, HANDING, HANDING.task("transfer-1"))
    yield "tell_recipient", recipients.tell(here, TELLING, TELLING.task("notify-caterer"))
    yield "decide_correction", decide.decide(here, CORRECTING, KARIN)
    yield "decide_emptying", decide.decide(here, EMPTYING, KARIN, {EMPTYING.tasks[-1].id: 2})
    weighed = replace(WEIGHING.tasks[-1], ground="compelling", proposed_by="karin")
    yield "confirm_weighed", decide.confirm_decline(here, WEIGHING, weighed)


def _package(here: Scene) -> tuple[FormElement, ...]:
    return package_again(here, t.JUDGED, t.JUDGED.letters[-1], Addressee.PERSON, 4_200_000)


def _of_the_street(here: Scene) -> Iterator[tuple[str, Form]]:
    """Yield the forms of the plain street."""
    yield "change", forms.change(here, t.NEW)
    yield "change_unsure", forms.change(here, t.UNSURE)
    yield "change_fields", forms.change(here, replace(t.BY_PHONE, parts=t.BY_PHONE.parts[1:]))
    yield "dismiss", forms.dismiss(here, t.NEW)
    yield "hand_over", forms.hand_over(here, t.LOCATING, (SARA, MARIA))
    yield "attest", forms.attest(here, t.VERIFYING)
    yield "attest_second", forms.attest(here, t.ATTESTED_ONCE)
    yield "give_up_identity", forms.give_up_identity(here, t.VERIFYING)
    yield "decide", decide.decide(here, t.DECIDING, KARIN)
    yield "decide_second", decide.decide(here, t.HALF_DECIDED, JONAS)
    yield from alone.forms_of(here)
    yield "decide_marketing", decide.decide(here, MARKETING, KARIN)
    yield "confirm_decline", decide.confirm_decline(here, t.HALF_DECIDED, t.HALF_DECIDED.task("erase-2"))
    yield "finish_by_hand", forms.finish_by_hand(here, t.EXECUTING, t.EXECUTING.task("erase-3"))
    yield "finish_stuck", forms.finish_by_hand(here, t.EXECUTING, t.EXECUTING.task("erase-2"))
    yield "send_package", send_package(here, t.JUDGED, t.JUDGED.letters[-1], Addressee.PERSON, 4_200_000)
    yield "send_package_elsewhere", send_package(here, t.REPLYING, t.DRAFT, Addressee.WHO_ASKED, 0)
    yield "settle_letter", settle_letter(here, t.DOUBTFUL, t.DOUBTFUL.letters[1])
    yield "settle_letter_package", settle_letter(here, t.DOUBTFUL, t.DOUBTFUL.letters[1], _package(here))
    yield "settle_unpressed", forms.settle_unpressed(here, t.UNPRESSED)
    yield "postpone_review", forms.postpone_review(here, REVIEW, RULE)
    yield "approve_review", forms.approve_review(here, REVIEWS["approved_once"])
    yield "new", forms.new(here)
    yield "find", lookups.find_form(here)
    yield "hand_over_all", handing.hand_over_all(here, "sara", {"sara": 3}, (SARA, MARIA))
    yield "hand_over_all_officer", handing.hand_over_all(here, "anybody", {"sara": 3, "bo": 1}, (SARA, MARIA))
    yield "resume", orders.resume_form(here, HUBSPOT_STOPPED)
    yield "resume_everything", orders.resume_form(here, ALL_STOPPED)


def _of_incidents(here: Scene) -> Iterator[tuple[str, Form]]:
    """Yield the forms of incidents, of who needs protection, and of letters that came back."""
    yield "notified", incident.notified_form(here, t.BREACH, t.CLOCK)
    yield "notified_late", incident.notified_form(replace(here, now=here.now + 3 * t.DAY), t.BREACH, t.CLOCK)
    yield "no_notification", incident.no_notification_form(here, t.BREACH)
    yield "aware_since", incident.aware_form(here, t.BREACH, t.CLOCK)
    yield "settle_returned", returned.settle_form(here, t.RETURNED.letters[-1])
    yield "settle_returned_package", returned.settle_form(here, t.RETURNED.letters[-1], _package(here))
    yield "dismiss_impostor", forms.dismiss(here, t.IMPOSTOR)
    yield "attest_protected", forms.attest(here, t.HIDING)
    yield "hide", forms.finish_by_hand(here, t.HIDING, t.HIDING.tasks[0])
    yield "suspect_breach", incident.suspect_form(here, t.NEW)
    yield "hold", hold.hold_form(here, t.NEW)
    yield "hold_stands", hold.hold_form(here, t.HELD)


def _of_threads(here: Scene) -> Iterator[tuple[str, Form]]:
    """Yield the forms about later mails and other tickets."""
    yield "join", threads.join(here, t.NEW, (t.TWIN,))
    yield "change_part", threads.change_part(here, t.LATER_PART, t.LATER, t.CAME[t.LATER.id])
    yield "dismiss_part", threads.dismiss_part(here, t.LATER_PART, t.LATER)
    yield "settle_regret", threads.settle_regret(here, t.MAY_BE_TAKEN_BACK, t.MAY_BE_TAKEN_BACK.parts[1:])
    yield "settle_regret_too_late", threads.settle_regret(here, t.MAY_BE_TAKEN_BACK, ())


def _of_roads(here: Scene) -> Iterator[tuple[str, Form]]:
    """Yield the forms of the special roads."""
    yield "refer_contract", special.refer_contract(here, t.CONTRACT, "Avtal, Ulla Berg")
    yield "refer_contract_nobody", special.refer_contract(here, t.CONTRACT, "")
    yield "refer_site", special.refer_site(here, t.JOB_SITE)
    yield "ask_authority", special.ask_authority(here, t.AGENT)
    yield "ask_authority_by_phone", special.ask_authority(here, replace(t.AGENT, channel=Channel.PHONE))
    yield "show_authority", special.show_authority(here, t.AGENT_ATTACHED)
    yield "clarify", special.clarify(here, t.UNCLEAR)
    yield "answer_question", special.answer_question(here, t.ASKING)
    yield "answer_kin", special.answer_kin(here, t.DECEASED)
    yield "close_unanswered", special.close_unanswered(here, t.AGENT_ASKED)
    yield "note_id", identifying.note_form(here, t.COOKIE_REPLIED)
