"""Made-up matters to write letters from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from bot.domain.identity import Doubt, Method
from bot.domain.letter import LetterKind
from bot.domain.request import Language, RequestType, Role
from bot.domain.restriction import Ends, Ground
from bot.domain.system import IdentifierKind, Operation
from bot.i18n import Texts
from bot.letters import (
    Corrected,
    ExtensionMatter,
    Matter,
    RestrictionMatter,
    RoadMatter,
    Stationery,
    SystemResult,
    Told,
    TransferMatter,
)
from config.policy_file import load_policy
from config.texts import load_catalogue, load_letters

STATIONERY = Stationery(Texts(load_catalogue()), load_letters(), load_policy())
DONE_ON = date(2026, 3, 12)
LINK = "https://desk.example/c/one-time"


@dataclass(frozen=True)
class Words:
    """A system's name and words."""

    name: str
    words: Mapping[Language, Mapping[str, str]] = field(default_factory=lambda: {one: {} for one in Language})


def result(system: str, operation: Operation, told: Told, why: str = "", **found: int) -> SystemResult:
    """Return what came of it in one system."""
    on = DONE_ON if told in (Told.DONE, Told.BY_HAND) else None
    return SystemResult(system, system.title(), operation, told, found=found, why=why, on=on)


ACCESS = (
    result("hubspot", Operation.EXPORT, Told.DONE, contact=1, note=14),
    result("office365", Operation.EXPORT, Told.BY_HAND, mail=6),
    result("eventbrite", Operation.FIND, Told.NOT_HELD),
    result("google_analytics", Operation.FIND, Told.BLIND, "no address there"),
    result("google_display", Operation.FIND, Told.BLIND, "no address there"),
)
ERASED = (
    result("hubspot", Operation.ERASE, Told.DONE, contact=1),
    result("eventbrite", Operation.FIND, Told.NOT_HELD),
    result("google_analytics", Operation.ERASE, Told.NOT_APPLICABLE, "no address there"),
)
REFUSED = (
    *ERASED,
    result("office365", Operation.ERASE, Told.DECLINED, "it is needed for legal claims", mail=2),
    result("paper", Operation.ERASE, Told.FAILED, "the archive is locked", record=1),
)
NOTHING = tuple(result(one, Operation.FIND, Told.NOT_HELD) for one in ("hubspot", "eventbrite"))
STOPPED = (
    result("hubspot", Operation.SUPPRESS, Told.DONE),
    result("google_display", Operation.SUPPRESS, Told.NOT_APPLICABLE, "no list is synchronised"),
)
RESULTS = {
    LetterKind.ACCESS_ANSWER: ACCESS,
    LetterKind.NOTHING_FOUND: NOTHING,
    LetterKind.ERASURE_DONE: ERASED,
    LetterKind.REFUSED: REFUSED,
    LetterKind.OPTED_OUT: STOPPED,
    LetterKind.UNDONE: tuple(
        replace(one, operation=Operation.RESUME, told=Told.BY_HAND, sentence="") for one in STOPPED[:1]
    ),
    LetterKind.CONSENT_WITHDRAWN: (result("hubspot", Operation.SUPPRESS, Told.DONE), *ERASED),
    LetterKind.DECEASED: ERASED,
    LetterKind.PORTABLE: (
        result("eventbrite", Operation.EXPORT, Told.DONE, attendee=2),
        result("hubspot", Operation.EXPORT, Told.NOT_COVERED, contact=1),
    ),
    LetterKind.RESTRICTED: (
        result("hubspot", Operation.RESTRICT, Told.DONE, contact=1),
        result("office365", Operation.RESTRICT, Told.DECLINED, "there is no ground for it", contact=1),
    ),
    LetterKind.OBJECTION_WEIGHED: (
        result("hubspot", Operation.RESTRICT, Told.DECLINED, "we have compelling grounds", contact=1),
    ),
    LetterKind.RECTIFIED: (
        result("hubspot", Operation.RECTIFY, Told.DONE, contact=1),
        result("office365", Operation.RECTIFY, Told.DECLINED, "the value is disputed", contact=1),
    ),
}
ASKED = {
    LetterKind.ACCESS_ANSWER: (RequestType.ACCESS,),
    LetterKind.OPTED_OUT: (RequestType.UNSUBSCRIBE,),
    LetterKind.UNDONE: (RequestType.UNSUBSCRIBE,),
    LetterKind.NOTHING_FOUND: (RequestType.ACCESS, RequestType.ERASURE),
    LetterKind.CONSENT_WITHDRAWN: (RequestType.CONSENT_WITHDRAWAL,),
    LetterKind.RECTIFIED: (RequestType.RECTIFICATION,),
    LetterKind.RESTRICTED: (RequestType.RESTRICTION,),
    LetterKind.PORTABLE: (RequestType.PORTABILITY,),
    LetterKind.LIFTING: (RequestType.RESTRICTION,),
    LetterKind.OBJECTION_WEIGHED: (RequestType.OBJECTION,),
    LetterKind.TRANSFERRED: (RequestType.PORTABILITY,),
}
BASE = Matter(
    stationery=STATIONERY,
    ref="PR-2026-0042",
    received=date(2026, 3, 5),
    last_day=date(2026, 4, 7),
    asked=(RequestType.ERASURE,),
    name="Anna Ek",
    roles=(Role.CONTACT,),
    searched_by=(IdentifierKind.EMAIL, IdentifierKind.NAME),
    link=LINK,
    link_until=date(2026, 3, 26),
    undo_link="https://desk.example/c/undo",
    code="482917",
    doubts=(Doubt.NOT_ON_FILE, Doubt.SENSITIVE),
    needs=(Method.LINK, Method.CALL_BACK, Method.BANKID),
    helps=(IdentifierKind.GA_CLIENT_ID,),
    suppressed=True,
    masked=2,
    words="The handler's own words.",
    corrected=(
        Corrected("HubSpot", "phone", "070-111 11 11", "070-222 22 22"),
        Corrected("HubSpot", "diet", "", "", told=False),
    ),
    restriction=RestrictionMatter(
        Ground.CLAIMS,
        Ends.CLAIM_OVER,
        since=date(2026, 3, 12),
        review_on=date(2026, 6, 10),
        lifting=Ends.PERSON_SAYS,
        lift_from=date(2026, 6, 15),
    ),
    transfers=(TransferMatter("Nya arbetsgivaren AB", date(2026, 3, 9), Told.DONE, DONE_ON),),
    extension=ExtensionMatter(date(2026, 6, 5), ("complexity", "number"), ("read", "searched"), (RequestType.ACCESS,)),
    weighing="We need the figures to plan the next event; no single person can be seen in them.",
    road=RoadMatter(
        contact="Nordbygg AB, Ulla Berg, ulla@nordbygg.example",
        passed_on=date(2026, 3, 6),
        site="jobb.example",
        reach="https://jobb.example/privacy",
        questions=("right", "scope", "address"),
        authority="power",
        stopped=True,
        beside_contract=True,
    ),
)


def matter(kind: LetterKind) -> Matter:
    """Return a matter whole enough for that kind of letter."""
    return replace(BASE, results=RESULTS.get(kind, ()), asked=ASKED.get(kind, BASE.asked))
