"""Keeps something secret in the database without showing it to whoever has the database alone.

All nodes share two things: the database, and the secret of the settings. What is sealed lies in the one, under a key
made from the other: a dump, a backup or a replica doesn't tell it.
"""

from __future__ import annotations

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from keywright_console.kit.errors import NotConfiguredError

SALT_BYTES = 16
NONCE_BYTES = 12  # AES-GCM's own; every sealing has a fresh salt, so no key meets a nonce twice
KEY_BYTES = 32


class WrongSecretError(Exception):
    """It was sealed under another secret, for another end, or changed since."""


def server_secret() -> str:
    """The secret that every node has. NotConfiguredError: it isn't set."""
    try:
        secret: str = settings.SECRET_KEY
    except ImproperlyConfigured:
        secret = ""
    if not secret:
        raise NotConfiguredError(
            _(
                "KEYWRIGHT_CONSOLE_SECRET_KEY is not set. What this server keeps secret is sealed with it: give this "
                "command the same one as the server."
            )
        )
    return secret


def seal(data: bytes, *, secret: str, purpose: bytes, owner: bytes = b"") -> bytes:
    """Salt, nonce and sealed data. What is sealed for one `purpose` and `owner` opens for no other."""
    salt, nonce = os.urandom(SALT_BYTES), os.urandom(NONCE_BYTES)
    return salt + nonce + _cipher(secret, salt, purpose).encrypt(nonce, data, owner)


def unseal(sealed: bytes, *, secret: str, purpose: bytes, owner: bytes = b"") -> bytes:
    """The data again. WrongSecretError: it can't be opened with this secret."""
    salt, rest = sealed[:SALT_BYTES], sealed[SALT_BYTES:]
    try:
        return _cipher(secret, salt, purpose).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], owner)
    except (InvalidTag, ValueError):
        # Without the cause: what a cipher was fed has no place in a traceback.
        raise WrongSecretError from None


def _cipher(secret: str, salt: bytes, purpose: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=purpose).derive(secret.encode()))
