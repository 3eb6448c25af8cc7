"""What people ask for, and what a first reading of their words proposes.

A `Proposal` decides nothing: it is what a colleague sees, changes and confirms
(R70). Words for roles, routes and flags are those of the labelled mails.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final


class RequestType(StrEnum):
    """A right a person may use, named as in the GDPR."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    PORTABILITY = "portability"
    OBJECTION = "objection"
    UNSUBSCRIBE = "unsubscribe"
    CONSENT_WITHDRAWAL = "consent-withdrawal"

    @property
    def article(self) -> str:
        """The article of the GDPR the right stands in."""
        return _ARTICLES[self]


_ARTICLES: Final[dict[RequestType, str]] = {
    RequestType.ACCESS: "15",
    RequestType.RECTIFICATION: "16",
    RequestType.ERASURE: "17",
    RequestType.RESTRICTION: "18",
    RequestType.PORTABILITY: "20",
    RequestType.OBJECTION: "21",
    RequestType.UNSUBSCRIBE: "21(2)",
    RequestType.CONSENT_WITHDRAWAL: "7(3)",
}

#: Opt-outs: done at once, without an identity step (R18, R42).
OPT_OUTS: Final = frozenset({RequestType.UNSUBSCRIBE, RequestType.OBJECTION})


class Role(StrEnum):
    """What the person is to GoToWork; one person may be several at once (P62)."""

    CONTACT = "contact"
    ATTENDEE = "attendee"
    CANDIDATE = "candidate"
    CONTRACT_CUSTOMER = "contract customer"
    UNKNOWN = "unknown"


class Language(StrEnum):
    """The languages letters are written in."""

    SV = "sv"
    EN = "en"


class Channel(StrEnum):
    """Where a request reached GoToWork."""

    MAIL = "mail"
    CHAT = "chat"
    PHONE = "phone"
    VISIT = "visit"
    WEB_FORM = "web_form"
    SOCIAL_MEDIA = "social_media"
    MAIL_IN_CHAT = "mail_in_chat"  # a mail that was forwarded into a chat's channel
    MAIL_ELSEWHERE = "mail_elsewhere"  # a mail to somebody else of us, told by a colleague


#: Channels whose mails are read as they came.
BY_MAIL: Final = frozenset({Channel.MAIL, Channel.MAIL_IN_CHAT})


class Route(StrEnum):
    """The road a first reading proposes for an incoming item."""

    OPEN_CASE = "open_case"
    OPEN_CASE_VERIFY_IDENTITY = "open_case_verify_identity"
    AUTO_UNSUBSCRIBE = "auto_unsubscribe"
    ATTACH_TO_CASE = "attach_to_case"
    HUMAN_REVIEW = "human_review"
    SECURITY_REVIEW = "security_review"
    CONTRACT_ROUTE = "contract_route"
    RECRUITMENT = "recruitment"
    NOT_A_CASE = "not_a_case"


class ScopeKind(StrEnum):
    """How wide a right is asked for (D2)."""

    EVERYTHING = "everything"
    ROLES = "roles"
    PURPOSES = "purposes"
    FIELDS = "fields"


@dataclass(frozen=True, slots=True)
class Scope:
    """How wide a right is asked for; `names` are roles, purposes or field words, never values."""

    kind: ScopeKind = ScopeKind.EVERYTHING
    names: tuple[str, ...] = ()


EVERYTHING: Final = Scope()


class SenderEvidence(StrEnum):
    """What our own mail server says of the sender's domain (D7b). None of it proves identity."""

    PASSED = "passed"  # SPF/DKIM/DMARC pass, aligned, by the configured authserv-id
    FAILED = "failed"
    MISSING = "missing"
    FORWARDED = "forwarded"  # a colleague's forward: the evidence is the colleague's, not the person's


