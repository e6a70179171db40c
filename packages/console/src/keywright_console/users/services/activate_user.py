from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from keywright_console.kit import audit
from keywright_console.kit.actor import Actor, Permission
from keywright_console.users.errors import UserNotFoundError
from keywright_console.users.models import User


def activate_user(*, actor: Actor, user_id: uuid.UUID, now: datetime) -> User:
    """Let a deactivated user in again. Doing it twice changes nothing more."""
    actor.require(Permission.MANAGE_USERS)
    with transaction.atomic():
        user = User.objects.select_for_update().filter(pk=user_id).first()
        if user is None:
            raise UserNotFoundError(_("There is no such user."))
        if user.is_active:
            return user
        user.deactivated_at = None
        user.updated_at = now
        user.save(update_fields=["deactivated_at", "updated_at"])
        audit.record(
            actor=actor,
            action="user.activated",
            subject=user.public_id,
            now=now,
            before={"active": False},
            after={"active": True},
        )
    return user
