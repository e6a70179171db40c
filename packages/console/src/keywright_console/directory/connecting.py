"""The way to the directory: this file and `fetching.py` alone speak LDAP."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.utils.translation import gettext as _

from keywright_console.directory.errors import BindRefusedError, DirectoryError, UnreachableError, UntrustedError
from keywright_console.directory.ldap import (
    NONE,
    SIMPLE,
    Connection,
    LDAPException,
    LDAPSocketOpenError,
    LDAPSocketReceiveError,
    LDAPSocketSendError,
    LDAPStartTLSError,
    Server,
    Tls,
)
from keywright_console.directory.models import DirectorySettings, Security
from keywright_console.directory.sealing import unseal

CONNECTS_WITHIN = 5  # seconds; a directory is near
ANSWERS_WITHIN = 60  # seconds for one answer; a page of 1,000 entries takes a busy one a while
INVALID_CREDENTIALS = 49  # RFC 4511, appendix A
CERTIFICATE_SIGNS = ("certificate", "ssl", "tls", "hostname")


@contextmanager
def connection(settings: DirectorySettings) -> Iterator[Connection]:
    """A connection that is open, encrypted as the settings say, and bound. `DirectoryError` says what is against it."""
    with bound(settings, dn=settings.bind_dn, password=unseal(settings.bind_password)) as found:
        yield found


@contextmanager
def bound(settings: DirectorySettings, *, dn: str, password: str) -> Iterator[Connection]:
    """The same as somebody in particular. Without a name it is an anonymous bind."""
    link = Connection(
        _server(settings),
        user=dn or None,
        password=password or None,
        authentication=SIMPLE if dn else None,
        auto_referrals=False,
        receive_timeout=ANSWERS_WITHIN,
        read_only=True,
        raise_exceptions=False,
    )
    try:
        try:
            link.open(read_server_info=False)
            if settings.security == Security.STARTTLS:
                link.start_tls(read_server_info=False)
            accepted = link.bind(read_server_info=False)
        except LDAPException as error:
            raise in_words(error, settings=settings) from error
        if not accepted:
            raise _refused(link, dn=dn)
        yield link
    finally:
        with suppress(LDAPException):  # a connection that broke needs no goodbye
            link.unbind()
        if link.socket is not None:  # left open where the server refused it
            link.socket.close()


def in_words(error: LDAPException, *, settings: DirectorySettings) -> DirectoryError:
    """What a failure of the library means to whoever set the connection up."""
    where = {"host": settings.host, "port": settings.port, "reason": str(error)}
    text = str(error).lower()
    if isinstance(error, LDAPStartTLSError) or any(sign in text for sign in CERTIFICATE_SIGNS):
        return UntrustedError(
            _(
                "%(host)s:%(port)s can’t be trusted: %(reason)s. Check the name of the host and the CA certificate; "
                "nothing has been sent."
            )
            % where
        )
    if isinstance(error, (LDAPSocketOpenError, LDAPSocketReceiveError, LDAPSocketSendError)):
        return UnreachableError(
            _("%(host)s:%(port)s can’t be reached: %(reason)s. Check host, port and firewall, then try again.") % where
        )
    return DirectoryError(
        _("%(host)s:%(port)s can’t be asked: %(reason)s. Check the settings, then try again.") % where
    )


def _refused(link: Connection, *, dn: str) -> BindRefusedError:
    result = link.result or {}
    if result.get("result") == INVALID_CREDENTIALS:
        return BindRefusedError(
            _("The directory doesn’t know “%(dn)s” with this password. Check the bind DN and the password.")
            % {"dn": dn}
        )
    return BindRefusedError(
        _("The directory refuses to bind: %(reason)s. Check the bind DN and the password.")
        % {"reason": result.get("message") or result.get("description") or "?"}
    )


def _server(settings: DirectorySettings) -> Server:
    return Server(
        settings.host,
        port=settings.port,
        use_ssl=settings.security == Security.LDAPS,
        tls=None if settings.security == Security.PLAIN else _CheckedTls(settings.ca_certificates),
        get_info=NONE,
        connect_timeout=CONNECTS_WITHIN,
    )


class _CheckedTls(Tls):
    """TLS as Python's own defaults make it: certificate and name are checked by OpenSSL, always.

    ldap3 checks the name itself, by a function that newer Pythons have no more. There is no way to leave the check out:
    a bind password is worth more than a set-up that is quick.
    """

    def __init__(self, ca_certificates: str) -> None:
        super().__init__(validate=ssl.CERT_REQUIRED)
        self.context = ssl.create_default_context(cadata=ca_certificates or None)

    def wrap_socket(self, connection: Connection, do_handshake: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - ldap3's signature
        connection.socket = self.context.wrap_socket(connection.socket, server_hostname=connection.server.host)
