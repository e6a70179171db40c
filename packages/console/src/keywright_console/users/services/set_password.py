from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from keywright_console.kit import audit
from keywright_console.kit.actor import Actor, Permission
from keywright_console.users.models import ApiToken, User
from keywright_console.users.naming import check_password_strength
from keywright_console.users.selectors import user_for


def set_password(*, actor: Actor, user_id: uuid.UUID, password: str, now: datetime) -> User:
    """Give a user a new password without the old one: for one who forgot it. Every session and token ends."""
    actor.require(Permission.MANAGE_USERS)
    user = user_for(actor=actor, user_id=user_id)
    check_password_strength(password, user=user)
    user.set_password(password)
    user.updated_at = now
    with transaction.atomic():
        user.save(update_fields=["password", "updated_at"])
        ApiToken.objects.filter(user=user).delete()
        audit.record(actor=actor, action="user.password_set", subject=user.public_id, now=now)
    return user
