"""Who calls: a server with a secret key, or a browser with a publishable one."""

import base64
import binascii
from dataclasses import dataclass

from stripe_simulator.errors import StripeError

SECRET_PREFIX, PUBLISHABLE_PREFIX = "sk_test_", "pk_test_"
UNAUTHORIZED = 401
LETTERS_SHOWN = 4
"""Of a wrong key, the error shows the end alone, as Stripe does."""


@dataclass(frozen=True)
class Keys:
    """The only keys that are taken; None takes any of Stripe's test form."""

    secret: str | None = None
    publishable: str | None = None


def authenticate(header: str | None, keys: Keys) -> bool:
    """Whether the key is a publishable one; 401 without a key, or with one that isn't known."""
    key = _key_in(header)
    if key is None:
        raise StripeError(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using "
            "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            status=UNAUTHORIZED,
            is_replayed=False,
        )
    for prefix, known, is_publishable in (
        (SECRET_PREFIX, keys.secret, False),
        (PUBLISHABLE_PREFIX, keys.publishable, True),
    ):
        if key.startswith(prefix) and known in (None, key):
            return is_publishable
    shown = key[:8] + "*" * max(0, len(key) - 8 - LETTERS_SHOWN) + key[-LETTERS_SHOWN:]
    raise StripeError(f"Invalid API Key provided: {shown}", status=UNAUTHORIZED, is_replayed=False)


def secret_key_required() -> StripeError:
    return StripeError(
        "This API call cannot be made with a publishable API key. Please use a secret API key.",
        status=UNAUTHORIZED,
        code="secret_key_required",
        is_replayed=False,
    )


def _key_in(header: str | None) -> str | None:
    scheme, _, value = (header or "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip() or None
    if scheme.lower() == "basic":
        try:
            user = base64.b64decode(value, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return None
        return user or None
    return None
