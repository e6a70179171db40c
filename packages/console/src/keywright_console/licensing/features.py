"""The names that people know the features by, and which of them have a page of their own here."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LDAP = "ldap"
CLUSTER = "cluster"

NAMES: dict[str, str | Promise] = {
    LDAP: _("AD/LDAP"),
    "ldap_groups": _("AD/LDAP groups"),
    "saml": _("SAML"),
    "mfa": _("Multi-factor authentication"),
    "guest_accounts": _("Guest accounts"),
    "guest_accounts_permissions": _("Guest account permissions"),
    CLUSTER: _("High availability"),
    "compliance": _("Compliance"),
    "data_retention": _("Data retention"),
    "message_export": _("Message export"),
    "metrics": _("Performance metrics"),
    "mhpns": _("Hosted push notifications"),
    "elastic_search": _("Elasticsearch"),
    "announcement": _("Announcement banner"),
    "theme_management": _("Theme management"),
    "email_notification_contents": _("Email notification contents"),
    "custom_permissions_schemes": _("Custom permission schemes"),
    "custom_terms_of_service": _("Custom terms of service"),
    "id_loaded": _("ID-only push notifications"),
    "lock_teammate_name_display": _("Locked name display"),
    "enterprise_plugins": _("Enterprise plugins"),
    "advanced_logging": _("Advanced logging"),
    "shared_channels": _("Shared channels"),
    "remote_cluster_service": _("Secure connections"),
    "google_oauth": _("Google sign-in"),
    "office365_oauth": _("Entra ID sign-in"),
    "openid": _("OpenID Connect"),
    "cloud": _("Cloud"),
    "future_features": _("Future features"),
}


def feature_name(feature: str) -> str:
    """The name of one feature; one that this release doesn't know is shown as the license spells it."""
    return str(NAMES.get(feature, feature.replace("_", " ")))


def feature_names(features: Iterable[str]) -> list[str]:
    """Names for people, in alphabetical order."""
    return sorted((feature_name(feature) for feature in features), key=str.casefold)
