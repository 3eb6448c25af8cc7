"""Made-up content for Office 365's sandbox: two function mailboxes and the recruitment library."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from integrations.office365.tenant import Mail, Paper, Tenant, Thing, party

FRONT: Final = "info@goto.work"
JOBS: Final = "jobb@goto.work"
SITE: Final = "gotowork.sharepoint.com,rekrytering"
DRIVE: Final = "b!rekrytering"
ASTRID: Final = "astrid.lundgren@example.se"
ELIN: Final = "elin.sjoberg@example.org"
COLLEAGUE: Final = "jonas.berg@goto.work"


def furnish(tenant: Tenant, today: date) -> None:
    """Put the demo's people in."""
    morning = datetime.combine(today, time(9), UTC)
    _astrid(tenant, morning)
    _elin(tenant, morning)
    for number in range(1, 41):  # more than fit on one page
        sender = f"kund.{number:02}@example.com"
        mail = Mail(sender, (FRONT,), "Fråga om bemanning", "Hej, kan ni ringa?", morning - timedelta(days=number))
        tenant.box(FRONT).add(mail)
        tenant.box(FRONT).add_contact(
            {"displayName": f"Kund {number}", "emailAddresses": [{"address": sender, "name": sender}]}
        )


def _astrid(tenant: Tenant, morning: datetime) -> None:
    """Put in a contact of ours: a card, an exchange of mails, a meeting that has been."""
    front = tenant.box(FRONT)
    asked = Mail(ASTRID, (FRONT,), "Offert", "Hej, vi behöver två personer i maj.", morning - timedelta(days=200))
    answered = Mail(FRONT, (ASTRID,), "Sv: Offert", "Hej Astrid, vi återkommer.", morning - timedelta(days=199))
    answered.folder = "sent"
    front.add(asked, answered)
    front.add_contact(
        {
            "displayName": "Astrid Lundgren",
            "givenName": "Astrid",
            "surname": "Lundgren",
            "companyName": "Lundgren & Co",
            "jobTitle": "Personalchef",
            "mobilePhone": "070-174 06 11",
            "businessPhones": ["08-123 45 67"],
            "emailAddresses": [{"address": ASTRID, "name": "Astrid Lundgren"}],
        }
    )
    front.add_event(meeting("Möte om behov", morning - timedelta(days=180), FRONT, ASTRID, COLLEAGUE))


def _elin(tenant: Tenant, morning: datetime) -> None:
    """Put in a candidate: an application, colleagues' words about her, an interview to come, her papers."""
    jobs, library = tenant.box(JOBS), tenant.drive(DRIVE, SITE)
    applied = Mail(ELIN, (JOBS,), "Ansökan: konsult", "Hej, mitt CV ligger med.", morning - timedelta(days=30))
    applied.attached = "CV Elin Sjöberg"
    about = Mail(COLLEAGUE, (JOBS,), "Ett tips", "Elin Sjöberg verkar bra, ring henne.", morning - timedelta(days=29))
    jobs.add(applied, about)
    jobs.add_event(meeting("Intervju Elin Sjöberg", morning + timedelta(days=9), JOBS, ELIN, COLLEAGUE))
    folder = library.folder("Kandidater")
    library.add(
        Paper("CV Elin Sjöberg.pdf", b"%PDF-1.4 Elin", f"Elin Sjöberg {ELIN}", folder),
        Paper("Läkarintyg Elin Sjöberg.pdf", b"%PDF-1.4 intyg", "Elin Sjöberg", folder),
        Paper("Lista.xlsx", b"PK lista", f"Kandidater: {ELIN}, bo.ek@example.org", folder),
    )


def meeting(subject: str, start: datetime, organizer: str, *invited: str, ours: bool = True) -> Thing:
    """Return a meeting of an hour."""
    status = {"response": "none", "time": "0001-01-01T00:00:00Z"}
    return {
        "subject": subject,
        "bodyPreview": "",
        "body": {"contentType": "text", "content": ""},
        "organizer": party(organizer),
        "isOrganizer": ours,
        "attendees": [{**party(one), "type": "required", "status": dict(status)} for one in invited],
        "start": {"dateTime": f"{start:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"},
        "end": {"dateTime": f"{start + timedelta(hours=1):%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"},
        "type": "singleInstance",
    }
