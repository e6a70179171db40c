"""The license that a place is asked for: the one in force, or else the one that waits."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from keywright_console.deployment.errors import NoLicenseError
from keywright_console.licensing.selectors import Installed, standing


def licensed(*, now: datetime) -> Installed:
    """NoLicenseError: there is none; or its file can't be read, which its own page tells about."""
    held = standing(now=now)
    found = held.in_force or held.waiting
    if found is None:
        raise NoLicenseError(
            _("No license is in use on this server, so it needs no place. Add a license, then activate the server.")
        )
    return found


def file_of(installed: Installed) -> bytes:
    """Its bytes, exactly as the vendor signed them."""
    return installed.data
