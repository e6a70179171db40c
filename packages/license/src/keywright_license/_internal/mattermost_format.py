"""Mattermost's format: base64 of JSON and an RSA signature over it, for servers in the field.

docs/license-file.md is the description, section "Mattermost's format". Imported when the first file of the format
comes along.
"""

from __future__ import annotations

import dataclasses
from binascii import Error, a2b_base64, b2a_base64
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA512

from keywright_license import zbase32
from keywright_license._internal import claims, strict_json
from keywright_license._internal.mattermost_features import read_features, write_features
from keywright_license._internal.thawing import thawed
from keywright_license.errors import BadSignatureError, LicenseError, MalformedError, SigningError, UnknownKeyError
from keywright_license.keys import thumbprint
from keywright_license.limits import END_OF_TIME, MAX_MATTERMOST_BYTES, MAX_TEXT
from keywright_license.model import ONE_DEPLOYMENT, Format, License, Organization

if TYPE_CHECKING:
    from keywright_license.signer import Signer
    from keywright_license.trusted_keys import TrustedKeys

PLANS = ("E10", "E20", "professional", "enterprise", "advanced", "entry")

# Durations that make a license a trial, whatever `is_trial` says.
_TRIAL_DURATIONS = (timedelta(days=30, hours=8), timedelta(days=30, hours=23, minutes=59, seconds=59))

_SIGNATURE_BYTES = 256
_GROUP = 4  # characters of base64
_TEXTS = ("id", "sku_short_name", "sku_name", "customer.id", "customer.name", "customer.company", "customer.email")
_END_OF_TIME = END_OF_TIME * 1000  # in this format's milliseconds
_from_timestamp = datetime.fromtimestamp
_PADDING = PKCS1v15()
_HASH = SHA512()
_ThawedLicense, _ThawedOrganization = thawed(License), thawed(Organization)
_FORMAT = Format.MATTERMOST
_MILLISECOND = 1000  # microseconds
# 1 signature in 256 ends in zero, so the odds of needing this many are 2^-128.
_MAX_TRIES = 16
# Padding after a character whose idle bits are zero.
_SOUND_ENDS = (*(f"{last}=".encode() for last in "AEIMQUYcgkosw048"), *(f"{last}==".encode() for last in "AQgw"))


def verify(data: bytes, *, keys: TrustedKeys, product: str | None, now: datetime) -> License:
    """The license, once one of the pinned keys has verified it."""
    octets = _decode(data)
    text, signature = octets[:-_SIGNATURE_BYTES], octets[-_SIGNATURE_BYTES:]
    if not keys.mattermost:
        raise UnknownKeyError(
            "This license is in Mattermost's format, and no key for that is known here. "
            "Choose the license in Keywright's format."
        )
    for key in keys.mattermost:
        try:
            key.verify(signature, text, _PADDING, _HASH)
        except InvalidSignature:
            continue
        if keys.revoked:
            keys.check_not_revoked(thumbprint(key), now=now)
        return read_license(strict_json.loads(text), product=product or "")
    raise BadSignatureError(
        "The signature does not fit: the file was changed, or it is from another vendor. "
        "Download it again from the vendor of this product."
    )


def sign(license: License, *, signer: Signer, kid: str) -> bytes:
    """The file, with `issued_at` moved on until the signature does not end in 0x00; SigningError."""
    if license.plan not in PLANS:
        raise SigningError(
            f"Servers know the plans {', '.join(PLANS)}, not {license.plan!r}. Use Keywright's format for it."
        )
    if not zbase32.is_id(license.id):
        raise SigningError(f"The id {license.id!r} is not {zbase32.LENGTH} letters of z-base-32.")
    license = claims.round_down(license, microseconds=_MILLISECOND, into=Format.MATTERMOST)
    for _ in range(_MAX_TRIES):
        text = _write_license(license)
        signature = signer.sign(kid, text)
        if len(signature) != _SIGNATURE_BYTES:
            raise SigningError(
                f"The signer gave {len(signature)} bytes for {kid}; an RSA-2048 signature has {_SIGNATURE_BYTES}."
            )
        if signature[-1]:
            break
        license = dataclasses.replace(license, issued_at=license.issued_at + timedelta(microseconds=_MILLISECOND))
    else:
        raise SigningError(f"Every one of {_MAX_TRIES} signatures ended in 0x00: the signer is at fault.")
    _check_read_back(license, text)
    file = b2a_base64(text + signature, newline=False)
    if len(file) > MAX_MATTERMOST_BYTES:
        raise SigningError(
            f"The file would have {len(file)} bytes; servers read {MAX_MATTERMOST_BYTES}. Shorten `extra`."
        )
    return file


def _decode(data: bytes) -> bytes:
    """JSON and signature. MalformedError: too long, too short, or no base64 of the standard alphabet with line breaks
    at most.
    """
    if len(data) > MAX_MATTERMOST_BYTES:
        raise MalformedError(
            f"The file is longer than {MAX_MATTERMOST_BYTES} bytes, which no license in this format is. "
            "Choose the file that you downloaded."
        )
    if b"\n" in data or b"\r" in data:
        data = data.translate(None, b"\r\n")
    # Strict mode lets a stray `=` pass after a whole group of four, so the length is looked at too.
    if data.endswith(b"=") and (len(data) % _GROUP or not data.endswith(_SOUND_ENDS)):
        raise MalformedError(_NOT_BASE64)
    try:
        octets = a2b_base64(data, strict_mode=True)
    except Error:
        raise MalformedError(_NOT_BASE64) from None
    octets = octets.rstrip(b"\0")  # as servers do, so that what they refuse is refused
    if len(octets) <= _SIGNATURE_BYTES:
        raise MalformedError("The file is shorter than a signature: part of it is missing. Download the license again.")
    return octets


