"""Read the users of the directory, page by page."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from keywright_console.directory.connecting import in_words
from keywright_console.directory.entry import Entry
from keywright_console.directory.errors import DirectoryError, IncompleteAnswerError, SearchRefusedError
from keywright_console.directory.ldap import SUBTREE, Connection, LDAPException
from keywright_console.directory.models import DirectorySettings

PAGE = 1000  # entries; Active Directory gives no more at once, and OpenLDAP not by default either
PAGED_RESULTS = "1.2.840.113556.1.4.319"  # RFC 2696
SUCCESS, NO_SUCH_OBJECT, SIZE_LIMIT, TIME_LIMIT, ADMIN_LIMIT = 0, 32, 4, 3, 11  # RFC 4511, appendix A
LIMITS = (SIZE_LIMIT, TIME_LIMIT, ADMIN_LIMIT)
OBJECT_GUID = "objectguid"  # Active Directory's id, 16 bytes in Microsoft's order


def entries(link: Connection, settings: DirectorySettings) -> Iterator[Entry]:
    """Every entry that the filter leaves. `IncompleteAnswerError` where the directory ends early: who is missing then
    isn't gone.
    """
    names = (settings.id_attribute, settings.username_attribute, settings.email_attribute)
    for found in pages(link, settings, attributes=names):
        yield from (_entry(one, names) for one in found)


def sample(link: Connection, settings: DirectorySettings, *, most: int) -> list[Entry]:
    """The first entries, to look at. That there are more is no failure here."""
    names = (settings.id_attribute, settings.username_attribute, settings.email_attribute)
    for found in pages(link, settings, attributes=names, size=most):
        return [_entry(one, names) for one in found][:most]
    return []


def pages(
    link: Connection, settings: DirectorySettings, *, attributes: tuple[str, ...], size: int = PAGE
) -> Iterator[list[Mapping[str, Any]]]:
    """The answer as the library gives it, a page at a time, with references to other servers left out."""
    cookie: bytes | None = None
    while True:
        try:
            link.search(
                settings.base_dn,
                settings.user_filter,
                search_scope=SUBTREE,
                attributes=list(dict.fromkeys(attributes)),
                paged_size=size,
                paged_cookie=cookie,
            )
        except LDAPException as error:
            raise in_words(error, settings=settings) from error
        _check(link.result, settings)
        yield [one for one in link.response or () if one["type"] == "searchResEntry"]
        control = link.result.get("controls", {}).get(PAGED_RESULTS, {})
        cookie = control.get("value", {}).get("cookie")
        if not cookie:
            return


def _check(result: Mapping[str, Any], settings: DirectorySettings) -> None:
    code = result["result"]
    if code == SUCCESS:
        return
    raise _failure(code, reason=result.get("message") or result.get("description") or str(code), settings=settings)


def _failure(code: int, *, reason: str, settings: DirectorySettings) -> DirectoryError:
    if code == NO_SUCH_OBJECT:
        return SearchRefusedError(
            _("The directory has no “%(base)s”. Check the base DN; the bind DN may also lack the right to see it.")
            % {"base": settings.base_dn}
        )
    if code in LIMITS:
        return IncompleteAnswerError(
            _(
                "The directory stopped before its end (%(reason)s). Nothing has been changed, since users that are "
                "missing from half an answer aren’t gone. Raise its limit for the bind DN."
            )
            % {"reason": reason}
        )
    return SearchRefusedError(
        _("The directory refuses the search: %(reason)s. Check base DN, filter and attributes.") % {"reason": reason}
    )


def _entry(one: Mapping[str, Any], names: tuple[str, str, str]) -> Entry:
    given: Mapping[str, list[bytes]] = one["raw_attributes"]
    key, username, email = (_first(given, name) for name in names)
    return Entry(_key(names[0], key), one["dn"], _text(username), _text(email))


def _first(given: Mapping[str, list[bytes]], name: str) -> bytes:
    values = given.get(name)
    return values[0] if values else b""


def _text(value: bytes) -> str:
    return value.decode("utf-8", errors="replace").strip()


def _key(name: str, value: bytes) -> str:
    if not value:
        return ""
    if name.lower() == OBJECT_GUID and len(value) == len(uuid.NAMESPACE_DNS.bytes):
        return str(uuid.UUID(bytes_le=value))
    return value.decode("utf-8") if value.isascii() else value.hex()
