"""A mail as it came: head, body, receipt, and what our own server says of the sender.

Nothing a sender writes counts as evidence: receipt is our server's `Received`, not
`Date` (C1), and authentication is the `Authentication-Results` of our own server, the
topmost one, never one that the sender put below it (D7b).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from bot.domain.request import Language, MailError, SenderEvidence
from bot.reading.headers import Head, Mailbox, mailbox_of, mailboxes_of, moment_of, split_head, words_in
from bot.reading.leaning import Leaning
from bot.reading.lexicon import Lexicon
from bot.reading.mime import TEXT_LETTERS, Body, read_body
from bot.reading.sentences import tidy

TITLE_LETTERS: Final = 300
_VERDICT = re.compile(r"\b(spf|dkim|dmarc)\s*=\s*([a-z]+)", re.IGNORECASE)
_PREFIX = re.compile(
    r"^\s*(?P<word>re|sv|vs|aw|vb|fw|fwd|vidarebefordrat|vidarebef|i)\s*(?:\[\d+\])?\s*:\s*", re.IGNORECASE
)
_FORWARDS: Final = frozenset({"vb", "fw", "fwd", "vidarebefordrat", "vidarebef", "i"})


@dataclass(frozen=True, slots=True)
class ReadingContext:
    """What the reading must know of GoToWork.

    `own_domains` and `staff` tell colleagues' forwards from other people's mail; `authserv_id` is the one mail
    server whose word counts. `tz` is where mail programs' local times are local.
    """

    own_domains: frozenset[str] = frozenset({"goto.work"})
    intake_addresses: frozenset[str] = frozenset({"info@goto.work"})
    staff: frozenset[str] = frozenset()
    authserv_id: str = "mx1.gotowork.example"
    lexicons: Mapping[Language, Lexicon] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    leaning: Leaning = field(default_factory=Leaning, repr=False)
    tz: str = "Europe/Stockholm"

    def is_ours(self, address: str) -> bool:
        """Whether *address* is a colleague's or one of our own."""
        domain = address.rpartition("@")[2]
        ours = any(domain == own or domain.endswith(f".{own}") for own in self.own_domains)
        return bool(address) and (ours or address in self.staff or address in self.intake_addresses)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail, read. `title` is the subject without RE: and FW:; `prefixes` are those, in lower case."""

    head: Head = field(repr=False)
    body: Body = field(repr=False)
    sender: Mailbox = field(repr=False)
    reply_to: str = field(repr=False)
    title: str = field(repr=False)
    prefixes: tuple[str, ...]
    received: datetime | None
    received_sure: bool
    evidence: SenderEvidence
    errors: tuple[str, ...]

    @property
    def text(self) -> str:
        """The visible text, tidied."""
        return self.body.text

    @property
    def forwards(self) -> bool:
        """Whether the subject says that something is passed on."""
        return any(word in _FORWARDS for word in self.prefixes)

    @property
    def replies(self) -> bool:
        """Whether this answers another mail."""
        answered = self.head.has("in-reply-to") or self.head.has("references")
        return any(word not in _FORWARDS for word in self.prefixes) or (answered and not self.forwards)


def read_mail(raw: bytes, context: ReadingContext, arrived: datetime | None = None) -> Mail:
    """Return the mail; *arrived* stands in when no server of ours left its mark."""
    head, start = split_head(raw)
    body = read_body(raw, head, start, len(raw))
    senders = [one for value in head.all("from") for one in mailboxes_of(value)]
    named = [one for one in senders if one.address]
    sender = named[0] if named else (senders[0] if senders else Mailbox("", ""))
    errors = [*head.errors, *body.errors]
    if len(senders) > 1:
        errors.append(MailError.DUPLICATE_FROM)
    if not sender.address:
        sender = Mailbox(sender.name, mailbox_of(head.get("return-path")).address)
        errors.append(MailError.NO_SENDER)
    if head.has("date") and moment_of(head.get("date")) is None:
        errors.append(MailError.UNPARSEABLE_DATE)
    received, sure = _received(head, context, arrived)
    if not sure:
        errors.append(MailError.NO_RECEIPT)
    prefixes, title = split_title(tidy(words_in(head.get("subject"))))
    body = Body(
        tidy(body.text)[:TEXT_LETTERS], tidy(body.hidden)[:TEXT_LETTERS], body.attachments, body.inner, body.types, ()
    )
    evidence = _evidence(head, sender, context)
    if len({one.address for one in named}) > 1:
        evidence = SenderEvidence.FAILED
    reply_to = mailbox_of(head.get("reply-to")).address
    unique = tuple(dict.fromkeys(errors))
    return Mail(head, body, sender, reply_to, title, prefixes, received, sure, evidence, unique)


def split_title(subject: str) -> tuple[tuple[str, ...], str]:
    """Return the prefixes (re, vb, fw ...) of a subject, and the rest."""
    prefixes: list[str] = []
    rest = " ".join(subject.split())[:TITLE_LETTERS]
    while match := _PREFIX.match(rest):
        prefixes.append(match["word"].lower())
        rest = rest[match.end() :]
    return tuple(prefixes), rest


def _received(head: Head, context: ReadingContext, arrived: datetime | None) -> tuple[datetime | None, bool]:
    """Return when our server had it, and whether that is sure."""
    lines = head.all("received")
    ours = re.compile(rf"\bby\s+{re.escape(context.authserv_id)}\b", re.IGNORECASE)
    for line in lines:
        if ours.search(line):
            moment = moment_of(line.rpartition(";")[2])
            if moment:
                return moment, True
    if arrived:
        return arrived.astimezone(UTC), True
    for line in [*(line.rpartition(";")[2] for line in lines), head.get("date")]:
        moment = moment_of(line)
        if moment:
            return moment, False
    return None, False


def _evidence(head: Head, sender: Mailbox, context: ReadingContext) -> SenderEvidence:
    """Return what our own server says of the sender's domain: pass means aligned with the From address."""
    domain = sender.address.rpartition("@")[2]
    for line in head.all("authentication-results"):
        if line.partition(";")[0].split(None, 1)[:1] != [context.authserv_id]:
            continue
        verdicts = {name.lower(): verdict.lower() for name, verdict in _VERDICT.findall(line)}
        if verdicts.get("dmarc") == "pass":
            named = re.search(r"header\.from=([\w.-]+)", line, re.IGNORECASE)
            aligned = not named or _aligned(named[1].lower(), domain)
            return SenderEvidence.PASSED if aligned else SenderEvidence.FAILED
        if verdicts.get("dmarc") == "fail":
            return SenderEvidence.FAILED
        signed = re.search(r"dkim\s*=\s*pass[^;]*header\.d=([\w.-]+)", line, re.IGNORECASE)
        if signed and _aligned(signed[1].lower(), domain):
            return SenderEvidence.PASSED
        failed = {"fail", "softfail", "permerror"} & {verdicts.get("spf", ""), verdicts.get("dkim", "")}
        return SenderEvidence.FAILED if failed else SenderEvidence.MISSING
    return SenderEvidence.MISSING


def _aligned(signed: str, domain: str) -> bool:
    return signed == domain or signed.endswith(f".{domain}") or domain.endswith(f".{signed}")
