"""Revoking a key after a compromise: products refuse what it signed, once a root's bundle told them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.kit.queue import enqueue
from keywright_portal.licensing.errors import KeyStateError, UnknownKeyError
from keywright_portal.licensing.key_states import KeyEvent, find_key, locked_keys, move
from keywright_portal.licensing.models import KeyState, RootKey, SigningKey

PUBLISH_TASK = "keywright_portal.licensing.tasks.publish_bundles"


@transaction.atomic
def revoke_key(*, kid: str, even_if_active: bool, actor: Actor, now: datetime) -> SigningKey:
    """Revoke a key, for good. What it signed is told as compromised by the next bundle of the portal's own, at once.

    That bundle only tells. Products refuse the key when a root's bundle revokes it (`selectors.root_bundle_draft`,
    `import_bundle`), so licenses that are in use are to be issued anew first: `reissue`. One that signs is rotated
    first, or revoked with `even_if_active`: nothing is issued then until its successor is certified.

    Raises UnknownKeyError, KeyStateError.
    """
    key = find_key(locked_keys(), kid)
    if key.state == KeyState.ACTIVE and not even_if_active:
        raise KeyStateError(
            f"The key {kid} signs licenses. Rotate first, so that they can be issued anew at once; or revoke it with "
            "--even-if-active, and nothing is issued until another is certified."
        )
    move(key, KeyEvent.REVOKE, actor=actor, now=now)
    enqueue(PUBLISH_TASK)
    return key


@transaction.atomic
def revoke_root(*, kid: str, actor: Actor, now: datetime) -> RootKey:
    """Vouch for a root no more: it isn't handed out as one to pin, and its certificates are refused here.

    Raises UnknownKeyError; KeyStateError where a key that signs is certified by it, or it was revoked before.
    """
    root = RootKey.objects.select_for_update().order_by("pk").filter(pk=kid).first()
    if root is None:
        raise UnknownKeyError(f"There is no key {kid} here. Those that there are: keywright keys list.")
    if root.revoked_at is not None:
        raise KeyStateError(f"The root key {kid} was revoked before. Nothing was changed.")
    if SigningKey.objects.filter(root_kid=kid, state=KeyState.ACTIVE).exists():
        raise KeyStateError(
            f"A key that signs licenses is certified by the root key {kid}. Rotate it under another root first."
        )
    root.revoked_at = now
    root.save(update_fields=["revoked_at"])
    audit.record(actor=actor, action="root.revoked", subject="RootKey", subject_id=kid, organization_id=None, now=now)
    return root
