"""What a letter is written from, and what comes out.

`Matter` carries everything, so that composing is a pure function a lawyer can try with
made-up values. It is personal data through and through: made for one letter, kept nowhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bot.domain.errors import Incomplete
from bot.domain.identity import Doubt, Method
from bot.domain.policy_text import PolicyText
from bot.domain.request import EVERYTHING, Language, RequestType, Role, Scope
from bot.domain.restriction import Ends, Ground
from bot.domain.system import IdentifierKind, Operation
from bot.i18n import Texts


class LetterIncomplete(Incomplete):
    """A letter cannot be written truthfully yet. `blocks` are keys below `letter_block` in the texts."""

    def __init__(self, blocks: tuple[str, ...]) -> None:
        super().__init__("refusal.letter_incomplete", {"blocks": ", ".join(blocks)})
        self.blocks = blocks


@dataclass(frozen=True, slots=True)
class Stationery:
    """What all letters share: sentences, templates by language and file name, and the policy in force."""

    texts: Texts
    templates: Mapping[Language, Mapping[str, str]]
    policy: PolicyText


class Told(StrEnum):
    """What may truthfully be said of one system."""

    DONE = "done"
    BY_HAND = "by_hand"
    HELD = "held"  # found, and nothing was asked of the system
    NOT_HELD = "not_held"
    BLIND = "blind"  # could not be searched; `why` says why
    DECLINED = "declined"
    FAILED = "failed"
    NOT_APPLICABLE = "not_applicable"
    NOT_DONE = "not_done"  # dropped: identity not confirmed
    UNCONFIRMED = "unconfirmed"  # dropped: an erasure the person was asked to confirm, and did not
    NOT_COVERED = "not_covered"  # nothing there is portable (Art. 20(1))
    NOTHING_THERE = "nothing_there"  # what was to be corrected does not stand there
    TAKEN_BACK = "taken_back"  # dropped: the person took the request back
    OPEN = "open"  # no result yet: no answer may be written


@dataclass(frozen=True, slots=True)
class SystemResult:
    """What came of a request in one system, in the letter's language.

    `found` counts records by the system's word and `what` says it; `sentence` is the system's own about what was
    done, `lasts` about how long its keeper may still hold what was erased; `why` is a reason or ground; `special`
    says that Art. 9 content was seen; `kept_until` when a hold ends; `beside` are whole sentences on records that
    concern others too, and on what was erased before the rest was left.
    """

    system: str
    name: str
    operation: Operation
    told: Told
    found: Mapping[str, int] = field(default_factory=dict)
    what: str = ""
    sentence: str = ""
    lasts: str = ""
    why: str = ""
    on: date | None = None
    special: bool = False
    kept_until: date | None = None
    beside: tuple[str, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """Where something is held: "system:kind" for each kind found, the system alone when nothing was counted."""
        kinds = tuple(f"{self.system}:{kind}" for kind, number in self.found.items() if number)
        return (kinds or (self.system,)) if self.holds else ()

    @property
    def holds(self) -> bool:
        """Whether the system was shown to hold something about the person.

        What a search had seen and was not there when somebody came to act is not held, however much was counted.
        """
        if self.told is Told.NOT_HELD:
            return False
        if any(self.found.values()):
            return True
        shown = self.told in (Told.DONE, Told.BY_HAND, Told.HELD, Told.DECLINED, Told.FAILED)
        unseen = self.told is Told.FAILED and self.operation is Operation.FIND
        return shown and not unseen and self.operation is not Operation.SUPPRESS


@dataclass(frozen=True, slots=True)
class Corrected:
    """One value put right, for the letter: where, which field, from what to what.

    `told` is false where the values are not repeated: a special category, or what looks like an identity number.
    """

    system: str
    name: str
    before: str = field(repr=False)
    after: str = field(repr=False)
    told: bool = True


@dataclass(frozen=True, slots=True)
class RestrictionMatter:
    """What the letters about a restriction say (T10). `meanwhile`: only while another wish of theirs is looked into."""

    ground: Ground
    ends: Ends
    meanwhile: bool = False
    since: date | None = None
    review_on: date | None = None
    lifting: Ends | None = None
    lift_from: date | None = None


@dataclass(frozen=True, slots=True)
class RecipientsMatter:
    """Who else was told of what was done (Art. 19), by name; `unreached` with the key of why they were not.

    `further` got some of the data beside the policy's recipients: Article 15 names them too.
    """

    told: tuple[str, ...] = field(default=(), repr=False)
    waiting: tuple[str, ...] = field(default=(), repr=False)
    unreached: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    further: tuple[str, ...] = field(default=(), repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody a letter must name."""
        return (*self.told, *self.waiting, *(name for name, _ in self.unreached))


