"""Making the key that is to sign next. It waits: until its certificate came, or until products know it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from keywright_license import keys
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.licensing.models import KeyState, SigningKey
from keywright_portal.licensing.signing import signer

if TYPE_CHECKING:
    from keywright_portal.licensing.signing.key_store import Algorithm


def rotate_key(*, algorithm: Algorithm, actor: Actor, now: datetime) -> SigningKey:
    """Make a key where keys are kept, and its row, which waits. The one that signs goes on until this one takes over.

    An Ed25519 key takes over with its certificate (`certify_key`). An RSA key is pinned by products themselves: it
    takes over when they know it (`activate_key`). The private key is there before the row, see `create_keys`.
    """
    public = signer().generate(algorithm)
    with transaction.atomic():
        row = SigningKey.objects.create(
            kid=keys.thumbprint(public),
            algorithm=algorithm,
            state=KeyState.WAITING,
            public_jwk=keys.to_jwk(public),
            created_at=now,
        )
        audit.record(
            actor=actor,
            action="key.created",
            subject="SigningKey",
            subject_id=row.kid,
            organization_id=None,
            now=now,
            after={"algorithm": algorithm, "state": row.state},
        )
    return row
