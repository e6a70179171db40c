from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from keywright_console.kit import audit
from keywright_console.kit.actor import Actor, Permission
from keywright_console.users.errors import LastSystemAdminError, OwnAccountError, UserNotFoundError
from keywright_console.users.models import ACTIVE_ADMIN, ApiToken, User


def deactivate_user(*, actor: Actor, user_id: uuid.UUID, now: datetime) -> User:
    """End a user's access and free the seat; nothing of the user's is deleted. Twice changes nothing more.

    Sessions and tokens end with it. Nobody deactivates oneself, and the last System Admin stays.
    """
    actor.require(Permission.MANAGE_USERS)
    with transaction.atomic():
        active_admins = lock_active_admins()
        user = User.objects.select_for_update().filter(pk=user_id).first()
        if user is None:
            raise UserNotFoundError(_("There is no such user."))
        if not user.is_active:
            return user
        if user.public_id == actor.id:
            raise OwnAccountError(_("You can’t deactivate yourself. Ask another System Admin to do it."))
        if active_admins == [user.pk]:
            raise LastSystemAdminError(
                _("This is the last active System Admin. Make another one first, then deactivate this one.")
            )
        user.deactivated_at = now
        user.updated_at = now
        user.save(update_fields=["deactivated_at", "updated_at"])
        ApiToken.objects.filter(user=user).delete()
        audit.record(
            actor=actor,
            action="user.deactivated",
            subject=user.public_id,
            now=now,
            before={"active": True},
            after={"active": False},
        )
    return user


def lock_active_admins() -> list[uuid.UUID]:
    """The active System Admins, locked: two who deactivate each other can't both be right."""
    return list(User.objects.filter(ACTIVE_ADMIN).select_for_update().order_by("pk").values_list("pk", flat=True))
