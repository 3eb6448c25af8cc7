"""Reads `policy.toml` and `retention.toml` into domain values.

Nothing here has a default: a policy with a hole is refused at start with the name of
the hole, rather than discovered in a letter to somebody (R31, R69).
"""

import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, PositiveInt, StringConstraints, ValidationError

from bot.domain.policy_text import (
    Basis,
    Category,
    Controller,
    KnownSystem,
    Passage,
    PolicyText,
    Portable,
    Purpose,
    Recipient,
    Wording,
)
from bot.domain.recipients import number_of
from bot.domain.request import Language, Role
from bot.domain.retention import NoInterestRule

HERE: Final = Path(__file__).parent

Model = TypeVar("Model", bound=BaseModel)
Said = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Controller(_Strict):
    name: Said
    registration: Said
    postal: Said
    email: Said
    officer: str = ""
    phone: str = ""
    contracts: str = ""


class _Spoken(_Strict):
    sv: Said
    en: Said
    confirmed: bool = True

    @property
    def wording(self) -> Wording:
        return {Language.SV: self.sv, Language.EN: self.en}


class _Open(_Spoken):
    # An empty block may stand in the file: the letter that needs it refuses to be written (G6).
    sv: str
    en: str


class _ForRoles(_Spoken):
    key: Said
    roles: frozenset[Role]


class _Purpose(_ForRoles):
    basis: Basis
    marketing: bool = False
    profiling: bool = False


class _Category(_ForRoles):
    held_in: tuple[Said, ...]
    special: bool = False


class _Recipient(_ForRoles):
    key: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
    name: Said
    third_country: bool = False
    receives_from: tuple[Said, ...] = ()
    contact: str = ""


class _Field(_Strict):
    path: Said
    sv: Said
    en: Said


class _Portable(_ForRoles):
    system: Said
    kind: Said
    basis: Literal[Basis.CONSENT, Basis.CONTRACT]
    fields: tuple[_Field, ...]


class _System(_Strict):
    key: Said
    name: Said
    roles: frozenset[Role]
    kinds: dict[Said, frozenset[Role]] = {}


class _Policy(_Strict):
    version: Said
    dated: date
    url: str
    controller: _Controller
    system: tuple[_System, ...]
    purpose: tuple[_Purpose, ...]
    category: tuple[_Category, ...]
    source: tuple[_ForRoles, ...]
    recipient: tuple[_Recipient, ...]
    keeping: tuple[_ForRoles, ...]
    profiling: tuple[_ForRoles, ...]
    exclusion: tuple[_ForRoles, ...]
    portable: tuple[_Portable, ...]
    rights: _Spoken
    complaint: _Spoken
    third_countries: _Open
    backups: _Open


class _NoInterest(_Strict):
    months: PositiveInt
    postpone_days: PositiveInt


class _Candidates(_Strict):
    years_after: PositiveInt


class _Attendees(_Strict):
    allergy_days: PositiveInt


class _Own(_Strict):
    findings_days: PositiveInt
    case_months: PositiveInt
    items_days: PositiveInt
    recheck_days: PositiveInt


class _Retention(_Strict):
    no_interest: _NoInterest
    candidates: _Candidates
    attendees: _Attendees
    own: _Own


@dataclass(frozen=True, slots=True)
class RetentionTerms:
    """Every period that is a setting: years, months and days as the names say."""

    no_interest: NoInterestRule
    candidate_years_after: int
    allergy_days: int
    findings_days: int
    case_months: int
    items_days: int
    recheck_days: int


class BadFile(ValueError):
    """A settings file lacks something or holds something unusable; the message says where, one line each."""


