"""Noting what was done about a dispute or a bank transfer outside of Keywright, so that nobody does it twice."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from keywright_portal.billing.models import BankTransfer, Dispute, DisputeState
from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.errors import NotFoundError
from keywright_portal.orders.errors import TransferError
from keywright_portal.orders.handled import MARKED, MARKS_OF, Mark, mark_of


def mark_handled(
    *, actor: Actor, kind: type[Dispute | BankTransfer], subject_id: uuid.UUID, mark: Mark, now: datetime
) -> bool:
    """Note `mark` in the audit trail, once: True where it is new. It moves no money and changes no state.

    Raises PermissionDeniedError, NotFoundError; TransferError where there is nothing to note: a dispute that is closed,
    a transfer that is booked to the last cent.
    """
    actor.require(Permission.VENDOR_BILLING)
    if mark not in MARKS_OF[kind]:
        raise ValueError(f"{mark} is no mark of a {kind.__name__}")
    with transaction.atomic():
        rows = kind._default_manager.select_for_update(of=("self",))  # noqa: SLF001 (Django's documented way to a class's manager)
        subject = rows.filter(pk=subject_id).order_by("pk").first()
        if subject is None:
            raise NotFoundError(_("There is no such row. Look it up under Invoices."))
        before = mark_of(subject_id)
        if before == mark:
            return False
        if not _is_open(subject):
            raise TransferError(_("There is nothing to note any more: it is closed, or booked in whole."))
        audit.record(
            actor=actor,
            action=MARKED,
            subject=subject,
            subject_id=subject_id,
            organization_id=_organization_id(subject),
            now=now,
            before={"mark": before},
            after={"mark": mark},
        )
    return True


def _is_open(subject: Dispute | BankTransfer) -> bool:
    if isinstance(subject, Dispute):
        return subject.state == DisputeState.OPEN
    return subject.invoice_id is None or subject.surplus > 0


def _organization_id(subject: Dispute | BankTransfer) -> uuid.UUID | None:
    if isinstance(subject, Dispute):
        return subject.payment.invoice.organization_id
    return subject.invoice.organization_id if subject.invoice is not None else None
