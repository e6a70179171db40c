from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from keywright_console.kit import audit
from keywright_console.kit.actor import Actor, Permission
from keywright_console.users.errors import LastSystemAdminError, OwnAccountError, UserNotFoundError
from keywright_console.users.models import User
from keywright_console.users.services.deactivate_user import lock_active_admins


def change_role(*, actor: Actor, user_id: uuid.UUID, is_system_admin: bool, now: datetime) -> User:
    """Make a user a System Admin, or a member again. Twice changes nothing more.

    Nobody takes the role from oneself, and the last active System Admin keeps it: a console without one is locked.
    """
    actor.require(Permission.MANAGE_USERS)
    with transaction.atomic():
        active_admins = lock_active_admins()
        user = User.objects.select_for_update().filter(pk=user_id).first()
        if user is None:
            raise UserNotFoundError(_("There is no such user."))
        if user.is_system_admin == is_system_admin:
            return user
        if user.public_id == actor.id:
            raise OwnAccountError(_("You can’t take the role from yourself. Ask another System Admin to do it."))
        if active_admins == [user.pk]:
            raise LastSystemAdminError(
                _("This is the last active System Admin. Make another one first, then change this one.")
            )
        user.is_system_admin = is_system_admin
        user.updated_at = now
        user.save(update_fields=["is_system_admin", "updated_at"])
        audit.record(
            actor=actor,
            action="user.role_changed",
            subject=user.public_id,
            now=now,
            before={"is_system_admin": not is_system_admin},
            after={"is_system_admin": is_system_admin},
        )
    return user
