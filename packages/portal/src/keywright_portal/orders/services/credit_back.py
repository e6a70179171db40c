"""What follows when money went back to a buyer, by a refund or a lost dispute: a credit note, and the license's end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from keywright_portal.billing.balances import balance
from keywright_portal.billing.models import CreditNote, Invoice
from keywright_portal.billing.services.issue_credit_note import issue_credit_note
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import Actor
from keywright_portal.licensing.services.revoke import RevokedBecause, revoke_license


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """`note` is None where the invoice isn't paid, or was credited that far before; `revoked`: its license ended."""

    note: CreditNote | None
    revoked: bool


def credit_back(
    *,
    invoice: Invoice,
    reason: str,
    because: RevokedBecause,
    revokes_license: bool,
    actor: Actor,
    now: datetime,
) -> Returned:
    """A credit note for what went back; and where nothing of the invoice's money is left, its license revoked if asked.

    Runs in the caller's transaction, under the invoice's lock, once what went back is written: it is counted here.
    The note takes the invoice back to what was kept of it. That is less than went back now, or nothing, where a refund
    failed after its note was issued: what is owed since then goes back without another. A bank may take more than is
    left of an invoice: no more is credited than was billed. A part of an invoice that isn't paid yet goes back without
    a note: it is owed again.
    """
    if invoice.paid_at is None:
        return Returned(note=None, revoked=False)
    after = balance(invoice)
    note = None
    if left := after.to_credit():
        note = issue_credit_note(
            invoice=invoice, gross=Money(left, invoice.currency), reason=reason, actor=actor, now=now
        )
    revoked = None
    if revokes_license and after.kept <= 0:
        # The license's grant is the order's own id.
        revoked = revoke_license(grant_id=invoice.order_id, because=because, actor=actor, now=now)
    return Returned(note=note, revoked=revoked is not None)
