"""Systems that hold personal data, and what each can be asked to do.

A manifest is never silent: for every operation it says how it is done here, and
for anything but automatic it says why, because the letter to the person must.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from bot.domain.request import Role


class Operation(StrEnum):
    """What can be asked of a system."""

    FIND = "find"
    EXPORT = "export"
    ERASE = "erase"
    RECTIFY = "rectify"
    RESTRICT = "restrict"
    SUPPRESS = "suppress"
    HIDE = "hide"  # hide a protected person's address at once (D12): a person's, see `SPOKEN_OF`
    LIFT = "lift"  # end a restriction: after notice, see `bot.domain.restriction`
    RESUME = "resume"  # start again what was stopped: always a person's, see `SPOKEN_OF`
    NOTIFY = "notify"  # tell a recipient what was done (Art. 19): see `bot.domain.recipients`
    TRANSFER = "transfer"  # hand a portable file to another controller, on the person's approval (Art. 20(2))


#: Aimed at a recipient, who is mostly no system of ours: the task's `system` is then the recipient's key.
AT_RECIPIENTS: Final = frozenset({Operation.NOTIFY, Operation.TRANSFER})
#: What every manifest must speak of. The rest is a person's everywhere: to mail somebody again takes one who looks
#: first (D8), to hide an address one who knows where it may stand (D12), to tell others one who knows what they got.
SPOKEN_OF: Final[tuple[Operation, ...]] = tuple(
    one for one in Operation if one not in {Operation.HIDE, Operation.LIFT, Operation.RESUME, *AT_RECIPIENTS}
)


class Mode(StrEnum):
    """How an operation is carried out in one system."""

    AUTOMATIC = "automatic"
    ASSISTED = "assisted"  # the bot prepares, a person finishes and confirms
    MANUAL = "manual"  # a checklist
    ABSENT = "absent"  # cannot be done there; the letter says why


@dataclass(frozen=True, slots=True)
class Capability:
    """How one operation is done in one system.

    `reason` is a text key below the system's own strings (`strings.toml`), required
    unless automatic. `irreversible` asks two people (D10). `repeat_safe` says that
    sending the same write twice does no harm at the vendor (D34).
    """

    mode: Mode
    reason: str = ""
    irreversible: bool = False
    repeat_safe: bool = False

    def __post_init__(self) -> None:
        if self.mode is not Mode.AUTOMATIC and not self.reason:
            raise ValueError(f"{self.mode} needs a reason")


def automatic(*, irreversible: bool = False, repeat_safe: bool = False) -> Capability:
    """Return the capability of something the bot does by itself."""
    return Capability(Mode.AUTOMATIC, irreversible=irreversible, repeat_safe=repeat_safe)


def assisted(reason: str, *, irreversible: bool = False) -> Capability:
    """Return the capability of something the bot prepares and a person finishes."""
    return Capability(Mode.ASSISTED, reason, irreversible=irreversible)


def manual(reason: str, *, irreversible: bool = False) -> Capability:
    """Return the capability of something a person does by checklist."""
    return Capability(Mode.MANUAL, reason, irreversible=irreversible)


def absent(reason: str) -> Capability:
    """Return the capability of something that cannot be done there at all."""
    return Capability(Mode.ABSENT, reason)


class IdentifierKind(StrEnum):
    """What a person can be known by in a system."""

    EMAIL = "email"
    NAME = "name"
    PHONE = "phone"
    ORDER_NUMBER = "order_number"
    GA_CLIENT_ID = "ga_client_id"
    GA_USER_ID = "ga_user_id"
    GA_APP_INSTANCE = "ga_app_instance"


@dataclass(frozen=True, slots=True)
class Identifier:
    """One thing a person is known by. Personal data: lives in the vault, never in a log."""

    kind: IdentifierKind
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Record:
    """One thing a system holds about the person, found by FIND.

    `kind` is the system's own word (contact, note, order, attendee …) and is what
    counts on cards are grouped by. `id` is the vendor's. `contacts` are contact points
    that the record shows to be on file there (D6). `special` marks Art. 9 content seen.
    `shared` marks records that concern others too (D20): never blindly erased. `narrative`
    marks what colleagues wrote about the person: access to it asks for more proof (2.7).
    """

    system: str
    kind: str
    id: str
    contacts: tuple[Identifier, ...] = ()
    special: bool = False
    shared: bool = False
    narrative: bool = False


class Remains(StrEnum):
    """What is left of a record that somebody erased by hand."""

    GONE = "gone"  # the vendor knows it no more
    MASKED = "masked"  # it stands there without anything of the person
    THERE = "there"


@dataclass(frozen=True, slots=True)
class Prepared:
    """Something made ready for a step by hand, in the system's own words (`prepared.<name>.title` and `.text`).

    `facts` fill the text in and are ids only, nobody's name; `link` leads to the vendor's page for it.
    """

    name: str
    facts: Mapping[str, str] = field(default_factory=dict)
    link: str = ""


@dataclass(frozen=True, slots=True)
class Exported:
    """The content of a record as the vendor gives it: JSON values by field name, and files.

    `masked` counts details about others that were left out: the letter must say so (R51).
    """

    record: Record
    fields: Mapping[str, object] = field(default_factory=dict, repr=False)
    files: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    masked: int = 0


@dataclass(frozen=True, slots=True)
class Correction:
    """One value to put right in a record: what stands there now, and what is to stand there ("" clears it).

    Personal data: lives in the vault, never in a log.
    """

    name: str
    before: str = field(repr=False)
    after: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that an operation was carried out on a record; `note` is the vendor's word, no personal data."""

    operation: Operation
    kind: str
    id: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a system is, whom it can look up by what, and how each operation is done.

    A manifest silent on an operation raises at import. `discloses` names what the vendor would learn by being asked,
    with the roles of those of whom it has it from us already: for anybody else it is never told (D19). A system whose
    FIND is absent cannot be looked into; there only what is harmless twice may be automatic (D34). `correspondence`
    names the kinds of record that writing to the person leaves there, our own letters among them: more of those since
    an erasure was approved is nothing new (see `bot.domain.again.more_than_approved`).
    """

    key: str
    name: str
    known_by: frozenset[IdentifierKind]
    capabilities: Mapping[Operation, Capability]
    discloses: Mapping[IdentifierKind, frozenset[Role]] = field(default_factory=dict)
    correspondence: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        silent = [operation for operation in SPOKEN_OF if operation not in self.capabilities]
        if silent:
            raise ValueError(f"the manifest of {self.key} is silent on {', '.join(silent)}")
        erase = self.capabilities[Operation.ERASE]
        if self.unseen and erase.mode is Mode.AUTOMATIC and not erase.repeat_safe:
            raise ValueError(f"{self.key} cannot be looked into: what may not be sent twice cannot be automatic there")

    def how(self, operation: Operation) -> Capability:
        """Return how *operation* is done here."""
        return self.capabilities[operation]

    @property
    def unseen(self) -> bool:
        """Whether the system shows nobody who is in it."""
        return self.capabilities[Operation.FIND].mode is Mode.ABSENT

    def may_name(self, kind: IdentifierKind, roles: Collection[Role]) -> bool:
        """Whether somebody of these roles may be named there by such an identifier (D19)."""
        return kind not in self.discloses or not self.discloses[kind].isdisjoint(roles)

    def knows(self, roles: Collection[Role]) -> frozenset[IdentifierKind]:
        """Return by what somebody of these roles may be looked up there."""
        return frozenset(kind for kind in self.known_by if self.may_name(kind, roles))
