from __future__ import annotations

import uuid
from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.utils.translation import gettext as _

from keywright_console.kit import audit
from keywright_console.kit.actor import Actor
from keywright_console.users.errors import InvalidUserError, TooManyAttemptsError
from keywright_console.users.limits import PASSWORD_ACCOUNT, forget, take
from keywright_console.users.models import ApiToken, User
from keywright_console.users.naming import PASSWORD_MAX, check_password_strength


def change_password(*, actor: Actor, user_id: uuid.UUID, present: str, new: str, now: datetime) -> User:
    """Change one's own password; the present one is asked for. Every other session and every token ends."""
    user = User.objects.get(pk=user_id)
    if not take(PASSWORD_ACCOUNT, user.public_id, now=now):
        raise TooManyAttemptsError(_("Too many attempts. Wait 15 minutes, then try again."))
    if len(present) > PASSWORD_MAX or not check_password(present, user.password):
        raise InvalidUserError(_("This is not your present password."), field="present")
    check_password_strength(new, user=user)
    user.set_password(new)
    user.updated_at = now
    with transaction.atomic():
        user.save(update_fields=["password", "updated_at"])
        ApiToken.objects.filter(user=user).delete()
        audit.record(actor=actor, action="user.password_changed", subject=user.public_id, now=now)
    forget(PASSWORD_ACCOUNT, user.public_id)
    return user
