"""Contacts that show no interest: HubSpot finds the likely ones, the rule below decides (P60, vendors.md §1.3).

The search cannot say "each of nine dates is old or missing" in its few filters, so it asks
for the two that matter most and this module looks at the rest. The policy's signal is
opening mails; visits, forms, replies and meetings count as interest too.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.errors import CredentialsRefused
from bot.domain.system import Record
from bot.ports import Idle
from integrations.hubspot.answers import Thing
from integrations.hubspot.contact import on_file
from integrations.hubspot.crm import Crm
from integrations.hubspot.places import CONTACT, ON_FILE, condition

SWEDEN: Final = ZoneInfo("Europe/Stockholm")

#: A moment in any of these is a sign of interest.
SIGNS: Final = (
    "hs_email_last_open_date",
    "hs_email_last_click_date",
    "hs_email_last_reply_date",
    "hs_sales_email_last_opened",
    "hs_sales_email_last_clicked",
    "hs_sales_email_last_replied",
    "hs_latest_meeting_activity",
    "hs_analytics_last_visit_timestamp",
    "recent_conversion_date",
    "notes_last_updated",
)
#: Who began (P57, P59): a form filled in is the person; these sources are ours.
OUR_SOURCES: Final = frozenset({"IMPORT", "CRM_UI", "INTEGRATION", "API", "EXTENSION", "SALES"})
THEIR_SOURCES: Final = frozenset({"FORM", "CONVERSATIONS", "MEETINGS"})
#: Addresses are asked for so that whoever has an open ticket can be left out (D13).
ASKED: Final = (*SIGNS, *ON_FILE, "createdate", "firstname", "lastname", "num_conversion_events", "hs_object_source")


class IdleContacts:
    """The search behind the retention review."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm

    async def since(self, cutoff: date) -> tuple[Sequence[Idle], Mapping[str, int]]:
        """Return contacts without a sign since *cutoff* (that day in Sweden counts), and how many have open deals."""
        moment = datetime.combine(cutoff, time(), SWEDEN).astimezone(UTC)
        before = str(int(moment.timestamp()) * 1000)
        groups = [
            [condition("hs_email_last_open_date", "LT", before), condition("hs_email_delivered", "GT", "0")],
            [condition("hs_email_last_open_date", "NOT_HAS_PROPERTY"), condition("createdate", "LT", before)],
        ]
        likely = [thing async for thing in self._crm.search(groups, ASKED)]
        idle = [_idle(thing) for thing in likely if not _shows_interest(thing, moment)]
        try:
            dealing = await self._crm.open_deals([one.record.id for one in idle])
        except CredentialsRefused:
            return idle, {}
        return [one for one in idle if one.record.id not in dealing], {"open_deals": len(dealing)}


def _shows_interest(thing: Thing, since: datetime) -> bool:
    last = last_sign(thing.properties)
    return last is not None and last >= since


def last_sign(properties: Mapping[str, str | None]) -> datetime | None:
    """Return the latest moment of interest HubSpot knows of, None when there is none."""
    moments = (_moment(properties.get(name) or "") for name in SIGNS)
    return max((moment for moment in moments if moment is not None), default=None)


def _moment(value: str) -> datetime | None:
    """Return a HubSpot moment, which is ISO 8601 or milliseconds since 1970."""
    if value.isdecimal():
        return datetime.fromtimestamp(int(value) / 1000, UTC)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def began_it(properties: Mapping[str, str | None]) -> bool | None:
    """Return whether the person took the first contact, None when HubSpot does not say."""
    if int(properties.get("num_conversion_events") or 0) > 0:
        return True
    source = (properties.get("hs_object_source") or "").upper()
    return True if source in THEIR_SOURCES else False if source in OUR_SOURCES else None


def _idle(thing: Thing) -> Idle:
    last = last_sign(thing.properties)
    name = " ".join(filter(None, (thing.properties.get("firstname"), thing.properties.get("lastname"))))
    return Idle(
        Record("hubspot", CONTACT, thing.id, contacts=on_file(thing)),
        last.astimezone(SWEDEN).date() if last else None,
        began_it(thing.properties),
        name or thing.properties.get("email") or "",
    )
