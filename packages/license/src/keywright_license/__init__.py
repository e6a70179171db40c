"""The license file: model, formats, keys, verifying and signing. What a vendor embeds in a product.

    keys = TrustedKeys.from_pem(ROOT_KEY_PEM)       # once a process
    license = verify(data, keys=keys, product="enterprise-edition", now=datetime.now(UTC))
    license.state(now=datetime.now(UTC)), license.has("ldap")

No Django, no clock, no network, no file access, and no dependency but `cryptography`. Every error is a `LicenseError`
with a stable `code` and a `message` that says what to do next. Revocation bundles, activations, usage reports and the
mark against clocks that are set back are modules of their own: `revocations`, `activation`, `usage`, `clock`. The
formats are described in docs/license-file.md, and docs/embedding.md is where to begin.
"""

from keywright_license import zbase32
from keywright_license._internal.certificate import create_certificate
from keywright_license.applying import check_applicable, uses_up_the_trial
from keywright_license.errors import (
    BadSignatureError,
    ExpiredError,
    KeyFormatError,
    LicenseError,
    MalformedError,
    RevokedKeyError,
    SigningError,
    StaleBundleError,
    StaleRequestError,
    TooFewSeatsError,
    UnknownKeyError,
    WrongDeploymentError,
    WrongKindError,
    WrongProductError,
)
from keywright_license.keys import (
    from_jwk,
    generate_ed25519,
    generate_rsa,
    private_key_from_pem,
    private_key_to_pem,
    public_key_to_pem,
    thumbprint,
    to_jwk,
)
from keywright_license.limits import MAX_FILE_BYTES
from keywright_license.model import GRACE_DAYS, Deployments, Format, License, LicenseState, Organization
from keywright_license.presenting import present
from keywright_license.signer import KeySigner, Signer
from keywright_license.signing import sign_keywright, sign_mattermost
from keywright_license.trusted_keys import TrustedKeys
from keywright_license.verifying import detect_format, verify

__all__ = [
    "GRACE_DAYS",
    "MAX_FILE_BYTES",
    "BadSignatureError",
    "Deployments",
    "ExpiredError",
    "Format",
    "KeyFormatError",
    "KeySigner",
    "License",
    "LicenseError",
    "LicenseState",
    "MalformedError",
    "Organization",
    "RevokedKeyError",
    "Signer",
    "SigningError",
    "StaleBundleError",
    "StaleRequestError",
    "TooFewSeatsError",
    "TrustedKeys",
    "UnknownKeyError",
    "WrongDeploymentError",
    "WrongKindError",
    "WrongProductError",
    "check_applicable",
    "create_certificate",
    "detect_format",
    "from_jwk",
    "generate_ed25519",
    "generate_rsa",
    "present",
    "private_key_from_pem",
    "private_key_to_pem",
    "public_key_to_pem",
    "sign_keywright",
    "sign_mattermost",
    "thumbprint",
    "to_jwk",
    "uses_up_the_trial",
    "verify",
    "zbase32",
]
