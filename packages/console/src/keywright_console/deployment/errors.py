"""Why something about the deployment was refused, in the console's words."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from keywright_console.kit.errors import ConsoleError, UnavailableError

if TYPE_CHECKING:
    from keywright_license import LicenseError


class SealedKeyError(ConsoleError):
    """The deployment's key was sealed under another secret than the settings hold now."""

    code = "sealed_key"


class NoLicenseError(ConsoleError):
    code = "no_license"


class NotActivatedError(ConsoleError):
    """There is no place to give back."""

    code = "not_activated"


class PortalNotAllowedError(ConsoleError):
    """The administrators have not allowed it, so nothing was sent."""

    code = "portal_not_allowed"


class NoPortalError(ConsoleError):
    code = "no_portal"


class PortalUnreachableError(UnavailableError):
    """No answer, or one that no portal gives."""

    code = "portal_unreachable"


class PortalRefusedError(ConsoleError):
    """The portal's own refusal, under its code and in its words. `in_the_way` names servers that hold the places."""

    def __init__(self, code: str, message: str, *, status: int, in_the_way: tuple[dict[str, object], ...] = ()) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.in_the_way = in_the_way


class RefusedAnswerError(ConsoleError):
    """An activation that can't be applied here, under the library's code or one of ours. Nothing has been changed."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


SENTENCES: dict[str, Callable[[], str]] = {
    "empty": lambda: _("The file is empty. Download the answer from the Customer Portal again."),
    "too_large": lambda: _(
        "The file is larger than 64 KB, so it can’t be the answer. Choose the file that you downloaded from the "
        "Deployments page of your Customer Portal."
    ),
    "malformed": lambda: _(
        "This is not an answer to an activation request, or it was damaged on its way. Download it again from the "
        "Deployments page of your Customer Portal, and upload it as it is."
    ),
    "bad_signature": lambda: _(
        "The file’s signature doesn’t match its content, so somebody or something has changed it. Download the answer "
        "again, and upload it as it is."
    ),
    "unknown_key": lambda: _("The file was signed with a key that this server doesn’t trust. Ask the vendor."),
    "revoked_key": lambda: _(
        "The key that signed this file has been withdrawn. Upload the request in your Customer Portal again: the "
        "answer is signed anew there."
    ),
    "wrong_kind": lambda: _(
        "This is a signed file of another kind. Choose the answer that you downloaded from the Deployments page of "
        "your Customer Portal."
    ),
    "wrong_product": lambda: _("This answer is for another product. Choose the one for this server."),
    "wrong_deployment": lambda: _(
        "This answer is for another server, or for another subscription than the license in use. Make a request on "
        "this server, and have that one answered."
    ),
    "released": lambda: _(
        "This answer belongs to a place that was given back. Make a new request, and have that one answered."
    ),
}


def refused_answer(error: LicenseError) -> RefusedAnswerError:
    """The library's refusal in the console's words."""
    return refused_with(error.code) if error.code in SENTENCES else RefusedAnswerError(error.code, error.message)


def refused_with(code: str) -> RefusedAnswerError:
    return RefusedAnswerError(code, SENTENCES[code]())
