"""The ways from here to the Customer Portal, with the license named. None where no portal is configured."""

from __future__ import annotations

from urllib.parse import urlencode

from django.conf import settings


def portal_link(*, license_id: str = "") -> str:
    """The portal's first page; it leads on from there. Empty without a portal."""
    base: str = settings.KEYWRIGHT_CONSOLE_PORTAL_URL
    if not base:
        return ""
    return f"{base}/?{urlencode({'license': license_id})}" if license_id else f"{base}/"
