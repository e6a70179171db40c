"""Handing out a stored PDF."""

from __future__ import annotations

from django.http import HttpResponse


def pdf_answer(stored: bytes | memoryview, *, name: str) -> HttpResponse:
    """The bytes as they were stored. `name` is a number of ours: nothing that somebody wrote."""
    return HttpResponse(
        bytes(stored),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}.pdf"'},
    )
