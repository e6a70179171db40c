"""Making an account for one of the vendor's own people."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from keywright_portal.accounts.models import StaffRole, User
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.kit.errors import KeywrightError


class StaffAccountError(KeywrightError):
    """The account can't be made or changed like that."""

    code = "staff_account"


def create_staff(*, email: str, name: str, password: str, role: StaffRole, actor: Actor, now: datetime) -> User:
    """An account for the back office, in which it may what `role` allows. Raises StaffAccountError.

    Its address counts as confirmed: whoever may run this command vouches for it.
    """
    try:
        validate_email(email)
        validate_password(password, User(email=email, name=name))
    except ValidationError as error:
        raise StaffAccountError(" ".join(error.messages)) from error
    if not name.strip():
        raise StaffAccountError("The name is empty. Give one with --name.")
    try:
        with transaction.atomic():
            user = User.objects.create_user(
                email, password, name=name.strip(), is_staff=True, staff_role=role, joined_at=now
            )
            EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
            audit.record(
                actor=actor,
                action="staff.created",
                subject=user,
                subject_id=user.pk,
                organization_id=None,
                now=now,
                after={"role": role.value},
            )
    except IntegrityError as error:
        raise StaffAccountError(f"{email} has an account already. Use another address.") from error
    return user
