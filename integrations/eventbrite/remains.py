"""What is left of a booking after a colleague, or Eventbrite, has erased it.

Nothing is deleted at Eventbrite when a colleague works by the checklist: name and address
are replaced by a word, answers emptied. So a place counts as masked when nothing of the
person stands in it, and a masked place with answers left does not: what the person ate
says something of them whoever the place is said to be.
"""

import tomllib
from collections.abc import Collection
from functools import cache
from pathlib import Path

from bot.domain.system import Remains
from integrations.eventbrite.shapes import Attendee, Order, Profile, same_phone


@cache
def _masks() -> frozenset[str]:
    return frozenset(tomllib.loads(Path(__file__).with_name("masks.toml").read_text(encoding="utf-8"))["words"])


def is_mask(text: str) -> bool:
    """Whether a name or address is empty or a word put in its place, such as "Raderad" or raderad@…"""
    said = text.strip().strip(".-–").partition("@")[0].casefold()
    return not said or said in _masks()


def of_place(place: Attendee | None, known: Collection[str]) -> Remains:
    """Return what is left of somebody's own place; *known* are the addresses, names and phones of theirs we know."""
    if place is None:
        return Remains.GONE
    masked = _anonymous(place.profile) and not any(one.answer.strip() for one in place.answers)
    return Remains.MASKED if masked and not _names(place.profile, known) else Remains.THERE


def of_order(order: Order | None, known: Collection[str]) -> Remains:
    """Return what is left of the person in an order they placed: as its buyer, and in its places.

    Others' places in it are theirs and stay. A place whose name is masked and whose answers are not is left half done.
    """
    if order is None:
        return Remains.GONE
    buyer = Profile(name=order.name, email=order.email)
    if not (is_mask(order.name) and is_mask(order.email)) or _names(buyer, known):
        return Remains.THERE
    theirs = (one for one in order.attendees if _anonymous(one.profile) or _names(one.profile, known))
    done = all(of_place(one, known) is Remains.MASKED for one in theirs)
    return Remains.MASKED if done else Remains.THERE


def _anonymous(profile: Profile) -> bool:
    return is_mask(profile.name) and is_mask(profile.email) and not profile.cell_phone.strip(" -–")


def _names(profile: Profile, known: Collection[str]) -> bool:
    """Whether the profile bears an address, a name or a phone of the person's."""
    said = {_folded(profile.name), _folded(profile.email)} - {""}
    phone = same_phone(profile.cell_phone)
    return bool(said & {_folded(one) for one in known} or (phone and phone in {same_phone(one) for one in known}))


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
