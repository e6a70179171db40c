"""Where private keys live: behind `Signer.sign(kid, bytes)`, never in the database. One setting says where."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

from keywright_portal.kit.errors import ConfigurationError

if TYPE_CHECKING:
    from keywright_portal.licensing.signing.key_store import KeyStore


@cache
def signer() -> KeyStore:
    """The process's signer, as KEYWRIGHT_SIGNER says: it keeps the keys, or the session, that it has opened.

    Raises ConfigurationError where the token's package is missing.
    """
    if settings.SIGNER == "pkcs11":
        try:
            from keywright_portal.licensing.signing.pkcs11_token import Pkcs11Token  # noqa: PLC0415 (an extra)
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                "KEYWRIGHT_SIGNER is pkcs11, and the package for it isn’t here. Install keywright-portal[pkcs11]."
            ) from error
        return Pkcs11Token.from_settings()
    from keywright_portal.licensing.signing.encrypted_files import EncryptedFiles  # noqa: PLC0415 (the one that is used)

    return EncryptedFiles.from_settings()
