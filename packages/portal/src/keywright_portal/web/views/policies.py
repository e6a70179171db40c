"""The Terms and the Privacy Policy. Every version stays to be read, since people agreed to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_safe

from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.models import PolicyKind

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """The Terms."""
    return _policy(request, PolicyKind.TERMS)


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """The Privacy Policy."""
    return _policy(request, PolicyKind.PRIVACY)


def _policy(request: HttpRequest, kind: PolicyKind) -> HttpResponse:
    """The version in force, or the one that `?version=` names."""
    in_force = catalog.current_policy(kind)
    asked = request.GET.get("version", in_force.version)
    shown = in_force if asked == in_force.version else catalog.policy(kind, asked)
    context = {"policy": shown, "in_force": in_force, "title": kind.label}
    return render(request, "web/policies/policy.html", context)
