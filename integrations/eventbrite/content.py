"""A booking as the person may have it: whole, with questions in words, without other guests.

Who books for others gets back the order and their own place. What other guests are called,
answered and scan at the door is about them (Art. 15(4)) and is left out, and counted, so
that the letter can say so (R51). The same goes for a booking that bears nothing of the
person's but a number or a phone: whoever knows a stranger's order number must not get the order.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from pydantic import JsonValue

Json = Mapping[str, JsonValue]
#: Turns an event into what it asks, by question id.
Asked = Callable[[str], Awaitable[Mapping[str, str]]]

#: What the buyer may see of a place of somebody else's: that they bought it.
OF_OTHERS: Final = (
    *("id", "event_id", "order_id", "ticket_class_id", "ticket_class_name"),
    *("created", "changed", "quantity", "status", "costs"),
)
#: Where a place speaks of its guest; what else is left out is Eventbrite's own bookkeeping and no detail to count.
ABOUT_GUESTS: Final = ("profile", "answers", "barcodes")
#: Where an order speaks of who placed it.
ABOUT_BUYER: Final = ("name", "email")


async def with_questions(place: Json, asked: Asked) -> Json:
    """Return a place whose answers all bear their question; the event is asked only when one lacks its words."""
    answers = place.get("answers")
    if not isinstance(answers, list) or all(_is_worded(one) for one in answers):
        return place
    questions = await asked(str(place.get("event_id", "")))
    worded: list[JsonValue] = [_worded(one, questions) for one in answers]
    return {**place, "answers": worded}


def _is_worded(answer: JsonValue) -> bool:
    return not isinstance(answer, dict) or bool(answer.get("question"))


def _worded(answer: JsonValue, questions: Mapping[str, str]) -> JsonValue:
    if not isinstance(answer, dict) or answer.get("question"):
        return answer
    words = questions.get(str(answer.get("question_id", "")), "")
    return {**answer, "question": words} if words else answer


async def for_buyer(order: Json, asked: Asked) -> tuple[Json, int]:
    """Return an order for who placed it, and how many details about its other guests are left out."""
    places = order.get("attendees")
    if not isinstance(places, list):
        return order, 0
    kept: list[JsonValue] = []
    masked = 0
    for place in places:
        if not isinstance(place, dict):
            continue
        if _is_own(order, place):
            kept.append(dict(await with_questions(place, asked)))
        else:
            kept.append({name: place[name] for name in OF_OTHERS if name in place})
            masked += sum(_details(place.get(name)) for name in ABOUT_GUESTS)
    return {**order, "attendees": kept}, masked


def for_somebody(whole: Json) -> tuple[Json, int]:
    """Return what may be said of an order or place that is perhaps not the person's, and how many details it hides."""
    kept = {name: whole[name] for name in OF_OTHERS if name in whole}
    places = whole.get("attendees")
    inside = [one for one in places if isinstance(one, dict)] if isinstance(places, list) else []
    hidden = sum(_details(one.get(name)) for one in (whole, *inside) for name in (*ABOUT_GUESTS, *ABOUT_BUYER))
    return kept, hidden


def _is_own(order: Json, place: Json) -> bool:
    """Whether a place is the buyer's: by address, or by name where the place bears no address."""
    profile = place.get("profile")
    if not isinstance(profile, dict):
        return False
    address = _folded(profile.get("email"))
    if address:
        return address == _folded(order.get("email"))
    return _folded(profile.get("name")) == _folded(order.get("name")) != ""


def _folded(value: JsonValue) -> str:
    return value.strip().casefold() if isinstance(value, str) else ""


def _details(value: JsonValue) -> int:
    """Count what is said of a guest: an answer with its question is one detail, so is a bar code, so is a name."""
    match value:
        case dict() if "question_id" in value:
            return _details(value.get("answer"))
        case dict() if "barcode" in value:
            return 1
        case dict():
            return sum(_details(one) for name, one in value.items() if name not in ("first_name", "last_name"))
        case list():
            return sum(_details(one) for one in value)
        case str():
            return bool(value.strip())
        case _:
            return 0
