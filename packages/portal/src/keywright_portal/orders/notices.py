"""Mails that say one thing and list its facts: about money that came, is awaited, or went back."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from keywright_portal.catalog.brand import mail_brand
from keywright_portal.catalog.vendor import VendorDetails
from keywright_portal.kit.links import absolute
from keywright_portal.kit.mail import Attachment, enqueue_mail
from keywright_portal.orders.models import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """The one thing to do. `note` is a sentence below it."""

    label: str
    url: str
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What a mail says. `facts` are pairs of a label and a value; `preheader` is what a list of mails shows of it."""

    subject: str
    heading: str
    preheader: str
    intro: str
    facts: Sequence[tuple[str, str]]
    button: Button | None = None
    more: str = ""
    attachment: Attachment | None = None


def billing_address(order: Order) -> str:
    """Where news about an order's money goes: where the invoice was wanted, else the role address given with the order,
    the organization's, or who placed it.

    Empty where nobody is left to tell: the account that placed it was deleted and gave no other address.
    """
    buyer = order.buyer or {}
    given = str(buyer.get("invoice_email") or buyer.get("email") or "") or order.organization.billing_email
    return given or (order.placed_by.email if order.placed_by is not None else "")


def tell_buyer(*, key: str, order: Order, notice: Notice, vendor: VendorDetails, now: datetime) -> None:
    """Mail a notice to the buyer's billing people; once, by its key."""
    to = billing_address(order)
    if not to:
        return
    why = _("You get this email because yours is the billing address of order %(number)s of %(organization)s.")
    _send(
        key=key,
        to=to,
        notice=notice,
        why=why % {"number": order.number, "organization": order.organization.name},
        vendor=vendor,
        organization_id=order.organization_id,
        reply_to=vendor.billing_email,
        now=now,
    )


def tell_vendor(
    *, key: str, notice: Notice, vendor: VendorDetails, now: datetime, organization_id: uuid.UUID | None = None
) -> None:
    """Mail a notice to the vendor's own billing people; once, by its key."""
    _send(
        key=key,
        to=vendor.billing_email,
        notice=notice,
        why=_("You get this email because yours is the billing address in the portal’s catalog."),
        vendor=vendor,
        organization_id=organization_id,
        reply_to="",
        now=now,
    )


def _send(
    *,
    key: str,
    to: str,
    notice: Notice,
    why: str,
    vendor: VendorDetails,
    organization_id: uuid.UUID | None,
    reply_to: str,
    now: datetime,
) -> None:
    enqueue_mail(
        key=key,
        sender=vendor.mail_sender,
        to=to,
        reply_to=reply_to,
        template="orders/mail/notice",
        context={
            "brand": mail_brand(vendor),
            "subject": notice.subject,
            "heading": notice.heading,
            "preheader": notice.preheader,
            "intro": notice.intro,
            "facts": notice.facts,
            "button": notice.button,
            "more": notice.more,
            "why": why,
            "support_url": absolute("support") if reply_to else "",
        },
        attachment=notice.attachment,
        organization_id=organization_id,
        now=now,
    )
