"""Where private keys live: behind `Signer.sign(kid, bytes)`, never in the database. One setting says where."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from keywright_portal.licensing.signing.key_store import KeyStore


@cache
def signer() -> KeyStore:
    """The process's signer, as KEYWRIGHT_SIGNER says: it keeps the keys, or the session, that it has opened."""
    if settings.SIGNER == "pkcs11":
        from keywright_portal.licensing.signing.pkcs11_token import Pkcs11Token  # noqa: PLC0415 (an extra: see there)

        return Pkcs11Token.from_settings()
    from keywright_portal.licensing.signing.encrypted_files import EncryptedFiles  # noqa: PLC0415 (the one that is used)

    return EncryptedFiles.from_settings()
