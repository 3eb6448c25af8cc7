"""Every card and form by name, drawn in one language: what the pictures and the rules are checked on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from bot.card import Card, Form
from bot.cards import decide, forms, lookups
from bot.cards.burst import burst_card
from bot.cards.gathered import gathered_card
from bot.cards.home import home_card
from bot.cards.items import Beside, items_card
from bot.cards.particulars import Particulars
from bot.cards.reminders import reminder_card
from bot.cards.retention import review_card, reviews_card
from bot.cards.stats import stats_card
from bot.cards.summary import Morning, halted_card, morning_card
from bot.cards.ticket import ticket_card
from bot.domain.accuracy import NO_BAND, Accuracy, Report, Verdict, report
from bot.domain.kept import Kept
from bot.domain.request import Language, RequestType, Route
from bot.domain.retention import NoInterestRule
from bot.domain.system import IdentifierKind, Manifest, Operation, absent, automatic, manual
from bot.domain.task import TaskState
from bot.domain.ticket import Part, Stage
from bot.ports import IncomingItem, ItemState, RetentionReview, ReviewState
from tests.cards import tickets as t
from tests.cards.scenes import JONAS, KARIN, MARIA, SARA, scene

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


def cards(language: Language) -> Iterator[tuple[str, Card]]:
    """Yield every card by name."""
    for name, ticket in t.TICKETS.items():
        at = scene(language, t.LOOKED_AT.get(name, t.MONDAY))
        yield f"ticket_{name}", ticket_card(at, ticket, Particulars(4_200_000, 31))
    yield "ticket_new_protected_for_officer", ticket_card(scene(language), t.PROTECTED, for_officer=True)
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
    yield "burst", burst_card(here, (t.NEW, *OPEN[:5]), "burst:b1")
    yield "gathered", gathered_card(here, "unconfirmed", OPEN, MARIA, "gathered:unconfirmed:2026-03-09")
    yield "gathered_done", gathered_card(here, "deadline", (), MARIA, "gathered:deadline:2026-03-09")
    yield "burst_done", burst_card(here, (), "burst:b1")
    yield "home", home_card(here, KARIN, OPEN)
    yield "home_handler", home_card(here, SARA, OPEN)
    yield "home_empty", home_card(here, JONAS, ())
    yield from _lookups(language)


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
        ("unpressed", t.UNPRESSED, "unpressed", MARIA, 9),
        ("protected", t.PROTECTED, "deadline", SARA, 9),
        ("turn_second", t.ATTESTED_ONCE, "turn", SARA, 0),
        ("turn_new_mail", t.NEW_MAIL, "turn", SARA, 3),
        ("turn_new_mail_closed", t.NEW_MAIL_CLOSED, "turn", MARIA, 20),
        ("turn_unwritten", t.UNWRITTEN, "turn", SARA, 3),
        ("closed", t.CLOSED, "deadline", SARA, 20),
    )
    for name, ticket, kind, reader, days in rows:
        at = scene(language, t.MONDAY + days * t.DAY)
        about = f"reminder:{kind}:{ticket.id}:{at.today}"
        yield f"reminder_{name}", reminder_card(at, ticket, kind, reader, about)


def _lookups(language: Language) -> Iterator[tuple[str, Card]]:
    here = scene(language)
    yield "reviews", reviews_card(here, (REVIEW, replace(OPENED, id="review-2")))
    yield "reviews_none", reviews_card(here, ())
    yield "help", lookups.help_card(here)
    yield "unknown", lookups.unknown_card(here, "förfaller")
    yield "unknown_far", lookups.unknown_card(here, "")
    yield "lacks", lookups.lacks_card(here, "visa")
    yield "found", lookups.found_card(here, ALL[:2], for_officer=False)
    yield "found_none", lookups.found_card(here, (), for_officer=False)
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


def all_forms(language: Language) -> Iterator[tuple[str, Form]]:
    """Yield every form by name."""
    here = scene(language)
    yield "change", forms.change(here, t.NEW)
    yield "change_unsure", forms.change(here, t.UNSURE)
    yield "change_fields", forms.change(here, replace(t.BY_PHONE, parts=t.BY_PHONE.parts[1:]))
    yield "dismiss", forms.dismiss(here, t.NEW)
    yield "hand_over", forms.hand_over(here, t.LOCATING)
    yield "attest", forms.attest(here, t.VERIFYING)
    yield "attest_second", forms.attest(here, t.ATTESTED_ONCE)
    yield "give_up_identity", forms.give_up_identity(here, t.VERIFYING)
    yield "decide", decide.decide(here, t.DECIDING, KARIN)
    yield "decide_second", decide.decide(here, t.HALF_DECIDED, JONAS)
    yield "decide_marketing", decide.decide(here, MARKETING, KARIN)
    yield "confirm_decline", decide.confirm_decline(here, t.HALF_DECIDED, t.HALF_DECIDED.task("erase-2"))
    yield "finish_by_hand", forms.finish_by_hand(here, t.EXECUTING, t.EXECUTING.task("erase-3"))
    yield "finish_stuck", forms.finish_by_hand(here, t.EXECUTING, t.EXECUTING.task("erase-2"))
    yield "settle_letter", forms.settle_letter(here, t.DOUBTFUL.letters[1])
    yield "settle_unpressed", forms.settle_unpressed(here, t.UNPRESSED)
    yield "postpone_review", forms.postpone_review(here, REVIEW, RULE)
    yield "approve_review", forms.approve_review(here, REVIEWS["approved_once"])
    yield "new", forms.new(here)
