"""The mails about money that goes back: refunds, and disputes at the bank."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from keywright_portal.billing.models import Dispute, DisputeState, Invoice, Refund
from keywright_portal.billing.words import date_in_words, money_in_words
from keywright_portal.catalog import selectors as catalog
from keywright_portal.domain.money import Money
from keywright_portal.kit.links import absolute
from keywright_portal.orders.models import Order, PaymentProblem
from keywright_portal.orders.notices import Button, Notice, tell_buyer, tell_vendor
from keywright_portal.orders.services.credit_back import Returned


def money_returned(*, key: str, invoice: Invoice, amount: Money, returned: Returned, now: datetime) -> None:
    """To the buyer: money went back, what takes the invoice back, and whether the license goes on."""
    order = _order(invoice)
    words = {
        "sum": money_in_words(amount.amount, amount.currency),
        "invoice": invoice.number,
        "vendor": (vendor := catalog.vendor()).name,
    }
    facts = [(_("Invoice"), invoice.number), (_("Amount"), words["sum"])]
    button = None
    if returned.note is not None:
        facts.append((_("Credit note"), returned.note.number))
        button = Button(
            label=_("See your billing history"), url=absolute("billing", organization=order.organization.slug)
        )
    more = _("The license goes on as before.")
    if invoice.paid_at is None:
        more = _("The invoice isn’t paid yet: what went back is owed again.")
    elif returned.revoked:
        more = _(
            "The license that this invoice paid for was revoked: its key can’t be downloaded any more. A server that"
            " runs with it isn’t stopped; remove the license in its System Console."
        )
    notice = Notice(
        subject=_("%(vendor)s: %(sum)s of invoice %(invoice)s went back to you") % words,
        heading=_("%(sum)s went back to you") % words,
        preheader=_("Invoice %(invoice)s. Your bank may take some days to show it.") % words,
        intro=_(
            "%(sum)s of invoice %(invoice)s went back to where it was paid from. Your bank may take some days to show"
            " it."
        )
        % words,
        facts=facts,
        button=button,
        more=more,
    )
    tell_buyer(key=key, order=order, notice=notice, vendor=vendor, now=now)


def refund_failed(
    *, refund: Refund, invoice: Invoice, problem: PaymentProblem, was_returned: bool, now: datetime
) -> None:
    """To the vendor's billing people: the money isn't with the buyer. Where it was credited, it is still owed."""
    words = {"sum": money_in_words(refund.amount, refund.currency), "invoice": invoice.number}
    more = _("Nothing was credited. Ask for the refund again, or pay it back by bank transfer.")
    if was_returned:
        more = _(
            "The credit note was issued when the refund went through, and stands: the money is owed. Ask for the refund"
            " again: it brings no second credit note."
        )
    notice = Notice(
        subject=_("A refund of %(sum)s for invoice %(invoice)s failed") % words,
        heading=_("A refund failed"),
        preheader=_("%(sum)s for invoice %(invoice)s didn’t reach the buyer.") % words,
        intro=_("%(sum)s for invoice %(invoice)s didn’t reach the buyer: the payment provider couldn’t give it back.")
        % words,
        facts=[
            (_("Reference"), problem.reference),
            (_("Invoice"), invoice.number),
            (_("Organization"), invoice.organization.name),
            (_("Reason that the provider gives"), refund.failure or _("none")),
        ],
        more=more,
    )
    tell_vendor(
        key=f"refund:{refund.pk}:failed",
        notice=notice,
        vendor=catalog.vendor(),
        organization_id=invoice.organization_id,
        now=now,
    )


def dispute_opened(*, dispute: Dispute, invoice: Invoice, now: datetime) -> None:
    """The alarm: the vendor has some days to answer the bank, at the payment provider."""
    words = _words(dispute, invoice)
    notice = Notice(
        subject=_("Payment disputed: %(sum)s of invoice %(invoice)s") % words,
        heading=_("A payment is disputed"),
        preheader=_("Answer at the payment provider before its deadline.") % words,
        intro=_(
            "The cardholder told the bank that a payment for invoice %(invoice)s is wrong. The bank took %(sum)s back"
            " until this is decided. Who doesn’t answer in time loses."
        )
        % words,
        facts=_facts(dispute, invoice),
        more=_(
            "Answer at the payment provider, with the invoice and the order. The license stays as it is until then."
        ),
    )
    _alarm(f"dispute:{dispute.pk}:opened", invoice=invoice, notice=notice, now=now)


def dispute_closed(*, dispute: Dispute, invoice: Invoice, returned: Returned | None, now: datetime) -> None:
    """How the bank decided, and what followed here."""
    words = _words(dispute, invoice)
    if dispute.state == DisputeState.WON:
        heading, more = _("A dispute is won"), _("The money is yours. Nothing changed here.")
    else:
        heading, more = _("A dispute is lost"), _("A credit note was issued. The license stays as it is.")
        if returned is not None and returned.revoked:
            more = _("A credit note was issued, and the license was revoked, as your catalog says.")
    notice = Notice(
        subject=_("%(heading)s: %(sum)s of invoice %(invoice)s") % {**words, "heading": heading},
        heading=heading,
        preheader=more,
        intro=_("The bank decided about %(sum)s of invoice %(invoice)s.") % words,
        facts=_facts(dispute, invoice),
        more=more,
    )
    _alarm(f"dispute:{dispute.pk}:closed", invoice=invoice, notice=notice, now=now)


def _alarm(key: str, *, invoice: Invoice, notice: Notice, now: datetime) -> None:
    tell_vendor(key=key, notice=notice, vendor=catalog.vendor(), organization_id=invoice.organization_id, now=now)


def _words(dispute: Dispute, invoice: Invoice) -> dict[str, str]:
    return {"sum": money_in_words(dispute.amount, dispute.currency), "invoice": invoice.number}


def _facts(dispute: Dispute, invoice: Invoice) -> list[tuple[str, str]]:
    return [
        (_("Dispute"), dispute.provider_dispute_id),
        (_("Invoice"), invoice.number),
        (_("Order"), invoice.order_number),
        (_("Organization"), invoice.organization.name),
        (_("Reason that the bank gives"), dispute.reason.replace("_", " ") or _("none")),
        (_("Opened on"), date_in_words(dispute.opened_at)),
    ]


def _order(invoice: Invoice) -> Order:
    return Order.objects.select_related("organization", "placed_by").get(pk=invoice.order_id)
