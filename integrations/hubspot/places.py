"""HubSpot's words for places, types and limits. The API's version stands here and nowhere else."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import JsonValue

#: The one place that names the API's version; v1–v4 paths end in 2027 (vendors.md §0).
VERSION: Final = "2026-03"
OBJECTS: Final = f"/crm/objects/{VERSION}"
ASSOCIATIONS: Final = f"/crm/associations/{VERSION}"
CONSENT: Final = f"/communication-preferences/{VERSION}/statuses/{{}}"
PROPERTIES: Final = f"/crm/properties/{VERSION}/{{}}"
MEMBERSHIPS: Final = f"/crm/lists/{VERSION}/records/0-1/{{}}/memberships"
EMAIL_CHANNEL: Final = {"channel": "EMAIL"}

CONTACT: Final = "contact"
#: Our word for what may lie on a contact's timeline, and HubSpot's word in paths.
ACTIVITIES: Final[Mapping[str, str]] = {
    "note": "notes",
    "email": "emails",
    "call": "calls",
    "meeting": "meetings",
    "task": "tasks",
    "communication": "communications",
    "postal_mail": "postal_mail",
}
#: What colleagues wrote about the person, unlike mails and messages they had themselves.
NARRATIVE: Final = frozenset({"note", "call", "meeting"})
TYPES: Final[Mapping[str, str]] = {CONTACT: "contacts", **ACTIVITIES}
DEALS: Final = "0-3"

#: HubSpot's page and batch sizes.
SEARCH_PAGE: Final = 200
LINK_PAGE: Final = "500"
BATCH: Final = 100
WORD: Final = re.compile(r"[A-Z][A-Z_]{1,48}")

ON_FILE: Final = ("email", "hs_additional_emails", "phone", "mobilephone")
PHONES: Final = ("phone", "mobilephone")


def account_pause(zone: ZoneInfo) -> Callable[[Mapping[str, JsonValue], datetime], timedelta | None]:
    """Return the rule for a 429 that names a policy: ten seconds, or midnight in the account's zone (§1.4)."""

    def pause(answer: Mapping[str, JsonValue], now: datetime) -> timedelta | None:
        policy = str(answer.get("policyName", ""))
        if policy.startswith("TEN_SECONDLY"):
            return timedelta(seconds=10)
        if policy.startswith("DAILY"):
            local = now.astimezone(zone)
            midnight = datetime.combine(local.date() + timedelta(days=1), datetime.min.time(), local.tzinfo)
            return midnight.astimezone(now.tzinfo) - now
        return timedelta(seconds=1) if policy.startswith("SECONDLY") else None

    return pause


def condition(name: str, operator: str, value: str | None = None) -> Mapping[str, JsonValue]:
    """Return one search filter."""
    return {"propertyName": name, "operator": operator} | ({} if value is None else {"value": value})


def batches(ids: Iterable[str]) -> Iterable[list[str]]:
    """Yield *ids* in portions HubSpot takes at once."""
    rest = iter(ids)
    while batch := list(islice(rest, BATCH)):
        yield batch
