"""Signing in with email address and password, as django-allauth does it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from allauth.account.auth_backends import AuthenticationBackend
from django.db import DEFAULT_DB_ALIAS

from keywright_portal.accounts.models import User
from keywright_portal.kit.prepared import PreparedQuery

if TYPE_CHECKING:
    from django.db.models import QuerySet

_FIELDS: Final = [field.attname for field in User._meta.concrete_fields]  # noqa: SLF001 (Django's documented API)


def _by_id(user_id: uuid.UUID) -> QuerySet[User, tuple[Any, ...]]:
    return User.objects.filter(pk=user_id).values_list(*_FIELDS)


_USER: Final = PreparedQuery(_by_id, uuid.UUID)


class SignInBackend(AuthenticationBackend):  # type: ignore[misc]  # django-allauth has no types
    """Reads the session's user by a prepared query, since every page asks. Who was deactivated is nobody, as before."""

    def get_user(self, user_id: uuid.UUID) -> User | None:
        found = _USER(user_id)
        if not found:
            return None
        user = User.from_db(DEFAULT_DB_ALIAS, _FIELDS, found[0])
        return user if self.user_can_authenticate(user) else None
