"""Giving a payment back, in part or whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from keywright_portal.backoffice.acting import Act, Done, Preview
from keywright_portal.backoffice.acts.fields import LONGEST_AMOUNT
from keywright_portal.backoffice.amounts import amount_to_type, typed_amount
from keywright_portal.backoffice.links import detail_url
from keywright_portal.backoffice.paying import paid_by
from keywright_portal.billing.balances import Balance, balance
from keywright_portal.billing.models import Payment, PaymentMethod, Refund, RefundState
from keywright_portal.billing.words import money_in_words
from keywright_portal.catalog import selectors as catalog
from keywright_portal.kit.ids import uuid7
from keywright_portal.orders.errors import RefundError
from keywright_portal.orders.services.refund import LONGEST_REASON, refundable, request_refund
from keywright_portal.payments.gateway import gateway

if TYPE_CHECKING:
    from keywright_portal.domain.money import Money
    from keywright_portal.kit.actor import Actor


class RefundForm(forms.Form):
    """What to give back, and why."""

    refund_id = forms.UUIDField(widget=forms.HiddenInput)
    amount = forms.CharField(label=_l("Amount"), max_length=LONGEST_AMOUNT)
    reason = forms.CharField(
        label=_l("Reason"),
        max_length=LONGEST_REASON,
        help_text=_l("The customer reads it: it is printed on the credit note."),
    )
    revokes_license = forms.BooleanField(
        label=_l("End the license once all of the invoice’s money went back"),
        required=False,
        help_text=_l(
            "Its key can’t be downloaded any more. No server is stopped. Without this, or while some money is left,"
            " the license goes on."
        ),
    )

    def __init__(self, *, most: Money, **given: Any) -> None:
        super().__init__(**given)
        self._most = most
        self.fields["amount"].help_text = _("In %(currency)s, at most %(most)s, such as %(typed)s.") % {
            "currency": most.currency,
            "most": _words(most),
            "typed": amount_to_type(most),
        }

    def clean_amount(self) -> Money:
        return typed_amount(self.cleaned_data["amount"], currency=self._most.currency)


class RefundAct(Act):
    """Of one payment."""

    form_class = RefundForm
    title = _l("Refund")

    def __init__(self, payment: Payment) -> None:
        self.payment = payment
        self.invoice = payment.invoice
        self.back = (self.invoice.number, detail_url(Payment, payment.pk))
        self.about = _("%(paid)s for invoice %(invoice)s of %(organization)s, paid by %(how)s.") % {
            "paid": _words(payment.total),
            "invoice": self.invoice.number,
            "organization": self.invoice.organization.name,
            "how": paid_by(payment),
        }

    def initial(self, *, now: datetime) -> Mapping[str, Any]:  # noqa: ARG002 (see Act)
        return {
            "refund_id": uuid7(),
            "amount": amount_to_type(refundable(self.payment)),
            "revokes_license": catalog.vendor().full_refund_revokes,
        }

    def form(self, **given: Any) -> forms.Form:
        return RefundForm(most=refundable(self.payment), **given)

    def done_before(self, given: Mapping[str, Any]) -> Done | None:
        refund = Refund.objects.filter(pk=given["refund_id"], payment=self.payment).first()
        return None if refund is None else self._told(refund)

    def preview(self, given: Mapping[str, Any], *, actor: Actor, now: datetime) -> Preview:  # noqa: ARG002 (see Act)
        amount: Money = given["amount"]
        if Refund.objects.filter(pk=given["refund_id"]).exists():
            raise RefundError(_("This page belongs to another payment. Open it again from the payment to refund."))
        most = refundable(self.payment)
        if not 0 < amount.amount <= most.amount:
            raise RefundError(
                _("Enter an amount above nothing and up to %(most)s, which is what is left of this payment.")
                % {"most": _words(most)},
                field="amount",
            )
        before = balance(self.invoice)
        left = most - amount
        return Preview(
            happens=(
                self._where_it_goes(amount),
                self._what_is_credited(amount, before),
                self._what_of_the_license(amount, before, revokes=given["revokes_license"]),
                _("The customer gets a mail about it."),
                _("%(left)s of this payment can still be refunded afterwards.") % {"left": _words(left)},
            ),
            verb=_("Refund %(amount)s") % {"amount": _words(amount)},
        )

    def act(self, given: Mapping[str, Any], *, actor: Actor, now: datetime) -> Done:
        refund = request_refund(
            actor=actor,
            refund_id=given["refund_id"],
            payment_id=self.payment.pk,
            amount=given["amount"],
            reason=given["reason"],
            revokes_license=given["revokes_license"],
            gateway=gateway(),
            now=now,
        )
        return self._told(refund)

    def _where_it_goes(self, amount: Money) -> str:
        words = {"amount": _words(amount), "how": paid_by(self.payment)}
        if self.payment.method == PaymentMethod.TRANSFER:
            return _("%(amount)s counts as given back at once. Send it from your bank: nothing here does.") % words
        return _("The payment provider is asked to give %(amount)s back to %(how)s.") % words

    def _what_is_credited(self, amount: Money, before: Balance) -> str:
        if self.invoice.paid_at is None:
            return _("No credit note: invoice %(invoice)s isn’t paid, and what goes back is owed again.") % {
                "invoice": self.invoice.number
            }
        credited = before.to_credit(amount.amount)
        if not credited:
            return _("No credit note: it was issued before, for money of invoice %(invoice)s that came back.") % {
                "invoice": self.invoice.number
            }
        return _("A credit note takes %(amount)s of invoice %(invoice)s back, once the money went.") % {
            "amount": money_in_words(credited, amount.currency),
            "invoice": self.invoice.number,
        }

    def _what_of_the_license(self, amount: Money, before: Balance, *, revokes: bool) -> str:
        if not revokes:
            return _("The license goes on.")
        if before.kept - amount.amount > 0:
            return _("The license goes on while some of the invoice’s money is left.")
        return _("The license ends: its key can’t be downloaded any more.")

    def _told(self, refund: Refund) -> Done:
        said = {
            RefundState.SUCCEEDED: _("%(amount)s went back."),
            RefundState.PENDING: _("The refund of %(amount)s is on its way. This page tells when it arrived."),
            RefundState.FAILED: _("The refund of %(amount)s failed: nothing went back."),
        }[RefundState(refund.state)]
        return Done(
            said=said % {"amount": _words(refund.total)},
            url=detail_url(Refund, refund.pk),
            is_good=refund.state != RefundState.FAILED,
        )


def _words(money: Money) -> str:
    return money_in_words(money.amount, money.currency)
