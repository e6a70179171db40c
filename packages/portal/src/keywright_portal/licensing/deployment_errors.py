"""What can go wrong when a server asks for its place, gives it back, or reports what it counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from keywright_license.errors import LicenseError
from keywright_portal.kit.errors import KeywrightError

if TYPE_CHECKING:
    from keywright_portal.licensing.deployment_models import Deployment


class ArtifactRefusedError(KeywrightError):
    """A file of a server that can't be read or trusted. Its classes have the license library's codes."""

    sentence: ClassVar[Any] = _("This file can’t be read. Download it in the System Console again.")

    def __init__(self) -> None:
        super().__init__(self.sentence)


class MalformedArtifactError(ArtifactRefusedError):
    code = "malformed"
    sentence = _("This file is damaged, or it isn’t from a System Console. Download it there again, and send it whole.")


class WrongKindError(ArtifactRefusedError):
    code = "wrong_kind"
    sentence = _(
        "This is another kind of file. Bring an activation request, a release or a usage export from a System Console."
    )


class BadSignatureError(ArtifactRefusedError):
    code = "bad_signature"
    sentence = _("This file was changed after it was signed. Download it in the System Console again.")


class UnknownKeyError(ArtifactRefusedError):
    code = "unknown_key"
    sentence = _("This was signed with another key than the server’s. Download it in the System Console again.")


class StaleRequestError(ArtifactRefusedError):
    code = "stale_request"
    sentence = _("This request is too old, or the server’s clock is wrong. Check the clock, and make a new request.")


class WrongProductError(ArtifactRefusedError):
    code = "wrong_product"
    sentence = _(
        "This request is of another product than its license. Make a new request where the license is applied."
    )


class UnknownLicenseError(ArtifactRefusedError):
    """No such license file was issued here, or not to this organization, or it was changed: all look the same."""

    code = "unknown_license"
    sentence = _(
        "The request names no license of this portal. Apply the license as you downloaded it, and make a new request."
    )


class UnknownActivationError(ArtifactRefusedError):
    """The key never had a place, or not by that activation."""

    code = "unknown_activation"
    sentence = _("This server was never given that place here. Activate it first: see Deployments.")


class NotActivatedError(ArtifactRefusedError):
    """The key has no place now."""

    code = "not_activated"
    sentence = _("This server holds no place of the subscription now. Activate it first: see Deployments.")


class RequestUsedError(ArtifactRefusedError):
    code = "request_used"
    sentence = _("This request was answered before, and its place was released since. Make a new request.")


class OtherKindError(ArtifactRefusedError):
    code = "other_kind"
    sentence = _("This server holds a place of the other kind. Release that first, then ask for this one.")


class OtherKeyError(ArtifactRefusedError):
    code = "other_key"
    sentence = _(
        "Another server with this id, or with this key, holds a place already. Release that place on the Deployments "
        "page of the portal, then activate again."
    )


class TooManyReportsError(ArtifactRefusedError):
    code = "too_large"
    sentence = _("This is too much at once. Send at most 1,000 reports, or 1 MiB.")


class NoFreePlaceError(KeywrightError):
    """Every place of that kind is taken.

    `in_the_way` are the servers that have them: none where the subscription has no such place.
    """

    code = "no_free_place"

    def __init__(self, message: Any, *, in_the_way: Sequence[Deployment]) -> None:
        super().__init__(message)
        self.in_the_way = tuple(in_the_way)


_BY_CODE: Final = {kind.code: kind for kind in (WrongKindError, BadSignatureError, UnknownKeyError, StaleRequestError)}


def refused(error: LicenseError) -> ArtifactRefusedError:
    """The library's error in the words of this portal; what it doesn't foresee is a damaged file."""
    return _BY_CODE.get(error.code, MalformedArtifactError)()
