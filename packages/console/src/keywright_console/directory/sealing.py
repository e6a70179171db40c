"""The bind password in the database: see `kit.sealing`."""

from __future__ import annotations

import base64

from django.utils.translation import gettext as _

from keywright_console.kit import sealing
from keywright_console.kit.errors import NotConfiguredError

PURPOSE = b"keywright-console: the directory's bind password, version 1"


def seal(password: str) -> str:
    """The password as it is kept. None stays none."""
    if not password:
        return ""
    sealed = sealing.seal(password.encode(), secret=sealing.server_secret(), purpose=PURPOSE)
    return base64.b64encode(sealed).decode("ascii")


def unseal(sealed: str) -> str:
    """The password again. `NotConfiguredError` where the server's secret isn't the one that sealed it."""
    if not sealed:
        return ""
    try:
        data = sealing.unseal(base64.b64decode(sealed), secret=sealing.server_secret(), purpose=PURPOSE)
    except sealing.WrongSecretError as error:
        raise NotConfiguredError(
            _(
                "The bind password can’t be read, since KEYWRIGHT_CONSOLE_SECRET_KEY is another than when it was "
                "entered. Give every node the same, or enter the password again."
            )
        ) from error
    return data.decode()
