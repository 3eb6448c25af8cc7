"""Systems without a program: a paper folder, LinkedIn, the web server's logs (`[[manual_system]]`, D21).

Such a system is its entry in desk.toml and nothing else. From there on it is a system like
any other: searched, decided on, carried out by checklist, told of in the letter, and named
by Article 15 as holding what the entry says it holds. An entry that leaves a letter without
words, or a step without anybody, is refused at start in one line each.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from bot.domain.policy_text import Category, KnownSystem, PolicyText, Recipient
from bot.domain.request import Language, Role
from bot.domain.system import SPOKEN_OF, Capability, IdentifierKind, Manifest, Operation, absent, manual
from bot.ports import System
from integrations.by_hand import ByHand
from integrations.registry import SettingsProblem
from integrations.strings import Strings, by_hand_strings, require

Said = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
#: One name or several.
Names = Annotated[tuple[str, ...], BeforeValidator(lambda given: (given,) if isinstance(given, str) else given)]
Sayings = Mapping[Language, Mapping[Operation, Said]]

#: What a colleague can look a person up by in a system of which we know nothing else.
BY_NAME_AND_ADDRESS: Final = frozenset({IdentifierKind.EMAIL, IdentifierKind.NAME, IdentifierKind.PHONE})


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Receives(_Entry):
    """What a system is used for, when somebody else keeps it for us: the recipient's row of Article 15(1)(c)."""

    sv: Said = Field(description="what they get from us, such as meddelanden till kandidater")
    en: Said = Field(description="the same in English")
    third_country: bool = False


class ManualSystem(_Entry):
    """One `[[manual_system]]` in desk.toml."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="a short name in small letters, such as paper_folder")
    name: Said = Field(description="what colleagues and letters call it")
    owner: Names = Field(min_length=1, description="the id of the colleague who answers for it, or a list of them")
    deputy: Names = Field((), description="the id of the colleague who stands in, or a list of them")
    roles: tuple[Role, ...] = Field(min_length=1, description="what a person found there is to us, such as contact")
    holds: tuple[str, ...] = Field(min_length=1, description="keys of policy.toml's categories, such as P27")
    known_by: frozenset[IdentifierKind] = Field(BY_NAME_AND_ADDRESS, min_length=1, description="email, name, phone …")
    link: str = Field("", pattern=r"^(https://[^{}\s@]+)?$", description="its page, beginning with https://")
    checklist: Mapping[Language, Mapping[Operation, tuple[Said, ...]]] = Field(description="steps by language")
    reason: Sayings = Field({}, description="why a step is by hand, by language and operation")
    absent: Sayings = Field({}, description="what cannot be done there and why, by language and operation")
    letter: Sayings = Field({}, description="what the letter says when it is done, by language and operation")
    receives: Receives | None = Field(None, description="sv and en, when somebody else keeps it for us")

    @property
    def manifest(self) -> Manifest:
        """What can be asked of it."""
        return Manifest(self.key, self.name, self.known_by, {one: self._how(one) for one in SPOKEN_OF})

    def _how(self, operation: Operation) -> Capability:
        reason = f"reason.{operation}"
        if any(operation in said for said in self.absent.values()):
            return absent(reason)
        return manual(reason, irreversible=operation is Operation.ERASE)

    @property
    def strings(self) -> Strings:
        """Its words in both languages."""
        return by_hand_strings(self.name, self.checklist, (self.reason, self.absent), self.letter, self.link)


def manual_systems(
    entries: Sequence[ManualSystem], taken: Collection[str], colleagues: Collection[str], policy: PolicyText
) -> Mapping[str, tuple[System, Strings]]:
    """Return the systems that exist only in the settings, and their words. Raises `SettingsProblem` with all lines.

    *taken* are keys of systems that have a folder; *colleagues* are known ids.
    """
    lines = [*manual_problems(entries, taken, colleagues, policy)]
    if lines:
        raise SettingsProblem(lines)
    systems: dict[str, tuple[System, Strings]] = {}
    for entry in entries:
        require(entry.strings, entry.manifest)
        systems[entry.key] = ByHand(entry.manifest), entry.strings
    return systems


def manual_problems(
    entries: Sequence[ManualSystem], taken: Collection[str], colleagues: Collection[str], policy: PolicyText
) -> Iterator[str]:
    """Yield one line for each thing wrong with an entry: what, where, what to do."""
    several = Counter(entry.key for entry in entries)
    categories = {category.key for category in policy.categories}
    for key, times in several.items():
        if times > 1:
            yield f"desk.toml [[manual_system]] {key}: stands there {times} times – give each a key of its own"
        if key in taken:
            yield f"desk.toml [[manual_system]] {key}: there is a program for that system – choose another key"
    for entry in entries:
        at = f"desk.toml [[manual_system]] {entry.key}"
        for one in (*entry.owner, *entry.deputy):
            if one not in colleagues:
                yield f"{at}: {one} is no colleague's id – owner and deputy name a [[colleague]]"
        for one in entry.holds:
            if one not in categories:
                yield f"{at}: holds {one}, which is no category of policy.toml – known: {', '.join(sorted(categories))}"
        yield from (f"{at}: {what}" for what in _unsaid(entry))


def _unsaid(entry: ManualSystem) -> Iterator[str]:
    """Yield what is said in one language only, and what a colleague would have no steps for."""
    for table in ("checklist", "reason", "absent", "letter"):
        said: Mapping[Language, Mapping[Operation, object]] = getattr(entry, table)
        every = dict.fromkeys(operation for texts in said.values() for operation in texts)
        for operation in every:
            for language in Language:
                if not said.get(language, {}).get(operation):
                    yield f"no {table}.{language}.{operation} – letters and steps need both languages"
    missing = {operation for texts in entry.absent.values() for operation in texts}
    if Operation.FIND not in missing and not any(Operation.FIND in steps for steps in entry.checklist.values()):
        yield "no checklist.sv.find and checklist.en.find – write what to look through"
    for operation in (Operation.EXPORT, Operation.ERASE, Operation.RECTIFY, Operation.RESTRICT, Operation.SUPPRESS):
        if Operation.FIND in missing and operation not in missing and not _steps(entry, operation):
            yield f"no checklist.sv.{operation} and checklist.en.{operation} – or say under absent why it cannot be"


def _steps(entry: ManualSystem, operation: Operation) -> bool:
    return any(operation in steps for steps in entry.checklist.values())


def policy_with(policy: PolicyText, entries: Sequence[ManualSystem]) -> PolicyText:
    """Return the policy as it is with these systems: whom they concern, what they hold, who receives (Art. 15)."""
    systems = tuple(KnownSystem(one.key, one.name, frozenset(one.roles)) for one in entries)
    recipients = tuple(_recipient(one, one.receives) for one in entries if one.receives is not None)
    return replace(
        policy,
        systems=(*policy.systems, *systems),
        categories=tuple(_held_in(category, entries) for category in policy.categories),
        recipients=(*policy.recipients, *recipients),
    )


def _held_in(category: Category, entries: Sequence[ManualSystem]) -> Category:
    further = tuple(one.key for one in entries if category.key in one.holds)
    return replace(category, held_in=(*category.held_in, *further)) if further else category


def _recipient(entry: ManualSystem, receives: Receives) -> Recipient:
    text = {Language.SV: receives.sv, Language.EN: receives.en}
    return Recipient(entry.key, frozenset(entry.roles), entry.name, text, receives.third_country, (entry.key,))
