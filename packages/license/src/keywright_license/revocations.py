"""Revocation bundles: which licenses and keys the vendor has withdrawn, signed and numbered.

A bundle only tells. Revoked keys decide (`TrustedKeys.with_bundle`), and only where a root key signed the bundle; a
revoked license is shown as such (`bundle.reason_of(license.id)`) and stops nothing that runs.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import EllipsisType, MappingProxyType
from typing import TYPE_CHECKING

from keywright_license._internal import artifacts, claims
from keywright_license.errors import LicenseError, SigningError, StaleBundleError, WrongProductError
from keywright_license.kinds import CLAIMS_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from keywright_license.signer import Signer
    from keywright_license.trusted_keys import TrustedKeys


class RevocationReason(StrEnum):
    SUPERSEDED = "superseded"
    REFUNDED = "refunded"
    WITHDRAWN = "withdrawn"
    KEY_COMPROMISED = "key_compromised"


_REASONS = {reason.value: reason for reason in RevocationReason}
_OF_A_DRAFT = frozenset({"iss", "aud", "seq", "licenses", "keys"})


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokedLicense:
    at: datetime
    reason: RevocationReason


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationBundle:
    """All that is revoked, not what is new. Times are aware, in UTC, and signed as whole seconds.

    `product` None is for all. `revoked_licenses` is by license id. `revoked_keys` says from when on a thumbprint counts
    no more, which may lie ahead; it is empty in a bundle that was read and that no root signed.
    """

    issuer: str
    product: str | None
    issued_at: datetime
    seq: int
    revoked_licenses: Mapping[str, RevokedLicense] = field(hash=False)
    revoked_keys: Mapping[str, datetime] = field(default_factory=dict, hash=False)
    signed_by_root: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "revoked_licenses", MappingProxyType(dict(self.revoked_licenses)))
        object.__setattr__(self, "revoked_keys", MappingProxyType(dict(self.revoked_keys)))

    def reason_of(self, license_id: str) -> RevocationReason | None:
        """Why the license is revoked; None: it is not."""
        revoked = self.revoked_licenses.get(license_id)
        return None if revoked is None else revoked.reason


def draft_bundle(draft: Mapping[str, object], *, now: datetime) -> RevocationBundle:
    """The bundle that such claims (`iss`, `aud`, `seq`, `licenses`, `keys`) describe, made now; not signed yet.

    MalformedError: a claim is missing, out of range, or none of these.
    """
    for name in draft.keys() - _OF_A_DRAFT:
        claims.refuse(name, "a draft doesn't hold it")
    return _read({**draft, "v": CLAIMS_VERSION, "iat": claims.to_seconds(now)}, signed_by_root=True)


def sign_bundle(bundle: RevocationBundle, signer: Signer, kid: str, certificate: str | None) -> bytes:
    """The file: the bundle and the certificate of its key; without a certificate `kid` is a root key.

    SigningError: keys revoked by an issuing key, which readers do not heed; a time of revocation after the bundle's
    own; what the certificate does not cover; more than `MAX_BUNDLE_BYTES`.
    """
    if certificate is not None and bundle.revoked_keys:
        raise SigningError("Only a root key revokes keys. Sign this bundle with the root key, offline.")
    bundle = replace(
        bundle,
        issued_at=bundle.issued_at.replace(microsecond=0),
        revoked_licenses={
            license_id: replace(revoked, at=revoked.at.replace(microsecond=0))
            for license_id, revoked in bundle.revoked_licenses.items()
        },
        revoked_keys={key: at.replace(microsecond=0) for key, at in bundle.revoked_keys.items()},
        signed_by_root=certificate is None,
    )
    said = _write(bundle)
    try:
        sound = _read(said, signed_by_root=certificate is None) == bundle
    except LicenseError as error:
        raise SigningError(f"Such a bundle would be refused: {error.message}") from error
    if not sound:
        raise SigningError("The bundle would not be read as it was meant. Give its times in UTC.")
    return artifacts.sign_vouched(
        said,
        artifacts.REVOCATIONS,
        signer=signer,
        kid=kid,
        certificate=certificate,
        product=bundle.product,
        issued_at=bundle.issued_at,
    )


def read_bundle(
    data: bytes,
    *,
    keys: TrustedKeys,
    product: str | None,
    now: datetime,
    newest: int | None,
    newest_by_root: int | EllipsisType | None = ...,
) -> RevocationBundle:
    """The bundle, once it is verified. `product` is the one asked for (None: any).

    `newest` is the highest `seq` known of bundles by issuing keys, `newest_by_root` of those by a root; None where
    there is none. Left out, `newest` stands for both: that is for a vendor who signs all bundles with one kind of key,
    since a stolen issuing key could sign the highest number of all and so shut out the root's bundle that revokes it.
    The same number again is fine: a product reads the bundles that it kept whenever it starts.

    StaleBundleError: older than the newest; WrongProductError; UnknownKeyError; RevokedKeyError; BadSignatureError;
    MalformedError; WrongKindError.
    """
    opened = artifacts.open_vouched(data, artifacts.REVOCATIONS, trusted=keys, now=now, root_alone=True)
    certificate = opened.certificate
    bundle = artifacts.reworded(
        lambda said: _read(said, signed_by_root=certificate is None), opened.said, artifacts.REVOCATIONS
    )
    if certificate is not None:
        certificate.check_may_sign(product=bundle.product, issued_at=bundle.issued_at, what="revocation bundle")
    if product is not None and bundle.product not in (None, product):
        msg = f"This revocation bundle is for {bundle.product}, not for {product}. Fetch the one of this product."
        raise WrongProductError(msg)
    known = newest_by_root if bundle.signed_by_root and newest_by_root is not ... else newest
    if known is not None and bundle.seq < known:
        msg = f"Revocation bundle number {bundle.seq} is older than number {known}, which is known. Fetch a newer."
        raise StaleBundleError(msg)
    return bundle


def _write(bundle: RevocationBundle) -> dict[str, object]:
    said: dict[str, object] = {
        "v": CLAIMS_VERSION,
        "iss": bundle.issuer,
        "iat": claims.to_seconds(bundle.issued_at),
        "seq": bundle.seq,
        "licenses": [
            {"jti": license_id, "at": claims.to_seconds(revoked.at), "reason": revoked.reason.value}
            for license_id, revoked in bundle.revoked_licenses.items()
        ],
        "keys": [{"kid": kid, "at": claims.to_seconds(at)} for kid, at in bundle.revoked_keys.items()],
    }
    if bundle.product is not None:
        said["aud"] = bundle.product
    return said


def _read(said: Mapping[str, object], *, signed_by_root: bool) -> RevocationBundle:
    claims.version(said)
    issued_at = claims.time(claims.required(said, "iat"), "iat")
    licenses: dict[str, RevokedLicense] = {}
    for entry in _entries(said, "licenses"):
        license_id = claims.identity(entry.get("jti"), "licenses.jti")
        reason = entry.get("reason")
        if not isinstance(reason, str) or reason not in _REASONS:
            claims.refuse("licenses.reason", f"it must be one of {', '.join(_REASONS)}")
        at = claims.time(entry.get("at"), "licenses.at")
        if at > issued_at:
            claims.refuse("licenses.at", "a license is revoked after the bundle was made")
        if license_id in licenses:
            claims.refuse("licenses", "a license stands twice in it")
        licenses[license_id] = RevokedLicense(at=at, reason=_REASONS[reason])
    keys: dict[str, datetime] = {}
    for entry in _entries(said, "keys"):
        kid = claims.digest(entry.get("kid"), "keys.kid")
        if kid in keys:
            claims.refuse("keys", "a key stands twice in it")
        keys[kid] = claims.time(entry.get("at"), "keys.at")
    return RevocationBundle(
        issuer=claims.text(claims.required(said, "iss"), "iss"),
        product=claims.text(said["aud"], "aud") if "aud" in said else None,
        issued_at=issued_at,
        seq=claims.count(claims.required(said, "seq"), "seq", least=1),
        revoked_licenses=licenses,
        revoked_keys=keys if signed_by_root else {},
        signed_by_root=signed_by_root,
    )


def _entries(said: Mapping[str, object], name: str) -> list[dict[str, object]]:
    entries = claims.required(said, name)
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        claims.refuse(name, "it must be a list of objects")
    return entries
