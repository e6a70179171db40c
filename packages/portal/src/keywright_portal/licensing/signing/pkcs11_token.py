"""Private keys on a PKCS #11 token (a hardware security module, or SoftHSM): they are made there and never leave it.

Needs the extra `pkcs11` of the portal's package, which brings python-pkcs11.
"""

from __future__ import annotations

import os
from secrets import token_bytes
from threading import Lock
from typing import TYPE_CHECKING, Final, Protocol, Self, cast

import pkcs11
from django.conf import settings
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.exceptions import PKCS11Error, UserAlreadyLoggedIn

from keywright_license import keys
from keywright_license.errors import KeyFormatError
from keywright_portal.kit.errors import ConfigurationError
from keywright_portal.licensing.errors import NoSigningKeyError

if TYPE_CHECKING:
    from keywright_license.keys import PublicKey
    from keywright_portal.licensing.signing.key_store import Algorithm

LABEL: Final = "keywright"
"""What keys that are made here are called on the token. Keys are found by their public side, whatever their label."""
ED25519_CURVE: Final = bytes.fromhex("06032b6570")
"""The object identifier 1.3.101.112 (RFC 8410) in DER, as CKA_EC_PARAMS wants it."""
ED25519_BYTES: Final = 32
ID_BYTES: Final = 16
"""CKA_ID joins the two halves of a pair: long enough that none is drawn twice."""
MECHANISMS: Final = {KeyType.EC_EDWARDS: Mechanism.EDDSA, KeyType.RSA: Mechanism.SHA512_RSA_PKCS}


class _PrivateKey(Protocol):
    """A handle to a key on the token. The package adds its methods when it runs, where types don't see them."""

    @property
    def key_type(self) -> KeyType: ...

    def sign(self, data: bytes, *, mechanism: Mechanism) -> bytes: ...


class Pkcs11Token:
    """A KeyStore on one token. One session a process, opened when it is first needed and again after a failure.

    A process that was forked opens its own: PKCS #11 has it so. Calls stand in a line, since a session serves one.
    """

    def __init__(self, *, module: str, label: str, pin: str) -> None:
        self._module = module
        self._label = label
        self._pin = pin
        self._session: pkcs11.Session | None = None
        self._process = os.getpid()
        self._private: dict[str, _PrivateKey] = {}
        self._calling = Lock()

    @classmethod
    def from_settings(cls) -> Self:
        return cls(module=settings.PKCS11_MODULE, label=settings.PKCS11_LABEL, pin=settings.PKCS11_PIN_SECRET)

    def generate(self, algorithm: Algorithm) -> PublicKey:
        """As `KeyStore.generate`. On the token the private key is sensitive and can't be extracted."""
        with self._calling:
            session = self._opened()
            pair_id = token_bytes(ID_BYTES)
            try:
                if algorithm == "Ed25519":
                    curve = session.create_domain_parameters(
                        KeyType.EC_EDWARDS, {Attribute.EC_PARAMS: ED25519_CURVE}, local=True
                    )
                    public, _ = curve.generate_keypair(
                        id=pair_id, label=LABEL, store=True, mechanism=Mechanism.EC_EDWARDS_KEY_PAIR_GEN
                    )
                else:
                    public, _ = session.generate_keypair(
                        KeyType.RSA, keys.RSA_BITS, id=pair_id, label=LABEL, store=True
                    )
            except PKCS11Error as error:
                self._close()
                raise NoSigningKeyError(f"The token can’t make the key: {_named(error)}. See its log.") from error
            made = _public_key(public)
            if made is None:
                raise NoSigningKeyError("The token made a key of another kind than was asked for. See its log.")
            return made

    def holds(self, kid: str) -> bool:
        """As `KeyStore.holds`."""
        with self._calling:
            return self._find(kid) is not None

    def sign(self, kid: str, data: bytes) -> bytes:
        """As `KeyStore.sign`. A session that was lost is opened again, once."""
        with self._calling:
            try:
                return self._sign(kid, data)
            except PKCS11Error:
                self._close()
            try:
                return self._sign(kid, data)
            except PKCS11Error as error:
                self._close()
                raise NoSigningKeyError(f"The token doesn’t sign: {_named(error)}. See its log.") from error

    def _sign(self, kid: str, data: bytes) -> bytes:
        private = self._find(kid)
        if private is None:
            raise NoSigningKeyError(
                f"The private key {kid} isn’t on the token {self._label}. Is it the token of this installation?"
            )
        return private.sign(data, mechanism=MECHANISMS[private.key_type])

    def _find(self, kid: str) -> _PrivateKey | None:
        """By the thumbprint of the public key; the private one has the same CKA_ID. Found once a session."""
        session = self._opened()
        if kid not in self._private:
            # Each search is read to its end before the next begins: a session serves one.
            for public in list(session.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY})):
                key = _public_key(public)
                if key is not None and keys.thumbprint(key) == kid:
                    wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.ID: public[Attribute.ID]}
                    for private in list(session.get_objects(wanted)):
                        self._private[kid] = cast("_PrivateKey", private)
        return self._private.get(kid)

    def _opened(self) -> pkcs11.Session:
        """The error is raised outside of `except`: in the frames of the driver's the PIN is a local variable, and
        reports of errors show those.
        """
        failure = ""
        try:
            library = pkcs11.lib(self._module)
            if os.getpid() != self._process:
                self._session, self._process = None, os.getpid()
                self._private.clear()
                library.reinitialize()
            if self._session is None:
                self._session = _open(library.get_token(token_label=self._label), pin=self._pin)
        except (PKCS11Error, RuntimeError) as error:
            failure = _named(error)
        if self._session is None or failure:
            raise ConfigurationError(
                f"The token {self._label} can’t be opened: {failure}. Check KEYWRIGHT_PKCS11_MODULE, "
                "KEYWRIGHT_PKCS11_LABEL and KEYWRIGHT_PKCS11_PIN."
            )
        return self._session

    def _close(self) -> None:
        """Forget the session; a token that is away can't be told."""
        session, self._session = self._session, None
        self._private.clear()
        if session is not None:
            try:
                session.close()
            except PKCS11Error:
                return


def _open(token: pkcs11.Token, *, pin: str) -> pkcs11.Session:
    """PKCS #11 logs a process in, not a session: where another session did it before, this one is in."""
    try:
        return token.open(rw=True, user_pin=pin)
    except UserAlreadyLoggedIn:
        return token.open(rw=True)


def _public_key(public: pkcs11.Object) -> PublicKey | None:
    """None for a key of a kind that signs no licenses."""
    try:
        if public[Attribute.KEY_TYPE] == KeyType.EC_EDWARDS:
            point = bytes(public[Attribute.EC_POINT])
            # An OCTET STRING around the point (PKCS #11 2.40), or the point alone (3.0).
            return keys.ed25519_from_octets(point[-ED25519_BYTES:])
        if public[Attribute.KEY_TYPE] == KeyType.RSA:
            return keys.from_jwk(_rsa_jwk(bytes(public[Attribute.MODULUS]), bytes(public[Attribute.PUBLIC_EXPONENT])))
    except KeyFormatError:
        return None
    return None


def _rsa_jwk(modulus: bytes, exponent: bytes) -> dict[str, object]:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers  # noqa: PLC0415 (RSA is imported late)

    numbers = RSAPublicNumbers(e=int.from_bytes(exponent, "big"), n=int.from_bytes(modulus, "big"))
    return dict(keys.to_jwk(numbers.public_key()))


def _named(error: Exception) -> str:
    """The driver's errors have names and hardly ever a text."""
    return f"{type(error).__name__} {error}".strip()
