from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from django.db import transaction
from django.utils.translation import gettext as _

from keywright_console.directory.errors import InvalidSettingError
from keywright_console.directory.models import DirectorySettings, Security
from keywright_console.directory.sealing import seal
from keywright_console.kit import audit
from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.models import SINGLE

PORTS = {Security.LDAPS: 636, Security.STARTTLS: 389, Security.PLAIN: 389}  # RFC 4513; IANA
PORT_MAX = 65_535
EVERY_LEAST = 5  # minutes; a directory is asked whole each time
EVERY_MOST = 7 * 24 * 60  # a week; who left must not keep access longer


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """The settings as somebody enters them. A `bind_password` of None leaves the one that is kept."""

    is_on: bool
    host: str
    port: int | None
    security: str
    ca_certificates: str
    bind_dn: str
    bind_password: str | None
    base_dn: str
    user_filter: str
    id_attribute: str
    username_attribute: str
    email_attribute: str
    every_minutes: int


# What OpenLDAP has with its usual schemas; the page names what Active Directory has.
DEFAULTS = Values(
    is_on=False,
    host="",
    port=None,
    security=Security.LDAPS,
    ca_certificates="",
    bind_dn="",
    bind_password=None,
    base_dn="",
    user_filter="(objectClass=inetOrgPerson)",
    id_attribute="entryUUID",
    username_attribute="uid",
    email_attribute="mail",
    every_minutes=60,
)


def save_settings(*, actor: Actor, values: Values, now: datetime) -> DirectorySettings:
    """Keep the settings, or `InvalidSettingError`. Nothing is asked of the directory yet; nobody is changed.

    A new host wants the password again: the one that is kept goes to the host that it was entered for, and no other.
    """
    actor.require(Permission.MANAGE_USERS)
    made = checked(values, now=now)
    with transaction.atomic():
        before = DirectorySettings.objects.select_for_update().filter(pk=SINGLE).first()
        _give_password(made, values=values, before=before)
        if before is not None:
            for kept in ("asked_at", "asked_by", "asked_by_kind", "running_until"):
                setattr(made, kept, getattr(before, kept))
        made.save(force_insert=before is None, force_update=before is not None)
        audit.record(
            actor=actor,
            action="directory.changed",
            subject="",
            now=now,
            before=None if before is None else _told(before),
            after=_told(made),
        )
    return made


def entered(*, actor: Actor, values: Values, now: datetime) -> DirectorySettings:
    """What `save_settings` would keep, to be tried first; nothing is kept. InvalidSettingError as there."""
    actor.require(Permission.MANAGE_USERS)
    made = checked(values, now=now)
    _give_password(made, values=values, before=DirectorySettings.objects.filter(pk=SINGLE).first())
    return made


def _give_password(made: DirectorySettings, *, values: Values, before: DirectorySettings | None) -> None:
    if values.bind_password is not None:
        made.bind_password = seal(values.bind_password)
    elif before is not None and before.bind_password:
        if (before.host, before.security) != (made.host, made.security):
            raise InvalidSettingError(
                _("Enter the bind password again, since host or encryption changed."), field="bind_password"
            )
        made.bind_password = before.bind_password


def checked(values: Values, *, now: datetime) -> DirectorySettings:
    """The settings as a row that isn't saved, or `InvalidSettingError` with what is wrong."""
    from keywright_console.directory.syntax import check_dn, check_filter  # noqa: PLC0415 - see directory/ldap.py

    host = values.host.strip()
    if not host or any(sign in host for sign in "/ :@"):
        raise InvalidSettingError(_("Enter the host alone, like ldap.example.com."), field="host")
    if values.security not in Security.values:
        raise InvalidSettingError(_("Choose LDAPS or StartTLS."), field="security")
    security = Security(values.security)
    if security is Security.PLAIN and not is_loopback(host):
        raise InvalidSettingError(
            _("Without encryption only a directory on this machine can be asked. Choose LDAPS or StartTLS."),
            field="security",
        )
    port = values.port or PORTS[security]
    if not 1 <= port <= PORT_MAX:
        raise InvalidSettingError(_("A port is a number from 1 to 65535."), field="port")
    if not EVERY_LEAST <= values.every_minutes <= EVERY_MOST:
        raise InvalidSettingError(_("Choose from 5 minutes to 10,080, a week."), field="every_minutes")
    check_dn(values.bind_dn, field="bind_dn", is_required=False)
    check_dn(values.base_dn, field="base_dn", is_required=True)
    check_filter(values.user_filter)
    _check_certificates(values.ca_certificates)
    return DirectorySettings(
        id=SINGLE,
        is_on=values.is_on,
        host=host,
        port=port,
        security=security,
        ca_certificates=values.ca_certificates.strip(),
        bind_dn=values.bind_dn.strip(),
        base_dn=values.base_dn.strip(),
        user_filter=values.user_filter.strip(),
        id_attribute=_attribute(values.id_attribute, field="id_attribute"),
        username_attribute=_attribute(values.username_attribute, field="username_attribute"),
        email_attribute=_attribute(values.email_attribute, field="email_attribute"),
        every_minutes=values.every_minutes,
        changed_at=now,
    )


def is_loopback(host: str) -> bool:
    """Whether what is said to it stays on this machine."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_certificates(text: str) -> None:
    if not text.strip():
        return
    try:
        x509.load_pem_x509_certificates(text.encode())
    except ValueError as error:
        raise InvalidSettingError(
            _("These are no certificates in PEM form. Each begins with -----BEGIN CERTIFICATE-----."),
            field="ca_certificates",
        ) from error


def _attribute(text: str, *, field: str) -> str:
    name = text.strip()
    if not name or not name.replace("-", "").replace(".", "").isalnum() or not name.isascii():
        raise InvalidSettingError(_("Enter the name of an attribute, like mail."), field=field)
    return name


def _told(row: DirectorySettings) -> dict[str, str | int | bool]:
    """What the audit trail tells of the settings: nothing secret, nobody's name."""
    return {
        "is_on": row.is_on,
        "host": row.host,
        "port": row.port,
        "security": row.security,
        "base_dn": row.base_dn,
        "user_filter": row.user_filter,
        "every_minutes": row.every_minutes,
        "has_password": bool(row.bind_password),
    }
