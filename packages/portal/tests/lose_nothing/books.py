"""What a vendor's books must always say, read from the rows and compared with what the provider and the bank did."""

from __future__ import annotations

from collections import Counter

from django.db.models import Sum

from keywright_portal.billing.models import (
    BankTransfer,
    CreditNote,
    CreditNoteLine,
    CreditNoteNumberSeries,
    Dispute,
    DisputeState,
    Invoice,
    InvoiceLine,
    InvoiceNumberSeries,
    Payment,
    Refund,
    RefundState,
)
from keywright_portal.kit.models import AuditEntry
from keywright_portal.licensing.models import License
from keywright_portal.orders.models import UNFINISHED, CouponUse, Order, OrderState
from keywright_portal.payments.gateway import RefundOutcome

SCARCE = "PILOT"
"""A coupon of which there are few."""
SCARCE_USES = 2


class Books:
    """`gateway`, `captured` by intent and `banked` are what happened outside of the portal: a subclass has them."""

    def judge(self):
        self.every_invoice_is_the_sum_of_its_lines()
        self.every_credit_note_is_the_sum_of_its_lines()
        self.no_number_is_missing_or_there_twice()
        self.the_books_say_what_the_provider_did()
        self.lines_less_what_was_credited_is_what_was_kept()
        self.what_is_paid_has_one_license_and_what_is_not_has_none()
        self.an_order_is_charged_once()
        self.a_transfer_is_a_payment_and_a_surplus_or_waits()
        self.a_coupon_is_used_no_more_often_than_it_may()

    def every_invoice_is_the_sum_of_its_lines(self):
        sums = InvoiceLine.objects.order_by().values_list("invoice_id").annotate(Sum("net"), Sum("tax"), Sum("gross"))
        known = {row[0]: row[1:] for row in sums}
        for invoice in Invoice.objects.only("net", "tax", "gross", "order_id"):
            assert known[invoice.pk] == (invoice.net, invoice.tax, invoice.gross)
            assert invoice.net + invoice.tax == invoice.gross
        orders = dict(Order.objects.values_list("pk", "gross"))
        assert all(orders[order] == gross for order, gross in Invoice.objects.values_list("order_id", "gross"))

    def every_credit_note_is_the_sum_of_its_lines(self):
        sums = (
            CreditNoteLine.objects.order_by()
            .values_list("credit_note_id")
            .annotate(Sum("net"), Sum("tax"), Sum("gross"))
        )
        known = {row[0]: row[1:] for row in sums}
        for note in CreditNote.objects.only("net", "tax", "gross"):
            assert known[note.pk] == (note.net, note.tax, note.gross)

    def no_number_is_missing_or_there_twice(self):
        for model, series in ((Invoice, InvoiceNumberSeries), (CreditNote, CreditNoteNumberSeries)):
            numbers = sorted(model.objects.values_list("number", flat=True))
            years = {row.year: row.next_number - 1 for row in series.objects.all()}
            found = Counter(int(number.split("-")[-2]) for number in numbers)
            assert len(set(numbers)) == len(numbers)
            assert found == Counter(years)
            for year, last in years.items():
                of_year = [int(number.split("-")[-1]) for number in numbers if number.split("-")[-2] == str(year)]
                assert sorted(of_year) == list(range(1, last + 1))

    def the_books_say_what_the_provider_did(self):
        """Captured is paid, once each; refunded is credited."""
        card = dict(Payment.objects.filter(method="card").values_list("provider_payment_id", "amount"))
        for intent_id, amount in card.items():
            assert amount == self.captured[intent_id]
        for refund in Refund.objects.exclude(provider_refund_id=None):
            told = self.gateway.refunds[refund.provider_refund_id]
            assert (refund.amount, refund.currency) == (told.amount.amount, told.amount.currency)

    def lines_less_what_was_credited_is_what_was_kept(self):
        """Sum of lines = invoice = captured − refunded: of a paid invoice, what stands is what the vendor has.

        Money that a bank sent back after its refund had succeeded is owed again, for its credit note stands: until
        other money goes back, and no more than that. Only who didn't hear of it yet can think that more went back than
        came.
        """

        def by_invoice(rows, key, field):
            return dict(rows.order_by().values_list(key).annotate(Sum(field)))

        paid = by_invoice(Payment.objects.all(), "invoice_id", "amount")
        credited = by_invoice(CreditNote.objects.all(), "invoice_id", "gross")
        back = by_invoice(Refund.objects.filter(state=RefundState.SUCCEEDED), "payment__invoice_id", "amount")
        came_back = by_invoice(
            Refund.objects.filter(pk__in=self.refunds_that_came_back()), "payment__invoice_id", "amount"
        )
        unheard = {
            refund.payment.invoice_id
            for refund in Refund.objects.filter(state=RefundState.SUCCEEDED).select_related("payment")
            if refund.provider_refund_id is not None
            and self.gateway.refunds[refund.provider_refund_id].outcome is RefundOutcome.FAILED
        }
        lost = by_invoice(Dispute.objects.filter(state=DisputeState.LOST), "payment__invoice_id", "amount")
        for invoice in Invoice.objects.only("gross", "paid_at"):
            key = invoice.pk
            kept = paid.get(key, 0) - back.get(key, 0) - lost.get(key, 0)
            stands = invoice.gross - credited.get(key, 0)
            assert kept >= 0 or key in unheard, "more went back than came"
            assert stands >= 0, "more was credited than billed"
            if invoice.paid_at is not None:
                owed = max(kept, 0) - stands
                assert 0 <= owed <= came_back.get(key, 0)
            else:
                assert kept < invoice.gross

    @staticmethod
    def refunds_that_came_back():
        settled = AuditEntry.objects.filter(action="refund.settled", after__state=RefundState.FAILED)
        return set(settled.filter(before__state=RefundState.SUCCEEDED).values_list("subject_id", flat=True))

    def what_is_paid_has_one_license_and_what_is_not_has_none(self):
        """One on invoice has it before the money. An invoice that was given up is credited, and its license revoked."""
        licenses = Counter(License.objects.values_list("term__seat_entries__cause_id", flat=True))
        revoked = set(License.objects.exclude(revoked_at=None).values_list("term__seat_entries__cause_id", flat=True))
        for order in Order.objects.all():
            invoices = list(Invoice.objects.filter(order_id=order.pk).only("gross"))
            given_up = order.state == OrderState.DISCARDED and invoices
            expected = int(order.state in (OrderState.FULFILLED, OrderState.INVOICED) or bool(given_up))
            assert (len(invoices), licenses[order.pk]) == (expected, expected), order.state
            if order.state == OrderState.FULFILLED:
                assert Payment.objects.filter(invoice__order_id=order.pk).exists()
            if given_up:
                assert order.pk in revoked
                assert sum(invoices[0].credit_notes.values_list("gross", flat=True)) == invoices[0].gross

    def an_order_is_charged_once(self):
        charges = Counter(self.gateway.intents[intent].order_id for intent in self.captured)
        assert all(number == 1 for number in charges.values())

    def a_transfer_is_a_payment_and_a_surplus_or_waits(self):
        assert sum(BankTransfer.objects.values_list("amount", flat=True)) == self.banked
        for transfer in BankTransfer.objects.exclude(payment=None).select_related("payment"):
            assert transfer.amount == transfer.payment.amount + transfer.surplus

    def a_coupon_is_used_no_more_often_than_it_may(self):
        uses = CouponUse.objects.filter(coupon__code=SCARCE)
        assert uses.count() <= SCARCE_USES
        sold = Order.objects.filter(coupon__code=SCARCE).exclude(state__in=(*UNFINISHED, OrderState.DISCARDED))
        assert set(sold.values_list("pk", flat=True)) <= set(uses.values_list("order_id", flat=True))
