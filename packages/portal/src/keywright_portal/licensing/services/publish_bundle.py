"""Telling products which licenses and keys are revoked: a signed, numbered bundle that they fetch."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from keywright_license import GRACE_DAYS, zbase32
from keywright_license import revocations as kr
from keywright_license.errors import SigningError
from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.models import Product
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.licensing.errors import CannotSignError
from keywright_portal.licensing.issuing_keys import issuing_key
from keywright_portal.licensing.models import BundleSeries, KeyState, LicenseFile, RevocationBundle, SigningKey
from keywright_portal.licensing.selectors import newest_bundle
from keywright_portal.licensing.services.revoke import RevokedBecause
from keywright_portal.licensing.signing import signer

MOST_OF_KEYS: Final = 50_000
"""Licenses of compromised keys that are named one by one: about 5 MB of the 8 MiB that products read. Above that none
is, and the root's bundle, which revokes the key itself, speaks for all of them.
"""
REASONS: Final = {
    RevokedBecause.REFUNDED.value: kr.RevocationReason.REFUNDED,
    RevokedBecause.DISPUTED.value: kr.RevocationReason.WITHDRAWN,
    RevokedBecause.CANCELLED.value: kr.RevocationReason.WITHDRAWN,
}
_GRACE: Final = timedelta(days=GRACE_DAYS)


@transaction.atomic
def publish_bundle(*, product: str, actor: Actor, now: datetime) -> RevocationBundle | None:
    """Sign what is revoked of a product, unless the newest bundle says so already; that one then. None where nothing
    is, or ever was.

    It is signed anew, too, when the key that signed the newest was revoked: products refuse that one.

    Raises NoSigningKeyError where no key signs for the product, CannotSignError.
    """
    # Its lock puts those who publish at the same moment into a line.
    Product.objects.select_for_update().order_by("pk").get(code=product)
    revoked = revoked_licenses(product=product, now=now)
    digest = _digest(revoked)
    newest = newest_bundle(product=product, series=BundleSeries.ISSUING)
    if newest is None and not revoked:
        return None
    if newest is not None and newest.digest == digest and not _is_revoked(newest.kid):
        return newest
    key = issuing_key(product=product, now=now)
    bundle = kr.RevocationBundle(
        issuer=catalog.vendor().name,
        product=product,
        issued_at=now,
        seq=newest.number + 1 if newest is not None else 1,
        revoked_licenses=revoked,
    )
    try:
        content = kr.sign_bundle(bundle, signer(), key.kid, key.certificate)
    except SigningError as error:
        raise CannotSignError(f"The revocation bundle can’t be signed: {error.message}") from error
    row = RevocationBundle.objects.create(
        series=BundleSeries.ISSUING,
        product=product,
        number=bundle.seq,
        kid=key.kid,
        content=content,
        digest=digest,
        revoked_licenses=len(revoked),
        revoked_keys=0,
        issued_at=now,
    )
    audit.record(
        actor=actor,
        action="bundle.published",
        subject=row,
        subject_id=row.pk,
        organization_id=None,
        now=now,
        before={"number": newest.number, "licenses": newest.revoked_licenses} if newest is not None else None,
        after={"product": product, "number": row.number, "licenses": row.revoked_licenses},
    )
    return row


def revoked_licenses(*, product: str, now: datetime) -> dict[str, kr.RevokedLicense]:
    """By id, every file of the product that is revoked itself or signed by a revoked key, until its grace is over.

    A file that was merely superseded isn't: it grants less than the one in force, and nobody is harmed by it.
    """
    revoked = SigningKey.objects.filter(state=KeyState.REVOKED).values_list("kid", "revoked_at")
    keys = {kid: at for kid, at in revoked if at is not None}
    files = (
        LicenseFile.objects.filter(
            Q(license__revoked_at__isnull=False) | Q(kid__in=keys),
            license__term__subscription__product__code=product,
            expires_at__gt=now - _GRACE,
        )
        .order_by("issued_at", "pk")
        .values_list("file_id", "kid", "license__revoked_at", "license__revoked_because")
    )
    withdrawn: dict[str, kr.RevokedLicense] = {}
    compromised: dict[str, kr.RevokedLicense] = {}
    for file_id, kid, revoked_at, because in files.iterator():
        license_id = zbase32.encode(file_id)
        if revoked_at is not None:
            withdrawn[license_id] = kr.RevokedLicense(at=revoked_at, reason=REASONS[because])
        else:
            reason = kr.RevocationReason.KEY_COMPROMISED
            compromised[license_id] = kr.RevokedLicense(at=keys[kid], reason=reason)
    # A file that money took back stays that, whatever became of a key of its formats.
    return {**(compromised if len(compromised) <= MOST_OF_KEYS else {}), **withdrawn}


def _digest(revoked: Mapping[str, kr.RevokedLicense]) -> str:
    lines = (f"{license_id} {one.at.timestamp():.0f} {one.reason}" for license_id, one in sorted(revoked.items()))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _is_revoked(kid: str) -> bool:
    return SigningKey.objects.filter(pk=kid, state=KeyState.REVOKED).exists()
