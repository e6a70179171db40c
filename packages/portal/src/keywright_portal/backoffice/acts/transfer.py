"""Booking money that reached the vendor's account, and saying what it was for where the payer didn't."""

# ruff: noqa: ARG002 (signatures that acts share)

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from keywright_portal.backoffice.acting import Act, Done, Preview
from keywright_portal.backoffice.acts.fields import LONGEST_AMOUNT
from keywright_portal.backoffice.amounts import amount_to_type, typed_amount
from keywright_portal.backoffice.links import detail_url, list_url
from keywright_portal.billing.balances import balance
from keywright_portal.billing.models import BankTransfer, Invoice
from keywright_portal.billing.words import date_in_words, money_in_words
from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.currencies import DIGITS
from keywright_portal.domain.money import Money
from keywright_portal.orders.errors import TransferError
from keywright_portal.orders.handled import Mark, mark_of
from keywright_portal.orders.matching import invoice_named
from keywright_portal.orders.models import Order, OrderState
from keywright_portal.orders.services.receive_transfer import (
    LONGEST_REFERENCE,
    LONGEST_TEXT,
    assign_transfer,
    receive_transfer,
)

if TYPE_CHECKING:
    from keywright_portal.kit.actor import Actor

CURRENCIES: Final = sorted(DIGITS)
LONGEST_NUMBER: Final = 30
"""Characters of an invoice's number."""


