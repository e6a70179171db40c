"""The tokens of API clients: made at sign-in, known by their digest, ended at sign-out."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from keywright_console.users.models import ApiToken, User

TOKEN_BYTES = 32
TOKEN_LIFE = timedelta(days=30)  # as long as clients of the v4 API are used to


def issue_token(*, user: User, now: datetime) -> str:
    """A new token, told once."""
    ApiToken.objects.filter(expires_at__lte=now).delete()
    token = secrets.token_urlsafe(TOKEN_BYTES)
    ApiToken.objects.create(user=user, digest=_digest(token), created_at=now, expires_at=now + TOKEN_LIFE)
    return token


def user_of_token(*, token: str, now: datetime) -> User | None:
    """Whose token it is; nobody's where it is unknown, expired, or its user deactivated."""
    found = (
        ApiToken.objects.select_related("user")
        .filter(digest=_digest(token), expires_at__gt=now, user__deactivated_at=None)
        .first()
    )
    return None if found is None else found.user


def revoke_token(*, token: str) -> None:
    """End the token. One that is unknown is as good as ended."""
    ApiToken.objects.filter(digest=_digest(token)).delete()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
