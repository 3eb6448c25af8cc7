"""What the sandbox's Eventbrite holds of one booking: as it is sent, and as it is after the checklist."""

from collections.abc import Sequence
from typing import Final

from pydantic import JsonValue

from integrations.eventbrite.organizer import Row, said_of
from integrations.eventbrite.seed import Booking, Guest

MASKED_NAME: Final = "Raderad"
MASKED_EMAIL: Final = "raderad@example.org"
Json = dict[str, JsonValue]


def mask_order(order: Json) -> None:
    """Replace the buyer."""
    order |= {"name": MASKED_NAME, "first_name": MASKED_NAME, "last_name": "", "email": MASKED_EMAIL}


def mask_place(place: Json, *, answers: bool = True) -> None:
    """Replace the guest and empty the answers, or forget to."""
    place["profile"] = {"name": MASKED_NAME, "first_name": MASKED_NAME, "email": MASKED_EMAIL}
    if answers:
        place["answers"] = []


def row_of(thing: Json) -> Row:
    """Return an order or a place as a line of the organiser's page."""
    answers = thing.get("answers")
    given = [str(one["answer"]) for one in answers if isinstance(one, dict)] if isinstance(answers, list) else []
    who = thing.get("profile", thing)
    name, email = (who["name"], who["email"]) if isinstance(who, dict) else ("", "")
    return str(thing["id"]), said_of(name, email, answers=given), email != MASKED_EMAIL or bool(given)


def is_of(attendee: Json, address: JsonValue) -> bool:
    """Whether a place bears an address."""
    profile = attendee["profile"]
    return isinstance(profile, dict) and profile["email"] == address


def _money(value: int) -> Json:
    return {"currency": "SEK", "value": value, "major_value": f"{value / 100:.2f}", "display": f"{value / 100:.2f} kr"}


def order_as_sent(number: str, booking: Booking) -> Json:
    """Return an order as the API sends it, without its places."""
    first, _, last = booking.name.partition(" ")
    return {
        "id": number,
        "event_id": booking.event,
        "created": "2026-02-02T08:00:00Z",
        "changed": "2026-02-02T08:00:00Z",
        "name": booking.name,
        "first_name": first,
        "last_name": last,
        "email": booking.email,
        "status": "placed",
        "costs": {"gross": _money(booking.price * len(booking.guests))},
    }


def place_as_sent(number: str, order: str, booking: Booking, guest: Guest, answers: Sequence[Json]) -> Json:
    """Return a place as the API sends it."""
    first, _, last = guest.name.partition(" ")
    profile: Json = {"name": guest.name, "first_name": first, "last_name": last, "email": guest.email}
    if guest.phone:
        profile["cell_phone"] = guest.phone
    return {
        "id": number,
        "event_id": booking.event,
        "order_id": order,
        "ticket_class_name": "Deltagare",
        "created": "2026-02-02T08:00:00Z",
        "changed": "2026-02-02T08:00:00Z",
        "status": "Attending",
        "checked_in": False,
        "cancelled": False,
        "refunded": False,
        "profile": profile,
        "answers": list(answers),
        "barcodes": [{"barcode": f"{order}{number}001", "status": "unused", "checkin_type": 0, "is_printed": False}],
        "costs": {"gross": _money(booking.price)},
    }
