"""HubSpot's words for places, types and limits. The API's version stands here and nowhere else.

What HubSpot offers only in another version than ours, or only without one, stands here
too, each with why: it moves to `VERSION` when HubSpot has it there.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
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
FILES: Final = f"/files/{VERSION}/files/{{}}"
#: Chats have a dated path from this version on (vendors.md §1.1).
THREADS: Final = "/conversations/conversations/2026-09/threads"
#: The list of forms has a dated path in beta only; what was sent in with them, and what became of mailings, has
#: none at all and stands in for itself until September 2027 (vendors.md §0).
FORMS: Final = "/marketing/forms/2026-09-beta"
SUBMISSIONS: Final = "/form-integrations/v1/submissions/forms/{}"
MAILING_EVENTS: Final = "/email/public/v1/events"

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
FILE: Final = "file"
CHAT: Final = "chat"
#: What the company shares with the person: a person judges it (D20).
COMPANY: Final[Mapping[str, str]] = {"deal": "0-3", "ticket": "tickets"}
#: Has no deletion of its own: HubSpot purges it with the contact.
FEEDBACK: Final = "feedback"
#: What colleagues wrote about the person, unlike mails and messages they had themselves.
NARRATIVE: Final = frozenset({"note", "call", "meeting", CHAT})
TYPES: Final[Mapping[str, str]] = {
    CONTACT: "contacts",
    **ACTIVITIES,
    **COMPANY,
    FEEDBACK: "feedback_submissions",
}
DEALS: Final = COMPANY["deal"]
#: Kinds read a hundred at a time.
IN_BATCHES: Final = frozenset(TYPES) - {CONTACT}
#: What can be put right: a mail or message is what was written then and stays so.
CORRECTED: Final = frozenset({CONTACT, "note", "call", "meeting", "task"})


class Area(StrEnum):
    """A part of HubSpot that not every account has, so that it may be named as not used."""

    CHATS = "chats"
    DEALS = "deals"
    FEEDBACK = "feedback"
    FILES = "files"
    FORMS = "forms"
    MAILINGS = "mailings"
    TICKETS = "tickets"


#: The kinds that lie on a contact beside its activities, by the area that has them.
FURTHER: Final[Mapping[str, Area]] = {"deal": Area.DEALS, "ticket": Area.TICKETS, FEEDBACK: Area.FEEDBACK}

#: HubSpot's page and batch sizes.
SEARCH_PAGE: Final = 200
LINK_PAGE: Final = "500"
BIN_PAGE: Final = "100"
THREAD_PAGE: Final = "100"
FORM_PAGE: Final = "100"
SUBMISSION_PAGE: Final = "50"
EVENT_PAGE: Final = "1000"
BATCH: Final = 100
#: Alternatives in one search (vendors.md §1.1).
SEARCH_GROUPS: Final = 5
#: What a batch says of those it has nothing for.
NOT_FOUND: Final = "OBJECT_NOT_FOUND"
WORD: Final = re.compile(r"[A-Z][A-Z_]{1,48}")
FIELD: Final = re.compile(r"[a-z][a-z0-9_]{0,99}")
NAMED: Final = re.compile(r'"name":\s*"([a-z][a-z0-9_]{0,99})"')

ADDRESSES: Final = ("email", "hs_additional_emails")
PHONES: Final = ("phone", "mobilephone", "hs_whatsapp_phone_number")
ON_FILE: Final = (*ADDRESSES, *PHONES, "firstname", "lastname")
ATTACHMENTS: Final = "hs_attachment_ids"
#: Shown for correction though empty: what is incomplete can be completed (Art. 16).
COMPLETED: Final = frozenset(
    {"firstname", "lastname", "email", "phone", "mobilephone", "jobtitle", "company", "address", "zip", "city"}
)


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


def refused_field(answer: Mapping[str, JsonValue]) -> str:
    """Return the property a refusal is about, "" when it names none: a field's name is nobody's data."""
    errors = answer.get("errors")
    parts = [answer, *(errors if isinstance(errors, list) else [])]
    for context in (part.get("context") for part in parts if isinstance(part, dict)):
        names = context.get("propertyName") if isinstance(context, dict) else None
        if isinstance(names, list) and names and FIELD.fullmatch(str(names[0])):
            return str(names[0])
    said = NAMED.search(str(answer.get("message", "")))
    return said.group(1) if said else ""


def condition(name: str, operator: str, value: str | None = None) -> Mapping[str, JsonValue]:
    """Return one search filter."""
    return {"propertyName": name, "operator": operator} | ({} if value is None else {"value": value})


def batches(ids: Iterable[str], most: int = 0) -> Iterable[list[str]]:
    """Yield *ids* in portions of *most*, by itself as many as HubSpot takes at once."""
    rest = iter(ids)
    while batch := list(islice(rest, most or BATCH)):
        yield batch
