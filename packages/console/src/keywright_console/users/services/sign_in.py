from __future__ import annotations

from datetime import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.db.models import Q
from django.utils.translation import gettext as _

from keywright_console.users.errors import TooManyAttemptsError, WrongCredentialsError
from keywright_console.users.limits import SIGN_IN_ACCOUNT, SIGN_IN_ADDRESS, forget, sweep, take
from keywright_console.users.models import User
from keywright_console.users.naming import PASSWORD_MAX


def sign_in(*, login: str, password: str, address: str, now: datetime) -> User:
    """The user whom this email address or username and password belong to. Opens no session by itself.

    An unknown account costs as much time as a known one and gets the same sentence, so neither tells which exist.
    """
    account = login.strip().lower()
    allowed = take(SIGN_IN_ADDRESS, address, now=now) and take(SIGN_IN_ACCOUNT, account, address, now=now)
    if not allowed:
        raise TooManyAttemptsError(_("Too many attempts to sign in. Wait 15 minutes, then try again."))
    user = User.objects.filter(Q(username=account) | Q(email=account)).first()
    if user is None:
        make_password(password[:PASSWORD_MAX])
        good = False
    else:
        good = len(password) <= PASSWORD_MAX and check_password(password, user.password) and user.is_active
    if user is None or not good:
        raise WrongCredentialsError(
            _("That email address or username and password don’t go together. Check both and try again.")
        )
    forget(SIGN_IN_ACCOUNT, account, address)
    sweep(now=now)
    return user
