"""The marks a colleague sees beside a proposal; the words of `mails/README.md`.

A flag says what was seen, never what to do about it: that is for `routes`.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.request import RequestType, Role, SenderEvidence
from bot.reading.forwards import Original
from bot.reading.kinds import ENOUGH, Signals
from bot.reading.mime import Attachment
from bot.reading.numbers import has_organisation_number
from bot.reading.people import Persons
from bot.reading.routes import DISCLOSING

HUGE: Final = 5_000_000  # bytes, as encoded
LATE_HOURS: Final = 24
HIDDEN_WORDS: Final = 3
SUSPICIOUS: Final = 3
_ID_COPY = re.compile(
    r"(?<![a-zåäö])(?:pass(?:port|kopia)?|leg(?:itimation)?|id[ _-]?(?:kort|card|handling|kopia|copy|scan)?|körkort|korkort"
    r"|driv(?:ing|er'?s)[ _-]?licen[cs]e|identity|identitetskort)(?![a-zåäö])",
    re.IGNORECASE,
)
_AUTHORITY = re.compile(
    r"fullmakt|power[ _-]?of[ _-]?attorney|\bpoa\b|authori[sz]ation|authority|mandate|förordnande|bemyndigande",
    re.IGNORECASE,
)
_SEEN: Final = (
    ("special_category", "special"),
    ("protected_identity", "protected"),
    ("deceased", "deceased"),
    ("prompt_injection", "injection"),
    ("diet_mentioned", "diet"),
)


@dataclass(frozen=True, slots=True)
class Seen:
    """All that the flags are told from."""

    original: Original
    signals: Signals
    persons: Persons
    rights: Sequence[RequestType]
    roles: Sequence[Role]
    attachments: Sequence[Attachment]
    personnummer: int
    kind: str
    vague: bool


def flags_of(seen: Seen) -> frozenset[str]:
    """Return every mark the text, its head and its attachments deserve."""
    marks = {flag for flag, signal in _SEEN if signal in seen.signals}
    marks |= _of_the_way(seen.original) | _of_attachments(seen) | _of_the_text(seen) | _of_persons(seen)
    if seen.kind in {"auto", "newsletter", "sales", "invoice"}:
        marks -= {"special_category", "diet_mentioned", "protected_identity", "deceased", "identity_doubt"}
        marks -= {"sender_not_on_file", "on_behalf", "child", "gdpr_not_applicable"}
    if seen.kind == "auto":
        marks.add("auto_generated")
    if _is_suspicious(seen, marks):
        marks |= {"phishing_suspected", "identity_doubt"}
    return frozenset(marks)


def _of_the_way(original: Original) -> set[str]:
    mail, marks = original.mail, set[str]()
    if original.hops:
        marks.add("forwarded_by_staff")
        late = mail.received and original.started and (mail.received - original.started).total_seconds() / 3600
        marks |= {"late_forward"} if late and late > LATE_HOURS else set()
        marks |= {"nested_forward"} if original.hops > 1 else set()
    if original.quoted:
        marks.add("reply_quote")
    if len(mail.body.hidden.split()) >= HIDDEN_WORDS:
        marks.add("hidden_text")
    if mail.reply_to and mail.reply_to != mail.sender.address and not original.hops:
        marks.add("reply_to_mismatch")
    if {"malformed_headers", "duplicate_from", "no_sender"} & set(mail.errors):
        marks.add("malformed_headers")
    if original.evidence is SenderEvidence.FAILED:
        marks.add("identity_doubt")
    return marks


def _of_attachments(seen: Seen) -> set[str]:
    marks = set[str]()
    names = [attachment.name for attachment in seen.attachments]
    if names:
        marks.add("attachment")
    if any(attachment.size > HUGE for attachment in seen.attachments):
        marks.add("huge_attachment")
    if names and ("idcopy" in seen.signals or any(_ID_COPY.search(name) for name in names)):
        marks.add("id_copy_attached")
    if any(_AUTHORITY.search(name) for name in names) or (names and "authority" in seen.signals):
        marks.add("authority_attached")
    return marks


def _of_the_text(seen: Seen) -> set[str]:
    marks, text = set[str](), seen.original.text
    if seen.personnummer:
        marks.add("personnummer_in_text")
    elif has_organisation_number(text + seen.original.signature):
        marks.add("orgnr_not_personnummer")
    if len(seen.rights) > 1 and not seen.vague:
        marks.add("multi_right")
        if seen.signals.count("first") >= ENOUGH:
            marks.add("ordered_requests")
    if seen.rights and ("keep" in seen.signals):
        marks.add("scope_limited")
    candidate = Role.CANDIDATE in seen.roles
    if "dispute" in seen.signals and candidate and seen.rights:
        marks.add("possible_legal_hold")
    if candidate and RequestType.ERASURE in seen.rights and "rejected" in seen.signals:
        marks.add("possible_legal_hold")
    if "recipients" in seen.signals and seen.rights:
        marks.add("asks_recipients")
    return marks


def _of_persons(seen: Seen) -> set[str]:
    marks, persons = set[str](), seen.persons
    attached = "authority_attached" in _of_attachments(seen)
    disclosing = DISCLOSING & set(seen.rights)
    if persons.relation and persons.relation != "stranger":
        marks.add("on_behalf")
    if persons.relation == "deceased":
        marks |= {"deceased", "gdpr_not_applicable"}
    if persons.relation == "child" or ("child" in seen.signals and "grown" not in seen.signals and persons.relation):
        marks.add("child")
    if persons.relation == "agent":
        marks |= {"identity_doubt"} if attached else {"authority_missing", "identity_doubt"}
    if persons.relation in {"stranger", "family", "colleague"} and disclosing and not attached:
        marks |= {"third_party_no_authority", "authority_missing"}
    if persons.relation == "stranger" and disclosing and not attached:
        marks.add("phishing_suspected")
    if persons.claims_address:
        marks |= {"identity_doubt", "sender_not_on_file"}
    return marks


def _is_suspicious(seen: Seen, marks: Collection[str]) -> bool:
    """Whether enough speaks for an impostor (R65) where somebody would learn or move something."""
    if not seen.rights or not (DISCLOSING | {RequestType.RECTIFICATION}) & set(seen.rights) or seen.original.hops:
        return False
    signs = [name in seen.signals for name in ("lost", "newaddress", "hurry", "nocontact", "harvest")]
    signs += [
        "reply_to_mismatch" in marks,
        seen.persons.claims_address,
        seen.original.evidence is not SenderEvidence.PASSED,
    ]
    telling = "reply_to_mismatch" in marks or any(name in seen.signals for name in ("lost", "nocontact", "newaddress"))
    return telling and sum(signs) >= SUSPICIOUS
