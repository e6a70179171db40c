"""The mails about what is paid by invoice and bank transfer: sent, overdue, short, paid, too much."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from keywright_portal.billing.models import BankTransfer, CreditNote, Invoice
from keywright_portal.billing.words import date_in_words, money_in_words
from keywright_portal.catalog.vendor import VendorDetails
from keywright_portal.domain.money import Money
from keywright_portal.domain.term import EXPIRY_MARGIN
from keywright_portal.kit.links import absolute
from keywright_portal.kit.mail import Attachment
from keywright_portal.orders.models import Order
from keywright_portal.orders.notices import Button, Notice, tell_buyer, tell_vendor
from keywright_portal.orders.services.provide import Provided


def invoice_sent(
    *, order: Order, invoice: Invoice, provided: Provided | None, vendor: VendorDetails, now: datetime
) -> None:
    """To the buyer: what to pay, by when, to which account; and the license, where it comes before the money."""
    words = _words(invoice)
    facts = [(_("Invoice"), invoice.number)]
    if order.purchase_order:
        facts.append((_("Purchase order"), order.purchase_order))
    more = _("Your subscription begins, and its license is ready, on the day on which the transfer is received.")
    if provided is not None:
        words["last"] = date_in_words(provided.files[0].expires_at - EXPIRY_MARGIN - timedelta(days=1))
        more = _(
            "Your license is ready too: download it under Subscriptions. It runs until %(last)s; once your transfer is"
            " received, the license for the whole term takes its place."
        )
    notice = Notice(
        subject=_("Invoice %(invoice)s from %(vendor)s: %(sum)s, due %(due)s") % {**words, "vendor": vendor.name},
        heading=_("Your invoice %(invoice)s") % words,
        preheader=_("%(sum)s, due on %(due)s by bank transfer.") % words,
        intro=_(
            "Thank you for your order. Transfer %(sum)s by %(due)s to the account below, and write %(invoice)s into the"
            " reference, so that we know whose it is."
        )
        % words,
        facts=[*facts, (_("Amount"), words["sum"]), (_("Due"), words["due"]), *_account(invoice, vendor)],
        button=_invoice_button(order, invoice),
        more=more % words,
        attachment=_pdf(invoice),
    )
    tell_buyer(key=f"invoice:{invoice.pk}:sent", order=order, notice=notice, vendor=vendor, now=now)


def invoice_overdue(
    *, key: str, order: Order, invoice: Invoice, missing: Money, days: int, vendor: VendorDetails, now: datetime
) -> None:
    """To the buyer: how long the invoice is overdue, and what happens then."""
    words = {**_words(invoice), "missing": money_in_words(missing.amount, missing.currency)}
    overdue = ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
    notice = Notice(
        subject=_("Invoice %(invoice)s is overdue: %(missing)s") % words,
        heading=_("Invoice %(invoice)s is overdue") % words,
        preheader=_("%(missing)s was due on %(due)s.") % words,
        intro=_(
            "We haven’t received %(missing)s of invoice %(invoice)s, which was due on %(due)s, %(overdue)s ago. If your"
            " transfer is on its way, there is nothing to do."
        )
        % {**words, "overdue": overdue},
        facts=[
            (_("Invoice"), invoice.number),
            (_("Still to pay"), words["missing"]),
            (_("Due"), words["due"]),
            *_account(invoice, vendor),
        ],
        button=_invoice_button(order, invoice),
        more=_(
            "A license that was handed out before it is paid isn’t extended. Nothing stops your server: its licensed"
            " features close after their days of grace."
        ),
        attachment=_pdf(invoice),
    )
    tell_buyer(key=key, order=order, notice=notice, vendor=vendor, now=now)


def overdue_to_vendor(
    *, key: str, order: Order, invoice: Invoice, missing: Money, vendor: VendorDetails, now: datetime
) -> None:
    """To the vendor's billing people: the reminders went out, and no money came."""
    words = {**_words(invoice), "missing": money_in_words(missing.amount, missing.currency)}
    notice = Notice(
        subject=_("Invoice %(invoice)s stays unpaid: %(missing)s") % words,
        heading=_("An invoice stays unpaid"),
        preheader=_("%(missing)s of invoice %(invoice)s was due on %(due)s.") % words,
        intro=_(
            "%(missing)s of invoice %(invoice)s was due on %(due)s. The buyer was reminded and hasn’t paid; the license"
            " isn’t extended."
        )
        % words,
        facts=[
            (_("Invoice"), invoice.number),
            (_("Order"), order.number),
            (_("Organization"), order.organization.name),
            (_("Still to pay"), words["missing"]),
        ],
        more=_("Talk to the buyer. A transfer that comes late is booked as usual, and the license goes on."),
    )
    tell_vendor(key=key, notice=notice, vendor=vendor, organization_id=order.organization_id, now=now)


def invoice_cancelled(
    *, order: Order, invoice: Invoice, note: CreditNote, revoked: bool, vendor: VendorDetails, now: datetime
) -> None:
    """To the buyer: nothing is owed any more, and nothing is bought."""
    words = _words(invoice)
    more = ""
    if revoked:
        more = _(
            "The license that came with it was revoked: its key can’t be downloaded any more. A server that runs with"
            " it isn’t stopped; remove the license in its System Console."
        )
    notice = Notice(
        subject=_("Invoice %(invoice)s is cancelled") % words,
        heading=_("Invoice %(invoice)s is cancelled") % words,
        preheader=_("You owe nothing for it any more.") % words,
        intro=_("We took invoice %(invoice)s over %(sum)s back. You owe nothing for it; please transfer nothing.")
        % words,
        facts=[
            (_("Invoice"), invoice.number),
            (_("Credit note"), note.number),
            (_("Reason"), note.reason),
        ],
        button=Button(
            label=_("See your billing history"), url=absolute("billing", organization=order.organization.slug)
        ),
        more=more,
    )
    tell_buyer(key=f"invoice:{invoice.pk}:cancelled", order=order, notice=notice, vendor=vendor, now=now)


