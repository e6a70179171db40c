from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Coalesce, Lower

from keywright_console.kit.actor import MEMBER, SYSTEM_ADMIN, Actor
from keywright_console.kit.ids import letters, new_id

# A user counts unless deactivated or a bot; one who never signs in counts, guests count.
COUNTS = models.Q(deactivated_at=None, is_bot=False)
ACTIVE_ADMIN = models.Q(deactivated_at=None, is_bot=False, is_system_admin=True)


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(username=username)


class User(AbstractBaseUser):
    """One who may sign in. Email and username are kept in lower case, so each is unique whatever its case.

    A user is never deleted: deactivating sets `deactivated_at`, and the row and all that points to it stay.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    username = models.CharField(max_length=64, unique=True)
    is_system_admin = models.BooleanField(default=False)
    is_bot = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    deactivated_at = models.DateTimeField(null=True)
    last_activity_at = models.DateTimeField(null=True)
    # Django would write the sign-in's time by a clock that can't be moved; `last_activity_at` says the same.
    last_login: Any = None

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="users_email_lower"),
            models.CheckConstraint(condition=models.Q(username=Lower("username")), name="users_username_lower"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["id"], name="users_counted", condition=COUNTS),
            models.Index(fields=["id"], name="users_active_admin", condition=ACTIVE_ADMIN),
            models.Index(fields=["last_activity_at"], name="users_activity", condition=COUNTS),
            # The list is read from this index alone, in its order: page, search and filter touch no row beside theirs.
            models.Index(fields=["username", "email", "deactivated_at", "is_bot", "id"], name="users_listed"),
            models.Index(Coalesce("last_activity_at", "created_at"), name="users_inactive_since", condition=COUNTS),
        ]

    @property
    def is_active(self) -> bool:  # type: ignore[override]  # Django's is a plain class attribute, always True
        return self.deactivated_at is None

    @property
    def public_id(self) -> str:
        """The id as pages, command line and API show it: 26 letters."""
        return letters(self.id)

    @property
    def actor(self) -> Actor:
        """The user as one who acts. A deactivated user or a bot without the role may nothing."""
        permissions = SYSTEM_ADMIN if self.is_system_admin and self.is_active else MEMBER
        return Actor(kind="user", id=self.public_id, permissions=permissions)


class UserTotals(models.Model):
    """How many users there are of each kind: one row, kept by the database itself (`standing_sql.py`)."""

    id = models.PositiveSmallIntegerField(primary_key=True, editable=False)
    active = models.BigIntegerField()
    deactivated = models.BigIntegerField()
    bots = models.BigIntegerField()


class PlannedChange(models.Model):
    """Users that somebody is about to deactivate or activate, shown first: kept for as long as one thinks it over.

    `changes` are pairs of an id and whether the user shall be active; `left_out` are pairs of a line of the file and
    the sentence that says why it isn't among them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=26)
    changes = models.JSONField()
    left_out = models.JSONField(default=list)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["made_at"], name="users_planned_made")]


class ApiToken(models.Model):
    """A session of an API client. The token itself is not kept: its SHA-256 is enough to know it by."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)


class Attempt(models.Model):
    """How often something was tried within a window, by a digest of who tried what: no address is kept in clear."""

    key = models.CharField(primary_key=True, max_length=64)
    count = models.PositiveIntegerField()
    window_ends_at = models.DateTimeField(db_index=True)
