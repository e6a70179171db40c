"""Whether a genuine license may be put in force. Both formats share the rules of the servers in the field."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from keywright_license import zbase32
from keywright_license.errors import ExpiredError, MalformedError, TooFewSeatsError

if TYPE_CHECKING:
    from datetime import datetime

    from keywright_license.model import License


# A server takes one trial; those that are clearly longer or shorter than the usual one of 30 days pass all the same.
_LONG_TRIAL = timedelta(days=31, hours=23, minutes=59, seconds=59)
_SHORT_TRIAL = timedelta(days=29, hours=23, minutes=59, seconds=59)


def uses_up_the_trial(license: License) -> bool:
    """Whether it is a trial of which a server may apply one only. Who remembers that one was applied is the caller."""
    return license.is_trial and _SHORT_TRIAL < license.expires_at - license.starts_at < _LONG_TRIAL


def check_applicable(license: License, *, active_users: int, now: datetime) -> None:
    """Refuses, in this order: more active users than seats, an end that has passed (grace or not), an id that is not
    well-formed.

    A license that has not begun is applicable: it waits. Whether one that was waiting takes over is not asked here;
    it always does. TooFewSeatsError, ExpiredError, MalformedError.
    """
    if active_users > license.seats:
        msg = (
            f"The license has {license.seats} seats, and {active_users} users are active. "
            "Add seats to the subscription, or deactivate users, and upload again."
        )
        raise TooFewSeatsError(msg)
    if license.expires_at < now:
        msg = (
            f"The license expired on {license.expires_at:%Y-%m-%d}. Renew the subscription and upload the new license."
        )
        raise ExpiredError(msg)
    if len(license.id) != zbase32.LENGTH or not set(zbase32.ALPHABET).issuperset(license.id):
        raise MalformedError("The license's id is not well-formed. Ask the vendor for a new file.")
