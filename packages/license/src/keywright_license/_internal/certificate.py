"""The certificate of an issuing key: a root key, kept offline, says what another key may sign."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from keywright_license import keys
from keywright_license._internal import base64url, claims, jws
from keywright_license.errors import (
    KeyFormatError,
    LicenseError,
    MalformedError,
    SigningError,
    UnknownKeyError,
    WrongKindError,
    WrongProductError,
)
from keywright_license.kinds import CERTIFICATE, CLAIMS_VERSION, LICENSE
from keywright_license.limits import END_OF_TIME, MAX_REMEMBERED_CERTIFICATES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from keywright_license.model import License
    from keywright_license.signer import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What a root key said. `license_header` is the header segment of the licenses that the key signs, as we write
    it.
    """

    root_kid: str
    kid: str
    key: Ed25519PublicKey
    product: str | None
    valid_from: datetime
    valid_until: datetime
    longest_term: timedelta | None
    license_header: bytes

    def check_covers(self, license: License) -> None:
        """That the key was allowed to sign this license. WrongProductError; UnknownKeyError: at that time, or for
        that long.
        """
        self.check_may_sign(product=license.product, issued_at=license.issued_at, what="license")
        if self.longest_term is not None and license.expires_at - license.starts_at > self.longest_term:
            raise UnknownKeyError(
                "The license runs longer than the key that signed it is certified for. Ask the vendor for a new file."
            )

    def check_may_sign(self, *, product: str | None, issued_at: datetime, what: str) -> None:
        """That the key was allowed to sign something for this product (None: any) at that time. WrongProductError;
        UnknownKeyError.
        """
        if self.product is not None and product != self.product:
            msg = (
                f"The {what} is for {product or 'any product'}, but the key that signed it is for {self.product} only. "
                "Ask the vendor for a new file."
            )
            raise WrongProductError(msg)
        if not self.valid_from <= issued_at < self.valid_until:
            msg = f"The key that signed the {what} was not certified at its issue. Ask the vendor for a new file."
            raise UnknownKeyError(msg)


class CertificateMemory:
    """Certificates that were verified, by their exact bytes, so that the second license costs one signature.

    Bounded, the oldest goes first. Nothing enters unverified, so a stranger's files push nothing out. Safe between
    threads: a look-up is one atomic dict access, and changes are made under a lock.
    """

    def __init__(self, limit: int = MAX_REMEMBERED_CERTIFICATES) -> None:
        self._limit = limit
        self._by_line: dict[bytes, Certificate] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._by_line)

    def get(self, line: bytes) -> Certificate | None:
        return self._by_line.get(line)

    def remember(self, line: bytes, certificate: Certificate) -> None:
        with self._lock:
            while len(self._by_line) >= self._limit and line not in self._by_line:
                del self._by_line[next(iter(self._by_line))]
            self._by_line[line] = certificate


def verify_certificate(line: bytes, *, roots: Mapping[str, Ed25519PublicKey]) -> Certificate:
    """The certificate, signed by one of the roots.

    MalformedError; WrongKindError; UnknownKeyError: of a root that is not pinned; BadSignatureError.
    """
    segments = jws.split(line)
    header = jws.read_header(segments.header)
    jws.check_kind(header, CERTIFICATE)
    root = roots.get(header.kid)
    if root is None:
        raise UnknownKeyError(
            "The file's certificate comes from a root key that is not known here. "
            "Check that the file is from the vendor of this product."
        )
    jws.check_signature(segments, root)
    return _read(jws.payload(segments), root_kid=header.kid)


def create_certificate(
    *,
    root_signer: Signer,
    root_kid: str,
    key: Ed25519PublicKey,
    product: str | None,
    valid_from: datetime,
    valid_until: datetime,
    longest_term: timedelta | None = None,
    now: datetime,
) -> str:
    """A compact JWS in which the root key certifies `key`: for one product (None: any), for licenses issued in
    `[valid_from, valid_until)`, of at most `longest_term` (None: any).

    KeyFormatError: a key of small order or otherwise unfit. SigningError: limits that contradict each other.
    """
    keys.check_public_key(key)
    said: dict[str, object] = {
        "v": CLAIMS_VERSION,
        "iat": claims.to_seconds(now),
        "nbf": claims.to_seconds(valid_from),
        "exp": claims.to_seconds(valid_until),
        "sub": keys.thumbprint(key),
        "key": keys.to_jwk(key),
    }
    if product is not None:
        said["aud"] = product
    if longest_term is not None:
        said["max_term"] = longest_term // timedelta(seconds=1)
    try:
        _read(said, root_kid=root_kid)
    except LicenseError as error:
        msg = f"Such a certificate would be refused: {error.message}"
        raise SigningError(msg) from error
    return jws.sign(said, typ=CERTIFICATE, kid=root_kid, signer=root_signer)


def read_before_signing(line: str) -> Certificate:
    """What a certificate says, unverified: the signer's own, which tells it what it may sign. Never for a file that
    came in.
    """
    segments = jws.split(line.encode())
    header = jws.read_header(segments.header)
    jws.check_kind(header, CERTIFICATE)
    return _read(jws.payload(segments), root_kid=header.kid)


def _read(said: Mapping[str, object], *, root_kid: str) -> Certificate:
    if said.get("v") != CLAIMS_VERSION or type(said["v"]) is not int:
        raise WrongKindError("The file's certificate is of a later version. Update this product first.")
    key = _read_key(said.get("key"))
    kid = keys.thumbprint(key)
    if said.get("sub") != kid:
        raise MalformedError("The file's certificate names another key than it holds. Ask the vendor for a new file.")
    claims.time(said.get("iat"), "iat")
    valid_from, valid_until = claims.time(said.get("nbf"), "nbf"), claims.time(said.get("exp"), "exp")
    if valid_from >= valid_until:
        claims.refuse("exp", "the certificate ends before it begins")
    product = claims.text(said["aud"], "aud") if "aud" in said else None
    longest_term = None
    if "max_term" in said:
        seconds = said["max_term"]
        if type(seconds) is not int or not 1 <= seconds < END_OF_TIME:
            claims.refuse("max_term", "it must be a whole number of seconds")
        longest_term = timedelta(seconds=seconds)
    return Certificate(
        root_kid=root_kid,
        kid=kid,
        key=key,
        product=product,
        valid_from=valid_from,
        valid_until=valid_until,
        longest_term=longest_term,
        license_header=jws.write_header(jws.Header(kid, LICENSE)),
    )


def _read_key(jwk: object) -> Ed25519PublicKey:
    x = jwk.get("x") if isinstance(jwk, dict) else None
    if not isinstance(x, str) or jwk != {"kty": "OKP", "crv": "Ed25519", "x": x}:
        raise MalformedError("The file's certificate holds no Ed25519 key. Ask the vendor for a new file.")
    try:
        return keys.ed25519_from_octets(base64url.decode(x.encode()))
    except KeyFormatError as error:
        msg = f"The file's certificate holds a key that is refused. {error.message}"
        raise MalformedError(msg) from error
