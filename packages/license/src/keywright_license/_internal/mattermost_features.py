"""The booleans of Mattermost's `features` and the names in `License.features`.

An absent boolean means what `future_features` says (itself true where absent), three apart.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from keywright_license._internal import claims

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_FUTURE = "future_features"
_TRUE_BY_DEFAULT = frozenset({"announcement", "theme_management"})
_FALSE_BY_DEFAULT = frozenset({"cloud"})
_AS_THE_FUTURE = frozenset(
    {
        "ldap", "ldap_groups", "mfa", "google_oauth", "office365_oauth", "openid", "compliance", "cluster", "metrics",
        "mhpns", "saml", "elastic_search", "email_notification_contents", "data_retention", "message_export",
        "custom_permissions_schemes", "custom_terms_of_service", "guest_accounts", "guest_accounts_permissions",
        "id_loaded", "lock_teammate_name_display", "enterprise_plugins", "advanced_logging", "shared_channels",
        "remote_cluster_service",
    }
)  # fmt: skip
FEATURES = _AS_THE_FUTURE | _TRUE_BY_DEFAULT | _FALSE_BY_DEFAULT | {_FUTURE}

# What the absence of a boolean grants, by what `future_features` says.
_DEFAULTS = {True: _AS_THE_FUTURE | _TRUE_BY_DEFAULT | {_FUTURE}, False: _TRUE_BY_DEFAULT}
_BOOLEAN = frozenset({bool})
_NAME = re.compile("[a-z][a-z0-9_]{0,63}").fullmatch


def read_features(said: Mapping[str, object]) -> tuple[frozenset[str], dict[str, object]]:
    """What is granted, and the members that are no feature. A name that we do not know and that is true is a feature
    of a newer server.

    MalformedError: one of the field's booleans is none.
    """
    default = _DEFAULTS[said.get(_FUTURE) is not False]
    granted = {name for name, value in said.items() if value is True}
    if len(granted) == len(said) and granted <= default:  # nothing but what is so anyway
        return default, {}
    stated: Iterable[str] = said
    others: dict[str, object] = {}
    if not FEATURES.issuperset(said) or not _BOOLEAN.issuperset(map(type, said.values())):
        for name, value in said.items():
            if name in FEATURES:
                if value is not None and type(value) is not bool:
                    claims.refuse(f"features.{name}", "it must be true or false")
            elif value is not True or not _NAME(name):
                others[name] = value
                granted.discard(name)
        stated = [name for name, value in said.items() if value is not None]
    granted |= default.difference(stated)
    return frozenset(granted), others


def write_features(features: frozenset[str]) -> dict[str, bool]:
    """`future_features` always, then each boolean that differs from what its absence would mean."""
    default = _DEFAULTS[_FUTURE in features]
    return {_FUTURE: _FUTURE in features} | {name: name in features for name in sorted(default ^ features)}
