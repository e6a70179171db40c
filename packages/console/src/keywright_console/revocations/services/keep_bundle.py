from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from keywright_console.kit import audit
from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.installation import lock
from keywright_console.revocations.models import KeptBundle, Series
from keywright_license.revocations import RevocationBundle, read_bundle

if TYPE_CHECKING:
    from keywright_license import TrustedKeys


def keep_bundle(*, actor: Actor, data: bytes, keys: TrustedKeys, product: str, now: datetime) -> RevocationBundle:
    """Keep a bundle if it is genuine and not older than the one kept of its series.

    The library's errors come through: StaleBundleError, UnknownKeyError and the others. Nothing has been changed then.
    """
    actor.require(Permission.MANAGE_LICENSE)
    with transaction.atomic():
        lock(now=now)
        kept = {row.series: row for row in KeptBundle.objects.all()}
        newest = {series: row.seq for series, row in kept.items()}
        bundle = read_bundle(
            data,
            keys=keys,
            product=product,
            now=now,
            newest=newest.get(Series.ISSUING),
            newest_by_root=newest.get(Series.ROOT),
        )
        series = Series.ROOT if bundle.signed_by_root else Series.ISSUING
        old = kept.get(series)
        if old is not None and bytes(old.data) == data:
            return bundle
        KeptBundle.objects.update_or_create(series=series, defaults={"seq": bundle.seq, "data": data, "kept_at": now})
        audit.record(
            actor=actor,
            action="revocations.kept",
            subject=series.value,
            now=now,
            before={"number": None if old is None else old.seq},
            after={"number": bundle.seq, "licenses": len(bundle.revoked_licenses), "keys": len(bundle.revoked_keys)},
        )
    return bundle
