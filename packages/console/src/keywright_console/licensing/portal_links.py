"""The ways from here to the Customer Portal, with the license named. None where no portal is configured."""

from __future__ import annotations

from enum import StrEnum
from urllib.parse import urlencode

from django.conf import settings


class Errand(StrEnum):
    """What one goes to the portal for; it stands in the address."""

    RENEW = "renew"
    ADD_SEATS = "seats"


def portal_link(*, license_id: str = "", errand: Errand | None = None) -> str:
    """The portal's first page, which leads on to the license's subscription. Empty without a portal."""
    base: str = settings.KEYWRIGHT_CONSOLE_PORTAL_URL
    if not base:
        return ""
    named = {"license": license_id} if license_id else {}
    if errand is not None and license_id:
        named["for"] = errand.value
    return f"{base}/?{urlencode(named)}" if named else f"{base}/"
