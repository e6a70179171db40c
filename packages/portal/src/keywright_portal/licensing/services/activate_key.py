"""Having a key sign from now on, in the place of the one that signed before."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from keywright_portal.kit.actor import Actor
from keywright_portal.licensing.errors import KeyStateError, NoSigningKeyError
from keywright_portal.licensing.issuing_keys import certified
from keywright_portal.licensing.key_states import KeyEvent, find_key, locked_keys, move
from keywright_portal.licensing.models import KeyState, RootKey, SigningKey
from keywright_portal.licensing.signing import signer


def activate_key(*, kid: str, actor: Actor, now: datetime) -> SigningKey:
    """Bring a key that waits, or was retired, into force. The one before, for the same product or for all, is retired:
    what it signed verifies on.

    Raises UnknownKeyError, KeyStateError (no certificate, one that doesn't hold now, or of a root that was revoked),
    NoSigningKeyError where the private key isn't here.
    """
    # A token is asked before the transaction begins: it may be a device on a network.
    if SigningKey.objects.filter(pk=kid).exists() and not signer().holds(kid):
        raise NoSigningKeyError(
            f"The private key {kid} isn’t where keys are kept, and nothing could be signed. Bring it back first."
        )
    with transaction.atomic():
        keys = locked_keys()
        key = find_key(keys, kid)
        take_over(key, among=keys, actor=actor, now=now)
    return key


def take_over(key: SigningKey, *, among: dict[str, SigningKey], actor: Actor, now: datetime) -> None:
    """As `activate_key`, in the caller's transaction, which has locked every key."""
    if key.algorithm == "Ed25519" and not key.certificate:
        raise KeyStateError(f"The key {key.kid} has no certificate yet. Import it first: keywright keys certify FILE.")
    if not certified(key, now=now):
        raise KeyStateError(
            f"The certificate of the key {key.kid} holds from {key.valid_from:%Y-%m-%d %H:%M} until "
            f"{key.valid_until:%Y-%m-%d %H:%M} (UTC). Activate the key within that time, or have it certified anew."
        )
    if key.root_kid and not RootKey.objects.filter(pk=key.root_kid, revoked_at=None).exists():
        raise KeyStateError(f"The root that certified the key {key.kid} was revoked. Have it certified by another.")
    for other in among.values():
        if (
            other is not key
            and other.state == KeyState.ACTIVE
            and (other.algorithm, other.product) == (key.algorithm, key.product)
        ):
            move(other, KeyEvent.RETIRE, actor=actor, now=now)
    move(key, KeyEvent.ACTIVATE, actor=actor, now=now)
