"""The bind password in the database: sealed with a key made from the server's secret, so a dump doesn't tell it."""

from __future__ import annotations

import base64
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from keywright_console.kit.errors import NotConfiguredError

NONCE_BYTES = 12  # as AES-GCM wants it; random, since few passwords are ever sealed
PURPOSE = b"keywright-console directory bind password"  # the same secret makes other keys for other ends


def seal(password: str) -> str:
    """The password as it is kept. None stays none."""
    if not password:
        return ""
    nonce = os.urandom(NONCE_BYTES)
    return base64.b64encode(nonce + AESGCM(_key()).encrypt(nonce, password.encode(), PURPOSE)).decode("ascii")


def unseal(sealed: str) -> str:
    """The password again. `NotConfiguredError` where the server's secret isn't the one that sealed it."""
    if not sealed:
        return ""
    data = base64.b64decode(sealed)
    try:
        return AESGCM(_key()).decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], PURPOSE).decode()
    except InvalidTag as error:
        raise NotConfiguredError(
            _(
                "The bind password can’t be read, since KEYWRIGHT_CONSOLE_SECRET_KEY is another than when it was "
                "entered. Give every node the same, or enter the password again."
            )
        ) from error


def _key() -> bytes:
    try:
        secret = settings.SECRET_KEY
    except ImproperlyConfigured as error:
        raise NotConfiguredError(
            _("KEYWRIGHT_CONSOLE_SECRET_KEY is not set. The bind password is sealed with it; set it as for serve.")
        ) from error
    return HKDF(hashes.SHA256(), 32, salt=None, info=PURPOSE).derive(secret.encode())
