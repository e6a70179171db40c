from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from keywright_console.deployment import portal
from keywright_console.deployment.errors import PortalNotAllowedError, PortalUnreachableError
from keywright_console.deployment.models import Activation, Purpose
from keywright_console.deployment.selectors import decided
from keywright_console.deployment.services.apply_answer import apply_answer
from keywright_console.deployment.services.make_request import sign_new_request
from keywright_console.deployment.services.note_contact import note_contact
from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.errors import ConsoleError


def require_allowed() -> None:
    """PortalNotAllowedError where the administrators have not allowed this server to speak to the portal."""
    if not decided().may_speak:
        raise PortalNotAllowedError(
            _(
                "This server may not speak to the Customer Portal, so nothing was sent. Allow it on the page Customer "
                "Portal, or do the same by files."
            )
        )


def activate(*, actor: Actor, now: datetime, reference: str = "") -> Activation:
    """Ask the portal for this server's place, and take its answer. Asking again keeps the place.

    No transaction is open while the portal thinks. PortalNotAllowedError; NoPortalError; PortalUnreachableError;
    PortalRefusedError, whose `in_the_way` names the servers that hold the places; and those of `apply_answer`.
    """
    actor.require(Permission.MANAGE_LICENSE)
    require_allowed()
    made = sign_new_request(now=now)
    try:
        reply = portal.post(
            portal.ACTIVATIONS,
            {"request": made.data.decode("ascii"), "license": made.license_file.decode("ascii")},
        ).json()
        answer = reply.get("activation")
        if not isinstance(answer, str):
            raise PortalUnreachableError(
                _("The Customer Portal’s answer holds no activation. Nothing has been changed; ask the vendor.")
            )
        row = apply_answer(actor=actor, data=answer.encode(), now=now, reference=reference)
    except ConsoleError as error:
        note_contact(purpose=Purpose.ACTIVATION, now=now, error=error)
        raise
    note_contact(purpose=Purpose.ACTIVATION, now=now, detail={"activation": row.activation_id})
    return row
