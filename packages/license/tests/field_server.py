"""What a server in the field does with a license file, written from the description alone and with nothing of ours."""

import base64
import json
import re

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

INVALID = "api.license.add_license.invalid.app_error"
TOO_MANY_USERS = "api.license.add_license.unique_users.app_error"
EXPIRED = "api.license.add_license.expired.app_error"

BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
ID = re.compile("[ybndrfg8ejkmcpqxot1uwisza345h769]{26}")
PLANS = {"E10", "E20", "professional", "enterprise", "advanced", "entry"}
BOOLEANS = [
    *("ldap", "ldap_groups", "mfa", "google_oauth", "office365_oauth", "openid", "compliance", "cluster", "metrics"),
    *("mhpns", "saml", "elastic_search", "announcement", "theme_management", "email_notification_contents"),
    *("data_retention", "message_export", "custom_permissions_schemes", "custom_terms_of_service", "guest_accounts"),
    *("guest_accounts_permissions", "id_loaded", "lock_teammate_name_display", "enterprise_plugins"),
    *("advanced_logging", "cloud", "shared_channels", "remote_cluster_service", "future_features"),
]


def apply(data, public_key, *, active_users, now_ms):
    """The license's JSON with its booleans filled in, or the id of the error that refuses it."""
    text = verified_text(data, public_key)
    if text is None:
        return INVALID
    license = json.loads(text)
    features = license["features"]
    if type(features["users"]) is not int:
        return INVALID
    if active_users > features["users"]:
        return TOO_MANY_USERS
    if license["expires_at"] < now_ms:
        return EXPIRED
    return filled_in(license) if ID.fullmatch(license["id"]) else INVALID


def verified_text(data, public_key):
    """The signed JSON, or None."""
    packed = data.replace(b"\r", b"").replace(b"\n", b"")
    if len(data) > 10_000 or not BASE64.fullmatch(packed):
        return None
    octets = base64.b64decode(packed).rstrip(b"\x00")
    if len(octets) <= 256:
        return None
    try:
        public_key.verify(octets[-256:], octets[:-256], padding.PKCS1v15(), hashes.SHA512())
    except InvalidSignature:
        return None
    return octets[:-256]


def filled_in(license):
    assert all(type(license[time]) is int for time in ("issued_at", "starts_at", "expires_at"))
    assert all(type(license["customer"][name]) is str for name in ("id", "name", "email", "company"))
    assert license["sku_short_name"] in PLANS
    features = license["features"]
    future = features.get("future_features", True)
    exceptions = {"announcement": True, "theme_management": True, "cloud": False}
    filled = {name: features.get(name, exceptions.get(name, future)) for name in BOOLEANS}
    return license | {"features": features | filled}
