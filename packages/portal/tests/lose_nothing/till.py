"""A vendor's till, worked at random: buyers, the provider, a bank, and the vendor's billing people, in any order.

The provider's side is reckoned here again, apart from the portal: what it captured and what went back. After each step
the portal's books must say the same.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from books import SCARCE, SCARCE_USES, Books
from django.db import DatabaseError, transaction
from django.db.models import F
from hypothesis import strategies as some
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, rule

from gateway_double import GatewayDouble
from keywright_portal.billing.models import (
    BankTransfer,
    CreditNote,
    CreditNoteLine,
    Invoice,
    InvoiceLine,
    Payment,
)
from keywright_portal.catalog.models import Coupon
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import Actor, Permission, system
from keywright_portal.kit.errors import KeywrightError
from keywright_portal.kit.ids import uuid7
from keywright_portal.kit.models import AuditEntry
from keywright_portal.orders import tasks
from keywright_portal.orders.completion import BillingDetails, Completion
from keywright_portal.orders.models import Order
from keywright_portal.orders.quoting import requote
from keywright_portal.orders.services.cancel_invoice import cancel_invoice
from keywright_portal.orders.services.choose import choose_subscription
from keywright_portal.orders.services.discard import discard_order
from keywright_portal.orders.services.fulfil import fulfil_intent
from keywright_portal.orders.services.place_on_invoice import place_on_invoice
from keywright_portal.orders.services.receive_transfer import assign_transfer, receive_transfer
from keywright_portal.orders.services.record_dispute import record_dispute
from keywright_portal.orders.services.record_problem import record_problem
from keywright_portal.orders.services.refund import request_refund
from keywright_portal.orders.services.settle_refund import settle_refund
from keywright_portal.orders.services.start_payment import start_payment
from keywright_portal.payments.gateway import DisputeOutcome, IntentState, RefundOutcome

CLERK = Actor(user_id=uuid7(), organization_id=None, permissions=frozenset({Permission.VENDOR_BILLING}))
PLACES = (("DE", "EUR", "DE129273398"), ("FR", "EUR", "FR40303265045"), ("US", "USD", ""), ("JP", "JPY", ""))
"""Countries with the currency of each, and a VAT number that is made as that country makes them."""
SEATS = some.integers(1, 40) | some.integers(1, 9_000)
COUPON = some.sampled_from(["", "", "WELCOME10", SCARCE])
PAYABLE = (IntentState.REQUIRES_PAYMENT_METHOD, IntentState.REQUIRES_ACTION)


class Till(Books, RuleBasedStateMachine):
    """One vendor's, for one example. A test's subclass says how buyers are made, and when it all begins."""

    make_buyer: Callable[[str], Any]
    began: datetime

    orders = Bundle("orders")
    intents = Bundle("intents")
    refunds = Bundle("refunds")
    disputes = Bundle("disputes")
    transfers = Bundle("transfers")

    def __init__(self):
        super().__init__()
        self.alone = transaction.atomic()
        self.alone.__enter__()
        self.gateway = GatewayDouble()
        self.now = self.began
        self.buyers = [self.make_buyer("One"), self.make_buyer("Two")]
        Coupon.objects.filter(code=SCARCE).update(use_limit=SCARCE_USES)
        self.captured = Counter()
        self.given_back = Counter()
        self.lost = Counter()
        self.banked = self.seen = 0
        self.numbers = iter(range(1, 10**6))

    def teardown(self):
        transaction.set_rollback(True)
        self.alone.__exit__(None, None, None)

    @invariant()
    def the_books_add_up(self):
        """Looked at after each step that changed something: what changes leaves an audit row."""
        seen, self.seen = self.seen, AuditEntry.objects.count()
        if seen != self.seen:
            self.judge()

    # ---- Buying -----------------------------------------------------------------------------------------------------

    @initialize(target=intents, country=some.sampled_from(PLACES), seats=SEATS, vat=some.booleans(), coupon=COUPON)
    def somebody_bought_by_card(self, country, seats, vat, coupon):
        """There is something to give back, from the first step on."""
        bought = self.choose(0, "E20", seats, True, country, coupon)
        return self.buy_by_card(bought, vat, False) if bought != multiple() else bought

    @initialize(target=orders, country=some.sampled_from(PLACES), seats=SEATS, vat=some.booleans(), coupon=COUPON)
    def somebody_bought_on_invoice(self, country, seats, vat, coupon):
        bought = self.choose(1, "E10", seats, False, country, coupon)
        if bought != multiple():
            self.complete_by_invoice(bought, vat)
        return bought

    @rule(
        target=orders,
        who=some.integers(0, 1),
        plan=some.sampled_from(["E10", "E20"]),
        seats=SEATS,
        premier=some.booleans(),
        country=some.sampled_from(PLACES),
        coupon=COUPON,
    )
    def choose(self, who, plan, seats, premier, country, coupon):  # noqa: PLR0917 (hypothesis gives them by name)
        by = self.buyers[who]
        add_ons = ["premier-support"] if premier and plan == "E20" else []
        try:
            order = choose_subscription(
                actor=by.actor,
                organization=by.organization,
                plan_code=plan,
                seats=seats,
                add_on_codes=add_ons,
                currency=country[1],
                coupon_code=coupon,
                gateway=self.gateway,
                now=self.now,
            )
        except KeywrightError:
            return multiple()
        return (order.pk, country, by)

    def completion(self, bought, with_vat_number, save_card=False):
        order_id, country, _by = bought
        order = Order.objects.get(pk=order_id)
        vat_number = country[2] if with_vat_number else ""
        billing = BillingDetails(
            name="One GmbH",
            country=country[0],
            street="Speicherweg 14",
            postal_code="20457",
            city="Hamburg",
            vat_number=vat_number,
            email="",
        )
        shown = requote(order=order, country=country[0], vat_number=vat_number).quote.gross.amount
        return Completion(
            billing=billing, purchase_order="PO-1", accepts_terms=True, save_card=save_card, amount_shown=shown
        )

    @rule(target=intents, bought=orders, with_vat_number=some.booleans(), save_card=some.booleans())
    def complete_by_card(self, bought, with_vat_number, save_card):
        try:
            intent = start_payment(
                actor=bought[2].actor,
                order_id=bought[0],
                completion=self.completion(bought, with_vat_number, save_card),
                gateway=self.gateway,
                now=self.now,
            )
        except KeywrightError:
            return multiple()
        return (intent.id, bought)

    @rule(bought=orders, with_vat_number=some.booleans())
    def complete_by_invoice(self, bought, with_vat_number):
        with suppress(KeywrightError):
            place_on_invoice(
                actor=bought[2].actor,
                order_id=bought[0],
                completion=self.completion(bought, with_vat_number),
                gateway=self.gateway,
                now=self.now,
            )

    @rule(target=intents, bought=orders, with_vat_number=some.booleans(), save_card=some.booleans())
    def buy_by_card(self, bought, with_vat_number, save_card):
        """What most buyers do: complete, and the card is charged at once."""
        made = self.complete_by_card(bought, with_vat_number, save_card)
        if made != multiple():
            self.card_is_charged(made, True)
        return made

    @rule(bought=orders)
    def discard(self, bought):
        with suppress(KeywrightError):
            discard_order(actor=bought[2].actor, order_id=bought[0], gateway=self.gateway, now=self.now)

    # ---- The provider -----------------------------------------------------------------------------------------------

    @rule(intent=intents, heard=some.booleans())
    def card_is_charged(self, intent, heard):
        known = self.gateway.intents[intent[0]]
        if known.state in PAYABLE:
            self.gateway.pay(known.id)
            self.captured[known.id] += known.amount.amount
        if heard:
            self.hear_of_payment(intent)

    @rule(intent=intents)
    def card_is_declined(self, intent):
        if self.gateway.intents[intent[0]].state in PAYABLE:
            self.gateway.move(intent[0], IntentState.REQUIRES_PAYMENT_METHOD)
            self.gateway.decline(intent[0])

    @rule(intent=intents)
    def bank_asks_for_3d_secure(self, intent):
        if self.gateway.intents[intent[0]].state in PAYABLE:
            self.gateway.move(intent[0], IntentState.REQUIRES_ACTION)

    @rule(intent=intents)
    def hear_of_payment(self, intent):
        fulfil_intent(intent_id=intent[0], gateway=self.gateway, actor=system("webhook"), now=self.now)

    @rule(intent=intents)
    def buyer_comes_back(self, intent):
        with suppress(KeywrightError):
            record_problem(actor=intent[1][2].actor, order_id=intent[1][0], gateway=self.gateway, now=self.now)

    def left_at_provider(self, intent_id):
        pending = sum(
            refund.amount.amount
            for refund in self.gateway.refunds_of(intent_id=intent_id)
            if refund.outcome is not RefundOutcome.FAILED
        )
        disputed = sum(
            dispute.amount.amount
            for dispute in self.gateway.disputes.values()
            if dispute.intent_id == intent_id and dispute.outcome is not DisputeOutcome.WON
        )
        return self.captured[intent_id] - pending - disputed

    @rule(target=refunds, intent=intents, share=some.integers(1, 4), outcome=some.sampled_from(RefundOutcome))
    def refund_at_provider(self, intent, share, outcome):
        left = self.left_at_provider(intent[0])
        if left < share or outcome is RefundOutcome.FAILED:
            return multiple()
        amount = Money(left // share, self.gateway.intents[intent[0]].amount.currency)
        return self.gateway.refund(intent[0], amount, outcome=outcome).id

    @rule(refund=refunds, outcome=some.sampled_from(RefundOutcome))
    def refund_settles(self, refund, outcome):
        """A refund that succeeded may fail later; one that failed stays so."""
        known = self.gateway.refunds[refund]
        if known.outcome is not RefundOutcome.FAILED and outcome is not RefundOutcome.PENDING:
            self.gateway.settle(refund, outcome, "lost_or_stolen_card" if outcome is RefundOutcome.FAILED else "")

    @rule(refund=refunds)
    def hear_of_refund(self, refund):
        settle_refund(told=self.gateway.get_refund(refund_id=refund), actor=system("webhook"), now=self.now)

    @rule(target=disputes, intent=intents)
    def cardholder_disputes(self, intent):
        left = self.left_at_provider(intent[0])
        if left <= 0:
            return multiple()
        return self.gateway.dispute(intent[0], amount=Money(left, self.gateway.intents[intent[0]].amount.currency)).id

    @rule(dispute=disputes, outcome=some.sampled_from([DisputeOutcome.WON, DisputeOutcome.LOST]))
    def dispute_ends(self, dispute, outcome):
        if self.gateway.disputes[dispute].outcome is DisputeOutcome.OPEN:
            self.gateway.close(dispute, outcome)

    @rule(dispute=disputes)
    def hear_of_dispute(self, dispute):
        record_dispute(told=self.gateway.get_dispute(dispute_id=dispute), actor=system("webhook"), now=self.now)

    # ---- The vendor's billing people, and their bank ----------------------------------------------------------------

    @rule(
        target=refunds,
        number=some.integers(0, 20),
        share=some.integers(1, 4),
        revokes=some.booleans(),
        pending=some.booleans(),
    )
    def refund(self, number, share, revokes, pending):
        payments = list(Payment.objects.order_by("pk"))
        if not payments:
            return multiple()
        payment = payments[number % len(payments)]
        self.gateway.refund_outcome = RefundOutcome.PENDING if pending else RefundOutcome.SUCCEEDED
        try:
            made = request_refund(
                actor=CLERK,
                refund_id=uuid.uuid4(),
                payment_id=payment.pk,
                amount=Money(max(1, payment.amount // share), payment.currency),
                reason="As agreed",
                revokes_license=revokes,
                gateway=self.gateway,
                now=self.now,
            )
        except KeywrightError:
            return multiple()
        return made.provider_refund_id or multiple()

    @rule(
        target=transfers,
        number=some.integers(0, 20),
        how=some.sampled_from(["exact", "short", "over", "unknown", "paid before"]),
    )
    def transfer(self, number, how):
        invoices = list(Invoice.objects.order_by("pk").only("number", "gross", "currency"))
        if not invoices:
            return multiple()
        invoice = invoices[number % len(invoices)]
        paid = sum(invoice.payments.values_list("amount", flat=True))
        owed = max(1, invoice.gross - paid)
        amount = {"short": max(1, owed // 2), "over": owed + 700}.get(how, owed)
        before = BankTransfer.objects.count()
        made = receive_transfer(
            actor=CLERK,
            bank_reference=f"BANK-{next(self.numbers)}",
            amount=Money(amount, invoice.currency),
            reference_text="no idea" if how == "unknown" else f"Invoice {invoice.number}",
            received_on=self.now.date(),
            now=self.now,
        )
        assert BankTransfer.objects.count() == before + 1
        self.banked += amount
        return made.pk

    @rule(transfer=transfers)
    def transfer_is_told_again(self, transfer):
        known = BankTransfer.objects.get(pk=transfer)
        again = receive_transfer(
            actor=CLERK,
            bank_reference=known.bank_reference,
            amount=known.total,
            reference_text=known.reference_text,
            received_on=known.received_on,
            now=self.now,
        )
        assert again.pk == transfer

    @rule(transfer=consumes(transfers), number=some.integers(0, 20))
    def assign(self, transfer, number):
        numbers = list(Invoice.objects.order_by("pk").values_list("number", flat=True))
        with suppress(KeywrightError):
            assign_transfer(
                actor=CLERK, transfer_id=transfer, invoice_number=numbers[number % len(numbers)], now=self.now
            )

    @rule(number=some.integers(0, 20))
    def give_up_an_invoice(self, number):
        invoices = list(Invoice.objects.filter(paid_at=None).order_by("pk").values_list("pk", flat=True))
        if invoices:
            with suppress(KeywrightError):
                cancel_invoice(
                    actor=CLERK, invoice_id=invoices[number % len(invoices)], reason="Never paid", now=self.now
                )

    # ---- Time, and what is left behind ------------------------------------------------------------------------------

    @rule(days=some.integers(0, 120))
    def days_pass(self, days):
        self.now += timedelta(days=days, minutes=1)

    @rule(hour=some.integers(0, 3))
    def reconcile(self, hour):
        """As the schedule does; not in every step that could."""
        if hour:
            return
        clock, provider = tasks.clock.now, tasks.gateway
        tasks.clock.now, tasks.gateway = (lambda: self.now + timedelta(minutes=5)), (lambda: self.gateway)
        try:
            tasks.reconcile()
            tasks.reconcile_money_back()
            tasks.expire()
        finally:
            tasks.clock.now, tasks.gateway = clock, provider

    @rule(model=some.sampled_from([Invoice, InvoiceLine, Payment, CreditNote, CreditNoteLine]), way=some.booleans())
    def somebody_changes_the_books(self, model, way):
        """Past all of the portal's code, in the database itself."""
        rows = model._base_manager.all()
        if not rows.exists():
            return
        amount = {"amount": F("amount") + 1} if model is Payment else {"gross": F("gross") + 1, "net": F("net") + 1}
        try:
            with transaction.atomic():
                if way:
                    rows.update(**amount)
                else:
                    rows._raw_delete(rows.db)
        except DatabaseError:
            return
        raise AssertionError(f"rows of {model.__name__} can be changed")