_NOT_BASE64 = "This is not a license file, or it was damaged on its way: it is no base64. Download the license again."


def read_license(said: dict[str, object], *, product: str) -> License:
    """The license that verified JSON describes; takes `said` apart. What it does not know ends up in `extra`."""
    try:
        customer, features = said.pop("customer"), said.pop("features")
        if type(customer) is not dict or type(features) is not dict:
            claims.refuse("customer and features", "they must be objects")
        pop_said, pop_customer = said.pop, customer.pop
        issued_at = _time(pop_said("issued_at"), "issued_at")
        starts_at = _time(pop_said("starts_at"), "starts_at")
        expires_at = _time(pop_said("expires_at"), "expires_at")
        license_id, plan, plan_name, buyer_id, name, company, email = _texts(
            (
                pop_said("id", ""),
                pop_said("sku_short_name", ""),
                pop_said("sku_name", ""),
                pop_customer("id", ""),
                pop_customer("name", ""),
                pop_customer("company", ""),
                pop_customer("email", ""),
            )
        )
        trial = pop_said("is_trial", None)
        if trial is not None and type(trial) is not bool:
            claims.refuse("is_trial", "it must be true or false")
        seats = claims.count(features.pop("users"), "features.users", least=1)
        granted, other_features = read_features(features)
        buyer = _ThawedOrganization(buyer_id, company or name, email)
        buyer.__class__ = Organization
        license = _ThawedLicense(
            license_id,
            "",  # issuer
            product,
            "",  # subscription
            issued_at,
            starts_at,
            expires_at,
            plan,
            plan_name,
            seats,
            granted,
            buyer,
            ONE_DEPLOYMENT,
            trial or expires_at - starts_at in _TRIAL_DURATIONS,
            None,  # supersedes
            said,
            _FORMAT,
        )
        license.__class__ = License
    except KeyError as missing:
        claims.refuse(str(missing.args[0]), "it is missing")
    if company and name != company:
        customer["name"] = name
    if customer:
        said["customer"] = customer
    if other_features:
        said["features"] = other_features
    return license


def _texts(values: tuple[object, ...]) -> tuple[str, ...]:
    """Those that `_TEXTS` names. Null is empty, as for servers in the field.

    They are looked at together first, and one by one only where something is odd: that saves a microsecond.
    """
    try:
        together = "".join(values)  # type: ignore[arg-type]  # TypeError is the answer where one is no text
    except TypeError:
        together = "\n"
    if together.isprintable() and len(together) <= MAX_TEXT:
        return values  # type: ignore[return-value]  # join took them all for texts
    return tuple(
        "" if value is None else claims.text(value, name, may_be_empty=True)
        for name, value in zip(_TEXTS, values, strict=True)
    )


def _time(value: object, name: str) -> datetime:
    """Milliseconds since the epoch."""
    if type(value) is not int or not 0 <= value < _END_OF_TIME:
        claims.refuse(name, "it must be a time as a whole number of milliseconds, before the year 9999")
    moment = _from_timestamp(value // 1000, UTC)
    return moment.replace(microsecond=value % 1000 * 1000) if value % 1000 else moment


def _to_milliseconds(moment: datetime) -> int:
    return claims.to_seconds(moment) * 1000 + moment.microsecond // 1000


def _write_license(license: License) -> bytes:
    customer: dict[str, object] = {
        "id": license.organization.id,
        "name": license.organization.name,
        "email": license.organization.email,
        "company": license.organization.name,
    }
    said: dict[str, object] = {
        "id": license.id,
        "issued_at": _to_milliseconds(license.issued_at),
        "starts_at": _to_milliseconds(license.starts_at),
        "expires_at": _to_milliseconds(license.expires_at),
        "customer": customer,
        "features": {"users": license.seats, **write_features(license.features)},
        "sku_name": license.plan_name,
        "sku_short_name": license.plan,
        "is_trial": license.is_trial,
    }
    extra = dict(license.extra)
    own = extra.get("customer")
    if isinstance(own, dict) and "name" in own:  # the one known field that `extra` may speak for
        customer["name"] = own["name"]
        extra["customer"] = {name: value for name, value in own.items() if name != "name"}
    claims.merge_extra(said, extra)
    try:
        return strict_json.dumps(said)
    except (ValueError, TypeError, RecursionError) as error:
        msg = f"The license cannot be written as JSON: {error}."
        raise SigningError(msg) from error


def _check_read_back(license: License, text: bytes) -> None:
    try:
        read_back = read_license(strict_json.loads(text), product=license.product)
    except LicenseError as error:
        msg = f"Such a license would be refused: {error.message}"
        raise SigningError(msg) from error
    same = dataclasses.replace(
        read_back,
        issuer=license.issuer,
        subscription=license.subscription,
        deployments=license.deployments,
        supersedes=license.supersedes,
    )
    if same != license:
        raise SigningError(
            "Servers would not read the license as it was meant: it lasts exactly as long as a trial, "
            "or a value of `extra` is none of JSON's."
        )
