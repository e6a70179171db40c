from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from keywright_console.deployment import portal
from keywright_console.deployment.errors import NotActivatedError
from keywright_console.deployment.licensed import licensed
from keywright_console.deployment.models import Activation, Event, Purpose, State
from keywright_console.deployment.selectors import untold_release
from keywright_console.deployment.services.activate import require_allowed
from keywright_console.deployment.services.hold_key import hold_key
from keywright_console.deployment.services.moves import move
from keywright_console.deployment.services.note_contact import note_contact
from keywright_console.kit import audit
from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.errors import ConsoleError
from keywright_console.kit.ids import letters, new_id
from keywright_console.kit.installation import lock
from keywright_license.activation import Release, sign_release


def release(*, actor: Actor, now: datetime, reference: str = "") -> Activation:
    """Give this server's place back: sign the release, and count the place as given back from now on.

    The portal doesn't know yet: `tell_release` tells it, or the file in `release` is carried there. The server runs on
    and warns that it isn't activated. NotActivatedError: it holds no place.
    """
    actor.require(Permission.MANAGE_LICENSE)
    license_, who = licensed(now=now).license, hold_key(now=now)
    with transaction.atomic():
        lock(now=now)
        row = (
            Activation.objects.select_for_update()
            .filter(state=State.HELD, license_subscription=license_.subscription)
            .first()
        )
        if row is None:
            raise NotActivatedError(_("This server holds no place, so there is none to give back."))
        signed = Release(
            id=letters(new_id()),
            issued_at=now,
            product=license_.product,
            subscription=row.subscription,
            deployment=who.deployment,
            activation=row.activation_id,
        )
        row.release, row.release_told_at = sign_release(signed, who.key), None
        move(row, Event.RELEASE, now=now)
        audit.record(
            actor=actor,
            action="deployment.released",
            subject=who.deployment,
            now=now,
            before={"activation": row.activation_id},
            after={"activation": None},
            reference=reference,
        )
    return row


def tell_release(*, actor: Actor, now: datetime) -> Activation:
    """Send the last release to the portal, which takes it any number of times.

    NotActivatedError: there is none to send. PortalNotAllowedError; NoPortalError; PortalUnreachableError;
    PortalRefusedError.
    """
    actor.require(Permission.MANAGE_LICENSE)
    require_allowed()
    row = untold_release()
    if row is None or row.release is None:
        raise NotActivatedError(_("There is no release that the Customer Portal doesn’t know of."))
    try:
        portal.post(portal.RELEASES, {"release": bytes(row.release).decode("ascii")})
    except ConsoleError as error:
        note_contact(purpose=Purpose.RELEASE, now=now, error=error)
        raise
    Activation.objects.filter(pk=row.pk, state=State.RELEASED).update(release_told_at=now)
    note_contact(purpose=Purpose.RELEASE, now=now, detail={"activation": row.activation_id})
    row.release_told_at = now
    return row
