"""Made-up people for HubSpot's sandbox: those who write the sample mails, and a register around them.

Relative to a given day, so that the retention review finds 212 contacts whenever it is run:
those opened nothing for more than two years. The sample people are all of recent interest.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

IDLE: Final = 212
IDLE_WITH_OPEN_DEAL: Final = 9
LIVELY: Final = 9
#: The forms of the account; the second is no longer in use.
GUIDE: Final = "11111111-0000-4000-8000-000000000001"
SEMINAR: Final = "11111111-0000-4000-8000-000000000002"


@dataclass(frozen=True, slots=True)
class Activity:
    """Something on a timeline. `type` is HubSpot's word in paths.

    `also` are others' addresses it lies with too, `files` hang on it.
    """

    type: str
    text: str
    also: tuple[str, ...] = ()
    files: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """A contact and what lies around it: `forms` by form id with what was filled in, `mailings` what became of them."""

    email: str
    first: str
    last: str
    phone: str = ""
    further: tuple[str, ...] = ()
    activities: tuple[Activity, ...] = ()
    lists: tuple[str, ...] = ()
    chats: tuple[tuple[str, ...], ...] = ()
    forms: tuple[tuple[str, Mapping[str, str]], ...] = ()
    mailings: tuple[str, ...] = ()
    open_deal: bool = False
    more: Mapping[str, str] = field(default_factory=dict)


def demo_people(today: date) -> Sequence[Person]:
    """Return the demo's contacts as they are on *today*: the sample people and 230 around them."""
    return [*_sample_people(today), *_register(today)]


def interest(opened: datetime | None, created: datetime, source: str = "IMPORT") -> dict[str, str]:
    """Return the properties that say when somebody came and when they last opened a mail (None: never)."""
    properties = {"createdate": stamp(created), "hs_object_source": source, "hs_email_delivered": "14"}
    if opened is not None:
        properties |= {"hs_email_last_open_date": stamp(opened), "hs_email_open": "6"}
    return properties


def stamp(moment: datetime) -> str:
    """Return a moment as HubSpot writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _sample_people(today: date) -> Iterator[Person]:
    lively = interest(_ago(today, 30), _ago(today, 500), "FORM") | {"num_conversion_events": "1"}
    bought = {"jobtitle": "HR-chef", "company": "Exempelbolaget AB", **lively}
    yield Person(
        *("astrid.lundgren@example.se", "Astrid", "Lundgren", "070-174 06 05"),
        activities=(
            Activity("emails", "Tack för att du laddade ner guiden"),
            Activity("emails", "Inbjudan till frukostseminarium"),
            Activity("communications", "Meddelande om seminariet"),
        ),
        lists=("7",),
        forms=((GUIDE, {"firstname": "Astrid", "company": "Exempelbolaget AB"}),),
        mailings=("DELIVERED", "OPEN"),
        more=bought,
    )
    yield Person("lars.wallin@example.se", "Lars", "Wallin", more=lively)
    yield Person(
        *("fatima.haddad@example.com", "Fatima", "Haddad", "+46701740606"),
        activities=(
            Activity("emails", "Newsletter: hiring in the autumn"),
            Activity("emails", "Invitation: webinar on onboarding"),
            Activity("communications", "Message about the webinar"),
            Activity("tasks", "Follow up after the webinar"),
        ),
        lists=("7", "12"),
        more=lively,
    )
    yield Person("rebecca.stone@example.com", "Rebecca", "Stone", lists=("12",), more=lively)
    yield Person("priya.natarajan@example.org", "Priya", "Natarajan", more=lively)
    for address, first, last in _OTHERS:
        yield Person(address, first, last, more=lively)


#: The other contacts of the sample mails.
_OTHERS: Final = (
    ("britt-marie.hoglund@example.se", "Britt-Marie", "Höglund"),
    ("t.okafor@example.com", "Tobi", "Okafor"),
    ("walter.ashdown@example.com", "Walter", "Ashdown"),
    ("samuel.price@example.org", "Samuel", "Price"),
    ("birgitta.stahl@example.se", "Birgitta", "Ståhl"),
    ("ulf.bergman@example.se", "Ulf", "Bergman"),
    ("tove.granlund@example.se", "Tove", "Granlund"),
    ("marek.nowak@example.com", "Marek", "Novak"),
    ("viktor.ahl@example.com", "Viktor", "Ahl"),
    ("oliver.grant@example.com", "Oliver", "Grant"),
    ("magnus.ek@example.com", "Magnus", "Ek"),
    ("helena.wester@example.se", "Helena", "Wester"),
    ("per-olof.nystrom@example.se", "Per-Olof", "Nyström"),
    ("aisha.rahman@example.com", "Aisha", "Rahman"),
)

_FIRST: Final = ("Alva", "Bo", "Cecilia", "David", "Ebba", "Folke", "Gun", "Hugo", "Iris", "Jonas", "Klara", "Leo")
_LAST: Final = ("Almgren", "Brandt", "Cedergren", "Dufva", "Edlund", "Fors", "Gyllner", "Hedin", "Isaksson", "Jern")


def _register(today: date) -> Iterator[Person]:
    for number in range(IDLE + IDLE_WITH_OPEN_DEAL + LIVELY):
        first, last = _FIRST[number % len(_FIRST)], _LAST[number // len(_FIRST) % len(_LAST)]
        address = f"{first}.{last}.{number:03}@example.org".lower()
        created = _ago(today, 1500 + number)
        if number >= IDLE + IDLE_WITH_OPEN_DEAL:
            yield Person(address, first, last, more=interest(_ago(today, 10 + number), created, "FORM"))
            continue
        opened = None if number % 3 == 0 else _ago(today, 800 + number)
        with_deal = number >= IDLE
        yield Person(address, first, last, more=interest(opened, created), open_deal=with_deal)


def _ago(today: date, days: int) -> datetime:
    return datetime.combine(today, time(9), UTC) - timedelta(days=days)
