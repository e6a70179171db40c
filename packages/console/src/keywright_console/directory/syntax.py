"""Whether what somebody enters can be said to a directory at all."""

from __future__ import annotations

from django.utils.translation import gettext as _

from keywright_console.directory.errors import InvalidSettingError
from keywright_console.directory.ldap import LDAPException, parse_dn, parse_filter


def check_dn(text: str, *, field: str, is_required: bool) -> None:
    """Raise `InvalidSettingError` where this is no distinguished name."""
    if not text.strip():
        if is_required:
            raise InvalidSettingError(_("Enter where the users stand, like ou=people,dc=example,dc=com."), field=field)
        return
    try:
        parse_dn(text.strip())
    except LDAPException as error:
        raise InvalidSettingError(
            _("This is no distinguished name (%(reason)s). It looks like ou=people,dc=example,dc=com.")
            % {"reason": error},
            field=field,
        ) from error


def check_filter(text: str) -> None:
    """Raise `InvalidSettingError` where this is no filter (RFC 4515)."""
    try:
        # The stubs of ldap3 leave this one function without types.
        parse_filter(  # type: ignore[no-untyped-call]  # see above
            text.strip(), schema=None, auto_escape=None, auto_encode=None, validator=None, check_names=False
        )
    except LDAPException as error:
        raise InvalidSettingError(
            _("This is no LDAP filter (%(reason)s). It looks like (objectClass=inetOrgPerson).") % {"reason": error},
            field="user_filter",
        ) from error
