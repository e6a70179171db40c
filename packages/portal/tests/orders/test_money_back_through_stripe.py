"""Refunds and disputes through the real boundary, with every webhook lost: the reconciler alone gets there."""

from __future__ import annotations

from datetime import timedelta

import pytest
import stripe

from keywright_portal.billing.models import CreditNote, Dispute, Payment, Refund
from keywright_portal.kit import clock
from keywright_portal.kit.ids import uuid7
from keywright_portal.licensing.models import License
from keywright_portal.orders import tasks
from keywright_portal.orders.models import Order, OrderState
from keywright_portal.orders.services.refund import request_refund
from keywright_portal.payments.models import ProviderEvent
from keywright_portal.payments.stripe_gateway import StripeGateway
from simulator import simulator, simulator_process  # noqa: F401 (fixtures)
from stripe_description import checked_http_client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]
LOST_FOR = timedelta(days=3)


@pytest.fixture
def gateway(monkeypatch, simulator):  # noqa: F811 (a fixture's name)
    """In place of the double: what production uses."""
    monkeypatch.setattr(stripe, "RequestsClient", type(checked_http_client()))
    made = StripeGateway(secret_key="sk_test_portal", api_url=simulator.origin, webhook_secrets=[])
    monkeypatch.setattr(tasks, "gateway", lambda: made)
    return made


@pytest.fixture
def client(simulator):  # noqa: F811 (a fixture's name)
    """The buyer's browser, and the vendor's people at Stripe's dashboard."""
    return stripe.StripeClient("sk_test_browser", base_addresses={"api": simulator.origin})


@pytest.fixture
def began():
    """The machine's own time, which Stripe's events carry."""
    return clock.now()


@pytest.fixture
def paid(choose, complete, client, gateway, began):
    """The intent of an order that was paid, of which nobody was told."""

    def _paid(card="pm_card_visa") -> str:
        intent = complete(choose(at=began), at=began)
        client.v1.payment_intents.confirm(intent.id, {"payment_method": card})
        return intent.id

    return _paid


@pytest.fixture
def three_days_later(monkeypatch, began):
    """The reconciler's jobs run, with no webhook in between."""
    later = began + LOST_FOR
    monkeypatch.setattr(tasks.clock, "now", lambda: later)

    def run() -> None:
        tasks.reconcile()
        tasks.reconcile_money_back()
        for event in ProviderEvent.objects.filter(handled_at=None):
            tasks.handle_event(event.pk)

    return run


def test_a_refund_from_the_dashboard(paid, client, three_days_later):
    intent_id = paid()
    client.v1.refunds.create({"payment_intent": intent_id})
    for _again in range(2):
        three_days_later()
    payment = Payment.objects.get(provider_payment_id=intent_id)
    assert Order.objects.get().state == OrderState.FULFILLED
    assert (Refund.objects.get().amount, CreditNote.objects.get().gross) == (payment.amount, payment.amount)
    assert License.objects.get().revoked_because == "refunded"


def test_a_dispute_that_opens_and_is_lost(paid, client, three_days_later):
    intent_id = paid("pm_card_createDispute")
    three_days_later()
    dispute = Dispute.objects.get()
    assert (dispute.state, CreditNote.objects.count()) == ("open", 0)
    client.v1.disputes.update(
        dispute.provider_dispute_id, {"evidence": {"uncategorized_text": "losing_evidence"}, "submit": True}
    )
    for _again in range(2):
        three_days_later()
    assert (Dispute.objects.get().state, CreditNote.objects.count()) == ("lost", 1)
    assert Payment.objects.get().provider_payment_id == intent_id


def test_a_refund_of_ours_that_waits_and_fails(
    *,
    paid,
    three_days_later,
    gateway,
    clerk,
    simulator,  # noqa: F811 (a fixture's name)
    began,
):
    intent_id = paid("pm_card_pendingRefund")
    three_days_later()
    payment = Payment.objects.get(provider_payment_id=intent_id)
    refund = request_refund(
        actor=clerk,
        refund_id=uuid7(),
        payment_id=payment.pk,
        amount=payment.total,
        reason="Bought twice",
        revokes_license=True,
        gateway=gateway,
        now=began,
    )
    assert refund.state == "pending"
    simulator.control("POST", f"/refunds/{refund.provider_refund_id}/settle", {"succeeds": False})
    three_days_later()
    row = Refund.objects.get()
    assert (row.state, bool(row.failure), CreditNote.objects.count()) == ("failed", True, 0)
    assert License.objects.get().revoked_at is None


def test_a_refund_that_failed_after_it_went_through_leaves_its_note(*, paid, three_days_later, gateway, clerk, began):
    intent_id = paid("pm_card_refundFail")
    three_days_later()
    payment = Payment.objects.get(provider_payment_id=intent_id)
    request_refund(
        actor=clerk,
        refund_id=uuid7(),
        payment_id=payment.pk,
        amount=payment.total,
        reason="Bought twice",
        revokes_license=True,
        gateway=gateway,
        now=began,
    )
    three_days_later()
    row = Refund.objects.get()
    assert (row.state, row.credit_note_id) == ("failed", CreditNote.objects.get().pk)
