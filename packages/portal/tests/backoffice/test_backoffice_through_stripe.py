"""From the page to Stripe's own interface and back: a refund, and the payout that holds the payment and the refund.

Every call is judged by Stripe's own description on the way.
"""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import pytest
import stripe
from acting import confirm, preview, said
from django.urls import reverse

from keywright_portal.billing.models import CreditNote, Payment, Refund
from keywright_portal.kit import clock
from keywright_portal.kit.actor import system
from keywright_portal.orders.services.choose import choose_subscription
from keywright_portal.orders.services.fulfil import fulfil_intent
from keywright_portal.orders.services.start_payment import Completion, start_payment
from keywright_portal.payments.stripe_gateway import StripeGateway
from simulator import simulator, simulator_process  # noqa: F401 (fixtures)
from stripe_description import checked_http_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalog", "signing_keys")]


@pytest.fixture
def gateway(monkeypatch, simulator):  # noqa: F811 (a fixture's name)
    """In place of the double: what production uses."""
    monkeypatch.setattr(stripe, "RequestsClient", type(checked_http_client()))
    made = StripeGateway(secret_key="sk_test_portal", api_url=simulator.origin, webhook_secrets=[])
    for user in ("acts.refund", "reports.page"):
        monkeypatch.setattr(f"keywright_portal.backoffice.{user}.gateway", lambda: made)
    return made


@pytest.fixture
def payment(gateway, simulator, buyer, billing_details) -> Payment:  # noqa: F811 (a fixture's name)
    """$195.00, paid with a card in a browser."""
    now = datetime.now(tz=UTC)
    order = choose_subscription(
        actor=buyer.actor,
        organization=buyer.organization,
        plan_code="E10",
        seats=5,
        add_on_codes=(),
        currency="USD",
        gateway=gateway,
        now=now,
    )
    completion = Completion(
        billing=billing_details, purchase_order="", accepts_terms=True, save_card=False, amount_shown=order.gross
    )
    intent = start_payment(actor=buyer.actor, order_id=order.pk, completion=completion, gateway=gateway, now=now)
    browser = stripe.StripeClient("sk_test_browser", base_addresses={"api": simulator.origin})
    browser.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    fulfil_intent(intent_id=intent.id, gateway=gateway, actor=system("webhook"), now=now)
    return Payment.objects.get()


def test_what_is_refunded_here_is_in_the_payout_with_its_credit_note(
    payment,
    office_of,
    monkeypatch,
    simulator,  # noqa: F811
):
    billing = office_of("billing")
    address = reverse("admin:billing_payment_refund", args=[payment.pk])
    page = preview(billing, address, amount="39", reason="One user too many")
    assert said(billing, confirm(billing, address, page)) == ["$39.00 went back."]
    confirm(billing, address, page)
    refund = Refund.objects.get()
    assert refund.provider_refund_id.startswith("re_")

    arrived = datetime.fromtimestamp(simulator.pay_out()[-1]["arrival_date"], tz=UTC)
    monkeypatch.setattr(clock, "now", lambda: arrived)
    file = billing.get(reverse("admin:report", args=[f"{arrived:%Y-%m}", "payouts"]))
    rows = list(csv.DictReader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")))
    of_payment = [row for row in rows if row["Payment at the provider"] == payment.provider_payment_id]
    assert sorted((row["Kind"], row["Gross"], row["Invoice"], row["Credit note"]) for row in of_payment) == [
        ("charge", "195.00", payment.invoice.number, ""),
        ("refund", "-39.00", payment.invoice.number, CreditNote.objects.get().number),
    ]


def test_a_refund_whose_answer_was_lost_is_one_refund(payment, office_of, simulator):  # noqa: F811
    billing = office_of("billing")
    address = reverse("admin:billing_payment_refund", args=[payment.pk])
    page = preview(billing, address, amount="39", reason="Lost")
    simulator.fail_next(how="disconnect", when="after", method="POST", path="/v1/refunds", times=3)
    assert said(billing, confirm(billing, address, page)) == [
        "The refund of $39.00 is on its way. This page tells when it arrived."
    ]
    confirm(billing, address, page)
    made = stripe.StripeClient("sk_test_browser", base_addresses={"api": simulator.origin}).v1.refunds.list().data
    assert [refund.amount for refund in made] == [3900]
    assert Refund.objects.count() == 1
