from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from keywright_console.deployment import portal
from keywright_console.deployment.actor import BY_ITSELF
from keywright_console.deployment.errors import NotActivatedError, PortalRefusedError, PortalUnreachableError
from keywright_console.deployment.models import Activation, Event, Purpose, State
from keywright_console.deployment.selectors import held_for
from keywright_console.deployment.services.activate import require_allowed
from keywright_console.deployment.services.make_request import Made, sign_new_request
from keywright_console.deployment.services.moves import move
from keywright_console.deployment.services.note_contact import note_contact
from keywright_console.kit import audit
from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.errors import ConsoleError
from keywright_console.kit.installation import lock
from keywright_console.licensing.models import InstalledLicense
from keywright_console.licensing.services.apply_license import Applied, apply_license
from keywright_console.users.selectors import count_active

FILES_MAX = 8  # this term's, the next one's, and room; more is not looked at


def fetch_licenses(*, now: datetime, actor: Actor = BY_ITSELF, reference: str = "") -> list[Applied]:
    """Ask the portal for license files that this server doesn't have yet, and apply them.

    A file that was ever here is left alone, so one that an administrator took out doesn't come back. What the portal
    sends is verified as any upload is: a file that can't be applied leaves all as it was, and the page says why.
    PortalNotAllowedError; NotActivatedError; NoLicenseError; PortalUnreachableError; PortalRefusedError.
    """
    actor.require(Permission.MANAGE_LICENSE)
    require_allowed()
    made = sign_new_request(now=now)
    place = held_for(made.installed.license.subscription)
    if place is None:
        raise NotActivatedError(_("License changes are fetched for servers that are activated. Activate this one."))
    try:
        files = _ask(place, made, now=now)
        applied = [_apply(file, actor=actor, now=now, reference=reference) for file in files]
    except ConsoleError as error:
        note_contact(purpose=Purpose.LICENSES, now=now, error=error)
        raise
    done = [one for one in applied if one is not None]
    note_contact(purpose=Purpose.LICENSES, now=now, detail={"applied": [one.license.id for one in done]})
    return done


def _ask(place: Activation, made: Made, *, now: datetime) -> list[tuple[str, bytes]]:
    """Id and content of the files that the portal has, earliest term first."""
    path = portal.newest_path(place.subscription, kind=made.installed.license.format.value)
    try:
        found = portal.get(path, authorization=f"Keywright {made.data.decode('ascii').strip()}").json().get("files")
    except PortalRefusedError as error:
        if error.code == "not_activated":
            _lose(place, now=now)
        raise
    listed = found if isinstance(found, list) else None
    if listed is None or not all(
        isinstance(one, dict) and isinstance(one.get("license_id"), str) and isinstance(one.get("content"), str)
        for one in listed
    ):
        raise PortalUnreachableError(
            _("The Customer Portal’s answer lists no license files. Nothing has been changed; ask the vendor.")
        )
    return [(one["license_id"], one["content"].encode()) for one in listed[:FILES_MAX]]


def _apply(file: tuple[str, bytes], *, actor: Actor, now: datetime, reference: str) -> Applied | None:
    license_id, data = file
    if InstalledLicense.objects.filter(license_id=license_id).exists():
        return None
    applied = apply_license(actor=actor, data=data, active_users=count_active(), now=now, reference=reference)
    return applied if applied.changed else None


def _lose(place: Activation, *, now: datetime) -> None:
    """The portal says that this server holds no place any more: somebody released it there."""
    with transaction.atomic():
        lock(now=now)
        row = Activation.objects.select_for_update().filter(pk=place.pk, state=State.HELD).first()
        if row is None:
            return
        move(row, Event.LOSE, now=now)
        audit.record(
            actor=BY_ITSELF,
            action="deployment.lost",
            subject=row.public_id,
            now=now,
            before={"activation": row.activation_id},
            after={"activation": None},
        )
