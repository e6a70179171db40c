"""Taking over the public key of a root that was made offline."""

from __future__ import annotations

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import transaction

from keywright_license import TrustedKeys, keys
from keywright_license.errors import KeyFormatError
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.licensing.errors import KeysExistError, KeyStateError, UnknownKeyError
from keywright_portal.licensing.models import RootKey, SigningKey


@transaction.atomic
def import_root(*, public_key: bytes, actor: Actor, now: datetime) -> RootKey:
    """Add the root whose public key (PEM, or a JWK set of one) this is: products pin it from their next release on.

    Raises UnknownKeyError where it is no such key, KeysExistError where it was added before, KeyStateError where a key
    that signs licenses was given.
    """
    try:
        roots = TrustedKeys.from_key_file(public_key).roots
    except KeyFormatError as error:
        raise UnknownKeyError(f"This is no root’s public key: {error.message}") from error
    if len(roots) != 1:
        raise UnknownKeyError("Give one Ed25519 public key: the file .pub that keywright-license root create wrote.")
    root: Ed25519PublicKey = roots[0]
    kid = keys.thumbprint(root)
    if RootKey.objects.filter(pk=kid).exists():
        raise KeysExistError(f"The root key {kid} was added before. Nothing was changed.")
    if SigningKey.objects.filter(pk=kid).exists():
        raise KeyStateError(f"The key {kid} signs licenses, and a root key signs none. Give the root’s public key.")
    row = RootKey.objects.create(kid=kid, public_jwk=keys.to_jwk(root), created_at=now)
    audit.record(actor=actor, action="root.imported", subject="RootKey", subject_id=kid, organization_id=None, now=now)
    return row
