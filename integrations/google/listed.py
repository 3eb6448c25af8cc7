"""Settings that hold several things, separated by commas."""

import re
from typing import Annotated, Final

from pydantic import BeforeValidator

from bot.domain.request import Role

#: Roles whose data may be shared with an advertiser at all: never a candidate's, nor that of somebody unknown (D19).
SHARED: Final = (Role.CONTACT, Role.ATTENDEE, Role.CONTRACT_CUSTOMER)


def split(value: object) -> tuple[str, ...]:
    """Return the parts of a text between commas, each once."""
    given = value if isinstance(value, list | tuple) else str(value).split(",")
    return tuple(dict.fromkeys(part for one in given if (part := str(one).strip())))


def _numbers(value: object) -> tuple[str, ...]:
    numbers = tuple(one.replace("-", "") for one in split(value))
    if not all(re.fullmatch(r"\d{1,20}", one) for one in numbers):
        raise ValueError("must be numbers, separated by commas")
    return numbers


def _roles(value: object) -> frozenset[Role]:
    if isinstance(value, frozenset):
        return value
    known = {role.value: role for role in SHARED}
    named = split(value)
    if not set(named) <= known.keys():
        raise ValueError(f"must be among {', '.join(known)}; never candidates")
    return frozenset(known[one] for one in named)


Numbers = Annotated[tuple[str, ...], BeforeValidator(_numbers)]
Roles = Annotated[frozenset[Role], BeforeValidator(_roles)]
