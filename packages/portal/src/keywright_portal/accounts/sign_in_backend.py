"""Signing in with email address and password, as django-allauth does it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Final

from allauth.account.auth_backends import AuthenticationBackend

from keywright_portal.accounts.models import User
from keywright_portal.kit.prepared import PreparedModels

if TYPE_CHECKING:
    from django.db.models import QuerySet


def _by_id(user_id: uuid.UUID) -> QuerySet[User]:
    return User.objects.filter(pk=user_id)


_USER: Final = PreparedModels(_by_id, uuid.UUID)


class SignInBackend(AuthenticationBackend):  # type: ignore[misc]  # django-allauth has no types
    """Reads the session's user by a prepared query, since every page asks. Who was deactivated is nobody, as before."""

    def get_user(self, user_id: uuid.UUID) -> User | None:
        found = _USER(user_id)
        return found[0] if found and self.user_can_authenticate(found[0]) else None
