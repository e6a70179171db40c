"""Which key signs for a product now."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from keywright_portal.kit.prepared import PreparedModels
from keywright_portal.licensing.errors import NoSigningKeyError
from keywright_portal.licensing.models import KeyState, SigningKey

_ACTIVE: Final = PreparedModels(lambda: SigningKey.objects.filter(state=KeyState.ACTIVE))


def active_keys() -> list[SigningKey]:
    """Every key that signs. One query, prepared: it is asked with each purchase."""
    return _ACTIVE()


def issuing_key(*, product: str, now: datetime, algorithm: str = "Ed25519") -> SigningKey:
    """The key that signs for the product with this code. Raises NoSigningKeyError."""
    return choose_key(active_keys(), product=product, algorithm=algorithm, now=now)


def choose_key(keys: Iterable[SigningKey], *, product: str, algorithm: str, now: datetime) -> SigningKey:
    """Of active keys: the product's own, else the one for all products. Raises NoSigningKeyError, which says why."""
    fitting = [key for key in keys if key.algorithm == algorithm and key.product in ("", product)]
    if not fitting:
        raise NoSigningKeyError("There is no active signing key. Make the keys first: keywright keys create.")
    key = max(fitting, key=lambda key: key.product)
    if not certified(key, now=now):
        raise NoSigningKeyError(
            f"The certificate of the signing key {key.kid} doesn’t hold now. Make its successor: keywright keys rotate."
        )
    return key


def certified(key: SigningKey, *, now: datetime) -> bool:
    """Whether the key may sign at `now`: a key without a certificate (RS512) always may."""
    return (key.valid_from is None or key.valid_from <= now) and (key.valid_until is None or now < key.valid_until)
