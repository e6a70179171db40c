"""Keywright's format: two lines, each a compact JWS: the license, and the certificate of the key that signed it.

docs/license-file.md is the description, and the order of the checks is its section "Verifying".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright_license._internal import claims, jws
from keywright_license._internal.certificate import read_before_signing
from keywright_license.errors import LicenseError, MalformedError, SigningError, UnknownKeyError, WrongKindError
from keywright_license.kinds import CLAIMS_VERSION, LICENSE
from keywright_license.limits import MAX_FEATURES, MAX_FILE_BYTES
from keywright_license.model import Deployments, Format, License, Organization

if TYPE_CHECKING:
    from datetime import datetime

    from keywright_license.signer import Signer
    from keywright_license.trusted_keys import TrustedKeys

_LINES = 2
_SECOND = 1_000_000  # microseconds
_FEATURE = re.compile("[a-z][a-z0-9_]{0,63}").fullmatch


def verify(data: bytes, *, keys: TrustedKeys, now: datetime) -> License:
    """The license, once its certificate and its signature are verified and the one covers the other."""
    license_line, certificate_line = _lines(data)
    certificate = keys.certificate(certificate_line, now=now)
    segments = jws.split(license_line)
    if segments.header != certificate.license_header:  # else it is the very header that we would write for this key
        header = jws.read_header(segments.header)
        jws.check_kind(header, LICENSE)
        if header.kid != certificate.kid:
            raise UnknownKeyError(
                "The file's certificate is of another key than the one that signed it. Download the license again."
            )
    jws.check_signature(segments, certificate.key)
    license = read_claims(jws.payload(segments))
    certificate.check_covers(license)
    return license


def sign(license: License, *, signer: Signer, kid: str, certificate: str) -> bytes:
    """The file. Times are rounded down to seconds.

    SigningError: what would be read differently than it was meant, what the certificate does not cover, a key that is
    not the certificate's.
    """
    license = claims.round_down(license, microseconds=_SECOND, into=Format.KEYWRIGHT)
    certified = read_before_signing(certificate)
    if certified.kid != kid:
        raise SigningError(
            f"The certificate is of the key {certified.kid}, not of {kid}. Take the one that belongs to it."
        )
    try:
        certified.check_covers(license)
    except LicenseError as error:
        raise SigningError(error.message) from error
    line = jws.sign(_write_claims(license), typ=LICENSE, kid=kid, signer=signer).encode()
    try:
        segments = jws.split(line)
        jws.check_signature(segments, certified.key)
        read_back = read_claims(jws.payload(segments))
    except LicenseError as error:
        raise SigningError(f"Such a license would be refused: {error.message}") from error
    if read_back != license:
        raise SigningError("The license would not be read as it was meant: a value of `extra` is none of JSON's.")
    file = line + b"\n" + certificate.encode() + b"\n"
    if len(file) > MAX_FILE_BYTES:
        raise SigningError(
            f"The file would have {len(file)} bytes; at most {MAX_FILE_BYTES} are read. Shorten `extra`."
        )
    return file


def _lines(data: bytes) -> tuple[bytes, bytes]:
    """The two lines without their ends. MalformedError: another number of them; WrongKindError: one of another
    artifact.
    """
    lines = data.replace(b"\r\n", b"\n").removesuffix(b"\n").split(b"\n")
    if len(lines) == _LINES:
        return lines[0], lines[1]
    jws.check_kind(jws.read_header(jws.split(lines[0]).header), LICENSE)
    if len(lines) < _LINES:
        raise MalformedError("The file's second line, its certificate, is missing. Download the license again.")
    raise MalformedError("The file has more than its two lines. Download the license again.")


def read_claims(said: dict[str, object]) -> License:
    """The license that verified claims describe; takes `said` apart. What it does not know ends up in `extra`."""
    if said.get("v") != CLAIMS_VERSION or type(said["v"]) is not int:
        raise WrongKindError("This license is of a later version than this product can read. Update the product first.")
    del said["v"]
    try:
        issued_at = claims.time(said.pop("iat"), "iat")
        starts_at = claims.time(said.pop("nbf"), "nbf")
        expires_at = claims.time(said.pop("exp"), "exp")
        plan = _object(said.pop("plan"), "plan")
        deployments = _object(said.pop("deployments"), "deployments")
        organization = _object(said.pop("org"), "org")
        license_id = claims.identity(said.pop("jti"), "jti")
        supersedes = claims.identity(said.pop("supersedes"), "supersedes") if "supersedes" in said else None
        trial = said.pop("trial")
        if type(trial) is not bool:
            claims.refuse("trial", "it must be true or false")
        if starts_at >= expires_at:
            claims.refuse("exp", "it ends before it begins")
        license = License(
            id=license_id,
            issuer=claims.text(said.pop("iss"), "iss"),
            product=claims.text(said.pop("aud"), "aud"),
            subscription=claims.text(said.pop("sub"), "sub"),
            issued_at=issued_at,
            starts_at=starts_at,
            expires_at=expires_at,
            plan=claims.text(plan.pop("id"), "plan.id"),
            plan_name=claims.text(plan.pop("name"), "plan.name"),
            seats=claims.count(said.pop("seats"), "seats", least=1),
            features=_features(said.pop("features")),
            organization=Organization(
                id=claims.text(organization.pop("id"), "org.id"),
                name=claims.text(organization.pop("name"), "org.name"),
                email=claims.text(organization.pop("email"), "org.email", may_be_empty=True),
            ),
            deployments=Deployments(
                production=claims.count(deployments.pop("production"), "deployments.production", least=1),
                non_production=claims.count(deployments.pop("non_production"), "deployments.non_production", least=0),
            ),
            is_trial=trial,
            supersedes=supersedes,
            extra=said,
        )
    except KeyError as missing:
        claims.refuse(str(missing.args[0]), "it, or a member of it, is missing")
    unknown_members = {"plan": plan, "deployments": deployments, "org": organization}
    said.update((name, rest) for name, rest in unknown_members.items() if rest)
    return license


def _object(value: object, name: str) -> dict[str, object]:
    if type(value) is not dict:
        claims.refuse(name, "it must be an object")
    return value


def _features(value: object) -> frozenset[str]:
    if type(value) is not list or len(value) > MAX_FEATURES:
        claims.refuse("features", f"it must be a list of at most {MAX_FEATURES} names")
    try:
        sound = all(map(_FEATURE, value))
    except TypeError:
        sound = False
    if not sound:
        claims.refuse(
            "features", "a feature's name is of a-z, 0-9 and _, begins with a letter, and has at most 64 of them"
        )
    features = frozenset(value)
    if len(features) != len(value):
        claims.refuse("features", "a feature stands twice in it")
    return features


def _write_claims(license: License) -> dict[str, object]:
    said: dict[str, object] = {
        "iss": license.issuer,
        "aud": license.product,
        "sub": license.subscription,
        "jti": license.id,
        "iat": claims.to_seconds(license.issued_at),
        "nbf": claims.to_seconds(license.starts_at),
        "exp": claims.to_seconds(license.expires_at),
        "v": CLAIMS_VERSION,
        "plan": {"id": license.plan, "name": license.plan_name},
        "seats": license.seats,
        "features": sorted(license.features),
        "deployments": {
            "production": license.deployments.production,
            "non_production": license.deployments.non_production,
        },
        "org": {
            "id": license.organization.id,
            "name": license.organization.name,
            "email": license.organization.email,
        },
        "trial": license.is_trial,
    }
    if license.supersedes is not None:
        said["supersedes"] = license.supersedes
    claims.merge_extra(said, license.extra)
    return said