@dataclass(frozen=True, slots=True)
class TransferMatter:
    """A file handed, or not, to another controller: to whom, when the person approved, what came of it (Art. 20(2)).

    `told` is DONE, FAILED (`why` is the key of the reason), TAKEN_BACK, or OPEN while a colleague is at it.
    """

    to: str = field(repr=False)
    approved: date
    told: Told
    on: date | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class RoadMatter:
    """What only the letters of the special roads say (see `bot.domain.roads`).

    `contact` is whom a contract customer turns to, `passed_on` the day the question went there; `site` and `reach`
    name another's job site; `questions` are keys below `clarify`; `authority` a key below `letter_authority`.
    `stopped`: mailings stopped while we ask; `reads_only`: nothing but copies are asked for; `again`: a reminder of
    a letter sent before; `on_behalf`: who reads it asks for somebody else; `beside_contract`: some of what is held is
    governed by a contract and not part of the answer; `cookie`: cookie data cannot be linked to anybody without an id.
    """

    contact: str = field(default="", repr=False)
    passed_on: date | None = None
    site: str = field(default="", repr=False)
    reach: str = field(default="", repr=False)
    questions: tuple[str, ...] = ()
    authority: str = ""
    stopped: bool = False
    reads_only: bool = False
    again: bool = False
    on_behalf: bool = False
    beside_contract: bool = False
    cookie: bool = False


@dataclass(frozen=True, slots=True)
class ExtensionMatter:
    """What the letter of an extension says (T4): the new last day, the law's reasons by key, what is done so far.

    `so_far` are keys below `letter_so_far`; `answered` the rights that have had their answer already.
    """

    until: date
    reasons: tuple[str, ...] = ()
    so_far: tuple[str, ...] = ()
    answered: tuple[RequestType, ...] = ()


@dataclass(frozen=True, slots=True)
class Matter:
    """Everything one letter may say. Dates are Swedish local dates; `link` and `undo_link` are whole URLs.

    `objects_otherwise`: the objection is to something else than marketing. `answer_by` is when we act without a
    reply; `needs` the ways to prove identity that are open to the person; `helps` what would let us find them;
    `masked` counts blanked-out details, `left_out` records left out of the copy by reason (R33); `recipients` names
    whom we told (Art. 19), `transfers` whom we handed the file; `suppressed` is true only if a suppression entry is
    really kept (G10); `words` is the handler's own text; `road` is what the letters of the special roads say beside
    it; `corrected` what was put right; `then_erased`: an erasure waits for the copy to be fetched (D3);
    `restriction` what of a restriction; `weighing` an officer's own words on why an objection is refused (R45);
    `extension` what of an extended deadline.
    """

    stationery: Stationery
    ref: str
    received: date
    last_day: date
    asked: tuple[RequestType, ...] = ()
    objects_otherwise: bool = False
    scope: Scope = EVERYTHING
    name: str = field(default="", repr=False)
    roles: tuple[Role, ...] = (Role.UNKNOWN,)
    results: tuple[SystemResult, ...] = ()
    searched_by: tuple[IdentifierKind, ...] = ()
    link: str = field(default="", repr=False)
    link_until: date | None = None
    then_erased: bool = False
    undo_link: str = field(default="", repr=False)
    code: str = field(default="", repr=False)
    code_minutes: int = 30
    doubts: tuple[Doubt, ...] = ()
    needs: tuple[Method, ...] = ()
    helps: tuple[IdentifierKind, ...] = ()
    answer_by: date | None = None
    masked: int = 0
    left_out: Mapping[str, int] = field(default_factory=dict)
    recipients: RecipientsMatter = field(default_factory=RecipientsMatter)
    transfers: tuple[TransferMatter, ...] = ()
    suppressed: bool = False
    findings_days: int = 30
    case_months: int = 24
    words: str = field(default="", repr=False)
    road: RoadMatter = field(default_factory=RoadMatter)
    corrected: tuple[Corrected, ...] = ()
    restriction: RestrictionMatter | None = None
    weighing: str = field(default="", repr=False)
    extension: ExtensionMatter | None = None


@dataclass(frozen=True, slots=True)
class Drafted:
    """A letter's subject and text, plain."""

    subject: str = field(repr=False)
    text: str = field(repr=False)
