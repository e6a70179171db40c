"""The one way from bytes to a License."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol

from keywright_license._internal import keywright_format
from keywright_license.errors import MalformedError, WrongProductError
from keywright_license.limits import MAX_FILE_BYTES
from keywright_license.model import Format, License

if TYPE_CHECKING:
    from datetime import datetime

    from keywright_license.trusted_keys import TrustedKeys


class _Verify(Protocol):
    def __call__(self, data: bytes, *, keys: TrustedKeys, product: str | None, now: datetime) -> License: ...


@cache
def _mattermost_verify() -> _Verify:
    """Brings RSA, so the first file that needs it imports it; kept, since a repeated import costs a microsecond."""
    from keywright_license._internal import mattermost_format  # noqa: PLC0415  # see above

    return mattermost_format.verify


def detect_format(data: bytes) -> Format:
    """Which format the bytes claim to be of: Keywright's has full stops, base64 has none. MalformedError: empty or
    too large.
    """
    if not data:
        raise MalformedError("The file is empty. Download the license again.")
    if len(data) > MAX_FILE_BYTES:
        msg = (
            f"This is not a license file: it is larger than {MAX_FILE_BYTES // 1024} KiB. "
            "Choose the file that you downloaded."
        )
        raise MalformedError(msg)
    return Format.KEYWRIGHT if b"." in data else Format.MATTERMOST


def verify(data: bytes, *, keys: TrustedKeys, product: str | None = None, now: datetime) -> License:
    """The license that `data` is, in either format.

    `now` decides which revoked keys are revoked already; whether the license has begun or ended is a question to the
    License (`state`), and whether it may be put in force is `check_applicable`'s. `product` is the one asked for
    (None: any). Mattermost's format names none: there the pinned key stands for the product, and `product` is what
    the License then says.

    MalformedError, BadSignatureError, UnknownKeyError, RevokedKeyError, WrongKindError, WrongProductError; never
    another. ValueError is the caller's mistake: a `now` without a zone.
    """
    if now.tzinfo is None:
        raise ValueError("now must be aware")
    if detect_format(data) is Format.MATTERMOST:
        return _mattermost_verify()(data, keys=keys, product=product, now=now)
    license = keywright_format.verify(data, keys=keys, now=now)
    if product is not None and license.product != product:
        msg = f"This license is for {license.product}, not for {product}. Choose the license of this product."
        raise WrongProductError(msg)
    return license
