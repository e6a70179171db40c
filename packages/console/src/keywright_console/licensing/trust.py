"""The keys that this server trusts, and the product that it is: the two things that a license is held against."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from keywright_console.kit.build import pinned_keys, pinned_product
from keywright_console.kit.errors import NotConfiguredError
from keywright_console.revocations.selectors import bundle_by_root
from keywright_license import LicenseError, TrustedKeys

KEYS_SETTING = "KEYWRIGHT_CONSOLE_TRUSTED_KEYS"
PRODUCT_SETTING = "KEYWRIGHT_CONSOLE_PRODUCT"


@dataclass(frozen=True, slots=True)
class Anchor:
    """Which keys and which product, as a value that caches can be keyed by."""

    path: str
    changed: int
    product: str
    # The vendor's newest bundle by a root key, which may withdraw keys; as signed, and verified with the others.
    withdrawn: bytes = b""

    @property
    def keys(self) -> TrustedKeys:
        """The keys of the file, those apart that the vendor has withdrawn since."""
        return _without(self.path, self.changed, self.product, self.withdrawn)


def anchor(*, withdrawn: bytes = b"") -> Anchor:
    """What this server trusts right now, less what the root bundle `withdrawn` takes back.

    `NotConfiguredError` names the setting that is missing or wrong.
    """
    path: str = pinned_keys() or settings.KEYWRIGHT_CONSOLE_TRUSTED_KEYS
    product: str = pinned_product() or settings.KEYWRIGHT_CONSOLE_PRODUCT
    for name, value in ((KEYS_SETTING, path), (PRODUCT_SETTING, product)):
        if not value:
            raise NotConfiguredError(
                _("%(name)s is not set. It is needed to read licenses: set it and start again.") % {"name": name}
            )
    try:
        changed = Path(path).stat().st_mtime_ns
    except OSError as error:
        raise _unreadable(path) from error
    _load(path, changed)
    return Anchor(path, changed, product, withdrawn)


@lru_cache(maxsize=4)
def _without(path: str, changed: int, product: str, bundle: bytes) -> TrustedKeys:
    keys = _load(path, changed)
    found = bundle_by_root(bundle, keys=keys, product=product)
    return keys if found is None else keys.with_bundle(found)


@lru_cache(maxsize=4)
def _load(path: str, changed: int) -> TrustedKeys:  # noqa: ARG001 - a file that changed is another entry of the cache
    try:
        return TrustedKeys.from_key_file(Path(path).read_bytes())
    except (OSError, LicenseError) as error:
        raise _unreadable(path) from error


def _unreadable(path: str) -> NotConfiguredError:
    return NotConfiguredError(
        _("%(name)s names %(path)s, which is no readable PEM or JWK set. Put the vendor’s public keys there.")
        % {"name": KEYS_SETTING, "path": path}
    )
