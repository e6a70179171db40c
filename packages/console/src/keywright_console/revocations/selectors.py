from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from keywright_console.revocations.models import KeptBundle, Series
from keywright_license import LicenseError
from keywright_license.revocations import RevocationBundle, RevokedLicense, read_bundle

if TYPE_CHECKING:
    from keywright_license import TrustedKeys

# Two series, and one of each that was read just before a newer came.
REMEMBERED = 4
ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocations:
    """What is known to be withdrawn. Either bundle may be missing."""

    by_root: RevocationBundle | None = None
    by_issuing: RevocationBundle | None = None

    def of(self, license_id: str) -> RevokedLicense | None:
        """When and why a license was withdrawn; None: it was not."""
        for bundle in (self.by_root, self.by_issuing):
            found = None if bundle is None else bundle.revoked_licenses.get(license_id)
            if found is not None:
                return found
        return None


def revocations(*, keys: TrustedKeys, product: str, now: datetime) -> Revocations:
    """The bundles kept, verified by `keys`; one query. One that doesn't verify any more tells nothing."""
    kept = {row.series: bytes(row.data) for row in KeptBundle.objects.all()}
    by_root = _read(kept.get(Series.ROOT), keys, product, now)
    if by_root is not None:
        keys = keys.with_bundle(by_root)
    return Revocations(by_root=by_root, by_issuing=_read(kept.get(Series.ISSUING), keys, product, now))


def root_bundle() -> bytes:
    """The newest bundle by a root key, as signed; empty where there is none."""
    found = KeptBundle.objects.filter(series=Series.ROOT).values_list("data", flat=True).first()
    return b"" if found is None else bytes(found)


def bundle_by_root(data: bytes, *, keys: TrustedKeys, product: str) -> RevocationBundle | None:
    """What a root bundle says, verified by pinned `keys`, of which none is withdrawn yet: so no time matters."""
    if not data:
        return None
    try:
        bundle = read_bundle(data, keys=keys, product=product, now=ANY_TIME, newest=None, newest_by_root=None)
    except LicenseError:
        return None  # the row was changed: it is no word of the vendor's any more
    return bundle if bundle.signed_by_root else None


def _read(data: bytes | None, keys: TrustedKeys, product: str, now: datetime) -> RevocationBundle | None:
    if data is None:
        return None
    try:
        return _remembered(data, _Trust.of(keys), product, now.replace(second=0, microsecond=0))
    except LicenseError:
        return None  # its key was withdrawn, or the row was changed: it is no word of the vendor's any more


@dataclass(frozen=True, slots=True)
class _Trust:
    """Keys as a value that a cache can be keyed by: which they are, and which of them are withdrawn."""

    named: tuple[str, frozenset[tuple[str, datetime]]]
    keys: TrustedKeys = field(compare=False)

    @classmethod
    def of(cls, keys: TrustedKeys) -> _Trust:
        return cls((keys.to_jwks(), frozenset(keys.revoked.items())), keys)


@lru_cache(maxsize=REMEMBERED)
def _remembered(data: bytes, trusted: _Trust, product: str, minute: datetime) -> RevocationBundle:
    """Keyed by the bytes and the minute, since a key may be withdrawn from a moment on."""
    return read_bundle(data, keys=trusted.keys, product=product, now=minute, newest=None, newest_by_root=None)
