"""Whole pages that are remembered, by all that they are made of: see ADR 9."""

from __future__ import annotations

import secrets
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from django.contrib.messages import get_messages
from django.core.cache import caches
from django.http import HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string

from keywright_portal.web.context import shell_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.http import HttpRequest

_TOKEN: Final = secrets.token_urlsafe()
"""Stands in a remembered page for the CSRF token of who asks. Nobody knows it, so no name and no label contains it."""


def render_remembered(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    """As `render`, for a page that is asked again and again.

    The page may show the address, the shell's own (see `shell_key`) and `context`; each value of that must say all of
    itself in its `repr`, as dataclasses and tuples of them do, and models don't. A page with messages isn't remembered:
    they are shown once.
    """
    if get_messages(request):
        return render(request, template, dict(context))
    made_of = repr((template, request.get_full_path(), shell_key(request), sorted(context.items())))
    key = f"page.{blake2b(made_of.encode(), digest_size=32).hexdigest()}"
    pages = caches["template_fragments"]
    page = pages.get(key)
    if page is None:
        page = render_to_string(template, {**context, "csrf_token": _TOKEN}, request)
        pages.set(key, page)
    return HttpResponse(page.replace(_TOKEN, get_token(request)))
