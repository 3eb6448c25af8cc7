"""Who is asking: tiers, reasonable doubt, challenges and proof.

No routine codes (R10, D7): when the sender's address is on file, our own mail server
vouches for the domain, the answer address is the sender's and the tier is at most 1,
there is no identity stage at all; the link sent to that address is the proof.
Otherwise the reason for doubt is written down before anything is asked. Never an ID
copy, never a personnummer we do not already hold (R13, R17).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hmac import compare_digest
from typing import Final

from bot.domain.approving import second_yes
from bot.domain.errors import NotAllowedNow, NotYours
from bot.domain.request import OPT_OUTS, RequestType, Role, SenderEvidence
from bot.domain.system import Record

LINK_LIVES: Final = timedelta(days=14)
CODE_LIVES: Final = timedelta(minutes=30)
ATTEMPTS: Final = 5
#: How often a second fact is asked for behind one link; after that a colleague decides.
ASKED_AT_MOST: Final = 3
TIER_OF_LINK: Final = 1  # up to here the link to the address on file is proof enough
TIER_OF_TWO: Final = 3  # from here two colleagues attest


class Doubt(StrEnum):
    """Why we are in reasonable doubt about who is asking (Art. 12(6)); written down before asking."""

    NOT_ON_FILE = "not_on_file"
    NOT_AUTHENTICATED = "not_authenticated"
    FORWARDED = "forwarded"
    REPLY_TO_DIFFERS = "reply_to_differs"
    ON_BEHALF = "on_behalf"
    SENSITIVE = "sensitive"
    FLAGGED = "flagged"


class IdentityState(StrEnum):
    """How far the question of identity is."""

    UNSETTLED = "unsettled"
    NOT_NEEDED = "not_needed"  # tier 0 (R18)
    AUTHENTICATED = "authenticated"  # D7: the link sent to the address on file is the proof
    ASKED = "asked"
    PROVEN = "proven"
    FAILED = "failed"


class Method(StrEnum):
    """How identity was shown."""

    AUTHENTICATED_MAIL = "authenticated_mail"  # a person decided to rely on it (D7, unpressed link)
    LINK = "link"
    CODE = "code"
    ORDER_NUMBER = "order_number"
    CALL_BACK = "call_back"
    VISIT = "visit"
    BANKID = "bankid"
    VERIFIED_THREAD = "verified_thread"
    DECEASED = "deceased"  # nobody is left to ask: a colleague decided on word of a death (R61)


ATTESTABLE: Final = frozenset({Method.CALL_BACK, Method.VISIT, Method.BANKID, Method.VERIFIED_THREAD})


@dataclass(frozen=True, slots=True)
class Challenge:
    """A question put to the person. `digest` is the keyed hash of the code; the code itself is never kept."""

    method: Method
    sent_at: datetime
    expires_at: datetime
    digest: str = ""
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Attestation:
    """A colleague's word that the person was recognised; the method and time, never the document (R14)."""

    by: str
    method: Method
    at: datetime


@dataclass(frozen=True, slots=True)
class Identity:
    """Where the identity of a ticket's person stands. `asked` counts the second facts asked for since the last link.

    `before` is the proof that earlier parts rest on while a later one asks for more (R12); it is never asked away.
    """

    state: IdentityState = IdentityState.UNSETTLED
    tier: int = 1
    doubts: tuple[Doubt, ...] = ()
    challenge: Challenge | None = None
    attestations: tuple[Attestation, ...] = ()
    method: Method | None = None
    proven_at: datetime | None = None
    link_opened: bool = False
    asked: int = 0
    before: "Identity | None" = None

    @property
    def permits_content(self) -> bool:
        """Whether content may be fetched (D6): proven, or the authenticated mail of D7."""
        return self.state in (IdentityState.PROVEN, IdentityState.AUTHENTICATED)

    @property
    def shown(self) -> "Identity":
        """What was shown so far: this, or the earlier proof while more is asked."""
        return self if self.permits_content else self.before or self


def tier_of(
    rights: Collection[RequestType],
    roles: Collection[Role],
    records: Sequence[Record],
    flags: Collection[str],
) -> int:
    """Return how much must be shown (domain.md 2.7): computed from what was found, not from habit (R11)."""
    if rights and OPT_OUTS.issuperset(rights):
        return 0
    if Role.CANDIDATE in roles:
        return 3
    reads = RequestType.ACCESS in rights or RequestType.PORTABILITY in rights
    notes = reads and any(record.narrative for record in records)
    if notes or any(record.special for record in records) or {"protected_identity", "special_category"} & set(flags):
        return 2
    return 1


