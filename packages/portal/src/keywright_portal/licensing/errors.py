"""What can go wrong when a license is issued or fetched."""

from django.utils.translation import gettext_lazy as _

from keywright_portal.kit.errors import KeywrightError


class NoSigningKeyError(KeywrightError):
    """There is no active key for a format that the catalog names."""

    code = "no_signing_key"


class CannotSignError(KeywrightError):
    """The key's certificate doesn't cover the license, or its format has no way to say what it grants."""

    code = "cannot_sign"


class KeyStateError(KeywrightError):
    """The key isn't in a state, or of a kind, in which that may happen to it."""

    code = "key_state"


class UnknownKeyError(KeywrightError):
    """There is no such key here."""

    code = "unknown_key"


class CertificateRefusedError(KeywrightError):
    """A certificate that isn't of a root and a key of this installation, or says what can't be used."""

    code = "certificate_refused"


class BundleRefusedError(KeywrightError):
    """A revocation bundle that can't be taken over."""

    code = "bundle_refused"


class NotLoggedError(KeywrightError):
    """A license file isn't in the log of what was signed, or not with these bytes."""

    code = "not_logged"


class KeysExistError(KeywrightError):
    """Keys were made before; making them again would replace what products pin."""

    code = "keys_exist"


class LicenseRevokedError(KeywrightError):
    """The license was revoked: its money went back, or never came."""

    code = "license_revoked"

    def __init__(self) -> None:
        super().__init__(
            _("This license was revoked: its money went back, or never came. Contact Support if that is wrong.")
        )
