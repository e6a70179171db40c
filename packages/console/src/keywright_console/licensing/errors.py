"""Why a license file was refused, in the console's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from keywright_console.kit.errors import ConsoleError

if TYPE_CHECKING:
    from keywright_license import LicenseError


class RefusedLicenseError(ConsoleError):
    """The file was refused, under the library's code or one of ours. Nothing has been changed."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ChangedMeanwhileError(ConsoleError):
    """Between preview and apply another administrator or node changed the license."""

    code = "changed_meanwhile"


class NothingToRemoveError(ConsoleError):
    code = "no_license"


# The library's sentences are English and for everybody; these are for a System Admin who holds the file.
SENTENCES: dict[str, Callable[[], str]] = {
    "empty": lambda: _("The file is empty. Download the license again, then upload that file."),
    "too_large": lambda: _(
        "The file is larger than 64 KB, so it can’t be a license. Choose the file that you downloaded from your "
        "Customer Portal."
    ),
    "malformed": lambda: _(
        "This is not a license file, or it was damaged on its way. Download the license again and upload the file "
        "as it is, without opening it in an editor."
    ),
    "bad_signature": lambda: _(
        "The file’s signature doesn’t match its content, so somebody or something has changed it. Download the "
        "license again and upload the file as it is."
    ),
    "unknown_key": lambda: _(
        "The file was signed with a key that this server doesn’t trust. Check that it comes from the vendor of this "
        "server; if it does, ask the vendor."
    ),
    "revoked_key": lambda: _(
        "The key that signed this file has been withdrawn. Download the license again from your Customer Portal: it "
        "is signed anew there."
    ),
    "wrong_kind": lambda: _(
        "This is a signed file of another kind, not a license. Choose the license that you downloaded from your "
        "Customer Portal."
    ),
    "wrong_product": lambda: _(
        "This license is for another product. Choose the license of the subscription for this server."
    ),
    "expired": lambda: _(
        "This license has expired, so it can’t be applied. Renew the subscription, then apply the new license."
    ),
}


def refused(error: LicenseError) -> RefusedLicenseError:
    """The library's refusal in the console's words."""
    sentence = SENTENCES.get(error.code)
    return RefusedLicenseError(error.code, sentence() if sentence else error.message)


def refused_for_size(*, empty: bool) -> RefusedLicenseError:
    code = "empty" if empty else "too_large"
    return RefusedLicenseError(code, SENTENCES[code]())


def refused_for_seats(*, seats: int, active_users: int) -> RefusedLicenseError:
    """Its figures are the first thing that one needs to know."""
    return RefusedLicenseError(
        "too_few_seats",
        _(
            "This license has %(seats)s seats and this server has %(users)s active users. Deactivate "
            "%(over)s of them, or get a license with more seats."
        )
        % {"seats": seats, "users": active_users, "over": active_users - seats},
    )
