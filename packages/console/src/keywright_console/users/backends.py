from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend

from keywright_console.users.models import User


class ConsoleBackend(BaseBackend):
    """Gives the session its user back. Signing in is `services/sign_in.py`, which limits attempts first."""

    def get_user(self, user_id: Any) -> User | None:
        """The user, unless deactivated meanwhile: an open session ends with the deactivation."""
        return User.objects.filter(pk=user_id, deactivated_at=None).first()
