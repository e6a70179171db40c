"""Taking over a revocation bundle that a root signed offline: the one that revokes keys."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from keywright_license import revocations as kr
from keywright_license.errors import LicenseError
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.licensing.certificates import trusted_roots
from keywright_portal.licensing.errors import BundleRefusedError
from keywright_portal.licensing.key_states import locked_keys
from keywright_portal.licensing.models import BundleSeries, KeyState, RevocationBundle


@transaction.atomic
def import_bundle(*, content: bytes, actor: Actor, now: datetime) -> RevocationBundle:
    """Publish a root's bundle as it is. Products that fetch it refuse the keys that it revokes, from its times on.

    The same file again changes nothing. Raises BundleRefusedError: of no root of ours, older than the newest, without a
    key that is revoked here (a bundle is complete), or with one that signs here still.
    """
    keys = locked_keys()
    of_roots = RevocationBundle.objects.filter(series=BundleSeries.ROOT)
    newest_number = of_roots.aggregate(number=Max("number"))["number"]
    try:
        said = kr.read_bundle(
            content, keys=trusted_roots(), product=None, now=now, newest=None, newest_by_root=newest_number
        )
    except LicenseError as error:
        raise BundleRefusedError(f"The bundle is refused: {error.message}") from error
    if not said.signed_by_root:
        raise BundleRefusedError("A bundle that an issuing key signed is made here by itself. Import those of a root.")
    there = of_roots.filter(number=said.seq).first()
    if there is not None:
        if bytes(there.content) == content:
            return there
        raise BundleRefusedError(
            f"Another bundle has the number {said.seq} already. Sign this one with the next number: "
            "keywright keys draft-bundle writes it."
        )
    signing = [kid for kid in said.revoked_keys if kid in keys and keys[kid].state == KeyState.ACTIVE]
    if signing:
        raise BundleRefusedError(
            f"The bundle revokes the key {signing[0]}, which signs here still. Revoke it here first: keywright keys "
            "revoke."
        )
    left_out = [kid for kid, key in keys.items() if key.state == KeyState.REVOKED and kid not in said.revoked_keys]
    if left_out:
        raise BundleRefusedError(
            f"The bundle leaves out the key {left_out[0]}, which is revoked. A bundle is complete: draft it anew with "
            "keywright keys draft-bundle."
        )
    row = RevocationBundle.objects.create(
        series=BundleSeries.ROOT,
        product=said.product or "",
        number=said.seq,
        kid=_kid(content),
        content=content,
        digest=hashlib.sha256(content).hexdigest(),
        revoked_licenses=len(said.revoked_licenses),
        revoked_keys=len(said.revoked_keys),
        issued_at=said.issued_at,
    )
    audit.record(
        actor=actor,
        action="bundle.imported",
        subject=row,
        subject_id=row.pk,
        organization_id=None,
        now=now,
        after={"number": row.number, "keys": sorted(said.revoked_keys), "licenses": row.revoked_licenses},
    )
    return row


def _kid(content: bytes) -> str:
    """Who signed a bundle that was verified, from its header (RFC 7515)."""
    header = content.split(b".", 1)[0]
    return str(json.loads(base64.urlsafe_b64decode(header + b"=" * (-len(header) % 4)))["kid"])
