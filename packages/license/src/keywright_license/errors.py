"""What can go wrong with a license file: one tree of errors, each with a stable `code` and a sentence that says what
to do next.
"""

from __future__ import annotations

from typing import ClassVar


class LicenseError(Exception):
    """Base of every error this package raises on purpose.

    `code` is public and never changes its meaning: programs map it to their own words. `message` is for people.
    """

    code: ClassVar[str] = "license_error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class MalformedError(LicenseError):
    """Not a license file, or a claim of it is missing or out of range."""

    code = "malformed"

    def __init__(self, message: str, *, detail: str | None = None) -> None:
        """`detail` is what is wrong with which claim, as the rest of a sentence that begins with the artifact."""
        super().__init__(message)
        self.detail = detail


class BadSignatureError(LicenseError):
    code = "bad_signature"


class UnknownKeyError(LicenseError):
    """No pinned key vouches for the file."""

    code = "unknown_key"


class RevokedKeyError(LicenseError):
    code = "revoked_key"


class WrongKindError(LicenseError):
    """A genuine artifact of another kind, or of a later version."""

    code = "wrong_kind"


class WrongProductError(LicenseError):
    code = "wrong_product"


class TooFewSeatsError(LicenseError):
    """The license is genuine and cannot be applied: more users are active than it has seats."""

    code = "too_few_seats"


class ExpiredError(LicenseError):
    """The license is genuine and cannot be applied any more."""

    code = "expired"


class StaleBundleError(LicenseError):
    """A genuine revocation bundle, older than one that is known."""

    code = "stale_bundle"


class StaleRequestError(LicenseError):
    """A genuine request of a deployment, made too long ago, or by a clock that is ahead."""

    code = "stale_request"


class WrongDeploymentError(LicenseError):
    """A genuine activation, of another deployment or subscription."""

    code = "wrong_deployment"


class SigningError(LicenseError):
    """What was to be signed would not be read as it was meant."""

    code = "not_signable"


class KeyFormatError(LicenseError):
    """A key that cannot be read, or must not be trusted."""

    code = "bad_key"
