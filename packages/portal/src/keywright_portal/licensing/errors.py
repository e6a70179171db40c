"""What can go wrong when a license is issued or fetched."""

from keywright_portal.kit.errors import KeywrightError


class NoSigningKeyError(KeywrightError):
    """There is no active key for a format that the catalog names."""

    code = "no_signing_key"


class KeysExistError(KeywrightError):
    """Keys were made before; making them again would replace what products pin."""

    code = "keys_exist"
