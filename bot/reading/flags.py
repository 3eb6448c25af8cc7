"""The marks a colleague sees beside a proposal; the words of `mails/README.md`.

A flag says what was seen, never what to do about it: that is for `routes`.
"""

import re
from collections.abc import Collection
from typing import Final

from bot.domain.cookie import client_ids
from bot.domain.request import MailError, RequestType, Role, SenderEvidence
from bot.reading.forwards import Original
from bot.reading.hearing import Heard
from bot.reading.kinds import ENOUGH
from bot.reading.numbers import has_organisation_number
from bot.reading.rights import names_a_part
from bot.reading.routes import DISCLOSING

HUGE: Final = 5_000_000  # bytes, as encoded
LATE_HOURS: Final = 24
HIDDEN_WORDS: Final = 3
#: Addresses in To and Cc from which on a mail was hardly written to us alone.
MANY: Final = 50
SUSPICIOUS: Final = 3
_ID_COPY = re.compile(
    r"(?<![a-zåäö])(?:pass(?:port|kopia)?|leg(?:itimation)?|id[ _-]?(?:kort|card|handling|kopia|copy|scan)?"
    r"|körkort|korkort|driv(?:ing|er'?s)[ _-]?licen[cs]e|identity|identitetskort)(?![a-zåäö])",
    re.IGNORECASE,
)
_ARCHIVE = re.compile(r"\.(?:zip|7z|rar|gz|tgz|bz2|xz|zst|tar|iso|cab|arj|lzh)$", re.IGNORECASE)
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


#: What machines and sellers write says nothing about a person.
_OF_PEOPLE: Final = frozenset(
    {"special_category", "diet_mentioned", "protected_identity", "deceased", "identity_doubt", "sender_not_on_file"}
    | {"on_behalf", "child", "gdpr_not_applicable", "breach_suspected", "privacy_question"}
)


def flags_of(heard: Heard, personnummer: int) -> frozenset[str]:
    """Return every mark the text, its head and its attachments deserve."""
    marks = {flag for flag, signal in _SEEN if signal in heard.signals}
    marks |= _of_the_way(heard.original) | _of_attachments(heard) | _of_the_text(heard, personnummer)
    marks |= _of_persons(heard) | _of_doubt(heard) | _of_outsiders(heard)
    if heard.quiet:
        marks -= _OF_PEOPLE
    if heard.kind in {"auto", "absent"}:
        marks.add("auto_generated")
    if _is_suspicious(heard, marks):
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
    if sum(value.count("@") for name in ("to", "cc") for value in mail.head.all(name)) >= MANY:
        marks.add("many_recipients")
    if {MailError.MALFORMED_HEADERS, MailError.DUPLICATE_FROM, MailError.NO_SENDER} & set(mail.errors):
        marks.add("malformed_headers")
    if original.evidence is SenderEvidence.FAILED:
        marks.add("identity_doubt")
    return marks


def _of_attachments(heard: Heard) -> set[str]:
    marks, attachments = set[str](), heard.original.mail.body.attachments
    names = [attachment.name for attachment in attachments]
    if names:
        marks.add("attachment")
    if any(attachment.size > HUGE for attachment in attachments):
        marks.add("huge_attachment")
    if any(_ARCHIVE.search(name) for name in names):
        marks.add("archive_attached")
    if names and ("idcopy" in heard.signals or any(_ID_COPY.search(name) for name in names)):
        marks.add("id_copy_attached")
    if any(_AUTHORITY.search(name) for name in names) or (names and "authority" in heard.signals):
        marks.add("authority_attached")
    return marks


def _of_the_text(heard: Heard, personnummer: int) -> set[str]:
    marks, signals = set[str](), heard.signals
    if personnummer:
        marks.add("personnummer_in_text")
    elif has_organisation_number(heard.original.text + heard.original.signature):
        marks.add("orgnr_not_personnummer")
    if len(heard.rights) > 1 and not heard.vague:
        marks.add("multi_right")
        marks |= {"ordered_requests"} if signals.count("first") >= ENOUGH else set()
    erased = [one for one in heard.found if one.type is RequestType.ERASURE and not _is_elsewhere(heard)]
    if (heard.rights and "keep" in signals) or any(names_a_part(one, heard.readers) for one in erased):
        marks.add("scope_limited")
    if heard.rights and "recipients" in signals:
        marks.add("asks_recipients")
    marks |= {"cookie_data"} if _of_cookies(heard) else set()
    if Role.CANDIDATE in heard.roles and heard.rights:
        refused = "rejected" in signals and RequestType.ERASURE in heard.rights
        marks |= {"possible_legal_hold"} if refused or "dispute" in signals else set()
    return marks


