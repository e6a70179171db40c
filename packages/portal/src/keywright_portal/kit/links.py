"""Addresses that leave the portal, in mails: absolute, from the setting PORTAL_URL and never from a request's Host."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse


def absolute(name: str, **kwargs: object) -> str:
    """The full address of the page named `name`."""
    return f"{settings.PORTAL_URL}{reverse(name, kwargs=kwargs or None)}"
