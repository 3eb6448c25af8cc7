"""Whether Teams would take a card: the schema of 1.5, Microsoft's own classes, and rules no schema states.

Each distinct part is looked at once: the same lines stand on many cards.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft6Validator
from jsonschema.exceptions import best_match
from microsoft_teams.cards import core

SCHEMA: Final = json.loads((Path(__file__).with_name("schemas") / "adaptive-card-1.5.json").read_text(encoding="utf-8"))
#: Bytes in UTF-16: the smallest limit Microsoft has ever named for a card, 28 KB.
CARD_BYTES: Final = 28_000
REFRESHED_FOR: Final = 60
#: Buttons that stand beside one another before a client hides some.
BUTTONS: Final = 6
TYPED: Final = {
    thing.model_fields["type"].default: thing
    for thing in vars(core).values()
    if isinstance(thing, type) and issubclass(thing, core.SerializableObject) and "type" in thing.model_fields
}

Json = Mapping[str, Any]


def complaints(card: Json) -> list[str]:
    """Return what is wrong with a card, or what Teams would not show."""
    found = [*_by_schema({**card, "body": [], "actions": []})]
    for part in card.get("body", []):
        found += _part_complaints("ImplementationsOf.Element", json.dumps(part))
    for action in card.get("actions", []):
        found += _part_complaints("ImplementationsOf.Action", json.dumps(action))
    found += _unknown({key: value for key, value in card.items() if key not in {"body", "actions"}})
    if len(json.dumps(card, ensure_ascii=False, separators=(",", ":")).encode("utf-16-le")) > CARD_BYTES:
        found.append("too big")
    if len(card.get("refresh", {}).get("userIds", [])) > REFRESHED_FOR:
        found.append("asks too many to refresh")
    ids = Counter(part["id"] for part in objects(card) if "id" in part)
    return [*found, *(f"id {name!r} is given twice" for name, times in ids.items() if times > 1)]


def objects(part: object) -> Iterator[Json]:
    """Yield every object of a card that has a type."""
    if isinstance(part, dict):
        if "type" in part and part["type"] in TYPED:
            yield part
        for inner in part.values():
            yield from objects(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from objects(inner)


@cache
def _part_complaints(kind: str, text: str) -> tuple[str, ...]:
    part = json.loads(text)
    found = [*_by_schema(part, kind)]
    for thing in objects(part):
        found += [*_unknown(thing), *_by_rule(thing)]
    return tuple(found)


@cache
def _validator(kind: str) -> Draft6Validator:
    whole = {"$ref": f"#/definitions/{kind}", "definitions": SCHEMA["definitions"]} if kind else SCHEMA
    return Draft6Validator(whole)


def _by_schema(part: Json, kind: str = "") -> list[str]:
    if _validator(kind).is_valid(part):
        return []
    wrong = best_match(_validator(kind).iter_errors(part))
    return [f"{'/'.join(map(str, wrong.absolute_path))}: {wrong.message[:200]}"]


def _unknown(thing: Json) -> list[str]:
    """Return what is lost when a thing is read into Microsoft's class for it and written again."""
    typed = TYPED[thing["type"]].model_validate(thing)
    written = json.loads(typed.model_dump_json(exclude_none=True))
    unknown = [f"{thing['type']}.{name} is not known" for name in typed.model_extra or ()]
    return unknown + [f"{thing['type']}.{name} is lost" for name in thing if written.get(name) != thing[name]]


def _by_rule(thing: Json) -> Iterator[str]:
    match thing["type"]:
        case "TextRun" | "TextBlock" if not thing["text"].strip():
            yield "an empty text"
        case "ActionSet":
            shown = [one for one in thing["actions"] if one.get("mode") != "secondary"]
            if len(shown) > BUTTONS or sum(one.get("style") == "positive" for one in shown) > 1:
                yield "more buttons than are shown, or two that stand out"
        case "Input.ChoiceSet":
            values = [one["value"] for one in thing["choices"]]
            if len(set(values)) < len(values) or any(not value or "," in value for value in values):
                yield "values that cannot be told apart"
            if not {*filter(None, thing.get("value", "").split(","))} <= {*values}:
                yield "a chosen value that is not offered"
        case _:
            pass
    if thing.get("isRequired") and not thing.get("errorMessage"):
        yield "a field that must be filled in and does not say so"
