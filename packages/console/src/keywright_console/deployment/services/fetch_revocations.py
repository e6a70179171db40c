from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from keywright_console.deployment import portal
from keywright_console.deployment.actor import BY_ITSELF
from keywright_console.deployment.errors import PortalRefusedError
from keywright_console.deployment.models import Purpose
from keywright_console.deployment.services.activate import require_allowed
from keywright_console.deployment.services.note_contact import note_contact
from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.errors import ConsoleError
from keywright_console.licensing.trust import anchor
from keywright_console.revocations.selectors import root_bundle
from keywright_console.revocations.services.keep_bundle import keep_bundle
from keywright_license import LicenseError
from keywright_license.revocations import RevocationBundle

NONE_YET = 404  # nothing was ever revoked


class RefusedBundleError(ConsoleError):
    """What the portal sent is no bundle that this server may believe."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def fetch_revocations(*, now: datetime, actor: Actor = BY_ITSELF) -> list[RevocationBundle]:
    """Fetch the newest bundle of both series, the root's first, since it may withdraw the key of the other.

    PortalNotAllowedError; NoPortalError; PortalUnreachableError; PortalRefusedError; RefusedBundleError.
    """
    actor.require(Permission.MANAGE_LICENSE)
    require_allowed()
    try:
        found = [_fetch(actor=actor, by_root=by_root, now=now) for by_root in (True, False)]
    except ConsoleError as error:
        note_contact(purpose=Purpose.REVOCATIONS, now=now, error=error)
        raise
    bundles = [bundle for bundle in found if bundle is not None]
    note_contact(purpose=Purpose.REVOCATIONS, now=now, detail={"numbers": [bundle.seq for bundle in bundles]})
    return bundles


def _fetch(*, actor: Actor, by_root: bool, now: datetime) -> RevocationBundle | None:
    trusted = anchor(withdrawn=root_bundle())
    try:
        data = portal.get_bundle(trusted.product, by_root=by_root).body
    except PortalRefusedError as error:
        if error.status == NONE_YET:
            return None
        raise
    try:
        return keep_bundle(actor=actor, data=data, keys=trusted.keys, product=trusted.product, now=now)
    except LicenseError as error:
        raise RefusedBundleError(
            error.code,
            _("The Customer Portal’s list of withdrawn licenses was not taken, and the one before stays. %(reason)s")
            % {"reason": error.message},
        ) from error
