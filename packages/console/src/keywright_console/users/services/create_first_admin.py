from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from keywright_console.kit.actor import SETUP
from keywright_console.kit.installation import claim_set_up, installation, lock
from keywright_console.users.errors import AlreadySetUpError, TooManyAttemptsError, WrongSetupCodeError
from keywright_console.users.limits import SETUP_ADDRESS, take
from keywright_console.users.models import User
from keywright_console.users.services.create_user import new_user, save_new

CODE_BYTES = 16  # 128 bits: no guessing, so a plain digest keeps it


def is_set_up(*, now: datetime) -> bool:
    """Whether this console has had its first user."""
    return installation(now=now).set_up_at is not None


def make_setup_code(*, now: datetime) -> str:
    """A new code for the set-up page, to be shown once on the server's own terminal. An older one is void."""
    code = secrets.token_hex(CODE_BYTES)
    with transaction.atomic():
        row = lock(now=now)
        if row.set_up_at is not None:
            raise AlreadySetUpError(_("This console has its first System Admin. Sign in."))
        row.setup_code_digest = _digest(code)
        row.save(update_fields=["setup_code_digest"])
    return code


def create_first_admin(*, code: str, email: str, username: str, password: str, address: str, now: datetime) -> User:
    """Make the first System Admin, for one who can read the server's terminal. Two at once: one is made.

    Without the code a stranger who finds a fresh console first would own it.
    """
    row = installation(now=now)
    if row.set_up_at is not None:
        raise AlreadySetUpError(_("This console has its first System Admin. Sign in."))
    if not take(SETUP_ADDRESS, address, now=now):
        raise TooManyAttemptsError(_("Too many attempts. Wait 15 minutes, then try again."))
    if not row.setup_code_digest or not hmac.compare_digest(_digest(code.strip()), row.setup_code_digest):
        raise WrongSetupCodeError(
            _("This is not the set-up code. Copy it from the terminal where keywright-console serve runs.")
        )
    user = new_user(email=email, username=username, password=password, now=now)
    user.is_system_admin = True
    with transaction.atomic():
        if not claim_set_up(now=now):
            raise AlreadySetUpError(_("This console has its first System Admin. Sign in."))
        save_new(user=user, actor=SETUP, now=now)
    return user


def _digest(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