class ReceiveForm(forms.Form):
    """A line of a bank statement."""

    bank_reference = forms.CharField(
        label=_l("Bank’s reference"),
        max_length=LONGEST_REFERENCE,
        help_text=_l("The bank’s own mark of this transfer, as on the statement. The same one is booked once."),
    )
    amount = forms.CharField(label=_l("Amount"), max_length=LONGEST_AMOUNT, help_text=_l("Such as 1234.50."))
    currency = forms.ChoiceField(label=_l("Currency"), choices=[(code, code) for code in CURRENCIES])
    reference_text = forms.CharField(
        label=_l("What the payer wrote"),
        max_length=LONGEST_TEXT,
        required=False,
        help_text=_l("Word for word: the invoice’s number is looked for in it."),
    )
    received_on = forms.DateField(label=_l("Received on"), widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if "amount" in given and "currency" in given:
            try:
                given["money"] = typed_amount(given["amount"], currency=given["currency"])
            except forms.ValidationError as error:
                self.add_error("amount", error)
        return given


class ReceiveAct(Act):
    """A transfer that isn't booked yet; `invoice` proposes what it is for."""

    form_class = ReceiveForm
    title = _l("Transfer received")

    def __init__(self, *, invoice: Invoice | None = None) -> None:
        self._invoice = invoice
        if invoice is not None:
            self.back = (invoice.number, detail_url(Invoice, invoice.pk))
        else:
            self.back = (_("Bank transfers"), list_url(BankTransfer))
        self.about = _("Book what a bank statement shows. You see what it pays before anything is booked.")

    def initial(self, *, now: datetime) -> Mapping[str, Any]:
        proposed = {"received_on": now.date(), "currency": catalog.vendor().currency}
        if self._invoice is None:
            return proposed
        due = Money(balance(self._invoice).due, self._invoice.currency)
        return {
            **proposed,
            "currency": due.currency,
            "amount": amount_to_type(due),
            "reference_text": self._invoice.number,
        }

    def done_before(self, given: Mapping[str, Any]) -> Done | None:
        known = BankTransfer.objects.filter(bank_reference=" ".join(given["bank_reference"].split())).first()
        if known is None or (known.total, known.received_on) != (given["money"], given["received_on"]):
            return None
        return _told(known)

    def preview(self, given: Mapping[str, Any], *, actor: Actor, now: datetime) -> Preview:
        money: Money = given["money"]
        if money.amount <= 0:
            raise TransferError(_("Enter the amount that was received, more than zero."), field="amount")
        if given["received_on"] > now.date():
            raise TransferError(_("Enter the day on which it was received: today or before."), field="received_on")
        known = BankTransfer.objects.filter(bank_reference=" ".join(given["bank_reference"].split())).first()
        if known is not None:
            raise TransferError(
                _("A transfer with this reference was booked with %(amount)s on %(day)s. Check the statement.")
                % {"amount": _words(known.total), "day": date_in_words(known.received_on)},
                field="bank_reference",
            )
        received = _("%(amount)s, received on %(day)s, is booked under %(reference)s.") % {
            "amount": _words(money),
            "day": date_in_words(given["received_on"]),
            "reference": given["bank_reference"],
        }
        invoice = invoice_named(text=given["reference_text"], prefix=catalog.vendor().invoice_prefix)
        return Preview(
            happens=(received, *_what_it_pays(money, invoice)), verb=_("Book %(amount)s") % {"amount": _words(money)}
        )

    def act(self, given: Mapping[str, Any], *, actor: Actor, now: datetime) -> Done:
        return _told(
            receive_transfer(
                actor=actor,
                bank_reference=given["bank_reference"],
                amount=given["money"],
                reference_text=given["reference_text"],
                received_on=given["received_on"],
                now=now,
            )
        )


class AssignForm(forms.Form):
    invoice_number = forms.CharField(label=_l("Invoice"), max_length=LONGEST_NUMBER, help_text=_l("Its number."))


class AssignAct(Act):
    """A transfer that waits for somebody to know what it pays."""

    form_class = AssignForm
    title = _l("Assign to an invoice")

    def __init__(self, transfer: BankTransfer) -> None:
        self.transfer = transfer
        self.back = (transfer.bank_reference, detail_url(BankTransfer, transfer.pk))
        self.about = _("%(amount)s, received on %(day)s. The payer wrote: %(text)s") % {
            "amount": _words(transfer.total),
            "day": date_in_words(transfer.received_on),
            "text": transfer.reference_text or _("nothing"),
        }

    def done_before(self, given: Mapping[str, Any]) -> Done | None:
        booked = BankTransfer.objects.select_related("invoice").defer("invoice__pdf").get(pk=self.transfer.pk)
        if booked.invoice is None or booked.invoice.number != given["invoice_number"].upper():
            return None
        return _told(booked)

    def preview(self, given: Mapping[str, Any], *, actor: Actor, now: datetime) -> Preview:
        if self.transfer.invoice_id is not None:
            raise TransferError(_("This transfer is booked on an invoice already."))
        if mark_of(self.transfer.pk) == Mark.SENT_BACK:
            raise TransferError(_("This transfer was sent back to its payer. There is nothing left to book."))
        number = given["invoice_number"].upper()
        invoice = Invoice.objects.filter(number=number).defer("pdf").first()
        if invoice is None:
            raise TransferError(
                _("There is no invoice %(number)s. Look its number up under Invoices.") % {"number": number},
                field="invoice_number",
            )
        if invoice.currency != self.transfer.currency or not balance(invoice).due:
            raise TransferError(
                _("Invoice %(number)s is paid, or in another currency. Choose another, or send the transfer back.")
                % {"number": number},
                field="invoice_number",
            )
        return Preview(
            happens=_what_it_pays(self.transfer.total, invoice), verb=_("Book on %(number)s") % {"number": number}
        )

    def act(self, given: Mapping[str, Any], *, actor: Actor, now: datetime) -> Done:
        return _told(
            assign_transfer(actor=actor, transfer_id=self.transfer.pk, invoice_number=given["invoice_number"], now=now)
        )


def _what_it_pays(money: Money, invoice: Invoice | None) -> tuple[str, ...]:
    """What follows for the invoice: exact, short, over; or that it waits."""
    if invoice is None:
        return (_("It names no invoice that we know. It waits under Bank transfers until somebody assigns it."),)
    due = Money(balance(invoice).due, invoice.currency)
    words = {"number": invoice.number, "organization": invoice.organization.name, "due": _words(due)}
    if invoice.currency != money.currency or not due.amount:
        why = _("It names invoice %(number)s of %(organization)s, which is paid, or in another currency.") % words
        return (why, _("It waits under Bank transfers until somebody assigns it, or sends it back."))
    whose = _("Invoice %(number)s of %(organization)s: %(due)s are due.") % words
    if money.amount < due.amount:
        missing = _words(due - money)
        return (
            whose,
            _("It pays a part. %(missing)s are still missing, and the invoice stays open.") % {"missing": missing},
            _("The customer gets a mail about what is missing."),
        )
    paid = (whose, _("It pays the invoice."), *_what_follows(invoice))
    if money.amount == due.amount:
        return paid
    surplus = _words(money - due)
    return (
        *paid,
        _("%(surplus)s are too much. They are noted; send them back from your bank.") % {"surplus": surplus},
    )


def _what_follows(invoice: Invoice) -> tuple[str, ...]:
    order = Order.objects.filter(pk=invoice.order_id).only("state", "subscription_id").first()
    if order is None or order.state != OrderState.INVOICED:
        return ()
    mail = _("The customer gets a mail with it.")
    if order.subscription_id is None:
        return (_("The subscription begins today, and its license is issued."), mail)
    return (_("The license for the full term is issued. It takes the place of the one that runs until then."), mail)


def _told(transfer: BankTransfer) -> Done:
    url = detail_url(BankTransfer, transfer.pk)
    if transfer.invoice is None:
        return Done(
            said=_("%(amount)s is booked, and waits for an invoice.") % {"amount": _words(transfer.total)}, url=url
        )
    said = _("%(amount)s is booked on invoice %(number)s.") % {
        "amount": _words(transfer.total),
        "number": transfer.invoice.number,
    }
    return Done(said=said, url=url)


def _words(money: Money) -> str:
    return money_in_words(money.amount, money.currency)
