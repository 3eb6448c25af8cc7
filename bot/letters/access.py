"""The nine blocks of Article 15(1)(a)-(h) and (2), computed from the policy by role.

A block that comes out empty stops the letter (R31): an access answer with a hole is a
breach of the law, however kind its tone.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from bot.domain.policy_text import Basis, Category, Purpose, for_roles
from bot.domain.request import Language
from bot.letters.matter import LetterIncomplete, Matter, SystemResult, Told

#: In the order of Article 15(1)(a)-(h), then (2).
BLOCKS: Final = (
    "purposes",
    "categories",
    "recipients",
    "retention",
    "rights",
    "complaint",
    "source",
    "profiling",
    "third_countries",
)

Blocks = Mapping[str, tuple[str, ...]]


def article_15(language: Language, matter: Matter) -> Blocks:
    """Return the lines of each block in *language*. Raises `LetterIncomplete` naming every empty one."""
    policy = matter.stationery.policy
    roles = policy.roles_held(matter.roles, (place for result in matter.results for place in result.places))
    blocks = {
        "purposes": tuple(_purpose(language, matter, one) for one in for_roles(policy.purposes, roles)),
        "categories": tuple(_category(language, matter, one) for one in for_roles(policy.categories, roles)),
        "recipients": (
            *(f"{one.name}: {one.text[language]}" for one in for_roles(policy.recipients, roles)),
            *matter.recipients.further,
        ),
        "retention": _said(one.text[language] for one in for_roles(policy.keeping, roles)),
        "rights": _said([policy.rights[language]]),
        "complaint": _said([policy.complaint[language]]),
        "source": _said(one.text[language] for one in for_roles(policy.sources, roles)),
        "profiling": _said(one.text[language] for one in for_roles(policy.profiling, roles)),
        "third_countries": _said([policy.third_countries[language]]),
    }
    empty = tuple(block for block in BLOCKS if not blocks[block])
    if empty:
        raise LetterIncomplete(empty if roles else ("role",))
    return blocks


def _said(sentences: Iterable[str]) -> tuple[str, ...]:
    return tuple(sentence for sentence in sentences if sentence.strip())


def _purpose(language: Language, matter: Matter, purpose: Purpose) -> str:
    if purpose.basis is Basis.UNCLEAR:
        return purpose.text[language]  # G1: a letter never invents a legal basis
    texts = matter.stationery.texts
    basis = texts.say(language, f"basis.{purpose.basis}")
    return texts.say(language, "letter_line.purpose", {"purpose": purpose.text[language], "basis": basis})


def _category(language: Language, matter: Matter, category: Category) -> str:
    """Say of each category whether it is held (P26), was not found, or could not be looked for (R20)."""
    facts = {"category": category.text[language]}
    return matter.stationery.texts.say(language, f"letter_line.category_{_held(matter, category)}", facts)


def _held(matter: Matter, category: Category) -> str:
    concerned = [
        (place, result) for place in category.held_in for result in matter.results if result.system == _system(place)
    ]
    if any(_shows(place, result, category) for place, result in concerned):
        return "held"
    searched = [place for place, result in concerned if result.told is not Told.BLIND]
    return "not_found" if len(searched) == len(category.held_in) else "unknown"


def _shows(place: str, result: SystemResult, category: Category) -> bool:
    _, _, kind = place.partition(":")
    if category.special:
        return result.special
    return result.holds and (not kind or bool(result.found.get(kind)))


def _system(place: str) -> str:
    return place.partition(":")[0]
