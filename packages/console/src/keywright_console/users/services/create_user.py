from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from keywright_console.kit import audit
from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.installation import claim_set_up
from keywright_console.users.errors import EmailTakenError, UsernameTakenError
from keywright_console.users.models import User
from keywright_console.users.naming import check_password_strength, clean_email, clean_username


def create_user(
    *,
    actor: Actor,
    email: str,
    username: str,
    password: str,
    now: datetime,
    is_system_admin: bool = False,
    is_bot: bool = False,
) -> User:
    """Make a user who can sign in at once. The first user of all also ends the set-up, however it was made.

    Seats are not asked: a user over the licensed number is let in, and the license page says so.
    """
    actor.require(Permission.MANAGE_USERS)
    user = new_user(email=email, username=username, password=password, now=now)
    user.is_system_admin = is_system_admin
    user.is_bot = is_bot
    with transaction.atomic():
        claim_set_up(now=now)
        save_new(user=user, actor=actor, now=now)
    return user


def new_user(*, email: str, username: str, password: str, now: datetime) -> User:
    """A checked user that is not yet saved. Hashing the password takes a while, so it is done outside a transaction."""
    user = User(email=clean_email(email), username=clean_username(username), created_at=now, updated_at=now)
    check_password_strength(password, user=user)
    user.set_password(password)
    return user


def save_new(*, user: User, actor: Actor, now: datetime) -> None:
    """Insert the user and its audit row. The unique columns decide between two with one name at the same moment."""
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        if User.objects.filter(email=user.email).exists():
            raise EmailTakenError(
                _("Somebody here has this email address already. Use another, or activate that user."), field="email"
            ) from error
        if User.objects.filter(username=user.username).exists():
            raise UsernameTakenError(
                _("Somebody here has this username already. Choose another."), field="username"
            ) from error
        raise
    audit.record(
        actor=actor,
        action="user.created",
        subject=user.public_id,
        now=now,
        after={"is_system_admin": user.is_system_admin, "is_bot": user.is_bot, "active": True},
    )
