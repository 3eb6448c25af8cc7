"""A mail or a typed text becomes a proposal: the one door of the reading.

Nothing that comes in may stop the desk, so whatever fails becomes an error word in the
proposal and the mail goes to a person: kept, never dropped. When in doubt it is a request.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.domain.request import (
    Channel,
    Language,
    Proposal,
    ProposedPart,
    RequestType,
    Role,
    Route,
    SenderEvidence,
)
from bot.reading.flags import Seen, flags_of
from bot.reading.forwards import Original, original_of
from bot.reading.headers import Head, Mailbox
from bot.reading.kinds import Signals, kind_of, language_of, roles_of, unheard
from bot.reading.matching import Reader
from bot.reading.message import Mail, ReadingContext, read_mail
from bot.reading.mime import Body
from bot.reading.numbers import count_personnummer
from bot.reading.people import Persons, persons_of
from bot.reading.rights import Found, find_hints, find_rights, in_order, scope_of
from bot.reading.routes import Case, route_of, tier_of
from bot.reading.sentences import Sentence, sentences, tidy

QUIET_KINDS: Final = frozenset({"newsletter", "sales", "invoice"})
SURE: Final = 0.9
_CASE = re.compile(r"\b(?:PR|GTW)-\d{4}-\d{3,6}\b", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")


@dataclass(frozen=True, slots=True)
class _Heard:
    """What was made out before the pieces are put together."""

    original: Original
    text: Sequence[Sentence]
    readers: Sequence[Reader]
    signals: Signals
    persons: Persons
    kind: str
    found: Sequence[Found]
    vague: bool
    language: Language
    foreign: bool


def read(raw: bytes, context: ReadingContext, arrived: datetime | None = None) -> Proposal:
    """Return what the mail *raw* seems to ask. Never raises; `errors` says what was broken.

    *arrived* (aware) is when the mailbox had it, for mail without a mark of our server.
    """
    try:
        mail = read_mail(raw, context, arrived)
        return _propose(original_of(mail, raw, context), context)
    except Exception:  # noqa: BLE001 - whatever a stranger's bytes do, a person must see the mail
        return _unreadable(arrived)


def read_text(
    text: str,
    *,
    received: datetime,
    channel: Channel,
    context: ReadingContext,
    requester_email: str | None = None,
) -> Proposal:
    """Return what a text typed by a colleague or sent in a chat seems to ask; never raises.

    *received* (aware) is when GoToWork had it, through *channel*.
    """
    written = tidy(text)
    sender = Mailbox("", (requester_email or "").strip().lower())
    head, body = Head(()), Body(written, "")
    mail = Mail(head, body, sender, "", "", (), received, True, SenderEvidence.MISSING, ())
    original = Original(
        sender, "", written, "", "", received, False, False, SenderEvidence.MISSING, mail, note=channel.value
    )
    try:
        return _propose(original, context)
    except Exception:  # noqa: BLE001 - the colleague's words are kept whatever happens
        return replace(_unreadable(received), requester_email=sender.address or None, text=written)


def _propose(original: Original, context: ReadingContext) -> Proposal:
    heard = _hear(original, context)
    mail = original.mail
    rights = tuple(dict.fromkeys(one.type for one in heard.found))
    asked = bool(rights) or _asked_in_quote(heard, context)
    roles = _roles(heard, rights)
    year = mail.received.year if mail.received else 9999
    numbers = count_personnummer(f"{original.title}\n{original.text}\n{original.signature}", year)
    seen = Seen(
        original, heard.signals, heard.persons, rights, roles, mail.body.attachments, numbers, heard.kind, heard.vague
    )
    flags = flags_of(seen) | _flags_of_hearing(heard, rights, asked)
    case = Case(rights, roles, flags, original.evidence, _in_thread(heard), heard.kind, mail.errors)
    tier = tier_of(case)
    route = Route.HUMAN_REVIEW if asked and not rights else route_of(case, tier)
    parts = tuple(_part(one, heard, "scope_limited" in flags) for one in heard.found)
    case_ref = _case_ref(original)
    return Proposal(
        is_request=asked,
        parts=parts,
        subject_email=_subject(heard, asked, roles, route),
        subject_name=heard.persons.subject_name,
        requester_email=heard.persons.requester,
        language=heard.language,
        roles=roles,
        flags=flags,
        route=route,
        id_tier=tier,
        received=mail.received,
        clock_start=original.started if asked else None,
        clock_unsure=original.unsure,
        sender=original.evidence,
        reply_to_differs="reply_to_mismatch" in flags,
        message_id=_message_id(mail),
        case_ref=case_ref,
        title=original.title,
        text=original.text,
        hidden=mail.body.hidden,
        personnummer=numbers,
        evidence=tuple(dict.fromkeys(sentence for part in parts for sentence in part.evidence)),
        errors=mail.errors,
        confidence=_confidence(heard, rights, route, mail),
        attachments=tuple(one.name or one.type for one in mail.body.attachments),
    )


def _hear(original: Original, context: ReadingContext) -> _Heard:
    spoken = "" if original.replies and not original.hops and original.text.strip() else original.title
    text = sentences(original.text, spoken)
    readers = [Reader(text, lexicon) for lexicon in context.lexicons.values()]
    signals = Signals(readers)
    kind = "business" if original.hops else kind_of(original.mail, signals, original.title, original.text)
    language, foreign = language_of(
        (original.text, original.title, original.signature), tuple(context.lexicons.values())
    )
    found = () if kind == "auto" else find_rights(readers, unheard(text, signals))
    if kind in QUIET_KINDS:
        found = tuple(one for one in found if one.sure and _is_framed(one, text, signals))
    found = in_order(found, erase_first="erasefirst" in signals)
    vague = kind == "business" and _is_vague(found, signals)
    if vague and not found:
        found = _vague_rights(signals)
    hinted = not found and kind == "business" and not original.replies
    found = found or (find_hints(readers, unheard(text, signals)) if hinted else ())
    persons = persons_of(original, text, readers, context)
    return _Heard(original, text, readers, signals, persons, kind, found, vague, language, foreign)


def _is_framed(found: Found, text: Sequence[Sentence], signals: Signals) -> bool:
    """Whether the writer asks in the first person, outside the title."""
    framed = signals.sentences("frame")
    return any(number in framed and not text[number].is_title for number in found.sentences)


def _is_vague(found: Sequence[Found], signals: Signals) -> bool:
    """Whether somebody complains of what we know or send, without saying what we should do."""
    if "unwanted" not in signals:
        return False
    asked = signals.sentences("source")
    return all(one.type is RequestType.ACCESS and one.sentences <= asked for one in found)


def _vague_rights(signals: Signals) -> tuple[Found, ...]:
    """Return the least that would answer a complaint: stop, and say where it came from (029)."""
    wanted = [Found(RequestType.OBJECTION, signals.hits("unwanted"), False)]
    if "source" in signals:
        wanted.append(Found(RequestType.ACCESS, signals.hits("source"), False))
    return tuple(wanted)


def _asked_in_quote(heard: _Heard, context: ReadingContext) -> bool:
    """Whether an unanswered earlier request lies in the quotation and we know no case it belongs to (R9)."""
    original = heard.original
    if not original.quoted or heard.kind != "business" or _case_ref(original) or "reminder" not in heard.signals:
        return False
    text = sentences(original.quoted[:20_000])
    return bool(find_rights([Reader(text, lexicon) for lexicon in context.lexicons.values()], ()))


def _in_thread(heard: _Heard) -> bool:
    """Whether the mail belongs to a case we have."""
    return bool(_case_ref(heard.original))


def _case_ref(original: Original) -> str | None:
    head = original.mail.head
    for text in (head.get("subject"), original.title, original.text, original.quoted):
        match = _CASE.search(text)
        if match:
            return match[0].upper()
    return None


def _roles(heard: _Heard, rights: Sequence[RequestType]) -> tuple[Role, ...]:
    if "breach" in heard.signals and not rights:
        return (Role.UNKNOWN,)
    if heard.kind in QUIET_KINDS | {"auto"} and not rights:
        return (Role.UNKNOWN,)
    roles = roles_of(heard.signals)
    if not rights and not roles and "eventquestion" in heard.signals:
        roles = (Role.ATTENDEE,)
    if Role.CONTRACT_CUSTOMER in roles and not rights:
        roles = tuple(role for role in roles if role is not Role.CONTRACT_CUSTOMER)
    if roles:
        return roles
    known = (bool(rights) and not heard.vague) or _in_thread(heard)
    return (Role.CONTACT,) if known else (Role.UNKNOWN,)


def _flags_of_hearing(heard: _Heard, rights: Sequence[RequestType], asked: bool) -> frozenset[str]:
    signals, marks = heard.signals, set[str]()
    quiet = heard.kind in QUIET_KINDS | {"auto"}
    if heard.vague:
        marks |= {"vague", "needs_clarification"}
    if rights and not any(one.sure for one in heard.found):
        marks.add("needs_clarification")
    if heard.original.mail.body.hidden and _instructs(heard.original.mail.body.hidden, heard.readers):
        marks.add("prompt_injection")
    if "complaint" in signals and (heard.vague or "gdpr" in signals):
        marks.add("complaint")
    if "breach" in signals and not quiet:
        marks.add("breach_suspected")
    if "question" in signals and "gdpr" in signals and not rights and not quiet:
        marks.add("privacy_question")
    if heard.foreign:
        marks.add("other_language")
    if "contract" in signals and Role.CONTRACT_CUSTOMER in _roles(heard, rights) and rights:
        marks.add("out_of_scope_contract")
    if "jobsite" in signals and "there" in signals and rights:
        marks.add("out_of_scope_third_party")
    if heard.original.quoted and not rights:
        marks |= {"quoted_request_only"} if asked or _in_thread(heard) else set()
    if rights and _in_thread(heard) and heard.original.replies:
        marks.add("new_right_in_thread")
    return frozenset(marks)


def _instructs(hidden: str, readers: Sequence[Reader]) -> bool:
    """Whether hidden text speaks to a machine."""
    text = sentences(hidden[:20_000])
    return any(Reader(text, reader.lexicon).any("injection") for reader in readers)


def _part(found: Found, heard: _Heard, narrowed: bool) -> ProposedPart:
    shown = tuple(heard.text[number].text for number in sorted(found.sentences))
    return ProposedPart(found.type, scope_of(found, heard.readers, narrowed=narrowed), shown)


def _subject(heard: _Heard, asked: bool, roles: Sequence[Role], route: Route) -> str | None:
    """Return whose data it is about; nobody's when nothing was asked and no role shows."""
    if asked or roles[0] is not Role.UNKNOWN or route is Route.ATTACH_TO_CASE:
        return heard.persons.subject
    return None


