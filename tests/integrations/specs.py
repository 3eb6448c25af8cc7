"""Holds what a sandbox is asked and answers against the vendors' own descriptions, which lie outside the repository.

A middleware, not part of the sandboxes: they ship, the descriptions do not (D38).
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from aiohttp import web
from openapi_schema_validator import OAS30Validator
from referencing import Registry
from referencing.jsonschema import DRAFT4

from integrations.sandbox import FAULT, SEEN

SPECS = Path(__file__).parents[3] / "shared" / "specs"
FILES = {
    "hubspot": "hubspot-*.json",
    "eventbrite": "eventbrite-v3-derived.openapi.json",
    "graph": "graph-v1.0-trimmed.openapi.json",
    "google_analytics": "google-analyticsadmin-v1alpha.json",
    "google_display": "google-datamanager-v1.json",
    "office365": "graph-v1.0-trimmed.openapi.json",
}
#: What a description leaves out that we call, written down here from the vendor's documentation.
MORE = {"office365": Path(__file__).with_name("graph_folders.openapi.json")}
#: What a vendor's own link to the next page may hold; nobody but the vendor writes it.
CONTINUED = frozenset({"$skiptoken", "token"})
#: Names the described type that a body is of, where the operation's own is only what several have in common (OData).
DERIVED = "@odata.type"
#: Described nowhere: where a link leads that the vendor signs for one file (another host in truth), and the pages in
#: which a colleague works.
UNDESCRIBED = ("/signed-content/", "/manage/")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, eq=False)
class Described:
    """One operation of a description; each equals only itself. `validator` checks against a schema of its file."""

    path: re.Pattern[str]
    places: int
    method: str
    operation: Mapping[str, Any]
    validator: Callable[[Mapping[str, Any]], OAS30Validator] = field(repr=False)


@cache
def described(vendor: str) -> tuple[Described, ...]:
    """Return all operations of a vendor, those with the fewest variable places first."""
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(SPECS.glob(FILES[vendor]))]
    if vendor in MORE:
        documents.append(_beside(documents[0], json.loads(MORE[vendor].read_text(encoding="utf-8"))))
    found = [one for document in documents for one in _operations(document)]
    return tuple(sorted(found, key=lambda one: one.places))


@lru_cache(maxsize=4096)
def _described_by(vendor: str, method: str, path: str) -> Described | None:
    """Return the operation that a request is, the one with the fewest variable places."""
    return next((one for one in described(vendor) if one.method == method and one.path.fullmatch(path)), None)


def _beside(document: Mapping[str, Any], more: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return *more* with the schemas it takes from *document*."""
    schemas = document["components"]["schemas"] | more["components"]["schemas"]
    return {**more, "components": {"schemas": schemas}}


def _operations(document: Mapping[str, Any]) -> Iterator[Described]:
    if "openapi" not in document:
        yield from _discovered(document)
        return
    registry: Registry[Any] = Registry().with_resource("urn:spec", DRAFT4.create_resource(document))

    @cache
    def made(written: str) -> OAS30Validator:
        return OAS30Validator(json.loads(written.replace('"#/', '"urn:spec#/')), registry=registry)

    def validator(schema: Mapping[str, Any]) -> OAS30Validator:
        return made(json.dumps(schema))

    for template, operations in document["paths"].items():
        plain = re.escape(re.sub(r"\{[^}]+\}", "{}", template))
        pattern = re.compile(
            plain.replace(r"\{\}", "([^/]+)").replace(r"\(\)", r"(\(\))?")
        )  # a function, called or named
        for method in operations.keys() & {"get", "post", "put", "patch", "delete"}:
            yield Described(pattern, template.count("{"), method.upper(), operations[method], validator)


def _discovered(document: Mapping[str, Any]) -> Iterator[Described]:
    """Yield the methods of one of Google's discovery documents, as an OpenAPI description would say them.

    Its schemas are plain ones by name; nothing in them is required, so a field they do not name is refused instead.
    """
    if document.get("kind") != "discovery#restDescription":
        return
    schemas = {name: _closed(schema) for name, schema in document["schemas"].items()}
    registry: Registry[Any] = Registry().with_resource("urn:spec", DRAFT4.create_resource({"schemas": schemas}))

    def validator(schema: Mapping[str, Any]) -> OAS30Validator:
        return OAS30Validator(schema, registry=registry)

    for method in _methods(document):
        parameters = [
            {"name": name, "in": one["location"], "required": one.get("required", False), "schema": _closed(one)}
            for name, one in method.get("parameters", {}).items()
        ]
        operation: dict[str, Any] = {"parameters": parameters}
        if "request" in method:
            operation["requestBody"] = _content(method["request"])
        operation["responses"] = {"200": _content(method["response"])}
        template = re.escape("/" + method["flatPath"])
        pattern = re.compile(re.sub(r"\\\{\w+\\\}", "([^/:]+)", template))
        yield Described(pattern, method["flatPath"].count("{"), method["httpMethod"], operation, validator)


