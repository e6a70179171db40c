"""The mails that tell of an order. Each has a key made from the order, so that each goes out once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from keywright_portal.billing.models import Invoice
from keywright_portal.billing.words import money_in_words
from keywright_portal.catalog.brand import mail_brand
from keywright_portal.catalog.vendor import VendorDetails
from keywright_portal.domain.money import Money
from keywright_portal.kit.links import absolute
from keywright_portal.kit.mail import enqueue_mail
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.orders.models import Order, PaymentProblem
from keywright_portal.subscriptions.models import Term


def license_ready(
    *,
    order: Order,
    term: Term,
    files: Sequence[LicenseFile],
    invoice: Invoice,
    vendor: VendorDetails,
    now: datetime,
) -> None:
    """To whoever placed the order: the license is ready, with a link to it. Never the key itself."""
    buyer = order.placed_by
    if buyer is None:
        return  # the account was deleted while the bank was asked; the license stands in the portal all the same
    organization = order.organization.slug
    enqueue_mail(
        key=f"order:{order.pk}:license-ready",
        sender=vendor.mail_sender,
        to=buyer.email,
        reply_to=vendor.support_email,
        template="orders/mail/license_ready",
        context={
            "brand": mail_brand(vendor),
            "vendor": vendor,
            "recipient": buyer,
            "order": order,
            "term": term,
            "add_ons": [add_on.name for add_on in order.add_ons.all()],
            "file": files[0],
            "invoice": invoice,
            "total": money_in_words(invoice.gross, invoice.currency),
            "download_url": absolute("license-ready", organization=organization, order_id=order.pk),
            "subscriptions_url": absolute("subscriptions", organization=organization),
            "invoice_url": absolute("invoice-pdf", organization=organization, invoice_id=invoice.pk),
            "support_url": absolute("support"),
        },
        organization_id=order.organization_id,
        now=now,
    )


def mismatch(*, order: Order, problem: PaymentProblem, received: Money, vendor: VendorDetails, now: datetime) -> None:
    """To the vendor's billing people: money came that isn't what the order says. Nothing was issued."""
    enqueue_mail(
        key=f"order:{order.pk}:mismatch",
        sender=vendor.mail_sender,
        to=vendor.billing_email,
        template="orders/mail/payment_mismatch",
        context={
            "brand": mail_brand(vendor),
            "vendor": vendor,
            "order": order,
            "problem": problem,
            "expected": money_in_words(order.gross, order.currency),
            "received": money_in_words(received.amount, received.currency),
        },
        organization_id=order.organization_id,
        now=now,
    )