class MailError(StrEnum):
    """What was wrong with a mail as it came. Each has a sentence for whoever reads it; none loses the mail."""

    MALFORMED_HEADERS = "malformed_headers"
    RAW_8BIT_HEADER = "raw_8bit_header"
    DUPLICATE_FROM = "duplicate_from"
    NO_SENDER = "no_sender"
    UNPARSEABLE_DATE = "unparseable_date"
    NO_RECEIPT = "no_receipt_by_our_server"
    TOO_MANY_PARTS = "too_many_parts"
    BROKEN_MULTIPART = "broken_multipart"
    WRONG_CHARSET = "wrong_charset_declared"
    TOO_DEEP = "too_deep"
    UNREADABLE = "unreadable"


class ReadingDoubt(StrEnum):
    """Why a reading may be wrong; told to the colleague in words."""

    GUESSED = "guessed"  # no phrase we know: the text as a whole leans that way
    VAGUE = "vague"  # a complaint without a wish
    FOREIGN = "foreign"  # neither Swedish nor English
    UNLIKELY = "unlikely"  # a phrase was found in what does not sound like a request
    TOGETHER = "together"  # words that stand together, in no phrase we know
    NEARBY = "nearby"  # a phrase that only means it through what stands near it
    MACHINE = "machine"  # in mail that looks sent by a machine or to many
    OTHER_RIGHT = "other_right"  # the text as a whole leans to another right
    SOUNDS_ASKING = "sounds_asking"  # nothing was found, and it sounds like a request
    NEARLY_ASKING = "nearly_asking"  # nothing was found, and it sounds a little like one
    PRIVACY = "privacy"  # it speaks of the writer's own data
    LONE_PHRASE = "lone_phrase"  # one phrase alone says it
    WEAK = "weak"  # the text as a whole hardly says it
    SEVERAL = "several"  # more than one right
    NARROWED = "narrowed"  # something shall stay as it is
    OTHER_PERSON = "other_person"  # about somebody else, or told by a colleague
    TWO_LANGUAGES = "two_languages"
    QUOTATION = "quotation"  # a quotation stands below
    LONG_MAIL = "long_mail"  # or a list: one more wish may stand in it
    BROKEN = "broken"
    CLOCK = "clock"  # when it reached us is a guess


@dataclass(frozen=True, slots=True)
class ProposedPart:
    """One right the reading found, with the sentences that decided it (personal data: review page only)."""

    type: RequestType
    scope: Scope = EVERYTHING
    evidence: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one mail or text seems to ask. Personal data throughout: vault and review page only.

    `received` is our server's receipt, `clock_start` the moment Art. 12(3) counts from
    (the original receipt when a colleague forwarded it, C11; None when nothing is asked).
    `clock_unsure` asks the handler to settle it. `personnummer` counts numbers seen.
    `confidence` 0..1 is what its `doubts` leave of it; below 0.5 the card says so in words.
    `text` is the readable, visible text that was judged; `hidden` what a reader would not see.
    `answers` are the Message-IDs it says it replies to: a hint, never proof.
    """

    is_request: bool
    parts: tuple[ProposedPart, ...]
    subject_email: str | None = field(repr=False)
    subject_name: str | None = field(repr=False)
    requester_email: str | None = field(repr=False)
    language: Language
    roles: tuple[Role, ...]
    flags: frozenset[str]
    route: Route
    id_tier: int | None
    received: datetime | None
    clock_start: datetime | None
    clock_unsure: bool
    sender: SenderEvidence
    reply_to_differs: bool
    message_id: str | None = field(repr=False)
    case_ref: str | None
    title: str = field(repr=False)
    text: str = field(repr=False)
    hidden: str = field(default="", repr=False)
    personnummer: int = 0
    evidence: tuple[str, ...] = field(default=(), repr=False)
    errors: tuple[str, ...] = ()
    confidence: float = 0.0
    attachments: tuple[str, ...] = field(default=(), repr=False)
    doubts: tuple[ReadingDoubt, ...] = ()
    answers: tuple[str, ...] = field(default=(), repr=False)

    @property
    def percent(self) -> int:
        """The reading's own confidence as a whole number, 0 to 100."""
        return round(100 * self.confidence)

    @property
    def rights(self) -> tuple[RequestType, ...]:
        """The rights asked for, in the order they are to be done."""
        return tuple(part.type for part in self.parts)
