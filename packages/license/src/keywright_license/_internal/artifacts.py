"""What the signed artifacts other than licenses share: their lines, who may sign them, and words that fit who reads
the error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from keywright_license import keys, kinds
from keywright_license._internal import base64url, jws
from keywright_license._internal.certificate import read_before_signing
from keywright_license.errors import KeyFormatError, LicenseError, MalformedError, SigningError, UnknownKeyError
from keywright_license.limits import MAX_BUNDLE_BYTES, MAX_FILE_BYTES
from keywright_license.signer import KeySigner

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from typing import TypeVar

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    from keywright_license._internal.certificate import Certificate
    from keywright_license.signer import Signer
    from keywright_license.trusted_keys import TrustedKeys

    T = TypeVar("T")

_VOUCHED_LINES = 2


@dataclass(frozen=True, slots=True)
class Artifact:
    """A kind, and how to speak of it: its name, and what its reader does next when it is damaged."""

    typ: str
    name: str
    advice: str
    most_bytes: int = MAX_FILE_BYTES

    def malformed(self, detail: str) -> MalformedError:
        return MalformedError(f"The {self.name} {detail}. {self.advice}", detail=detail)


REVOCATIONS = Artifact(kinds.REVOCATIONS, "revocation bundle", "Fetch it again from the vendor.", MAX_BUNDLE_BYTES)
ACTIVATION_REQUEST = Artifact(
    kinds.ACTIVATION_REQUEST, "activation request", "Make a new one on the server that is to be activated."
)
ACTIVATION = Artifact(kinds.ACTIVATION, "activation", "Ask the vendor for the answer again.")
RELEASE = Artifact(kinds.RELEASE, "release", "Make a new one on the server that is to be released.")
USAGE = Artifact(kinds.USAGE, "usage report", "Send or export it again from the server that made it.")


class Opened(NamedTuple):
    """Claims whose signature was verified. `certificate` is None where a root key signed by itself."""

    said: dict[str, object]
    certificate: Certificate | None


def open_vouched(
    data: bytes, artifact: Artifact, *, trusted: TrustedKeys, now: datetime, root_alone: bool = False
) -> Opened:
    """Two lines, the second a certificate; or, with `root_alone`, one line that a pinned root signed.

    MalformedError, WrongKindError, UnknownKeyError, RevokedKeyError, BadSignatureError.
    """
    lines = _lines(data, artifact)
    segments, header = _split(lines[0], artifact)
    if len(lines) == 1 and root_alone:
        jws.check_signature(segments, trusted.root(header.kid, now=now))
        return Opened(_payload(segments, artifact), None)
    if len(lines) < _VOUCHED_LINES:
        raise artifact.malformed("lacks its second line, the certificate")
    if len(lines) > _VOUCHED_LINES:
        raise artifact.malformed(f"has more than its {_VOUCHED_LINES} lines")
    certificate = trusted.certificate(lines[1], now=now)
    if header.kid != certificate.kid:
        raise UnknownKeyError(f"The {artifact.name} came with the certificate of another key. {artifact.advice}")
    jws.check_signature(segments, certificate.key)
    return Opened(_payload(segments, artifact), certificate)


def open_known(data: bytes, artifact: Artifact, *, key: Ed25519PublicKey) -> dict[str, object]:
    """One line, signed by a key that the caller knows. Errors as `open_vouched`."""
    segments, header = _split(_only_line(data, artifact), artifact)
    if header.kid != keys.thumbprint(key):
        raise UnknownKeyError(f"The {artifact.name} is signed by another key than this deployment’s. {artifact.advice}")
    jws.check_signature(segments, key)
    return _payload(segments, artifact)


def open_self_signed(data: bytes, artifact: Artifact) -> tuple[dict[str, object], Ed25519PublicKey]:
    """One line, signed by the key that stands in its claim `key`: proof that whoever made it holds that key, and of
    nothing else. Errors as `open_vouched`.
    """
    segments, header = _split(_only_line(data, artifact), artifact)
    said = _payload(segments, artifact)
    key = read_key(said.get("key"), artifact)
    if header.kid != keys.thumbprint(key):
        raise artifact.malformed("names another key than it holds")
    jws.check_signature(segments, key)
    return said, key


def kid_of(data: bytes, artifact: Artifact) -> str:
    """Which key a one-line artifact says it was signed by."""
    return _split(_only_line(data, artifact), artifact)[1].kid


def read_key(jwk: object, artifact: Artifact) -> Ed25519PublicKey:
    """A public key as exactly `{"kty": "OKP", "crv": "Ed25519", "x": …}`."""
    x = jwk.get("x") if isinstance(jwk, dict) else None
    if not isinstance(x, str) or jwk != {"kty": "OKP", "crv": "Ed25519", "x": x}:
        raise artifact.malformed("holds no Ed25519 key")
    try:
        return keys.ed25519_from_octets(base64url.decode(x.encode()))
    except (KeyFormatError, MalformedError, UnicodeEncodeError):
        raise artifact.malformed("holds a key that is refused") from None


def reworded(read: Callable[[Mapping[str, object]], T], said: Mapping[str, object], artifact: Artifact) -> T:
    """What `read` makes of the claims; its MalformedError in the words of this artifact."""
    try:
        return read(said)
    except MalformedError as error:
        raise artifact.malformed(error.detail or "cannot be read") from None


def sign_own(said: Mapping[str, object], artifact: Artifact, *, key: Ed25519PrivateKey) -> bytes:
    """One line by the deployment's key. SigningError."""
    signed = jws.sign(said, typ=artifact.typ, kid=keys.thumbprint(key.public_key()), signer=KeySigner(key))
    return _bounded(signed.encode() + b"\n", artifact)


