"""Giving one of the vendor's own people another role, or none."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from keywright_portal.accounts.models import StaffRole, User
from keywright_portal.accounts.services.create_staff import StaffAccountError
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor


def change_staff(*, email: str, role: StaffRole | None, actor: Actor, now: datetime) -> User:
    """Let a staff account do what `role` allows, from its next page on. With no role it is staff no more.

    Raises StaffAccountError for an address that is nobody's, or a customer's: who buys isn't made staff by the way.
    """
    with transaction.atomic():
        user = User.objects.select_for_update().filter(email=email.strip().lower()).order_by("pk").first()
        if user is None or not (user.is_staff or user.staff_role):
            raise StaffAccountError(f"{email} is no account of staff. Make one with: keywright staff create")
        before = {"role": user.staff_role, "staff": user.is_staff}
        user.staff_role = role.value if role is not None else ""
        user.is_staff = role is not None
        after = {"role": user.staff_role, "staff": user.is_staff}
        if before != after:
            user.save(update_fields=["staff_role", "is_staff"])
            audit.record(
                actor=actor,
                action="staff.changed",
                subject=user,
                subject_id=user.pk,
                organization_id=None,
                now=now,
                before=before,
                after=after,
            )
    return user