def _message_id(mail: Mail) -> str | None:
    value = mail.head.get("message-id").strip()
    match = _MESSAGE_ID.search(value)
    return match[0] if match else (value or None)


def _confidence(heard: _Heard, rights: Sequence[RequestType], route: Route, mail: Mail) -> float:
    """Return how much the reading trusts itself: less for each thing that was only guessed."""
    confidence = SURE
    if heard.vague:
        confidence -= 0.5
    confidence -= 0.2 * any(not one.sure for one in heard.found)
    confidence -= 0.15 * (len(rights) > 2)
    confidence -= 0.2 * (route is Route.HUMAN_REVIEW)
    confidence -= 0.2 * (heard.original.unsure or bool(mail.errors))
    confidence -= 0.3 * heard.foreign
    return round(max(0.05, confidence), 2)


def _unreadable(received: datetime | None) -> Proposal:
    return Proposal(
        is_request=False,
        parts=(),
        subject_email=None,
        subject_name=None,
        requester_email=None,
        language=Language.SV,
        roles=(Role.UNKNOWN,),
        flags=frozenset(),
        route=Route.HUMAN_REVIEW,
        id_tier=None,
        received=received,
        clock_start=None,
        clock_unsure=True,
        sender=SenderEvidence.MISSING,
        reply_to_differs=False,
        message_id=None,
        case_ref=None,
        title="",
        text="",
        errors=("unreadable",),
        confidence=0.05,
    )