def load_policy(path: Path = HERE / "policy.toml") -> PolicyText:
    """Return the policy in force. Raises `BadFile`."""
    read = _checked(_Policy, path)
    return PolicyText(
        version=read.version,
        dated=read.dated,
        url=read.url,
        controller=Controller(**read.controller.model_dump()),
        systems=tuple(KnownSystem(one.key, one.name, one.roles, one.kinds) for one in read.system),
        purposes=tuple(
            Purpose(one.key, one.roles, one.wording, one.basis, one.marketing, one.profiling) for one in read.purpose
        ),
        categories=tuple(Category(one.key, one.roles, one.wording, one.held_in, one.special) for one in read.category),
        sources=_passages(read.source),
        recipients=tuple(
            Recipient(one.key, one.roles, one.name, one.wording, one.third_country, one.receives_from, one.contact)
            for one in read.recipient
        ),
        keeping=_passages(read.keeping),
        profiling=_passages(read.profiling),
        exclusions=_passages(read.exclusion),
        rights=read.rights.wording,
        complaint=read.complaint.wording,
        third_countries=read.third_countries.wording,
        backups=read.backups.wording,
        unconfirmed=_unconfirmed(read),
        portable=tuple(_portable(one) for one in read.portable),
    )


def recipient_problems(policy: PolicyText, systems: Collection[str]) -> Iterator[str]:
    """Yield one line for each recipient who could not be told what was done (Art. 19). *systems* are those of ours."""
    for key, times in Counter(one.key for one in policy.recipients).items():
        if times > 1:
            yield f"policy.toml [[recipient]] {key}: stands there {times} times – give each a key of its own"
    for one in policy.recipients:
        if number_of(one.key):
            yield f"policy.toml [[recipient]] {one.key}: that key is for those whom colleagues name – choose another"
        for place in one.receives_from:
            if place.partition(":")[0] not in systems:
                known = ", ".join(sorted(systems))
                yield f"policy.toml [[recipient]] {one.key}: receives_from {place} is no system – known: {known}"


def _portable(read: _Portable) -> Portable:
    meanings = {one.path: {Language.SV: one.sv, Language.EN: one.en} for one in read.fields}
    return Portable(read.key, read.roles, read.wording, read.system, read.kind, read.basis, meanings)


def load_retention(path: Path = HERE / "retention.toml") -> RetentionTerms:
    """Return the retention settings. Raises `BadFile`: the months without interest have no default (G8)."""
    read = _checked(_Retention, path)
    return RetentionTerms(
        no_interest=NoInterestRule(read.no_interest.months, read.no_interest.postpone_days),
        candidate_years_after=read.candidates.years_after,
        allergy_days=read.attendees.allergy_days,
        findings_days=read.own.findings_days,
        case_months=read.own.case_months,
        items_days=read.own.items_days,
        recheck_days=read.own.recheck_days,
    )


def _passages(read: tuple[_ForRoles, ...]) -> tuple[Passage, ...]:
    return tuple(Passage(one.key, one.roles, one.wording) for one in read)


def _unconfirmed(read: _Policy) -> tuple[str, ...]:
    blocks: Mapping[str, tuple[_Spoken, ...]] = {
        "purpose": read.purpose,
        "category": read.category,
        "source": read.source,
        "recipient": read.recipient,
        "keeping": read.keeping,
        "profiling": read.profiling,
        "exclusion": read.exclusion,
        "portable": read.portable,
        "rights": (read.rights,),
        "complaint": (read.complaint,),
        "third_countries": (read.third_countries,),
        "backups": (read.backups,),
    }
    return tuple(name for name, spoken in blocks.items() if not all(one.confirmed for one in spoken))


def _checked(model: type[Model], path: Path) -> Model:
    try:
        return model.model_validate(_table(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise BadFile(f"{path.name}: {error}") from error
    except ValidationError as error:
        lines = (f"{path.name}: {'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise BadFile("\n".join(lines)) from error


@lru_cache(maxsize=4)  # by its text: several ask for the same file at every start, and a changed one is read anew
def _table(text: str) -> Mapping[str, object]:
    return tomllib.loads(text)
