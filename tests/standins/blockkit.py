"""Whether Slack would take some blocks or a view: its limits, and three rules no schema states.

The limits are data that lies beside the repository; without it only the three rules
and the totals of a message are checked.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft7Validator, ValidationError
from jsonschema.exceptions import best_match
from jsonschema.validators import extend

LIMITS: Final = Path(__file__).parents[3] / "shared" / "specs" / "blockkit.limits.schema.json"
NO_LIMITS: Final = "the Block Kit limits (../shared/specs) are not here"
#: Options per element that the schema does not state.
MOST_OPTIONS: Final = {"overflow": 5, "static_select": 100, "multi_static_select": 100}
MESSAGE_BLOCKS: Final = 50
MESSAGE_CHARACTERS: Final = 13_200
TEXT: Final = 3_000
CONTEXT_ELEMENTS: Final = 10

Json = Mapping[str, Any]


def message_complaints(text: str, blocks: Sequence[Json]) -> list[str]:
    """Return what Slack would refuse in a message."""
    found = [] if text.strip() else ["no text to read aloud"]
    if not blocks:
        return found
    if len(json.dumps(blocks, ensure_ascii=False)) > MESSAGE_CHARACTERS + 2 * len(blocks):
        found.append("msg_blocks_too_long")
    if len(blocks) > MESSAGE_BLOCKS:
        found.append(f"{len(blocks)} blocks")
    return [*found, *_by_schema(blocks), *_by_rule(blocks)]


def view_complaints(view: Json) -> list[str]:
    """Return what Slack would refuse in a modal or a home page."""
    blocks: Sequence[Json] = view.get("blocks", [])
    found = [] if 0 < len(blocks) <= 100 else [f"{len(blocks)} blocks"]
    if view.get("type") == "modal":
        found += [] if 0 < len(view.get("title", {}).get("text", "")) <= 24 else ["the title's length"]
        if any(block["type"] == "input" for block in blocks) and not view.get("submit"):
            found.append("fields and nothing to send them with")
        found += [] if len(view.get("private_metadata", "")) <= 3000 else ["private_metadata"]
    return [*found, *_by_schema(blocks, view), *_by_rule(blocks)]


@cache
def _definitions() -> dict[str, Any]:
    if not LIMITS.exists():
        return {}
    definitions: dict[str, Any] = json.loads(LIMITS.read_text(encoding="utf-8"))["definitions"]
    return definitions


def _any_of(
    validator: Draft7Validator, alternatives: Sequence[Json], part: object, schema: Json
) -> Iterator[ValidationError]:
    """Try the alternatives of the part's own `type` first: one that fits is enough, and the others are many."""
    kind = part.get("type") if isinstance(part, dict) else None
    own = [one for one in alternatives if isinstance(kind, str) and kind in _kinds(one.get("$ref", ""))]
    if not any(validator.evolve(schema=one).is_valid(part) for one in own):
        yield from Draft7Validator.VALIDATORS["anyOf"](validator, alternatives, part, schema)


@cache
def _kinds(reference: str) -> frozenset[str]:
    """Return the values of `type` that what is referred to may have; none where it leaves that open."""
    definition = _definitions().get(reference.rpartition("/")[2], {})
    kind = definition.get("properties", {}).get("type", {}).get("const")
    below = frozenset[str]().union(*(_kinds(one.get("$ref", "")) for one in definition.get("anyOf", ())))
    return below if kind is None else frozenset({kind})


_Validator: Final[type[Draft7Validator]] = extend(Draft7Validator, {"anyOf": _any_of})


@cache
def _validator(name: str) -> Draft7Validator:
    return _Validator({"$ref": f"#/definitions/{name}", "definitions": _definitions()})


@cache
def _definition_of(kind: str) -> str:
    return next(
        (
            name
            for name, definition in _definitions().items()
            if name.endswith("Block") and definition.get("properties", {}).get("type", {}).get("const") == kind
        ),
        "KnownBlock",
    )


@lru_cache(maxsize=4096)
def _of_block(written: str) -> tuple[str, ...]:
    """Return the schema's complaints about a block; most blocks of an edited card stood in it before."""
    block = json.loads(written)
    errors = _validator(_definition_of(str(block.get("type")))).iter_errors(block)
    return tuple((best_match([error]) or error).message[:300] for error in errors)


def _by_schema(blocks: Sequence[Json], view: Json | None = None) -> Iterator[str]:
    """Check each block by its own definition, which says more than "none of twenty", and a view without its blocks."""
    if not _definitions():
        return
    for index, block in enumerate(blocks):
        for complaint in _of_block(json.dumps(block)):
            yield f"block {index} ({block.get('type')}): {complaint}"
    if view is not None:
        name = "HomeView" if view.get("type") == "home" else "ModalView"
        for error in _validator(name).iter_errors({**view, "blocks": []}):
            yield f"{name}: {error.message[:300]}"


def _by_rule(blocks: Sequence[Json]) -> Iterator[str]:
    names = Counter(block["block_id"] for block in blocks if "block_id" in block)
    yield from (f"block_id {name} twice" for name, times in names.items() if times > 1)
    for index, block in enumerate(blocks):
        elements = [*block.get("elements", []), *([block["element"]] if "element" in block else [])]
        actions = Counter(element["action_id"] for element in elements if "action_id" in element)
        yield from (f"action_id {name} twice in block {index}" for name, times in actions.items() if times > 1)
        yield from (f"block {index}: {complaint}" for complaint in _texts(block))
        if block["type"] == "context" and len(elements) > CONTEXT_ELEMENTS:
            yield f"block {index}: {len(elements)} elements"
        for element in elements:
            most = MOST_OPTIONS.get(element.get("type", ""))
            if most is not None and not 0 < len(element["options"]) <= most:
                yield f"block {index}: {len(element['options'])} options"


def _texts(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        text = part.get("text")
        if isinstance(text, str) and not text:
            yield "an empty text"
        if isinstance(text, str) and len(text) > TEXT:
            yield "a text too long"
        for inner in part.values():
            yield from _texts(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _texts(inner)
