"""The library that speaks LDAP: what we use of it, imported in one place and without its noise.

It takes long to import, a second on a small machine, so whoever needs it imports it when needed and not before: this
module, `connecting.py`, `fetching.py` and `syntax.py` are named inside functions alone.
"""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    # ldap3 2.9 asks pyasn1 for two of its names by their former spelling.
    warnings.filterwarnings("ignore", message="(tagMap|typeMap) is deprecated", category=DeprecationWarning)
    from ldap3 import NONE, SIMPLE, SUBTREE, Connection, Server, Tls
    from ldap3.core.exceptions import (
        LDAPException,
        LDAPSocketOpenError,
        LDAPSocketReceiveError,
        LDAPSocketSendError,
        LDAPStartTLSError,
    )
    from ldap3.operation.search import parse_filter
    from ldap3.utils.dn import parse_dn

__all__ = [
    "NONE",
    "SIMPLE",
    "SUBTREE",
    "Connection",
    "LDAPException",
    "LDAPSocketOpenError",
    "LDAPSocketReceiveError",
    "LDAPSocketSendError",
    "LDAPStartTLSError",
    "Server",
    "Tls",
    "parse_dn",
    "parse_filter",
]
