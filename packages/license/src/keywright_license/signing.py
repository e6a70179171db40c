"""From a License to the bytes of its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright_license._internal import keywright_format

if TYPE_CHECKING:
    from keywright_license.model import License
    from keywright_license.signer import Signer


def sign_keywright(license: License, *, signer: Signer, kid: str, certificate: str) -> bytes:
    """The two lines of Keywright's format. Times are rounded down to seconds; everything is read back before it is
    returned.

    SigningError: the license would be refused or read differently, or the certificate does not cover it.
    """
    return keywright_format.sign(license, signer=signer, kid=kid, certificate=certificate)


def sign_mattermost(license: License, *, signer: Signer, kid: str) -> bytes:
    """Mattermost's format. Times are rounded down to milliseconds, and `issued_at` moves on by as many of them as it
    takes for the signature not to end in 0x00, which servers in the field strip. The id stays: it is the grant's.

    SigningError: a plan or a value that servers would not read as it was meant. What the format has no place for
    (issuer, product, subscription, deployments, supersedes) is left out.
    """
    from keywright_license._internal import mattermost_format  # noqa: PLC0415  # its RSA is imported late

    return mattermost_format.sign(license, signer=signer, kid=kid)
