"""Having a key sign no more. What it signed verifies on."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from keywright_portal.kit.actor import Actor
from keywright_portal.licensing.errors import KeyStateError
from keywright_portal.licensing.key_states import KeyEvent, find_key, locked_keys, move
from keywright_portal.licensing.models import KeyState, SigningKey


@transaction.atomic
def retire_key(*, kid: str, even_if_active: bool, actor: Actor, now: datetime) -> SigningKey:
    """Retire a key. One that signs is retired by its successor; without one only where `even_if_active` says so, and
    nothing is issued from then on.

    Raises UnknownKeyError, KeyStateError.
    """
    key = find_key(locked_keys(), kid)
    if key.state == KeyState.ACTIVE and not even_if_active:
        raise KeyStateError(
            f"The key {kid} signs licenses, and nothing could be issued without it. Rotate instead, or retire it with "
            "--even-if-active."
        )
    move(key, KeyEvent.RETIRE, actor=actor, now=now)
    return key
