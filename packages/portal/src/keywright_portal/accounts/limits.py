"""How often what may be tried on the way in. Settings hand RATE_LIMITS to allauth, which counts in the shared cache.

A limit is `count/time/per`: per `ip` an address (a /64 of IPv6), per `key` the email address that was typed, per `user`
who is signed in. Several stand side by side, and each holds. They are wide enough for an office behind one address.
"""

from __future__ import annotations

from typing import Final

RATE_LIMITS: Final[dict[str, str | None]] = {
    # Each makes an organization and a mail: an office signs up once, a script would by the thousand.
    "signup": "20/m/ip,60/h/ip",
    # Every try to log in, right or wrong: checking a password costs tens of milliseconds of a core.
    "login": "30/m/ip",
    # Wrong passwords alone. Five tries in five minutes leave a guesser of one account 1,440 a day.
    "login_failed": "10/m/ip,5/5m/key",
    # Links to confirm an address. Another before three minutes would only fill the same mailbox.
    "confirm_email": "1/3m/key",
    # Each asks for a mail to somebody: the address typed must not be flooded from many addresses either.
    "reset_password": "20/m/ip,5/h/key",
    # Whoever has no key guesses in vain; this keeps the guessing cheap for us.
    "reset_password_from_key": "20/m/ip",
    # A session left open: the current password must not be guessed from there.
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
    # Ways in and pages that the portal doesn't offer.
    "manage_email": None,
    "request_login_code": None,
    "change_phone": None,
    "verify_phone": None,
}

CONFIRMATION_DAYS: Final = 1
"""Days that the link in the mail works: as sign-up says, 24 hours. Logging in sends another."""

RESET_SECONDS: Final = 3_600
"""Seconds that a link to choose a new password works: long enough for slow mail, short in a mailbox that leaks."""