def _methods(resource: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from resource.get("methods", {}).values()
    for below in resource.get("resources", {}).values():
        yield from _methods(below)


def _content(reference: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"content": {"application/json": {"schema": {"$ref": f"urn:spec#/schemas/{reference['$ref']}"}}}}


def _closed(schema: Any) -> Any:
    """Return a schema of a discovery document as JSON Schema; objects take no field that is not named."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": f"urn:spec#/schemas/{schema['$ref']}"}
    kept = {name: schema[name] for name in ("type", "enum", "pattern") if isinstance(schema.get(name), str | list)}
    if "items" in schema:
        kept["items"] = _closed(schema["items"])
    if "properties" in schema:
        kept["properties"] = {name: _closed(one) for name, one in schema["properties"].items()}
        kept["additionalProperties"] = False
    return kept


class Watch:
    """Notes everything in which requests and answers differ from the description."""

    def __init__(self, vendor: str) -> None:
        self.vendor = vendor
        self.differences: list[str] = []
        self.checked = 0

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Check the request, then the answer when it is a good one."""
        if request.path.startswith(UNDESCRIBED):
            return await handler(request)
        one = _described_by(self.vendor, request.method, request.url.raw_path)
        if one is None:
            self.differences.append(f"{request.method} {request.path} is not described")
            return await handler(request)
        self.checked += 1
        asked, body = tuple(request.query.items()), json.dumps(request[SEEN].body)
        self.differences.extend(_request_differences(one, request.path, asked, body))
        answer = await handler(request)
        if FAULT in request:
            return answer
        if isinstance(answer, web.Response) and answer.status < 300 and answer.content_type == "application/json":
            self.differences.extend(_answer_differences(one, answer.status, answer.text or "null"))
        return answer


#: Tests ask the same sandboxes the same things: what was held against the description once is not again.
_ASKED: Final = 8192


@lru_cache(maxsize=_ASKED)
def _request_differences(one: Described, path: str, query: tuple[tuple[str, str], ...], body: str) -> tuple[str, ...]:
    return (*_query_complaints(one, path, query), *_body_complaints(one, path, json.loads(body)))


def _query_complaints(one: Described, path: str, query: tuple[tuple[str, str], ...]) -> Iterator[str]:
    described_query = {item["name"]: item for item in one.operation.get("parameters", ()) if item["in"] == "query"}
    for name, value in query:
        if name in CONTINUED:
            continue
        if name not in described_query:
            yield f"{path}: query {name} is not described"
        else:
            yield from _query_differences(one, name, value, described_query[name]["schema"])
    asked = {name for name, _ in query}
    for name, item in described_query.items():
        if item.get("required") and name not in asked:
            yield f"{path}: query {name} is missing"


def _body_complaints(one: Described, path: str, body: Any) -> Iterator[str]:
    wanted = one.operation.get("requestBody")
    if wanted is None:
        if body is not None:
            yield f"{path}: a body is not described"
        return
    schema = wanted["content"]["application/json"]["schema"]
    yield from (f"{path}: {error.message}" for error in one.validator(schema).iter_errors(body))
    yield from (f"{path}: body field {name} is not described" for name in _unknown(one, schema, body))


def _query_differences(one: Described, name: str, value: str, schema: Mapping[str, Any]) -> Iterator[str]:
    typed: Any = unquote(value)
    if schema.get("type") == "integer" and value.isdecimal():
        typed = int(value)
    if schema.get("type") == "boolean" and value in ("true", "false"):
        typed = value == "true"
    if schema.get("type") == "array":
        typed = typed.split(",")
    yield from (f"query {name}: {error.message}" for error in one.validator(schema).iter_errors(typed))


def _unknown(one: Described, schema: Mapping[str, Any], body: Any, under: str = "") -> Iterator[str]:
    """Yield the body's fields that the schema does not name, at every level, by their way from the top."""
    whole = _resolved(one, schema)
    if isinstance(body, list):
        for item in body:
            yield from _unknown(one, whole.get("items", {}), item, f"{under}[].")
    if not isinstance(body, dict):
        return
    if DERIVED in body:  # OData: the body says itself which of the described types it is
        whole = _resolved(one, {"$ref": f"urn:spec#/components/schemas/{body[DERIVED].removeprefix('#')}"})
    known, others = _named(one, whole), whole.get("additionalProperties")
    for name, value in body.items():
        if name == DERIVED:
            continue
        if name in known:
            yield from _unknown(one, known[name], value, f"{under}{name}.")
        elif isinstance(others, dict):
            yield from _unknown(one, others, value, f"{under}{name}.")
        elif known and not others:
            yield f"{under}{name}".replace(".[]", "[]")


def _resolved(one: Described, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a schema refers to."""
    while "$ref" in schema:
        place = schema["$ref"]
        whole = f"urn:spec{place}" if place.startswith("#") else place
        schema = one.validator({"$ref": whole})._resolver.lookup(whole).contents
    return schema


def _named(one: Described, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the fields a schema names, by itself or through those it is made of."""
    named = dict(schema.get("properties", {}))
    for way in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(way, ()):
            named |= _named(one, _resolved(one, part))
    return named


@lru_cache(maxsize=_ASKED)
def _answer_differences(one: Described, status: int, text: str) -> tuple[str, ...]:
    content = one.operation["responses"].get(str(status), {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    if schema is None:
        return (f"answer {status} to {one.path.pattern} is not described",)
    try:
        errors = list(one.validator(schema).iter_errors(_without_nulls(json.loads(text))))
    except RecursionError:  # HubSpot describes a chat's message by itself, without end
        return ()
    return tuple(f"answer to {one.path.pattern}: {error.message}" for error in errors)


def _without_nulls(body: Any) -> Any:
    """Leave nulls out: HubSpot sends them for empty properties, its description forgets to say so."""
    if isinstance(body, dict):
        return {name: _without_nulls(value) for name, value in body.items() if value is not None}
    return [_without_nulls(one) for one in body] if isinstance(body, list) else body
