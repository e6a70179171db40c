"""A deployment's place under a license: asked for, given and released, online or by files.

The server makes a key of its own (`generate_ed25519`), signs a request with it, and the vendor answers with an
activation. Nothing of this stops a server that runs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING

from keywright_license import keys as key_spellings
from keywright_license._internal import artifacts, base64url, claims
from keywright_license.errors import (
    LicenseError,
    SigningError,
    StaleRequestError,
    WrongDeploymentError,
    WrongProductError,
)
from keywright_license.kinds import CLAIMS_VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    from keywright_license.signer import Signer
    from keywright_license.trusted_keys import TrustedKeys

# A request by file may travel with a person who comes by once a month.
REQUEST_MAX_AGE = timedelta(days=30)
# How far a server's clock may be ahead; one without a network keeps time badly.
CLOCK_AHEAD = timedelta(days=1)


class DeploymentKind(StrEnum):
    PRODUCTION = "production"
    NON_PRODUCTION = "non_production"


_KINDS = {kind.value: kind for kind in DeploymentKind}


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationRequest:
    """A deployment asks for its place. Ids are those of `zbase32`; `license_sha256` is `license_digest` of the file.

    `name` is what the admin calls the server, `version` which release of the product it runs.
    """

    id: str
    issued_at: datetime
    product: str
    license_id: str
    license_sha256: str
    deployment: str
    kind: DeploymentKind
    key: Ed25519PublicKey
    name: str | None = None
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """The vendor's answer: this deployment holds a place of the subscription, through renewals and superseding files.

    `request` is the id of the request, `key` the thumbprint of the deployment's key.
    """

    id: str
    issuer: str
    issued_at: datetime
    product: str
    subscription: str
    request: str
    license_id: str
    deployment: str
    kind: DeploymentKind
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A deployment gives its place back. `activation` is the id of the answer that gave it, so that an old release
    does not free a place taken anew.
    """

    id: str
    issued_at: datetime
    product: str
    subscription: str
    deployment: str
    activation: str


def license_digest(data: bytes) -> str:
    """SHA-256 of a license file, base64url; the same however mail has treated its line ends.

    Keywright's: of its two lines joined by LF. Mattermost's, which may be broken anywhere: of its base64 in one line.
    """
    lines = data.replace(b"\r\n", b"\n").removesuffix(b"\n")
    return base64url.encode(
        sha256(lines if b"." in data else lines.replace(b"\n", b"").replace(b"\r", b"")).digest()
    ).decode()


def sign_request(request: ActivationRequest, key: Ed25519PrivateKey) -> bytes:
    """The one line of the file, by the deployment's key. SigningError: another key than the request's, or a value
    that would be refused.
    """
    if key.public_key() != request.key:
        raise SigningError("The request holds another key than the one that is to sign it. Give both of one pair.")
    request = replace(request, issued_at=request.issued_at.replace(microsecond=0))
    said = _write_request(request)
    try:
        sound = _read_request(said, request.key) == request
    except LicenseError as error:
        raise SigningError(f"Such a request would be refused: {error.message}") from error
    if not sound:
        raise SigningError("The request would not be read as it was meant. Give its time in UTC.")
    return artifacts.sign_own(said, artifacts.ACTIVATION_REQUEST, key=key)


def read_request(data: bytes, *, now: datetime, max_age: timedelta = REQUEST_MAX_AGE) -> ActivationRequest:
    """The request. That it is signed proves that its maker holds `request.key`, and of a deployment that is known by
    that key, that it is the one. That its maker holds the license is proved by `license_sha256`: compare it.

    StaleRequestError: older than `max_age`, or ahead of `now` by more than `CLOCK_AHEAD`; MalformedError;
    BadSignatureError; WrongKindError.
    """
    said, key = artifacts.open_self_signed(data, artifacts.ACTIVATION_REQUEST)
    request = artifacts.reworded(lambda said: _read_request(said, key), said, artifacts.ACTIVATION_REQUEST)
    if not now - max_age <= request.issued_at <= now + CLOCK_AHEAD:
        msg = (
            f"The activation request was made at {request.issued_at:%Y-%m-%d %H:%M} UTC by the server’s clock, too far "
            "from now. Check that clock, and make a new request."
        )
        raise StaleRequestError(msg)
    return request


def sign_activation(activation: Activation, *, signer: Signer, kid: str, certificate: str) -> bytes:
    """The two lines of the answer. SigningError: a value that would be refused, what the certificate does not cover."""
    activation = replace(activation, issued_at=activation.issued_at.replace(microsecond=0))
    said = _write_activation(activation)
    try:
        sound = _read_activation(said) == activation
    except LicenseError as error:
        raise SigningError(f"Such an activation would be refused: {error.message}") from error
    if not sound:
        raise SigningError("The activation would not be read as it was meant. Give its time in UTC.")
    return artifacts.sign_vouched(
        said,
        artifacts.ACTIVATION,
        signer=signer,
        kid=kid,
        certificate=certificate,
        product=activation.product,
        issued_at=activation.issued_at,
    )


def read_activation(data: bytes, *, keys: TrustedKeys, product: str | None, now: datetime) -> Activation:
    """The answer, once it is verified. Whether it is this server's: `check_belongs`.

    WrongProductError; UnknownKeyError; RevokedKeyError; BadSignatureError; MalformedError; WrongKindError.
    """
    opened = artifacts.open_vouched(data, artifacts.ACTIVATION, trusted=keys, now=now)
    activation = artifacts.reworded(_read_activation, opened.said, artifacts.ACTIVATION)
    if opened.certificate is not None:
        opened.certificate.check_may_sign(product=activation.product, issued_at=activation.issued_at, what="activation")
    if product is not None and activation.product != product:
        msg = f"This activation is for {activation.product}, not for {product}. Choose the one of this product."
        raise WrongProductError(msg)
    return activation


