"""A mail or a typed text becomes a proposal: the one door of the reading.

Nothing that comes in may stop the desk, so whatever fails becomes an error word in the
proposal and the mail goes to a person: kept, never dropped. When in doubt it is a request.
"""

import re
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.domain.request import (
    Channel,
    Language,
    MailError,
    Proposal,
    ProposedPart,
    ReadingDoubt,
    Role,
    Route,
    SenderEvidence,
)
from bot.reading.doubts import LEAST, confidence_of, doubts_of
from bot.reading.flags import flags_of
from bot.reading.forwards import Original, original_of
from bot.reading.headers import VALUE_LETTERS, Head, Mailbox
from bot.reading.hearing import Heard, hear
from bot.reading.message import Mail, ReadingContext, read_mail
from bot.reading.mime import Body
from bot.reading.numbers import count_personnummer
from bot.reading.rights import Found, scope_of
from bot.reading.routes import Case, route_of, tier_of
from bot.reading.sentences import tidy

ANY_YEAR: Final = 9999
ANSWERS: Final = 20  # of the mails a reply names; a long thread names more, the nearest are enough
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")


def read(raw: bytes, context: ReadingContext, arrived: datetime | None = None) -> Proposal:
    """Return what the mail *raw* seems to ask. Never raises; `errors` says what was broken.

    *arrived* (aware) is when the mailbox had it, for mail without a mark of our server.
    """
    try:
        mail = read_mail(raw, context, arrived)
        return _proposed(hear(original_of(mail, raw, context), context))
    except Exception:  # noqa: BLE001 - whatever a stranger's bytes do, a person must see the mail
        return unreadable(arrived)


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
    sender = Mailbox("", (requester_email or "").strip().lower())
    written = tidy(text)
    try:
        proposal = _proposed(hear(_typed(written, sender, received, channel), context))
    except Exception:  # noqa: BLE001 - the colleague's words are kept whatever happens
        proposal = replace(unreadable(received), requester_email=sender.address or None, text=written)
    return proposal


def _typed(text: str, sender: Mailbox, received: datetime, channel: Channel) -> Original:
    evidence = SenderEvidence.MISSING
    mail = Mail(
        head=Head(()),
        body=Body(text, ""),
        sender=sender,
        reply_to="",
        title="",
        prefixes=(),
        received=received,
        received_sure=True,
        evidence=evidence,
        errors=(),
    )
    return Original(
        sender=sender,
        title="",
        text=text,
        signature="",
        quoted="",
        started=received,
        unsure=False,
        replies=False,
        evidence=evidence,
        mail=mail,
        note=channel.value,
    )


def _proposed(heard: Heard) -> Proposal:
    original, mail = heard.original, heard.original.mail
    numbers = count_personnummer(
        f"{original.title}\n{original.text}\n{original.signature}", mail.received.year if mail.received else ANY_YEAR
    )
    flags = flags_of(heard, numbers)
    case = Case(
        heard.rights, heard.roles, flags, original.evidence, heard.case_ref is not None, heard.kind, mail.errors
    )
    tier = tier_of(case)
    route = Route.HUMAN_REVIEW if heard.reminds and not heard.rights else route_of(case, tier)
    parts = tuple(_part(one, heard, narrowed="scope_limited" in flags) for one in heard.found)
    doubts = doubts_of(heard, flags)
    named = heard.asked or heard.roles[0] is not Role.UNKNOWN or route is Route.ATTACH_TO_CASE
    return Proposal(
        is_request=heard.asked,
        parts=parts,
        subject_email=heard.persons.subject if named else None,
        subject_name=heard.persons.subject_name,
        requester_email=heard.persons.requester,
        language=heard.language,
        roles=heard.roles,
        flags=flags,
        route=route,
        id_tier=tier,
        received=mail.received,
        clock_start=original.started if heard.asked else None,
        clock_unsure=original.unsure or (heard.persons.reported and (heard.asked or heard.doubtful)),
        sender=original.evidence,
        reply_to_differs="reply_to_mismatch" in flags,
        message_id=_message_id(mail),
        case_ref=heard.case_ref,
        title=original.title,
        text=original.text,
        hidden=mail.body.hidden,
        personnummer=numbers,
        evidence=tuple(dict.fromkeys(sentence for part in parts for sentence in part.evidence)),
        errors=mail.errors,
        confidence=confidence_of(doubts),
        attachments=tuple(one.name or one.type for one in mail.body.attachments),
        doubts=doubts,
        answers=_answers(mail),
    )


def _part(found: Found, heard: Heard, *, narrowed: bool) -> ProposedPart:
    shown = tuple(heard.text[number].text for number in sorted(found.sentences))
    return ProposedPart(found.type, scope_of(found, heard.readers, narrowed=narrowed), shown)


def _message_id(mail: Mail) -> str | None:
    value = mail.head.get("message-id").strip()
    match = _MESSAGE_ID.search(value)
    return match[0] if match else (value or None)


def _answers(mail: Mail) -> tuple[str, ...]:
    """Return the Message-IDs the mail says it replies to, the nearest first; a sender may name any it has seen."""
    named = [*mail.head.all("in-reply-to"), *mail.head.all("references")]
    found = [one for value in named for one in reversed(_MESSAGE_ID.findall(value[:VALUE_LETTERS]))]
    return tuple(dict.fromkeys(found))[:ANSWERS]


def unreadable(received: datetime | None) -> Proposal:
    """Return the proposal of a mail we could make nothing of: a person reads it, and until then it counts."""
    return Proposal(
        is_request=True,
        parts=(),
        subject_email=None,
        subject_name=None,
        requester_email=None,
        language=Language.SV,
        roles=(Role.UNKNOWN,),
        flags=frozenset({"needs_clarification"}),
        route=Route.HUMAN_REVIEW,
        id_tier=None,
        received=received,
        clock_start=received,
        clock_unsure=True,
        sender=SenderEvidence.MISSING,
        reply_to_differs=False,
        message_id=None,
        case_ref=None,
        title="",
        text="",
        errors=(MailError.UNREADABLE,),
        confidence=LEAST,
        doubts=(ReadingDoubt.BROKEN,),
    )
