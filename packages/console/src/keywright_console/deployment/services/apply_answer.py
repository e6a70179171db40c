from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from keywright_console.deployment.errors import refused_answer, refused_with
from keywright_console.deployment.licensed import licensed
from keywright_console.deployment.models import Activation, Event, RequestFile, State
from keywright_console.deployment.services.hold_key import public_key
from keywright_console.deployment.services.moves import move
from keywright_console.kit import audit
from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.ids import letters
from keywright_console.kit.installation import installation, lock
from keywright_console.licensing.trust import anchor
from keywright_console.revocations.selectors import root_bundle
from keywright_license import MAX_FILE_BYTES, LicenseError
from keywright_license.activation import check_belongs, read_activation

if TYPE_CHECKING:
    from keywright_license.activation import Activation as Answer


def apply_answer(*, actor: Actor, data: bytes, now: datetime, reference: str = "") -> Activation:
    """Take the vendor's answer, from the portal or from a file. Twice the same changes nothing.

    All is verified before anything is touched. NoLicenseError; RefusedAnswerError: not genuine, another server's,
    another subscription's, or of a place that was given back.
    """
    actor.require(Permission.MANAGE_LICENSE)
    answer, license_subscription = _verified(data, now=now)
    with transaction.atomic():
        lock(now=now)
        known = Activation.objects.select_for_update().filter(activation_id=answer.id).first()
        if known is not None and known.state == State.RELEASED and known.release_told_at is not None:
            raise refused_with("released")
        if known is not None and known.state == State.HELD and bytes(known.data) == data:
            return known
        for held in Activation.objects.select_for_update().filter(
            state=State.HELD, license_subscription=license_subscription
        ):
            if held.activation_id != answer.id:
                move(held, Event.SUPERSEDE, now=now)
        row = known or Activation(activation_id=answer.id, state=State.HELD)
        row.subscription = answer.subscription
        row.license_subscription = license_subscription
        row.kind = answer.kind.value
        row.data = data
        row.applied_at = now
        row.activated_at = answer.issued_at if known is None else row.activated_at
        row.release = None
        if row.state == State.HELD:
            row.save()
        else:
            move(row, Event.REGAIN, now=now)
        RequestFile.objects.all().delete()
        audit.record(
            actor=actor,
            action="deployment.activated",
            subject=answer.deployment,
            now=now,
            after={"activation": answer.id, "subscription": answer.subscription, "kind": answer.kind.value},
            reference=reference,
        )
    return row


def _verified(data: bytes, *, now: datetime) -> tuple[Answer, str]:
    """The answer, and the subscription by which the license that it goes with names itself."""
    if not data.strip():
        raise refused_with("empty")
    if len(data) > MAX_FILE_BYTES:
        raise refused_with("too_large")
    license_, trusted, key = licensed(now=now).license, anchor(withdrawn=root_bundle()), public_key()
    try:
        answer = read_activation(data, keys=trusted.keys, product=trusted.product, now=now)
        if key is None:
            raise refused_with("wrong_deployment")
        check_belongs(
            answer,
            # Mattermost's format names no subscription, so there the license itself must be the one that was asked for.
            subscription=license_.subscription or answer.subscription,
            deployment=letters(installation(now=now).deployment_id),
            key=key,
        )
    except LicenseError as error:
        raise refused_answer(error) from error
    if not license_.subscription and answer.license_id != license_.id:
        raise refused_with("wrong_deployment")
    return answer, license_.subscription
