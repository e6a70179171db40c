"""Changing one's own name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from keywright_portal.accounts.models import User
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor

if TYPE_CHECKING:
    import uuid
    from datetime import datetime


@transaction.atomic
def rename_user(*, user_id: uuid.UUID, name: str, now: datetime) -> User:
    """Give the user another name. The audit trail says that it changed and not to what, since that is personal."""
    user = User.objects.select_for_update().get(pk=user_id)
    if user.name == name:
        return user
    user.name = name
    user.save(update_fields=["name"])
    audit.record(
        actor=Actor(user_id=user_id, organization_id=None),
        action="account.renamed",
        subject=user,
        subject_id=user_id,
        organization_id=None,
        now=now,
        after={"fields": ["name"]},
    )
    return user
