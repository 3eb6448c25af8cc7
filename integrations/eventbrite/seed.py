"""Made-up bookings for Eventbrite's sandbox: the sample mails' people, and a well-visited event around them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

SEMINAR: Final = "710001"
WEBINAR: Final = "710002"
EVENTS: Final = {SEMINAR: "Frukostseminarium: rekrytera rätt", WEBINAR: "Webbinarium: en god start"}

HEARD: Final = "Hur hörde du talas om oss?"
ALLERGIES: Final = "Har du några allergier eller önskemål om kost?"
MESSAGE: Final = "Något vi bör veta?"


@dataclass(frozen=True, slots=True)
class Guest:
    """One place: name, address, phone and answers as (question, answer)."""

    name: str
    email: str
    phone: str = ""
    answers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Booking:
    """One order at one event, by a buyer for one or more guests. `price` is a place's, in öre."""

    event: str
    name: str
    email: str
    guests: tuple[Guest, ...]
    price: int = 0


def own(event: str, name: str, email: str, *answers: tuple[str, str], phone: str = "") -> Booking:
    """Return somebody's booking for themselves."""
    return Booking(event, name, email, (Guest(name, email, phone, answers),))


def demo_bookings() -> Sequence[Booking]:
    """Return the demo's orders."""
    return [*_sample_people(), *_crowd()]


def _sample_people() -> Iterator[Booking]:
    yield own(SEMINAR, "Astrid Lundgren", "astrid.lundgren@example.se", (HEARD, "Nyhetsbrevet"), phone="070-174 06 01")
    yield own(WEBINAR, "Astrid Lundgren", "astrid.lundgren@example.se", (HEARD, "En kollega"))
    office = ("Kontoret, Exempel Handel", "kontoret@example.com")
    for event in (SEMINAR, WEBINAR):
        yield Booking(event, *office, (Guest("Fatima Haddad", "fatima.haddad@example.com"),))
    yield own(SEMINAR, "Yusuf Demir", "yusuf.demir@example.org", (ALLERGIES, "Jordnötter och sesam"))
    yield own(SEMINAR, "Karin Öberg", "karin.oberg@example.com", (ALLERGIES, "Gluten"))
    yield own(SEMINAR, "Sofia Hellgren", "sofia.hellgren@example.se", (ALLERGIES, "Skaldjur"))
    yield own(SEMINAR, "Ingrid Solberg", "ingrid.solberg@example.com", (ALLERGIES, "Laktosintolerant"))
    yield own(WEBINAR, "Chloe Adeyemi", "chloe.adeyemi@example.org", (HEARD, "LinkedIn"))
    yield own(WEBINAR, "Per-Olof Nyström", "per-olof.nystrom@example.se", (HEARD, "Nyhetsbrevet"))
    yield own(SEMINAR, "Carlos Méndez", "carlos.mendez@example.com", (ALLERGIES, "Nötter"))
    yield own(SEMINAR, "Greta Löfgren", "greta.lofgren@example.org", (ALLERGIES, "Inga"))


def _crowd() -> Iterator[Booking]:
    """Yield more guests than fit on one page."""
    for number in range(1, 61):
        yield own(WEBINAR, f"Gäst {number}", f"gast.{number:02}@example.org", (HEARD, "Nyhetsbrevet"))