def _of_cookies(heard: Heard) -> bool:
    """Whether what is asked is about cookie data, and nothing in the mail says whose browser is meant (R20)."""
    asked = {number for one in heard.found for number in one.sentences}
    return bool(asked & heard.signals.sentences("cookiedata")) and not client_ids(heard.original.text)


def _of_persons(heard: Heard) -> set[str]:
    marks, persons = set[str](), heard.persons
    attached = "authority_attached" in _of_attachments(heard)
    unproven = bool(DISCLOSING & set(heard.rights)) and not attached
    if persons.relation and persons.relation != "stranger":
        marks.add("on_behalf")
    if persons.relation == "deceased":
        marks |= {"deceased", "gdpr_not_applicable"}
    if persons.relation == "child" or (persons.relation and "child" in heard.signals and "grown" not in heard.signals):
        marks.add("child")
    if persons.relation == "agent":
        marks |= {"identity_doubt"} if attached else {"authority_missing", "identity_doubt"}
    if persons.relation in {"stranger", "family", "colleague"} and unproven:
        marks |= {"third_party_no_authority", "authority_missing"}
    if persons.relation == "stranger" and unproven:
        marks.add("phishing_suspected")
    if persons.claims_address:
        marks |= {"identity_doubt", "sender_not_on_file"}
    if persons.reported and (heard.asked or heard.doubtful):
        marks.add("reported_by_staff")
    return marks


def _of_doubt(heard: Heard) -> set[str]:
    """Return the marks that call for a person because the words leave something open."""
    marks, signals = set[str](), heard.signals
    if heard.vague:
        marks |= {"vague", "needs_clarification"}
    if (
        heard.doubtful
        or heard.unlikely
        or (heard.quiet and heard.found)
        or (heard.rights and not any(one.sure for one in heard.found))
    ):
        marks.add("needs_clarification")
    if heard.instructs:
        marks.add("prompt_injection")
    if heard.foreign:
        marks.add("other_language")
    if "complaint" in signals and (heard.vague or "gdpr" in signals):
        marks.add("complaint")
    if "breach" in signals:
        marks.add("breach_suspected")
    asks = "gdpr" in signals and ("question" in signals or "mine" in signals)
    if not heard.rights and (asks or "own" in signals):
        marks.add("privacy_question")
    return marks


def _of_outsiders(heard: Heard) -> set[str]:
    marks = set[str]()
    in_thread = heard.case_ref is not None
    if heard.rights and Role.CONTRACT_CUSTOMER in heard.roles:
        marks.add("out_of_scope_contract")
    if heard.rights and _is_elsewhere(heard):
        marks.add("out_of_scope_third_party")
    if heard.original.quoted and not heard.rights and (heard.reminds or in_thread):
        marks.add("quoted_request_only")
    if heard.rights and in_thread and heard.original.replies:
        marks.add("new_right_in_thread")
    return marks | _of_a_reply(heard)


def _of_a_reply(heard: Heard) -> set[str]:
    """Return the marks of a reply that asks again, or that may take back what was asked: a person reads both."""
    if heard.quiet or not (heard.original.replies or heard.case_ref):
        return set()
    told = {"asks_again": "reminder", "takes_back": "regret"}
    return {mark for mark, signal in told.items() if signal in heard.signals}


def _is_elsewhere(heard: Heard) -> bool:
    """Whether the text speaks of something that lies with a site of others."""
    return "jobsite" in heard.signals and "there" in heard.signals


def _is_suspicious(heard: Heard, marks: Collection[str]) -> bool:
    """Whether enough speaks for an impostor (R65) where somebody would learn or move something."""
    if heard.original.hops or heard.quiet:
        return False
    if not (DISCLOSING | {RequestType.RECTIFICATION}) & set(heard.rights):
        return "reply_to_mismatch" in marks and "harvest" in heard.signals and "hurry" in heard.signals
    signs = [name in heard.signals for name in ("lost", "newaddress", "hurry", "nocontact", "harvest")]
    signs += [
        "reply_to_mismatch" in marks,
        heard.persons.claims_address,
        heard.original.evidence is not SenderEvidence.PASSED,
    ]
    telling = any(name in heard.signals for name in ("lost", "nocontact", "newaddress"))
    return ("reply_to_mismatch" in marks or telling) and sum(signs) >= SUSPICIOUS