def check_belongs(activation: Activation, *, subscription: str, deployment: str, key: Ed25519PublicKey) -> None:
    """WrongDeploymentError: the activation is of another server, or of another subscription than the license's."""
    if activation.deployment != deployment or activation.key != key_spellings.thumbprint(key):
        raise WrongDeploymentError(
            "This activation was given to another server. Make a request on this one, and have that answered."
        )
    if activation.subscription != subscription:
        msg = (
            f"This activation is of the subscription {activation.subscription}, the license of {subscription}. "
            "Make a request with the license that is in force, and have that answered."
        )
        raise WrongDeploymentError(msg)


def sign_release(release: Release, key: Ed25519PrivateKey) -> bytes:
    """The one line, by the deployment's key. SigningError: a value that would be refused."""
    release = replace(release, issued_at=release.issued_at.replace(microsecond=0))
    said = _write_release(release)
    try:
        sound = _read_release(said) == release
    except LicenseError as error:
        raise SigningError(f"Such a release would be refused: {error.message}") from error
    if not sound:
        raise SigningError("The release would not be read as it was meant. Give its time in UTC.")
    return artifacts.sign_own(said, artifacts.RELEASE, key=key)


def read_release(data: bytes, *, key: Ed25519PublicKey) -> Release:
    """The release, signed by the deployment's key, which the vendor knows from the activation.

    UnknownKeyError: by another key; BadSignatureError; MalformedError; WrongKindError.
    """
    return artifacts.reworded(_read_release, artifacts.open_known(data, artifacts.RELEASE, key=key), artifacts.RELEASE)


def kid_of_release(data: bytes) -> str:
    """Which key the release says it was signed by, to look up the deployment; it proves nothing. MalformedError,
    WrongKindError.
    """
    return artifacts.kid_of(data, artifacts.RELEASE)


def _write_request(request: ActivationRequest) -> dict[str, object]:
    said: dict[str, object] = {
        "v": CLAIMS_VERSION,
        "jti": request.id,
        "iat": claims.to_seconds(request.issued_at),
        "aud": request.product,
        "license": {"jti": request.license_id, "sha256": request.license_sha256},
        "deployment": request.deployment,
        "kind": request.kind.value,
        "key": key_spellings.to_jwk(request.key),
    }
    if request.name is not None:
        said["name"] = request.name
    if request.version is not None:
        said["version"] = request.version
    return said


def _read_request(said: Mapping[str, object], key: Ed25519PublicKey) -> ActivationRequest:
    claims.version(said)
    license = claims.required(said, "license")
    if not isinstance(license, dict):
        claims.refuse("license", "it must be an object")
    return ActivationRequest(
        id=claims.identity(claims.required(said, "jti"), "jti"),
        issued_at=claims.time(claims.required(said, "iat"), "iat"),
        product=claims.text(claims.required(said, "aud"), "aud"),
        license_id=claims.identity(license.get("jti"), "license.jti"),
        license_sha256=claims.digest(license.get("sha256"), "license.sha256"),
        deployment=claims.identity(claims.required(said, "deployment"), "deployment"),
        kind=_kind(said),
        key=key,
        name=claims.text(said["name"], "name") if "name" in said else None,
        version=claims.text(said["version"], "version") if "version" in said else None,
    )


def _write_activation(activation: Activation) -> dict[str, object]:
    return {
        "v": CLAIMS_VERSION,
        "iss": activation.issuer,
        "aud": activation.product,
        "sub": activation.subscription,
        "jti": activation.id,
        "iat": claims.to_seconds(activation.issued_at),
        "request": activation.request,
        "license": activation.license_id,
        "deployment": activation.deployment,
        "kind": activation.kind.value,
        "key": activation.key,
    }


def _read_activation(said: Mapping[str, object]) -> Activation:
    claims.version(said)
    return Activation(
        id=claims.identity(claims.required(said, "jti"), "jti"),
        issuer=claims.text(claims.required(said, "iss"), "iss"),
        issued_at=claims.time(claims.required(said, "iat"), "iat"),
        product=claims.text(claims.required(said, "aud"), "aud"),
        subscription=claims.text(claims.required(said, "sub"), "sub"),
        request=claims.identity(claims.required(said, "request"), "request"),
        license_id=claims.identity(claims.required(said, "license"), "license"),
        deployment=claims.identity(claims.required(said, "deployment"), "deployment"),
        kind=_kind(said),
        key=claims.digest(claims.required(said, "key"), "key"),
    )


def _write_release(release: Release) -> dict[str, object]:
    return {
        "v": CLAIMS_VERSION,
        "jti": release.id,
        "iat": claims.to_seconds(release.issued_at),
        "aud": release.product,
        "sub": release.subscription,
        "deployment": release.deployment,
        "activation": release.activation,
    }


def _read_release(said: Mapping[str, object]) -> Release:
    claims.version(said)
    return Release(
        id=claims.identity(claims.required(said, "jti"), "jti"),
        issued_at=claims.time(claims.required(said, "iat"), "iat"),
        product=claims.text(claims.required(said, "aud"), "aud"),
        subscription=claims.text(claims.required(said, "sub"), "sub"),
        deployment=claims.identity(claims.required(said, "deployment"), "deployment"),
        activation=claims.identity(claims.required(said, "activation"), "activation"),
    )


def _kind(said: Mapping[str, object]) -> DeploymentKind:
    kind = claims.required(said, "kind")
    if not isinstance(kind, str) or kind not in _KINDS:
        claims.refuse("kind", f"it must be {' or '.join(_KINDS)}")
    return _KINDS[kind]
