"""What a vendor's status means for whoever must do something about it.

Pure: a call and its reply in, a trouble out. Nothing else in the house reads a status code.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from pydantic import JsonValue, TypeAdapter, ValidationError

from bot.domain.errors import CredentialsRefused, NeedsHuman, OutcomeUnknown, SystemTrouble, TryLater
from integrations.http.place import Place

REFUSED: Final = (401, 403)
FORBIDDEN: Final = 403
NO_LONGER: Final = 410
GONE: Final = (404, NO_LONGER)
REQUEST_TIMEOUT: Final = 408
#: HubSpot: a locked record is free again after two seconds at the earliest (vendors.md §1.4).
LOCKED_PAUSE: Final = timedelta(seconds=2)
#: No vendor keeps us out for longer than its daily quota.
LONGEST_PAUSE: Final = 86_400
CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{1,48}")


class NotHeld(NeedsHuman):
    """The vendor says there is no such thing. Success for who looks or erases; elsewhere a colleague must look."""


class NoLonger(NotHeld):
    """The vendor says it had it once (410): for a paging or delta link, that reading must begin anew."""


def no_named_pause(answer: Mapping[str, JsonValue], now: datetime) -> timedelta | None:
    """Return no pause: the vendor names none in its 429."""
    del answer, now
    return None


def never(answer: Mapping[str, JsonValue]) -> bool:
    """Return no: the vendor's 403 is a missing permission and nothing else."""
    del answer
    return False


def no_named_field(answer: Mapping[str, JsonValue]) -> str:
    """Return no field: the vendor does not say in its refusals what they are about."""
    del answer
    return ""


@dataclass(frozen=True, slots=True)
class Vendor:
    """How one vendor is called. `hosts` are others it may link to.

    `overused` reads from a 403 whether it means what a 429 does.
    `seconds` is a call's whole time. `pause` reads from a 429 without Retry-After how long to stay away, `about`
    from a refusal the field it is about, by the vendor's name for it.
    `headers` go with every call, and `words` are the
    vendor's own names of errors that may stand in an error of ours beside constants: they name nobody.
    """

    key: str
    base_url: str
    hosts: frozenset[str] = frozenset()
    seconds: float = 30.0
    pause: Callable[[Mapping[str, JsonValue], datetime], timedelta | None] = no_named_pause
    overused: Callable[[Mapping[str, JsonValue]], bool] = never
    about: Callable[[Mapping[str, JsonValue]], str] = no_named_field
    headers: Mapping[str, str] = field(default_factory=dict)
    words: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `writes` says that it changes something there; an unsigned one carries no token.

    `most` is the largest answer read, in octets (0: as large as any other).
    """

    vendor: str
    method: str
    place: Place
    writes: bool
    query: Mapping[str, str] = field(repr=False)
    body: JsonValue | None = field(default=None, repr=False)
    octets: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    signed: bool = True
    most: int = 0

    @property
    def facts(self) -> dict[str, str]:
        """What an error may say of it."""
        return {"system": self.vendor, "asked": f"{self.method} {self.place.shape}"}


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whole."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)

    @property
    def is_json(self) -> bool:
        """Whether it calls itself JSON, or is empty."""
        kind = self.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return not self.content or kind == "application/json" or kind.endswith("+json")


def is_refused(reply: Reply, vendor: Vendor) -> bool:
    """Whether the vendor did not take our token; a 403 for a used-up quota is about no token."""
    quota = reply.status == FORBIDDEN and vendor.overused(_object(reply.content))
    return reply.status in REFUSED and not quota


def judge(call: Call, reply: Reply, vendor: Vendor, now: datetime) -> SystemTrouble | None:
    """Return what somebody must do about *reply*, None when it is well."""
    if 200 <= reply.status < 300:
        return None
    answer = _object(reply.content)
    facts = {**call.facts, "answer": str(reply.status), "code": _code(answer, vendor.words)}
    after = retry_after(reply.headers.get("Retry-After", ""), now)
    too_many = TryLater("trouble.too_many", vendor.pause(answer, now) if after is None else after, facts)
    if reply.status in REFUSED:
        return CredentialsRefused("trouble.credentials", facts) if is_refused(reply, vendor) else too_many
    if reply.status in GONE:
        return _gone(reply, facts)
    if reply.status >= 500 or reply.status == REQUEST_TIMEOUT:
        return OutcomeUnknown("trouble.lost", facts) if call.writes else TryLater("trouble.busy", after, facts)
    match reply.status:
        case 423:
            return TryLater("trouble.locked", max(after or LOCKED_PAUSE, LOCKED_PAUSE), facts)
        case 429:
            return too_many
        case 477:  # HubSpot's own: the account is being moved
            return TryLater("trouble.busy", after, facts)
        case status:
            return NeedsHuman("trouble.redirected", facts) if status < 400 else _refused(vendor.about(answer), facts)


def _refused(field_name: str, facts: Mapping[str, str]) -> SystemTrouble:
    if field_name:
        return NeedsHuman("trouble.refused_field", {**facts, "field": field_name})
    return NeedsHuman("trouble.refused", facts)


def _gone(reply: Reply, facts: Mapping[str, str]) -> SystemTrouble:
    if not reply.is_json:  # a proxy's or a wrong address's 404 is a page, and proves nothing
        return NeedsHuman("trouble.unreadable", facts)
    return (NoLonger if reply.status == NO_LONGER else NotHeld)("trouble.gone", facts)


def lost(call: Call, key: str) -> SystemTrouble:
    """Return the trouble of a call whose answer never came."""
    return OutcomeUnknown(key, call.facts) if call.writes else TryLater(key, facts=call.facts)


def not_understood(call: Call, key: str, *, cut_short: bool = False) -> SystemTrouble:
    """Return the trouble of a good status with an unusable answer; one *cut_short* may be read again."""
    if call.writes:
        return OutcomeUnknown(key, call.facts)
    return TryLater(key, facts=call.facts) if cut_short else NeedsHuman(key, call.facts)


def retry_after(header: str, now: datetime) -> timedelta | None:
    """Return what a Retry-After header asks for, seconds or HTTP date (RFC 9110 §10.2.3); None when it says nothing."""
    if header.strip().isdecimal():
        return timedelta(seconds=min(int(header), LONGEST_PAUSE))
    try:
        return max(parsedate_to_datetime(header) - now, timedelta())
    except (TypeError, ValueError):
        return None


_OBJECT: Final = TypeAdapter(dict[str, JsonValue])


def _object(content: bytes) -> Mapping[str, JsonValue]:
    try:
        return _OBJECT.validate_json(content)
    except ValidationError:
        return {}


def _code(answer: Mapping[str, JsonValue], words: frozenset[str]) -> str:
    """Return the vendor's own word for what is wrong, only when it is known or a constant and so names nobody."""
    for name in ("category", "error", "code"):
        value = answer.get(name)
        if isinstance(value, dict):
            value = value.get("code")
        if isinstance(value, str) and (value in words or CODE.fullmatch(value)):
            return value
    return ""
