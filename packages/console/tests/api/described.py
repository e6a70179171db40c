"""Answers against the API's description."""

from __future__ import annotations

import json
import re

from jsonschema import Draft202012Validator

from keywright_console.api.description import openapi

DESCRIPTION = openapi()
METHODS = ("get", "put", "post", "delete")
# The id in the path's place decides between /users/stats and /users/{user_id}: the literal one is looked for first.
TEMPLATES = sorted(DESCRIPTION["paths"], key=lambda path: path.count("{"))


def template_of(path):
    """The described path that this one is of, or None."""
    plain = path.partition("?")[0]
    return next((one for one in TEMPLATES if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one), plain)), None)


def check(method, path, response):
    """Fail unless the answer is one that the description has for this call; the answer."""
    template = template_of(path)
    described = DESCRIPTION["paths"].get(template, {}).get(method.lower())
    if described is None:
        assert response.status_code in {404, 405}, f"{method} {path} isn’t described, and answered"
        validate({"$ref": "#/components/schemas/Error"}, response)
        return response
    answers = described["responses"]
    assert str(response.status_code) in answers, (method, path, response.status_code, response.content)
    answer = answers[str(response.status_code)]
    validate(answer["content"]["application/json"]["schema"], response)
    for name in answer.get("headers", {}):
        assert response.headers[name]
    if response.status_code >= 400:
        assert json.loads(response.content)["id"] in answer["description"].split("; "), (method, path)
    return response


def validate(schema, response):
    assert (response.headers["Content-Type"], response.headers["Cache-Control"]) == ("application/json", "no-store")
    Draft202012Validator({**schema, "components": DESCRIPTION["components"]}).validate(json.loads(response.content))
