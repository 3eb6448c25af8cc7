"""What Google's refusals for too many calls mean: when the quota that is used up begins anew."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import JsonValue

#: Google's days begin in California.
PACIFIC: Final = ZoneInfo("America/Los_Angeles")
MINUTE: Final = timedelta(minutes=1)
#: After midnight the counters need not fall at once.
GRACE: Final = timedelta(minutes=5)
#: Reasons that an older 403 gives for what is a 429 today (vendors.md §4).
OVERUSED: Final = frozenset(
    {
        *("rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"),
        *("RATE_LIMIT_EXCEEDED", "RESOURCE_QUOTA_EXCEEDED"),  # the same in the words of google.rpc.ErrorInfo
    }
)


def overused(answer: Mapping[str, JsonValue]) -> bool:
    """Whether a 403 means a used-up quota and not a missing permission."""
    named = {str(one.get("reason", "")) for name in ("errors", "details") for one in _parts(answer, name)}
    return bool(OVERUSED & named) or _error(answer).get("status") == "RESOURCE_EXHAUSTED"


def until_anew(otherwise: str) -> Callable[[Mapping[str, JsonValue], datetime], timedelta | None]:
    """Return the rule for how long to stay away: as told, for a minute, or until the day ends in California.

    An answer that does not say which quota it was is taken for *otherwise*, "minute" or "day".
    """

    def pause(answer: Mapping[str, JsonValue], now: datetime) -> timedelta | None:
        told = [_seconds(one.get("retryDelay")) for one in _parts(answer, "details") if "retryDelay" in one]
        if told and told[0]:
            return told[0]
        return _until_midnight(now) if (_period(answer) or otherwise) == "day" else MINUTE

    return pause


def _period(answer: Mapping[str, JsonValue]) -> str:
    said = [str(_error(answer).get("message", ""))]
    for one in _parts(answer, "details"):
        metadata = one.get("metadata")
        said += [str(value) for value in metadata.values()] if isinstance(metadata, dict) else []
    words = " ".join(said).lower().replace(" ", "")
    if "permin" in words or "/min/" in words:
        return "minute"
    return "day" if "perday" in words or "/d/" in words else ""


def _until_midnight(now: datetime) -> timedelta:
    local = now.astimezone(PACIFIC)
    midnight = datetime.combine(local.date() + timedelta(days=1), datetime.min.time(), PACIFIC)
    return midnight.astimezone(now.tzinfo) + GRACE - now


def _seconds(value: JsonValue) -> timedelta | None:
    try:
        return timedelta(seconds=float(str(value).removesuffix("s")))
    except (ValueError, OverflowError):
        return None


def _error(answer: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    error = answer.get("error")
    return error if isinstance(error, dict) else {}


def _parts(answer: Mapping[str, JsonValue], name: str) -> Iterator[Mapping[str, JsonValue]]:
    parts = _error(answer).get(name)
    yield from (one for one in parts if isinstance(one, dict)) if isinstance(parts, list) else ()
