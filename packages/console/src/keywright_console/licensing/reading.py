"""From bytes to a verified license. There is no other way to what a file says."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from keywright_console.licensing.errors import refused, refused_for_seats, refused_for_size
from keywright_console.licensing.trust import Anchor, anchor
from keywright_console.revocations.selectors import root_bundle
from keywright_license import MAX_FILE_BYTES, LicenseError, check_applicable, verify

if TYPE_CHECKING:
    from keywright_license import License

MAX_BYTES = MAX_FILE_BYTES
# In force, waiting, and what administrators look at right now; twice, since the minute changes.
REMEMBERED = 32


def read(data: bytes, *, now: datetime, withdrawn: bytes) -> License:
    """The license in these bytes, or `RefusedLicenseError`. Size first: what is too large is not parsed.

    `withdrawn` is the root bundle that may take keys back (`revocations.selectors.root_bundle`); empty for none.
    """
    if not data.strip():
        raise refused_for_size(empty=True)
    if len(data) > MAX_BYTES:
        raise refused_for_size(empty=False)
    try:
        return _remembered(data, anchor(withdrawn=withdrawn), now.replace(second=0, microsecond=0))
    except LicenseError as error:
        raise refused(error) from error


def read_applicable(data: bytes, *, active_users: int, now: datetime) -> License:
    """The license in these bytes if it may be applied now: enough seats, then not expired."""
    license_ = read(data, now=now, withdrawn=root_bundle())
    try:
        check_applicable(license_, active_users=active_users, now=now)
    except LicenseError as error:
        if error.code == "too_few_seats":
            raise refused_for_seats(seats=license_.seats, active_users=active_users) from error
        raise refused(error) from error
    return license_


@lru_cache(maxsize=REMEMBERED)
def _remembered(data: bytes, trusted: Anchor, minute: datetime) -> License:
    """Keyed by the bytes themselves, so a changed byte in the database is another file and is verified anew.

    And by the minute, since a key may be revoked from a moment on. A refusal is not remembered: an exception leaves
    no entry.
    """
    return verify(data, keys=trusted.keys, product=trusted.product, now=minute)
