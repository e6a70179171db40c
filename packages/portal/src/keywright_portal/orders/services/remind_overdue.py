"""Reminding of invoices whose transfer didn't come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from keywright_portal.billing.balances import balances
from keywright_portal.billing.models import Invoice
from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.vendor import VendorDetails
from keywright_portal.domain.money import Money
from keywright_portal.kit.models import OutboxMail
from keywright_portal.orders.models import Order, OrderState
from keywright_portal.orders.services import announce_transfer

REMINDERS: Final = (3, 10, 20)
"""Days overdue at which the buyer is reminded: a transfer takes up to three, then twice before it gets serious."""
VENDOR_IS_TOLD: Final = 30
"""Days overdue after which the vendor's people take over: the license that came first has ended by then."""


def remind_overdue(*, now: datetime) -> int:
    """Send the reminders that are due; how many mails that were. Each goes out once, however often this runs.

    Where it didn't run for a while, only the latest reminder that is due is sent. Nothing but the money extends the
    license, so there is nothing to be done about it here.
    """
    waiting = Order.objects.filter(state=OrderState.INVOICED).values("pk")
    overdue = list(
        Invoice.objects.filter(order_id__in=waiting, paid_at=None, due_at__lte=now - timedelta(days=REMINDERS[0]))
        .defer("pdf")
        .order_by("pk")
    )
    if not overdue:
        return 0  # as before the first catalog, when nobody can owe anything
    owed = balances(overdue)
    vendor = catalog.vendor()
    return sum(_remind(invoice, due=owed[invoice.pk].due, vendor=vendor, now=now) for invoice in overdue)


@transaction.atomic
def _remind(invoice: Invoice, *, due: int, vendor: VendorDetails, now: datetime) -> int:
    days = (now - invoice.due_at).days
    step = max(step for step in REMINDERS if step <= days)
    wanted = {f"invoice:{invoice.pk}:overdue:{step}"}
    to_vendor = f"invoice:{invoice.pk}:overdue:vendor"
    if days >= VENDOR_IS_TOLD:
        wanted.add(to_vendor)
    new = wanted - set(OutboxMail.objects.filter(key__in=wanted).values_list("key", flat=True))
    if not new or due == 0:
        return 0
    order = Order.objects.select_related("organization", "placed_by").get(pk=invoice.order_id)
    missing = Money(due, invoice.currency)
    for key in sorted(new):
        if key == to_vendor:
            announce_transfer.overdue_to_vendor(
                key=key, order=order, invoice=invoice, missing=missing, vendor=vendor, now=now
            )
        else:
            announce_transfer.invoice_overdue(
                key=key, order=order, invoice=invoice, missing=missing, days=days, vendor=vendor, now=now
            )
    return len(new)
