"""Making an installation's keys: a root, and the keys that sign licenses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import transaction

from keywright_license import KeySigner, TrustedKeys, create_certificate, keys
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.licensing.certificates import read_certificate
from keywright_portal.licensing.errors import KeysExistError, KeyStateError
from keywright_portal.licensing.models import RootKey, SigningKey
from keywright_portal.licensing.signing.encrypted_files import EncryptedFiles

if TYPE_CHECKING:
    from keywright_license.keys import PublicKey

CERTIFICATE_LIFE: Final = timedelta(days=5 * 366)
"""How long an issuing key may sign. What it signed verifies on after that; a new key needs no new product release."""
LONGEST_TERM: Final = timedelta(days=3 * 366)
"""The longest license that an issuing key may sign: three terms and their margin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySet:
    """What was made. `root_file` is the root's private key, encrypted: take it offline."""

    root_kid: str
    root_file: Path
    signing_kids: tuple[str, ...]


def create_keys(*, actor: Actor, now: datetime) -> KeySet:
    """One root key, one Ed25519 issuing key that it certifies, and one RSA key for the Mattermost format.

    For a vendor who keeps keys in files and moves the root away afterwards. Where a token keeps them, or where the root
    is to be made on a machine without a network, the keys are made one by one: docs/keys.md.

    Raises KeysExistError where there are keys, KeyStateError where keys are on a token. Private keys are written before
    the rows: a crash between the two leaves files that nothing names, never a row without its key.
    """
    if SigningKey.objects.exists() or RootKey.objects.exists():
        raise KeysExistError("This installation has its keys, and products pin their root. Nothing was changed.")
    if settings.SIGNER != "files":
        raise KeyStateError(
            "Keys are kept on a token here, and a root key belongs on none of the portal’s. Make the root offline with "
            "keywright-license root create, then: keywright keys import, keywright keys rotate. See docs/keys.md."
        )
    root, issuing, rsa = keys.generate_ed25519(), keys.generate_ed25519(), keys.generate_rsa()
    root_kid = keys.thumbprint(root.public_key())
    certificate = create_certificate(
        root_signer=KeySigner(root),
        root_kid=root_kid,
        key=issuing.public_key(),
        product=None,
        valid_from=now - timedelta(days=1),
        valid_until=now + CERTIFICATE_LIFE,
        longest_term=LONGEST_TERM,
        now=now,
    )
    rows = [
        _row(issuing.public_key(), algorithm="Ed25519", now=now),
        _row(rsa.public_key(), algorithm="RS512", now=now),
    ]
    roots = TrustedKeys.from_public_keys([root.public_key()])
    read_certificate(certificate, roots=roots, now=now).put_on(rows[0])
    files = EncryptedFiles.from_settings()
    root_file = files.store(name=f"root-{root_kid}", key=root)
    files.store(name=rows[0].kid, key=issuing)
    files.store(name=rows[1].kid, key=rsa)
    with transaction.atomic():
        RootKey.objects.create(kid=root_kid, public_jwk=keys.to_jwk(root.public_key()), created_at=now)
        SigningKey.objects.bulk_create(rows)
        for kid in (root_kid, *(row.kid for row in rows)):
            audit.record(
                actor=actor, action="key.created", subject="SigningKey", subject_id=kid, organization_id=None, now=now
            )
    return KeySet(root_kid=root_kid, root_file=root_file, signing_kids=tuple(row.kid for row in rows))


def _row(key: PublicKey, *, algorithm: str, now: datetime) -> SigningKey:
    return SigningKey(
        kid=keys.thumbprint(key),
        algorithm=algorithm,
        public_jwk=keys.to_jwk(key),
        created_at=now,
        activated_at=now,
    )