def sign_vouched(
    said: Mapping[str, object],
    artifact: Artifact,
    *,
    signer: Signer,
    kid: str,
    certificate: str | None,
    product: str | None,
    issued_at: datetime,
) -> bytes:
    """The line and its certificate; without one, `kid` is a root key. SigningError: what readers would refuse."""
    if certificate is None:
        return _bounded(jws.sign(said, typ=artifact.typ, kid=kid, signer=signer).encode() + b"\n", artifact)
    certified = read_before_signing(certificate)
    if certified.kid != kid:
        msg = f"The certificate is of the key {certified.kid}, not of {kid}. Take the one that belongs to it."
        raise SigningError(msg)
    try:
        certified.check_may_sign(product=product, issued_at=issued_at, what=artifact.name)
        line = jws.sign(said, typ=artifact.typ, kid=kid, signer=signer).encode()
        jws.check_signature(jws.split(line), certified.key)
    except SigningError:
        raise
    except LicenseError as error:
        raise SigningError(f"Such a file would be refused: {error.message}") from error
    return _bounded(line + b"\n" + certificate.encode() + b"\n", artifact)


def _bounded(file: bytes, artifact: Artifact) -> bytes:
    if len(file) > artifact.most_bytes:
        msg = (
            f"The {artifact.name} would have {len(file)} bytes; at most {artifact.most_bytes} are read. Leave some out."
        )
        raise SigningError(msg)
    return file


def _lines(data: bytes, artifact: Artifact) -> list[bytes]:
    if len(data) > artifact.most_bytes:
        raise artifact.malformed(f"is longer than {artifact.most_bytes} bytes")
    return data.replace(b"\r\n", b"\n").removesuffix(b"\n").split(b"\n", _VOUCHED_LINES)


def _only_line(data: bytes, artifact: Artifact) -> bytes:
    lines = _lines(data, artifact)
    if len(lines) > 1:
        _split(lines[0], artifact)  # an artifact of another kind is told as that
        raise artifact.malformed("has more than its one line")
    return lines[0]


def _split(line: bytes, artifact: Artifact) -> tuple[jws.Segments, jws.Header]:
    try:
        segments = jws.split(line)
        header = jws.read_header(segments.header)
    except MalformedError:
        raise artifact.malformed("is damaged, or is something else") from None
    jws.check_kind(header, artifact.typ)
    return segments, header


def _payload(segments: jws.Segments, artifact: Artifact) -> dict[str, object]:
    try:
        return jws.payload(segments)
    except MalformedError:
        raise artifact.malformed("holds no sound JSON") from None
