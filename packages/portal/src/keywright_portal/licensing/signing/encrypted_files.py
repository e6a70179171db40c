"""Private keys in encrypted files, `<kid>.pem`, in the directory KEYWRIGHT_KEYS_DIR: the backend by default.

A key is decrypted once a process: that, and loading an RSA key, take tens of milliseconds.
"""

from __future__ import annotations

import os
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final, Self

from django.conf import settings

from keywright_license import KeySigner, keys
from keywright_license.errors import KeyFormatError
from keywright_portal.licensing.errors import NoSigningKeyError

if TYPE_CHECKING:
    from keywright_license.keys import PrivateKey, PublicKey
    from keywright_portal.licensing.signing.key_store import Algorithm

PRIVATE_FILE_MODE: Final = 0o600
PRIVATE_DIRECTORY_MODE: Final = 0o700


class EncryptedFiles:
    """A KeyStore on PKCS #8 files under one passphrase."""

    def __init__(self, *, directory: Path, passphrase: str) -> None:
        self._directory = directory
        self._passphrase = passphrase.encode()
        self._signers: dict[str, KeySigner] = {}
        self._loading = Lock()

    @classmethod
    def from_settings(cls) -> Self:
        return cls(directory=settings.KEYS_DIR, passphrase=settings.KEYS_PASSPHRASE)

    def store(self, *, name: str, key: PrivateKey) -> Path:
        """Write `key` as `<name>.pem`, encrypted, for its owner's eyes. FileExistsError: nothing is overwritten."""
        self._directory.mkdir(mode=PRIVATE_DIRECTORY_MODE, parents=True, exist_ok=True)
        file = self._directory / f"{name}.pem"
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE_FILE_MODE)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(keys.private_key_to_pem(key, passphrase=self._passphrase))
            opened.flush()
            os.fsync(opened.fileno())
        return file

    def generate(self, algorithm: Algorithm) -> PublicKey:
        """As `KeyStore.generate`."""
        key = keys.generate_ed25519() if algorithm == "Ed25519" else keys.generate_rsa()
        public = key.public_key()
        self.store(name=keys.thumbprint(public), key=key)
        return public

    def holds(self, kid: str) -> bool:
        """As `KeyStore.holds`."""
        return (self._directory / f"{kid}.pem").is_file()

    def sign(self, kid: str, data: bytes) -> bytes:
        """As `KeyStore.sign`."""
        with self._loading:
            if kid not in self._signers:
                self._signers[kid] = self._load(kid)
        return self._signers[kid].sign(kid, data)

    def _load(self, kid: str) -> KeySigner:
        """Errors are raised outside of `except`: in the frames of the first one the passphrase is a local variable, and
        reports of errors show those.
        """
        file = self._directory / f"{kid}.pem"
        pem = file.read_bytes() if file.is_file() else None
        if pem is None:
            raise NoSigningKeyError(f"The private key {kid} isn’t in KEYWRIGHT_KEYS_DIR. Put its file back.")
        try:
            signer = KeySigner(keys.private_key_from_pem(pem, passphrase=self._passphrase))
        except KeyFormatError:
            signer = None
        if signer is None:
            raise NoSigningKeyError(f"The private key {kid} can’t be opened. Check KEYWRIGHT_KEYS_PASSPHRASE.")
        return signer
