"""What an email address, a username and a password may be. Pure: it looks at text alone."""

from __future__ import annotations

import re

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from keywright_console.users.errors import InvalidUserError, WeakPasswordError
from keywright_console.users.models import User

EMAIL_MAX = 254  # RFC 5321: a path of 256 octets less its angle brackets
USERNAME_MAX = 64  # what clients of the v4 API accept
PASSWORD_MAX = 256  # above it nobody types, and hashing it only costs
# No "@", so a username is never an email address and one field can take either.
USERNAME = re.compile(r"[a-z][a-z0-9._-]*")


def clean_email(text: str) -> str:
    """The address in lower case, or `InvalidUserError`."""
    email = text.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise InvalidUserError(_("Enter an email address, like name@example.com."), field="email") from error
    if len(email) > EMAIL_MAX:
        raise InvalidUserError(_("This email address is too long. At most 254 characters are allowed."), field="email")
    return email


def clean_username(text: str) -> str:
    """The username in lower case, or `InvalidUserError`."""
    username = text.strip().lower()
    if not USERNAME.fullmatch(username) or len(username) > USERNAME_MAX:
        raise InvalidUserError(
            _(
                "A username starts with a letter and has letters from a to z, digits, dots, hyphens and underscores, "
                "64 at most."
            ),
            field="username",
        )
    return username


def check_password_strength(password: str, *, user: User) -> None:
    """Raise `WeakPasswordError` with the first thing that is wrong with it."""
    if len(password) > PASSWORD_MAX:
        raise WeakPasswordError(_("This password is too long. At most 256 characters are allowed."), field="password")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPasswordError(" ".join(error.messages), field="password") from error
