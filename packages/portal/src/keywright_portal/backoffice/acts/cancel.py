"""Cancelling an invoice whose transfer will not come."""

# ruff: noqa: ARG002 (signatures that acts share)

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from keywright_portal.backoffice.acting import Act, Done, Preview
from keywright_portal.backoffice.links import detail_url
from keywright_portal.billing.balances import balance
from keywright_portal.billing.models import CreditNote, Invoice
from keywright_portal.billing.words import date_in_words, money_in_words
from keywright_portal.orders.errors import TransferError
from keywright_portal.orders.models import Order, OrderState
from keywright_portal.orders.services.cancel_invoice import cancel_invoice
from keywright_portal.orders.services.refund import LONGEST_REASON

if TYPE_CHECKING:
    from keywright_portal.kit.actor import Actor


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_l("Reason"),
        max_length=LONGEST_REASON,
        help_text=_l("The customer reads it: it is printed on the credit note."),
    )


class CancelAct(Act):
    """Of one invoice."""

    form_class = CancelForm
    title = _l("Cancel the invoice")

    def __init__(self, invoice: Invoice) -> None:
        self.invoice = invoice
        self.back = (invoice.number, detail_url(Invoice, invoice.pk))
        self.about = _("%(gross)s, due on %(due)s, of %(organization)s.") % {
            "gross": money_in_words(invoice.gross, invoice.currency),
            "due": date_in_words(invoice.due_at),
            "organization": invoice.organization.name,
        }

    def done_before(self, given: Mapping[str, Any]) -> Done | None:
        if self._order().state != OrderState.DISCARDED:
            return None
        note = self.invoice.credit_notes.defer("pdf").latest("issued_at")
        return self._told(note)

    def preview(self, given: Mapping[str, Any], *, actor: Actor, now: datetime) -> Preview:
        order = self._order()
        if order.state != OrderState.INVOICED:
            raise TransferError(_("This invoice was paid. To give its money back, refund its payment."))
        if balance(self.invoice).kept:
            raise TransferError(_("A part of this invoice was paid. Give that back first, then cancel the invoice."))
        happens = [
            _("A credit note takes all of invoice %(number)s back: %(gross)s.")
            % {"number": self.invoice.number, "gross": money_in_words(self.invoice.gross, self.invoice.currency)},
            _("Order %(order)s is discarded. A coupon that it used can be used again.") % {"order": order.number},
        ]
        if order.subscription_id is not None:
            happens.append(_("The license that came before the money ends: its key can’t be downloaded any more."))
        happens.append(_("The customer gets a mail about it."))
        return Preview(happens=tuple(happens), verb=_("Cancel invoice %(number)s") % {"number": self.invoice.number})

    def act(self, given: Mapping[str, Any], *, actor: Actor, now: datetime) -> Done:
        return self._told(cancel_invoice(actor=actor, invoice_id=self.invoice.pk, reason=given["reason"], now=now))

    def _order(self) -> Order:
        return Order.objects.get(pk=self.invoice.order_id)

    def _told(self, note: CreditNote) -> Done:
        said = _("Invoice %(number)s is cancelled.") % {"number": self.invoice.number}
        return Done(said=said, url=detail_url(CreditNote, note.pk))