def doubts_about(
    *,
    tier: int,
    sender: SenderEvidence,
    on_file: bool,
    reply_to_differs: bool,
    on_behalf: bool,
    flagged: bool,
) -> tuple[Doubt, ...]:
    """Return every reason for reasonable doubt; none means no identity stage (D7)."""
    found = {
        Doubt.NOT_ON_FILE: not on_file,
        Doubt.FORWARDED: sender is SenderEvidence.FORWARDED,
        Doubt.NOT_AUTHENTICATED: sender in (SenderEvidence.FAILED, SenderEvidence.MISSING),
        Doubt.REPLY_TO_DIFFERS: reply_to_differs,
        Doubt.ON_BEHALF: on_behalf,
        Doubt.SENSITIVE: tier > TIER_OF_LINK,
        Doubt.FLAGGED: flagged,
    }
    return tuple(doubt for doubt, holds in found.items() if holds)


def asked_for_more(identity: Identity, tier: int, doubts: tuple[Doubt, ...]) -> Identity:
    """Return the identity while a later part asks for more than was shown; what was shown stays good for the rest."""
    earlier = identity.before or (identity if identity.permits_content else None)
    return Identity(IdentityState.ASKED, max(tier, identity.tier), doubts, before=earlier)


def with_shown(identity: Identity, proof: Identity) -> Identity:
    """Return the identity with what was shown so far become *proof*; a question under way goes on."""
    return proof if identity.shown is identity else replace(identity, before=proof)


def link_pressed(identity: Identity, at: datetime) -> Identity:
    """Return the identity after "Ja" behind the link to the address on file: proof up to tier 1 (D7)."""
    opened = replace(identity, link_opened=True)
    if identity.before is not None and identity.before.state is IdentityState.AUTHENTICATED:
        opened = replace(opened, before=proven(identity.before, Method.LINK, at))
    if identity.state is IdentityState.AUTHENTICATED or identity.tier <= TIER_OF_LINK:
        return proven(opened, Method.LINK, at)
    return opened


def attest(identity: Identity, attestation: Attestation, *, single: bool = False) -> Identity:
    """Return the identity with a colleague's word added; proven when enough colleagues have said so (tier 3: two).

    *single*: the same colleague may say so twice, a day apart (see `bot.domain.approving`).
    """
    if identity.state not in (IdentityState.ASKED, IdentityState.UNSETTLED):
        raise NotAllowedNow("refusal.identity_settled")
    if attestation.method not in ATTESTABLE:
        raise NotAllowedNow("refusal.method_unknown")
    earlier = {one.by: one.at for one in identity.attestations}
    if attestation.by in earlier and not single:
        raise NotYours("refusal.second_colleague_needed")
    second_yes(attestation.by, earlier, earlier.get(attestation.by), attestation.at, single=single)
    attested = replace(identity, attestations=(*identity.attestations, attestation))
    needed = 2 if identity.tier >= TIER_OF_TWO else 1
    if len(attested.attestations) < needed:
        return attested
    return proven(attested, attestation.method, attestation.at)


def proven(identity: Identity, method: Method, at: datetime) -> Identity:
    """Return the identity as proven by *method*; what served the check is dropped (R21)."""
    return replace(identity, state=IdentityState.PROVEN, method=method, proven_at=at, challenge=None)


def live(challenge: Challenge | None, at: datetime) -> bool:
    """Whether a challenge can still be answered: neither its time nor its attempts are spent."""
    return challenge is not None and at < challenge.expires_at and challenge.attempts < ATTEMPTS


def try_code(identity: Identity, digest: str, at: datetime) -> Identity:
    """Return the identity after one attempt at the code; compared in constant time, at most five times (F17)."""
    challenge = identity.challenge
    if challenge is None or not live(challenge, at):
        raise NotAllowedNow("refusal.code_expired")
    tried = replace(challenge, attempts=challenge.attempts + 1)
    if compare_digest(challenge.digest, digest):
        return proven(identity, challenge.method, at)
    return replace(identity, challenge=tried)