def transfer_short(
    *,
    order: Order,
    invoice: Invoice,
    transfer: BankTransfer,
    missing: Money,
    vendor: VendorDetails,
    now: datetime,
) -> None:
    """To the buyer: a part came, and how much is missing."""
    words = {
        **_words(invoice),
        "received": money_in_words(transfer.amount, transfer.currency),
        "missing": money_in_words(missing.amount, missing.currency),
    }
    notice = Notice(
        subject=_("%(missing)s of invoice %(invoice)s is missing") % words,
        heading=_("%(missing)s is missing") % words,
        preheader=_("We received %(received)s for invoice %(invoice)s.") % words,
        intro=_(
            "We received %(received)s for invoice %(invoice)s, and %(missing)s is still to pay. A bank may have taken a"
            " fee off. Transfer what is missing to the same account, with the same reference."
        )
        % words,
        facts=[
            (_("Invoice"), invoice.number),
            (_("Received on"), date_in_words(transfer.received_on)),
            (_("Received"), words["received"]),
            (_("Still to pay"), words["missing"]),
            *_account(invoice, vendor),
        ],
        button=_invoice_button(order, invoice),
    )
    tell_buyer(key=f"transfer:{transfer.pk}:short", order=order, notice=notice, vendor=vendor, now=now)


def invoice_paid(
    *,
    order: Order,
    invoice: Invoice,
    transfer: BankTransfer,
    provided: Provided,
    vendor: VendorDetails,
    now: datetime,
) -> None:
    """To the buyer: the transfer is here, and the license for the whole term."""
    organization = order.organization.slug
    words = {
        **_words(invoice),
        "received": money_in_words(transfer.amount, transfer.currency),
        "last": date_in_words(provided.term.span.last_day),
    }
    notice = Notice(
        subject=_("Invoice %(invoice)s is paid, and your license is ready") % words,
        heading=_("Your transfer is received"),
        preheader=_("The license for the whole term is ready: until %(last)s.") % words,
        intro=_(
            "We received %(received)s for invoice %(invoice)s. The license for the whole term, until %(last)s, can be"
            " downloaded now. If you had one that runs until the invoice is paid, this one takes its place: apply it in"
            " the System Console."
        )
        % words,
        facts=[
            (_("Invoice"), invoice.number),
            (_("Received on"), date_in_words(transfer.received_on)),
            (_("Received"), words["received"]),
            (_("License type"), provided.term.plan.code),
            (_("Expiry date"), words["last"]),
        ],
        button=Button(
            label=_("Download the license key"),
            url=absolute("license-ready", organization=organization, order_id=order.pk),
            note=_("You log in first: the key itself is never sent by email."),
        ),
        more=_("Its receipt is listed under Billing history."),
    )
    tell_buyer(key=f"invoice:{invoice.pk}:paid", order=order, notice=notice, vendor=vendor, now=now)


def transfer_over(
    *, order: Order, invoice: Invoice, transfer: BankTransfer, vendor: VendorDetails, now: datetime
) -> None:
    """To the vendor's billing people: more came than was owed."""
    words = {"surplus": money_in_words(transfer.surplus, transfer.currency), "invoice": invoice.number}
    notice = Notice(
        subject=_("%(surplus)s too much for invoice %(invoice)s") % words,
        heading=_("A transfer was too much"),
        preheader=_("%(surplus)s is the buyer’s.") % words,
        intro=_("A transfer paid invoice %(invoice)s, and %(surplus)s came on top. That is the buyer’s.") % words,
        facts=[
            (_("Bank’s reference"), transfer.bank_reference),
            (_("Received"), money_in_words(transfer.amount, transfer.currency)),
            (_("Too much"), words["surplus"]),
            (_("Invoice"), invoice.number),
            (_("Organization"), order.organization.name),
        ],
        more=_("Ask the buyer where to send it, and give it back from your bank."),
    )
    tell_vendor(
        key=f"transfer:{transfer.pk}:over",
        notice=notice,
        vendor=vendor,
        organization_id=order.organization_id,
        now=now,
    )


def _words(invoice: Invoice) -> dict[str, str]:
    return {
        "invoice": invoice.number,
        "sum": money_in_words(invoice.gross, invoice.currency),
        "due": date_in_words(invoice.due_at),
    }


def _account(invoice: Invoice, vendor: VendorDetails) -> list[tuple[str, str]]:
    """As the invoice has it: the vendor's account of that day. Whoever got it looks for the same one here."""
    bank = invoice.bank or {}
    iban = str(bank.get("iban", vendor.bank.iban))
    return [
        (_("Account holder"), str(bank.get("account_holder", vendor.bank.account_holder))),
        (_("IBAN"), " ".join(iban[at : at + 4] for at in range(0, len(iban), 4))),
        (_("BIC"), str(bank.get("bic", vendor.bank.bic))),
        (_("Bank"), str(bank.get("bank", vendor.bank.bank))),
        (_("Reference"), invoice.number),
    ]


def _pdf(invoice: Invoice) -> Attachment:
    """For whoever pays it and has no account here."""
    return Attachment(name=f"{invoice.number}.pdf", content=bytes(invoice.pdf))


def _invoice_button(order: Order, invoice: Invoice) -> Button:
    return Button(
        label=_("Download the invoice"),
        url=absolute("invoice-pdf", organization=order.organization.slug, invoice_id=invoice.pk),
        note=_("You log in first."),
    )
