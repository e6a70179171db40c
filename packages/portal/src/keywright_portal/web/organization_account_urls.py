"""The organization's own page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import path

from keywright_portal.web.views import organization

if TYPE_CHECKING:
    from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = [
    path("organization/", organization.organization, name="organization"),
]
