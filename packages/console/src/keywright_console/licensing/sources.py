"""Where a license may come from besides the upload: the environment, and a file on this node's disk."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from keywright_console.licensing.errors import RefusedLicenseError
from keywright_console.licensing.reading import MAX_BYTES

LICENSE_SETTING = "KEYWRIGHT_CONSOLE_LICENSE"
FILE_SETTING = "KEYWRIGHT_CONSOLE_LICENSE_FILE"


class Source(StrEnum):
    """In the order in which they are asked: the first that has a license wins, as on servers in the field."""

    ENVIRONMENT = "environment"
    DATABASE = "database"
    FILE = "file"


def from_environment() -> bytes | None:
    """The content of the variable. Its lines may have become one: no part of a license has a blank in it."""
    text: str = settings.KEYWRIGHT_CONSOLE_LICENSE
    return "\n".join(text.split()).encode() if text.strip() else None


def from_file() -> bytes | None:
    """The file's content, read anew each time: a file that is replaced counts from the next request on.

    None without the setting, and while there is no file. RefusedLicenseError: it is there and can't be read.
    """
    path: str = settings.KEYWRIGHT_CONSOLE_LICENSE_FILE
    if not path:
        return None
    try:
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RefusedLicenseError(
            "unreadable",
            _("%(setting)s names %(path)s, which can’t be read (%(reason)s). Let the console’s user read it.")
            % {"setting": FILE_SETTING, "path": path, "reason": error.strerror},
        ) from error
