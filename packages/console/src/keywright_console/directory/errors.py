from __future__ import annotations

from keywright_console.kit.errors import ConsoleError, UnavailableError


class InvalidSettingError(ConsoleError):
    """A setting can't be used; `field` says which."""

    code = "invalid_setting"

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


class NotSetUpError(ConsoleError):
    code = "directory_not_set_up"


class NotLicensedError(ConsoleError):
    code = "ldap_not_licensed"


class SyncRunningError(ConsoleError):
    code = "sync_running"


class OvertakenError(ConsoleError):
    """What this run did stands; another does the rest."""

    code = "sync_overtaken"


class DirectoryError(UnavailableError):
    """The directory can't be asked, or its answer can't be used. Nothing has been changed."""

    code = "directory_unavailable"


class UnreachableError(DirectoryError):
    code = "directory_unreachable"


class UntrustedError(DirectoryError):
    """TLS failed: an unknown certificate, another name, or a server that speaks none."""

    code = "directory_untrusted"


class BindRefusedError(DirectoryError):
    code = "directory_bind_refused"


class SearchRefusedError(DirectoryError):
    code = "directory_search_refused"


class IncompleteAnswerError(DirectoryError):
    """The directory stopped before its end: who is missing isn't gone, so nothing may be made of it."""

    code = "directory_incomplete"


class EmptyAnswerError(DirectoryError):
    """The directory answered with nobody. That is a wrong base or filter far more often than an empty company."""

    code = "directory_empty"


class UnknownEntriesError(DirectoryError):
    """No entry can be told from another: the attribute of the id is none that they have."""

    code = "directory_without_ids"
