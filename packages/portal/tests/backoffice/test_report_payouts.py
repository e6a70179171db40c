from __future__ import annotations

from datetime import date

import pytest

from keywright_portal.backoffice.reports import payouts
from keywright_portal.backoffice.reports.month import Month
from keywright_portal.billing.models import CreditNote, Payment
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import system
from keywright_portal.kit.ids import uuid7
from keywright_portal.orders.services.record_dispute import record_dispute
from keywright_portal.orders.services.refund import request_refund
from keywright_portal.payments.gateway import DisputeOutcome, GatewayError, PayoutEntry

pytestmark = pytest.mark.django_db

MARCH = Month(date(2026, 3, 1))


def entry(gross, *, intent="", fee=0, kind="charge", arrives=date(2026, 3, 16), currency="USD", payout="po_1"):
    return PayoutEntry(
        payout_id=payout,
        arrives_on=arrives,
        entry_id=f"txn_{kind}_{gross}",
        kind=kind,
        gross=Money(gross, currency),
        fee=Money(fee, currency),
        net=Money(gross - fee, currency),
        intent_id=intent,
    )


def rows(gateway, month=MARCH):
    found = payouts.payouts_of(month, gateway=gateway)
    return [dict(zip(payouts.headers(), row, strict=True)) for row in payouts.rows(found)]


def brief(row):
    return (row["Kind"], str(row["Net"]), row["Invoice"], row["Credit note"], row["Remark"])


def test_each_movement_is_told_with_its_invoice(purchase, gateway):
    gateway.payouts = [entry(24_480_00, fee=710_22, intent=purchase.intent_id), entry(-5_00, kind="stripe_fee")]
    first, second = rows(gateway)
    assert {name: str(value) for name, value in first.items()} == {
        "Payout": "po_1",
        "Arrives on": "2026-03-16",
        "Movement": "txn_charge_2448000",
        "Kind": "charge",
        "Currency": "USD",
        "Gross": "24480.00",
        "Fee": "710.22",
        "Net": "23769.78",
        "Payment at the provider": purchase.intent_id,
        "Invoice": "INV-2026-0001",
        "Organization": "Brightwater Logistics",
        "Credit note": "",
        "Payment’s currency": "USD",
        "Payment’s amount": "24480.00",
        "Remark": "",
    }
    assert brief(second) == ("stripe_fee", "-5.00", None, "", "")


def test_what_went_back_is_told_with_its_credit_note(purchase, gateway, now):
    payment = Payment.objects.get()
    for amount in (100_00, 100_00):
        request_refund(
            actor=system("test"),
            refund_id=uuid7(),
            payment_id=payment.pk,
            amount=Money(amount, "USD"),
            reason="Test",
            revokes_license=False,
            gateway=gateway,
            now=now,
        )
    told = gateway.dispute(purchase.intent_id, amount=Money(300_00, "USD"))
    record_dispute(told=gateway.close(told.id, DisputeOutcome.LOST), actor=system("webhook"), now=now)
    gateway.payouts = [
        entry(24_480_00, intent=purchase.intent_id),
        entry(-100_00, intent=purchase.intent_id, kind="refund"),
        entry(-100_00, intent=purchase.intent_id, kind="refund"),
        entry(-300_00, intent=purchase.intent_id, kind="adjustment"),
        entry(-1, intent=purchase.intent_id, kind="refund"),
    ]
    assert [row["Credit note"] for row in rows(gateway)] == ["", "CN-2026-0001", "CN-2026-0002", "CN-2026-0003", ""]
    assert CreditNote.objects.count() == 3


def test_what_belongs_to_no_invoice_or_differs_is_remarked(purchase, gateway):
    gateway.payouts = [
        entry(24_000_00, intent=purchase.intent_id),
        entry(1_00, intent="pi_of_another_shop"),
        entry(22_000_00, intent=purchase.intent_id, currency="EUR"),
        entry(300_00, intent=purchase.intent_id, kind="adjustment"),  # a dispute that was won
    ]
    assert [row["Remark"] for row in rows(gateway)] == ["The payment is $24,480.00 here", "Of no invoice here", "", ""]


def test_a_payment_that_no_payout_holds_is_listed_too(purchase, gateway, place_on_account, stranger):
    place_on_account(stranger)  # awaits a transfer: nothing that the provider pays out
    gateway.payouts = [entry(24_480_00, intent=purchase.intent_id, arrives=date(2026, 4, 1), payout="po_2")]
    assert [brief(row) for row in rows(gateway)] == [(None, "None", "INV-2026-0001", "", "In no payout of this month")]
    assert [brief(row) for row in rows(gateway, Month(date(2026, 4, 1)))] == [
        ("charge", "24480.00", "INV-2026-0001", "", "")
    ]
    assert gateway.asked[-2:] == [
        ("payout_entries", "2026-03-01/2026-04-01"),
        ("payout_entries", "2026-04-01/2026-05-01"),
    ]


def test_where_the_provider_does_not_answer_there_is_no_file(purchase, gateway):
    gateway.fail_next = True
    with pytest.raises(GatewayError):
        payouts.payouts_of(MARCH, gateway=gateway)


def test_many_are_looked_up_in_few_queries(purchase, gateway, django_assert_num_queries):
    gateway.payouts = [entry(number + 1, intent=f"pi_{number}") for number in range(payouts.AT_ONCE * 2)]
    with django_assert_num_queries(3):
        assert len(rows(gateway)) == payouts.AT_ONCE * 2 + 1
