"""Holds what a sandbox is asked and answers against the vendors' own descriptions, which lie outside the repository.

A middleware, not part of the sandboxes: they ship, the descriptions do not (D38).
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
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


@dataclass(frozen=True)
class Described:
    """One operation of a description; `schema` finds a schema of its file by JSON pointer."""

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


def _beside(document: Mapping[str, Any], more: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return *more* with the schemas it takes from *document*."""
    schemas = document["components"]["schemas"] | more["components"]["schemas"]
    return {**more, "components": {"schemas": schemas}}


def _operations(document: Mapping[str, Any]) -> Iterator[Described]:
    if "openapi" not in document:
        yield from _discovered(document)
        return
    registry: Registry[Any] = Registry().with_resource("urn:spec", DRAFT4.create_resource(document))

    def validator(schema: Mapping[str, Any]) -> OAS30Validator:
        absolute = json.loads(json.dumps(schema).replace('"#/', '"urn:spec#/'))
        return OAS30Validator(absolute, registry=registry)

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
        self.operations = described(vendor)
        self.differences: list[str] = []
        self.checked = 0

    @web.middleware
    async def middleware(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Check the request, then the answer when it is a good one."""
        if request.path.startswith(UNDESCRIBED):
            return await handler(request)
        fitting = [
            one for one in self.operations if one.method == request.method and one.path.fullmatch(request.url.raw_path)
        ]
        if not fitting:
            self.differences.append(f"{request.method} {request.path} is not described")
            return await handler(request)
        self.checked += 1
        self.differences.extend(_request_differences(fitting[0], request, request[SEEN].body))
        answer = await handler(request)
        if FAULT in request:
            return answer
        if isinstance(answer, web.Response) and answer.status < 300 and answer.content_type == "application/json":
            self.differences.extend(_answer_differences(fitting[0], answer))
        return answer


def _request_differences(one: Described, request: web.Request, body: Any) -> Iterator[str]:
    described_query = {item["name"]: item for item in one.operation.get("parameters", ()) if item["in"] == "query"}
    for name, value in request.query.items():
        if name in CONTINUED:
            continue
        if name not in described_query:
            yield f"{request.path}: query {name} is not described"
        else:
            yield from _query_differences(one, name, value, described_query[name]["schema"])
    for name, item in described_query.items():
        if item.get("required") and name not in request.query:
            yield f"{request.path}: query {name} is missing"
    wanted = one.operation.get("requestBody")
    if wanted is None:
        if body is not None:
            yield f"{request.path}: a body is not described"
        return
    schema = wanted["content"]["application/json"]["schema"]
    yield from (f"{request.path}: {error.message}" for error in one.validator(schema).iter_errors(body))
    yield from (f"{request.path}: body field {name} is not described" for name in _unknown(one, schema, body))


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


def _answer_differences(one: Described, answer: web.Response) -> Iterator[str]:
    content = one.operation["responses"].get(str(answer.status), {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    if schema is None:
        yield f"answer {answer.status} to {one.path.pattern} is not described"
        return
    body = _without_nulls(json.loads(answer.text or "null"))
    try:
        errors = list(one.validator(schema).iter_errors(body))
    except RecursionError:  # HubSpot describes a chat's message by itself, without end
        return
    yield from (f"answer to {one.path.pattern}: {error.message}" for error in errors)


def _without_nulls(body: Any) -> Any:
    """Leave nulls out: HubSpot sends them for empty properties, its description forgets to say so."""
    if isinstance(body, dict):
        return {name: _without_nulls(value) for name, value in body.items() if value is not None}
    return [_without_nulls(one) for one in body] if isinstance(body, list) else body
