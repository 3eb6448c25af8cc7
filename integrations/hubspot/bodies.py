"""What the sandbox answers in HubSpot's own shapes: batches, property definitions, links, refusals."""

from collections.abc import Mapping, Sequence

from aiohttp import web
from pydantic import JsonValue

from integrations.hubspot.account import READ_ONLY
from integrations.hubspot.places import NOT_FOUND


def batch_of(now: str, results: Sequence[JsonValue], faults: Sequence[JsonValue] = ()) -> web.Response:
    """Return a batch; what is missing makes it 207 and stands among the errors."""
    body: dict[str, JsonValue] = {
        "status": "COMPLETE",
        "results": list(results),
        "startedAt": now,
        "completedAt": now,
    }
    if faults:
        body |= {"numErrors": len(faults), "errors": list(faults)}
    return web.json_response(body, status=207 if faults else 200)


def not_found(context: Mapping[str, Sequence[str]]) -> JsonValue:
    """Return HubSpot's word for what a batch has nothing for, named in *context*."""
    named: dict[str, JsonValue] = {name: list(values) for name, values in context.items()}
    return {"status": "error", "category": NOT_FOUND, "message": "", "context": named, "links": {}, "errors": []}


def definition(name: str, custom: str) -> dict[str, JsonValue]:
    return {
        "name": name,
        "label": name,
        "description": "",
        "fieldType": "text",
        "groupName": "all",
        "options": [],
        "type": custom or "string",
        "calculated": False,
        "modificationMetadata": {
            "archivable": bool(custom),
            "readOnlyDefinition": not custom,
            "readOnlyValue": name in READ_ONLY,
        },
    }


def problem(status: int, code: str, message: str, policy: str = "TEN_SECONDLY_ROLLING") -> JsonValue:
    body: dict[str, JsonValue] = {
        "status": "error",
        "message": message,
        "correlationId": "00000000-0000-4000-8000-000000000000",
        "category": code,
    }
    if status == 429:
        body |= {"errorType": "RATE_LIMIT", "policyName": policy}
    return body


def refused(name: str, code: str) -> JsonValue:
    """Return HubSpot's answer to a value it does not take; from 2026-09 an administrator's own rules are among why."""
    message = "Property values were not valid"
    error: JsonValue = {"message": message, "code": code, "context": {"propertyName": [name]}}
    return {"status": "error", "message": message, "category": "VALIDATION_ERROR", "errors": [error]}


def link(end: str) -> JsonValue:
    return {"toObjectId": end, "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": 1}]}
