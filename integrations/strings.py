"""The words of a system: `strings.toml` as plain mappings, language -> dotted key -> text.

Strict where it hurts least, at start: both languages hold the same keys, and every word
the manifest leans on is there. Lists become numbered keys (`checklist.erase.1`), links
stand once and count for both languages.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count, takewhile
from pathlib import Path
from types import MappingProxyType
from typing import Final, TypeAlias

from bot.domain.request import Language
from bot.domain.system import SPOKEN_OF, Manifest, Mode, Operation

Strings: TypeAlias = Mapping[str, Mapping[str, str]]

NOTHING_SAID: Final[Mapping[Language, Mapping[Operation, str]]] = {}
#: What a system that exists only in the settings says of itself (D21).
BY_HAND: Final = Path(__file__).with_name("by_hand.toml")


def read_strings(path: Path) -> Strings:
    """Return the file's texts. Raises `ValueError` when the languages differ or a leaf is no text."""
    strings = _spoken(path.read_text(encoding="utf-8"))
    first, *others = strings.items()
    for language, texts in others:
        if odd := sorted(texts.keys() ^ first[1].keys()):
            raise ValueError(f"{path}: {first[0]} and {language} differ in {', '.join(odd)}")
    return strings


@lru_cache(maxsize=64)  # by its text: the systems are looked for several times at a start
def _spoken(text: str) -> Strings:
    tree = tomllib.loads(text)
    links = dict(_leaves("link", tree.get("link", {})))
    return MappingProxyType(
        {
            language.value: MappingProxyType(dict(_leaves("", tree.get(language.value, {}))) | links)
            for language in Language
        }
    )


def _leaves(prefix: str, tree: object) -> Iterator[tuple[str, str]]:
    match tree:
        case str():
            yield prefix, tree
        case dict():
            for name, branch in tree.items():
                yield from _leaves(f"{prefix}.{name}" if prefix else name, branch)
        case list():
            for number, branch in enumerate(tree, 1):
                yield from _leaves(f"{prefix}.{number}", branch)
        case _:
            raise ValueError(f"{prefix} is not a text")


def require(strings: Strings, manifest: Manifest) -> None:
    """Check that every word the manifest leans on exists. Raises `ValueError` naming those that do not."""
    for language, texts in strings.items():
        missing = [key for key in _needed(manifest) if not texts.get(key)]
        if missing:
            raise ValueError(f"strings of {manifest.key} lack, in {language}: {', '.join(missing)}")


def _needed(manifest: Manifest) -> Iterator[str]:
    yield "name"
    yield "reason.not_known_by"
    if manifest.discloses:
        yield "reason.not_covered"
    for operation, how in manifest.capabilities.items():
        if how.mode is not Mode.AUTOMATIC:
            yield how.reason
        if how.mode in (Mode.MANUAL, Mode.ASSISTED):
            yield f"checklist.{operation}.1"
        if how.mode is not Mode.ABSENT and operation is not Operation.FIND:
            yield f"letter.{operation}"
    if manifest.how(Operation.ERASE).mode is Mode.AUTOMATIC:
        yield "letter.lasts"


def filled(strings: Strings, facts: Mapping[str, str]) -> Strings:
    """Return the texts with what the settings say in place of `{name}`; other braces are for whoever counts."""
    said = {f"{{{name}}}": value for name, value in facts.items()}
    return {language: {key: _put(text, said) for key, text in texts.items()} for language, texts in strings.items()}


def _put(text: str, said: Mapping[str, str]) -> str:
    for name, value in said.items():
        text = text.replace(name, value)
    return text


def steps(texts: Mapping[str, str], operation: Operation) -> tuple[str, ...]:
    """Return the checklist of an operation in one language, in order; empty when it has none."""
    keys = (f"checklist.{operation}.{number}" for number in count(1))
    return tuple(texts[key] for key in takewhile(texts.__contains__, keys))


def by_hand_strings(
    name: str,
    checklists: Mapping[Language, Mapping[Operation, Sequence[str]]],
    reasons: Sequence[Mapping[Language, Mapping[Operation, str]]] = (),
    letters: Mapping[Language, Mapping[Operation, str]] = NOTHING_SAID,
    link: str = "",
) -> Strings:
    """Return the texts of a system that exists only in the settings.

    *checklists* gives steps by language and operation; an operation without follows those of "find". *reasons* and
    *letters* are its own words where it has any; the later of two reasons counts.
    """
    strings = {}
    for language, texts in read_strings(BY_HAND).items():
        own = {key: text.replace("{name}", _plain(name)) for key, text in texts.items()}
        spoken = Language(language)
        for said in reasons:
            own |= {f"reason.{operation}": _plain(text) for operation, text in said.get(spoken, {}).items()}
        own |= {f"letter.{operation}": _plain(text) for operation, text in letters.get(spoken, {}).items()}
        given = checklists.get(spoken, {})
        for operation in SPOKEN_OF:
            for number, step in enumerate(given.get(operation) or given.get(Operation.FIND, ()), 1):
                own[f"checklist.{operation}.{number}"] = _plain(step)
        strings[language] = own | ({"link.home": link} if link else {})
    return strings


def _plain(text: str) -> str:
    """Return a text from the settings so that its braces stay braces when facts are filled in."""
    return text.replace("{", "{{").replace("}", "}}")
