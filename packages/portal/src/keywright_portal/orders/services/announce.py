"""The mails that tell of an order. Each has a key made from the order, so that each goes out once."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from keywright_portal.billing.models import Invoice
from keywright_portal.billing.words import money_in_words
from keywright_portal.catalog.brand import mail_brand
from keywright_portal.catalog.vendor import VendorDetails
from keywright_portal.domain.money import Money
from keywright_portal.kit.links import absolute
from keywright_portal.kit.mail import enqueue_mail
from keywright_portal.orders.models import Order, PaymentProblem
from keywright_portal.orders.notices import Notice, tell_vendor
from keywright_portal.orders.services.provide import Provided


def license_ready(
    *,
    order: Order,
    provided: Provided,
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
            "term": provided.term,
            "add_ons": [add_on.name for add_on in provided.add_ons],
            "file": provided.files[0],
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


def second_payment(
    *, order: Order, problem: PaymentProblem, received: Money, vendor: VendorDetails, now: datetime
) -> None:
    """To the vendor's billing people: an order that was paid before was charged again. That money is the buyer's."""
    words = {"sum": money_in_words(received.amount, received.currency), "number": order.number}
    notice = Notice(
        subject=_("Order %(number)s was paid twice: %(sum)s to give back") % words,
        heading=_("An order was paid twice"),
        preheader=_("%(sum)s for order %(number)s came on top.") % words,
        intro=_("%(sum)s for order %(number)s came by another payment, after the order was paid.") % words,
        facts=[
            (_("Reference"), problem.reference),
            (_("Order"), order.number),
            (_("Organization"), order.organization.name),
            (_("Payment at the provider"), problem.provider_message),
        ],
        more=_("Nothing was issued for it. Give it back at the payment provider."),
    )
    tell_vendor(
        key=f"problem:{problem.reference}", notice=notice, vendor=vendor, organization_id=order.organization_id, now=now
    )
