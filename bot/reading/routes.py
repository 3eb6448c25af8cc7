"""The road a mail is proposed to take, and how hard identity must be looked at.

Only a proposal: a colleague confirms it (R70). The order of the questions is the policy:
danger first, then what is no request at all, then who stands outside the policy, then
doubt, and last the plain road.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from bot.domain.request import OPT_OUTS, MailError, RequestType, Role, Route, SenderEvidence

#: Rights by which somebody would learn what we hold.
DISCLOSING: Final = frozenset({RequestType.ACCESS, RequestType.PORTABILITY})
TO_A_PERSON: Final = frozenset(
    {"prompt_injection", "hidden_text", "deceased", "child", "on_behalf", "third_party_no_authority", "vague"}
    | {"out_of_scope_third_party", "other_language", "new_right_in_thread", "quoted_request_only", "reported_by_staff"}
    | {"needs_clarification"}
)
BROKEN: Final = frozenset(
    {
        MailError.MALFORMED_HEADERS,
        MailError.NO_SENDER,
        MailError.TOO_MANY_PARTS,
        MailError.BROKEN_MULTIPART,
        MailError.TOO_DEEP,
    }
)
TIER_TWO: Final = frozenset({"special_category", "diet_mentioned", "protected_identity", "id_copy_attached"})


@dataclass(frozen=True, slots=True)
class Case:
    """What the reading found out, as far as the road depends on it."""

    rights: Sequence[RequestType]
    roles: Sequence[Role]
    flags: Collection[str]
    evidence: SenderEvidence
    is_thread: bool
    kind: str
    errors: Collection[str]

    @property
    def only_opt_outs(self) -> bool:
        """Whether nothing but stopping is asked (tier 0, R18)."""
        return bool(self.rights) and OPT_OUTS.issuperset(self.rights)


def tier_of(case: Case) -> int | None:
    """Return the identity tier of domain.md 2.7; None when there is no identity step."""
    if not case.rights or {"deceased"} & set(case.flags):
        return None
    if case.only_opt_outs:
        return 0
    if case.roles[0] is Role.CONTRACT_CUSTOMER:
        return None
    if Role.CANDIDATE in case.roles:
        return 3
    return 2 if TIER_TWO & set(case.flags) else 1


def route_of(case: Case, tier: int | None) -> Route:
    """Return the proposed road."""
    flags = set(case.flags)
    if flags & {"breach_suspected", "phishing_suspected"}:
        return Route.SECURITY_REVIEW
    if not case.rights:
        return _without_request(case, flags)
    if TO_A_PERSON & flags or BROKEN & set(case.errors):
        return Route.HUMAN_REVIEW
    if case.roles[0] is Role.CONTRACT_CUSTOMER and not case.only_opt_outs:
        return Route.CONTRACT_ROUTE
    return _with_request(case, tier, flags)


def _without_request(case: Case, flags: set[str]) -> Route:
    if case.kind in {"auto", "absent", "newsletter", "sales", "invoice"}:
        return Route.NOT_A_CASE
    if BROKEN & set(case.errors):
        return Route.HUMAN_REVIEW
    if case.is_thread:
        return Route.ATTACH_TO_CASE
    if case.kind == "application":
        return Route.RECRUITMENT
    if flags & (TO_A_PERSON | {"privacy_question", "complaint"}) or case.kind == "unread":
        return Route.HUMAN_REVIEW
    return Route.NOT_A_CASE


def _with_request(case: Case, tier: int | None, flags: set[str]) -> Route:
    passed = case.evidence is SenderEvidence.PASSED
    if tier == 0:
        if case.evidence is SenderEvidence.FORWARDED or RequestType.OBJECTION in case.rights:
            return Route.OPEN_CASE
        sure = passed and not flags & {"identity_doubt", "reply_to_mismatch"}
        return Route.AUTO_UNSUBSCRIBE if sure else Route.HUMAN_REVIEW
    doubt = case.evidence in {SenderEvidence.FAILED, SenderEvidence.MISSING} or "identity_doubt" in flags
    return Route.OPEN_CASE_VERIFY_IDENTITY if doubt or (tier or 0) >= 2 else Route.OPEN_CASE
