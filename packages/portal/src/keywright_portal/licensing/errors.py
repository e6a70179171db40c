"""What can go wrong when a license is issued or fetched."""

from django.utils.translation import gettext_lazy as _

from keywright_portal.kit.errors import KeywrightError


class NoSigningKeyError(KeywrightError):
    """There is no active key for a format that the catalog names."""

    code = "no_signing_key"


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
