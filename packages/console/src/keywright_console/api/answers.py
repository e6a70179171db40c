"""Answers in the shapes that clients parse, with exactly `Content-Type: application/json`: one parses nothing else."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

from keywright_console.kit.requests import reference_of

JSON = "application/json"


def answer(content: Any, *, status: int = HTTPStatus.OK) -> HttpResponse:
    return HttpResponse(json.dumps(content, ensure_ascii=False), status=status, content_type=JSON)


def done() -> HttpResponse:
    return answer({"status": "OK"})


def error_shape(*, id_: str, message: str, status: int, reference: str, detail: str = "") -> dict[str, Any]:
    """An error as clients know it. `detail` has our own stable code where `id_` is one that several reasons share."""
    return {
        "id": id_,
        "message": message,
        "detailed_error": detail,
        "request_id": reference,
        "status_code": status,
    }


def refusal(request: HttpRequest, *, id_: str, message: str, status: int, detail: str = "") -> HttpResponse:
    content = error_shape(id_=id_, message=message, status=status, reference=reference_of(request), detail=detail)
    return answer(content, status=status)
