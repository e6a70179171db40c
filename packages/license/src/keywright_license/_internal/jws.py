"""Compact JWS (RFC 7515) with the one header that our artifacts have. It verifies nothing: who calls it does, before
it reads a claim.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from cryptography.exceptions import InvalidSignature

from keywright_license._internal import base64url, strict_json
from keywright_license.errors import BadSignatureError, MalformedError, SigningError, WrongKindError
from keywright_license.limits import MAX_HEADER_BYTES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from keywright_license.signer import Signer

_ALG = "EdDSA"
_MEMBERS = frozenset({"alg", "kid", "typ"})
_THUMBPRINT = re.compile("[A-Za-z0-9_-]{43}")
_SEGMENTS = 3
_SIGNATURE_BYTES = 64
# RFC 8032, section 5.1: the order of the base point. A scalar that is not reduced by it is a second spelling of a
# signature.
_ORDER = 2**252 + 27742317777372353535851937790883648493


class Segments(NamedTuple):
    """`payload` and `signature` are decoded, `payload` not looked at; `signed` is what the signature is over."""

    header: bytes
    payload: bytes
    signature: bytes
    signed: bytes


class Header(NamedTuple):
    kid: str
    typ: str


def split(line: bytes) -> Segments:
    """The parts of a compact JWS, the header still in base64url. MalformedError: not three, or no such signature."""
    segments = line.split(b".")
    if len(segments) != _SEGMENTS:
        raise MalformedError("This is not a license file, or part of it is missing. Download it again.")
    header, payload, last = segments
    signature = base64url.decode(last)
    if len(signature) != _SIGNATURE_BYTES or int.from_bytes(signature[32:], "little") >= _ORDER:
        raise MalformedError("The file's signature is no Ed25519 signature. Download the license again.")
    return Segments(header, base64url.decode(payload), signature, line[: -len(last) - 1])


def payload(segments: Segments) -> dict[str, object]:
    """The claims. Call it after `check_signature`, or on one's own."""
    return strict_json.loads(segments.payload)


def read_header(segment: bytes) -> Header:
    """`kid` and `typ`. MalformedError: any member more or less than `alg kid typ`, or another `alg`."""
    if len(segment) > MAX_HEADER_BYTES:
        raise MalformedError("The file's header is too long. Download the license again.")
    members = strict_json.loads(base64url.decode(segment))
    kid, typ = members.get("kid"), members.get("typ")
    if members.keys() != _MEMBERS or members["alg"] != _ALG or not isinstance(kid, str) or not isinstance(typ, str):
        raise MalformedError(f"The file's header must have alg ({_ALG}), kid and typ, and nothing else.")
    if not _THUMBPRINT.fullmatch(kid):
        raise MalformedError("The file's header names its key by something that is no thumbprint.")
    return Header(kid, typ)


def write_header(header: Header) -> bytes:
    """The segment, in the one spelling that we write."""
    return base64url.encode(strict_json.dumps({"alg": _ALG, "kid": header.kid, "typ": header.typ}))


def check_kind(header: Header, wanted: str) -> None:
    """WrongKindError: it is an artifact of another kind."""
    if header.typ != wanted:
        msg = f"This file is of the kind {header.typ!r}, where {wanted!r} is wanted. Choose the right file."
        raise WrongKindError(msg)


def check_signature(segments: Segments, key: Ed25519PublicKey) -> None:
    """BadSignatureError: the key did not sign these bytes."""
    try:
        key.verify(segments.signature, segments.signed)
    except InvalidSignature:
        raise BadSignatureError(
            "The signature does not fit: the file was changed after it was signed. Download it again from the vendor."
        ) from None


def sign(claims: Mapping[str, object], *, typ: str, kid: str, signer: Signer) -> str:
    """A compact JWS. SigningError: claims that JSON cannot say, or a signer that gave no Ed25519 signature."""
    try:
        payload = strict_json.dumps(claims)
    except (ValueError, TypeError, RecursionError) as error:
        msg = f"The claims cannot be written as JSON: {error}."
        raise SigningError(msg) from error
    signed = write_header(Header(kid, typ)) + b"." + base64url.encode(payload)
    signature = signer.sign(kid, signed)
    if len(signature) != _SIGNATURE_BYTES:
        raise SigningError(
            f"The signer gave {len(signature)} bytes for {kid}, an Ed25519 signature has {_SIGNATURE_BYTES}."
        )
    return (signed + b"." + base64url.encode(signature)).decode()
