"""One mail as one line of JSON: the answer of `python -m bot read-mail`.

The words are those of the contract and of `mails/README.md`; dates are Swedish days.
"""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Final

from bot.domain.deadline import Calendar, deadlines
from bot.domain.request import Proposal
from bot.reading.message import ReadingContext
from bot.reading.proposal import read

DAYS: Final = ("last_day", "safe_target", "extended_last_day")


def read_mail_line(name: str, raw: bytes, context: ReadingContext, calendar: Calendar) -> str:
    """Return how the mail in file *name* is read, as one line of JSON. Writes nothing, never raises."""
    return json.dumps(line_of(name, read(raw, context), calendar), ensure_ascii=False)


def line_of(name: str, proposal: Proposal, calendar: Calendar) -> dict[str, object]:
    """Return the fields of the line."""
    days: dict[str, object] = dict.fromkeys(DAYS)
    if proposal.clock_start:
        every = asdict(deadlines(proposal.clock_start, calendar))
        days = {day: every[day].isoformat() for day in DAYS}
    return {
        "file": name,
        "is_request": proposal.is_request,
        "rights": list(proposal.rights),
        "subject_email": proposal.subject_email,
        "requester_email": proposal.requester_email,
        "language": proposal.language,
        "subject_role": proposal.roles[0],
        "received": _moment(proposal.received),
        "clock_start": _moment(proposal.clock_start),
        **days,
        "route": proposal.route,
        "id_tier": proposal.id_tier,
        "flags": sorted(proposal.flags),
        "personnummer": proposal.personnummer,
        "evidence": list(proposal.evidence),
        "errors": list(proposal.errors),
        "scopes": [
            {"right": part.type, "kind": part.scope.kind, "names": list(part.scope.names)} for part in proposal.parts
        ],
        "sender": proposal.sender,
        "clock_unsure": proposal.clock_unsure,
        "case_ref": proposal.case_ref,
        "confidence": proposal.confidence,
        "doubts": list(proposal.doubts),
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
