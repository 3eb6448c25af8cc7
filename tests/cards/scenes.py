"""A made-up house to draw cards in: five colleagues, five systems, one Monday in March."""

from datetime import UTC, date, datetime

from bot.cards.scene import Scene, SystemWords
from bot.domain.deadline import Calendar
from bot.domain.people import Colleague, Duty, People, Shift
from bot.domain.request import Language
from bot.i18n import Texts
from config.texts import load_catalogue

SARA = Colleague("sara", "Sara Lind", "sara@gotowork.example", frozenset({Duty.HANDLER}), frozenset({"eventbrite"}))
KARIN = Colleague(
    "karin", "Karin Holm", "karin@gotowork.example", owns=frozenset({"hubspot"}), deputises=frozenset({"eventbrite"})
)
JONAS = Colleague(
    "jonas",
    "Jonas Berg",
    "jonas@gotowork.example",
    owns=frozenset({"office365", "google_analytics"}),
    deputises=frozenset({"hubspot"}),
)
MARIA = Colleague("maria", "Maria Ek", "maria@gotowork.example", frozenset({Duty.OFFICER, Duty.HANDLER}))
DAVID = Colleague("david", "David Reed", "david@gotowork.example", frozenset({Duty.VIEWER}), language=Language.EN)
PEOPLE = People(
    (SARA, KARIN, JONAS, MARIA, DAVID),
    (
        Shift(date(2026, 3, 2), date(2026, 3, 15), "maria"),
        Shift(date(2026, 3, 16), date(2026, 3, 29), "sara"),
    ),
)

EASTER = frozenset({date(2026, 4, 3), date(2026, 4, 6)})
CALENDAR = Calendar(holidays=EASTER)
MONDAY = datetime(2026, 3, 9, 9, 5, tzinfo=UTC)  # 10:05 in Sweden

TEXTS = Texts(load_catalogue())

SV_WORDS = {
    "hubspot": {
        "kind.contact": ("{n} kontakt", "{n} kontakter"),
        "kind.activity": ("{n} aktivitet", "{n} aktiviteter"),
        "kind.form": ("{n} formulär", "{n} formulär"),
        "exempt.open_deals": ("{n} pågående affär", "{n} pågående affärer"),
    },
    "office365": {"kind.message": ("{n} mejl", "{n} mejl")},
    "eventbrite": {"kind.order": ("{n} anmälan", "{n} anmälningar")},
}
EN_WORDS = {
    "hubspot": {
        "kind.contact": ("{n} contact", "{n} contacts"),
        "kind.activity": ("{n} activity", "{n} activities"),
        "kind.form": ("{n} form", "{n} forms"),
        "exempt.open_deals": ("{n} open deal", "{n} open deals"),
    },
    "office365": {"kind.message": ("{n} e-mail", "{n} e-mails")},
    "eventbrite": {"kind.order": ("{n} booking", "{n} bookings")},
}
OTHERS = {
    Language.SV: {
        "reason.erase": "Eventbrite låter ingen radera anmälningar automatiskt; en kollega gör det för hand.",
        "checklist.erase.1": "Öppna evenemanget i Eventbrite: Hantera deltagare, Beställningar.",
        "checklist.erase.2": "Sök fram beställningen med ordernumret från sökningen.",
        "link.home": "https://www.eventbrite.com/organizations/home",
    },
    Language.EN: {
        "reason.erase": "Eventbrite lets nobody erase bookings automatically; a colleague does it by hand.",
        "checklist.erase.1": "Open the event in Eventbrite: Manage attendees, Orders.",
        "checklist.erase.2": "Find the order by the order number from the search.",
        "link.home": "https://www.eventbrite.com/organizations/home",
    },
}
NAMES = {
    "hubspot": "HubSpot",
    "office365": "Office 365",
    "eventbrite": "Eventbrite",
    "google_analytics": "Google Analytics",
    "google_display": "Google Display",
}


def _words(key: str) -> SystemWords:
    spoken = {}
    for language, words in ((Language.SV, SV_WORDS), (Language.EN, EN_WORDS)):
        counted = {
            f"{kind}.{form}": text
            for kind, forms in words.get(key, {}).items()
            for form, text in zip(("one", "other"), forms, strict=True)
        }
        spoken[language] = counted | (OTHERS[language] if key == "eventbrite" else {})
        spoken[language] |= {"vendor": "Microsoft"} if key == "office365" else {}
        brief = {Language.SV: "ingen målgruppssynk", Language.EN: "no audience sync"}[language]
        spoken[language] |= {"brief.find": brief} if key == "google_display" else {}
    return SystemWords(NAMES[key], spoken)


SYSTEMS = {key: _words(key) for key in NAMES}


def scene(language: Language = Language.SV, now: datetime = MONDAY) -> Scene:
    """Return the surroundings of a card in *language* at *now*."""
    return Scene(TEXTS, language, PEOPLE, CALENDAR, now, SYSTEMS, {"caterer": "Cateringbolaget"})
