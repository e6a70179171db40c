"""Users and licenses as clients of the v4 API know them. Times are milliseconds since 1970; 0 is never."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from keywright_console.licensing.selectors import OPEN_STATES, Standing
from keywright_console.users.models import User
from keywright_license import License

SECRET_KEYS = ("Id", "Name", "Email", "IssuedAt", "StartsAt", "ExpiresAt", "SkuName")

# The field's names of the features, and what the flat map calls them.
CLIENT_FEATURES: Mapping[str, str] = {
    "ldap": "LDAP",
    "ldap_groups": "LDAPGroups",
    "mfa": "MFA",
    "saml": "SAML",
    "cluster": "Cluster",
    "metrics": "Metrics",
    "google_oauth": "GoogleOAuth",
    "office365_oauth": "Office365OAuth",
    "openid": "OpenId",
    "compliance": "Compliance",
    "mhpns": "MHPNS",
    "announcement": "Announcement",
    "elastic_search": "Elasticsearch",
    "data_retention": "DataRetention",
    "id_loaded": "IDLoadedPushNotifications",
    "email_notification_contents": "EmailNotificationContents",
    "message_export": "MessageExport",
    "custom_permissions_schemes": "CustomPermissionsSchemes",
    "guest_accounts": "GuestAccounts",
    "guest_accounts_permissions": "GuestAccountsPermissions",
    "custom_terms_of_service": "CustomTermsOfService",
    "lock_teammate_name_display": "LockTeammateNameDisplay",
    "cloud": "Cloud",
    "shared_channels": "SharedChannels",
    "remote_cluster_service": "RemoteClusterService",
}

EMPTY_MEMBERS: Mapping[str, Any] = {
    "auth_data": "",
    "auth_service": "",
    "nickname": "",
    "first_name": "",
    "last_name": "",
    "position": "",
    "props": {},
    "notify_props": {},
    "last_password_update": 0,
    "last_picture_update": 0,
    "mfa_active": False,
    "bot_description": "",
    "terms_of_service_id": "",
    "terms_of_service_create_at": 0,
}


def milliseconds(when: datetime | None) -> int:
    return 0 if when is None else round(when.timestamp() * 1000)


def user_shape(user: User) -> dict[str, Any]:
    """A user with all members that clients count on; what this console has nothing of is empty."""
    return {
        **EMPTY_MEMBERS,
        "id": user.public_id,
        "create_at": milliseconds(user.created_at),
        "update_at": milliseconds(user.updated_at),
        "delete_at": milliseconds(user.deactivated_at),
        "username": user.username,
        "email": user.email,
        "roles": "system_user system_admin" if user.is_system_admin else "system_user",
        "locale": "en",
        "is_bot": user.is_bot,
        "last_activity_at": milliseconds(user.last_activity_at),
    }


def license_shape(license_: License) -> dict[str, Any]:
    """A license of either format in the JSON of the field's."""
    return {
        "id": license_.id,
        "issued_at": milliseconds(license_.issued_at),
        "starts_at": milliseconds(license_.starts_at),
        "expires_at": milliseconds(license_.expires_at),
        "customer": {
            "id": license_.organization.id,
            "name": license_.organization.name,
            "email": license_.organization.email,
            "company": license_.organization.name,
        },
        "features": {"users": license_.seats, **{name: name in license_.features for name in CLIENT_FEATURES}},
        "sku_name": license_.plan_name,
        "sku_short_name": license_.plan,
        "is_trial": license_.is_trial,
    }


def client_shape(standing: Standing, *, whole: bool) -> dict[str, str]:
    """The flat map of texts. Without the permission (`whole` False) it says nothing of contact and dates."""
    current = standing.in_force
    if current is None or current.state not in OPEN_STATES:
        return {"IsLicensed": "false"}
    one = current.license
    found = {
        "IsLicensed": "true",
        "Id": one.id,
        "SkuName": one.plan_name,
        "SkuShortName": one.plan,
        "Users": str(one.seats),
        "IssuedAt": str(milliseconds(one.issued_at)),
        "StartsAt": str(milliseconds(one.starts_at)),
        "ExpiresAt": str(milliseconds(one.expires_at)),
        "Name": one.organization.name,
        "Email": one.organization.email,
        "Company": one.organization.name,
        "IsTrial": text(one.is_trial),
        **{theirs: text(ours in one.features) for ours, theirs in CLIENT_FEATURES.items()},
    }
    if whole:
        return found
    return {key: value for key, value in found.items() if key not in SECRET_KEYS}


def text(value: bool) -> str:  # noqa: FBT001 - it is the one argument
    return "true" if value else "false"
