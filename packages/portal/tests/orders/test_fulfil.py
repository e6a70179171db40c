from __future__ import annotations

from datetime import UTC, datetime

import pytest

import keywright_license as kl
from keywright_license import TrustedKeys, verify
from keywright_portal.billing.models import Invoice, Payment, SavedCard
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import system
from keywright_portal.kit.models import AuditEntry, OutboxMail
from keywright_portal.licensing.models import License, LicenseFile
from keywright_portal.licensing.selectors import trusted_keys_jwks
from keywright_portal.orders.models import OrderState, PaymentProblem
from keywright_portal.orders.services.fulfil import fulfil_intent
from keywright_portal.payments.gateway import IntentState
from keywright_portal.subscriptions.models import SeatLedgerEntry, Subscription, Term

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]


@pytest.fixture
def fulfil(gateway, now):
    return lambda intent, at=now: fulfil_intent(intent_id=intent.id, gateway=gateway, actor=system("test"), now=at)


def test_a_paid_order_gets_all_that_follows(choose, complete, gateway, fulfil, now):
    order = choose()
    intent = complete(order)
    gateway.pay(intent.id)
    assert fulfil(intent).state == OrderState.FULFILLED
    order.refresh_from_db()
    term = Term.objects.get()
    assert (term.starts_at, term.ends_at) == (datetime(2026, 3, 12, tzinfo=UTC), datetime(2027, 3, 12, tzinfo=UTC))
    assert (term.seats, term.initial_price, term.plan.code) == (200, Money(12_240, "USD"), "E20")
    assert [(entry.seats, entry.cause_id) for entry in SeatLedgerEntry.objects.all()] == [(200, order.pk)]
    invoice = Invoice.objects.get()
    assert (invoice.number, invoice.total, invoice.paid_at) == ("INV-2026-0001", order.total, now)
    assert [line.calculation for line in invoice.lines.all()] == ["200 users × $102.00", "200 users × $20.40"]
    assert bytes(invoice.pdf).startswith(b"%PDF-")
    payment = Payment.objects.get()
    assert (payment.provider_payment_id, payment.amount, payment.card_last4) == (intent.id, order.gross, "4242")
    mail = OutboxMail.objects.get(key=f"order:{order.pk}:license-ready")
    assert mail.to == "owner@brightwater-logistics.example"
    assert order.subscription == Subscription.objects.get()


def test_the_files_say_what_was_bought(choose, complete, gateway, fulfil, now):
    intent = complete(choose())
    gateway.pay(intent.id)
    fulfil(intent)
    keys = TrustedKeys.from_jwks(trusted_keys_jwks())
    files = list(LicenseFile.objects.order_by("position"))
    assert [file.name for file in files] == [
        "brightwater-logistics-e20-2026.keywright-license",
        "brightwater-logistics-e20-2026.mattermost-license",
    ]
    ours, field = (verify(bytes(file.content), keys=keys, now=now) for file in files)
    assert ours.id == field.id
    assert (ours.product, ours.plan, ours.seats) == ("enterprise-edition", "E20", 200)
    assert ours.plan_name == "Enterprise Edition E20"
    assert ours.deployments == kl.Deployments(production=1, non_production=4)
    assert ours.organization.name == "Brightwater Logistics"
    assert ours.organization.email == "licensing@brightwater.example"
    assert ours.expires_at == datetime(2027, 3, 12, 12, tzinfo=UTC)
    assert ours.has("cluster")
    assert field.has("cluster")
    assert field.seats == 200


@pytest.mark.parametrize("times", [2, 5])
def test_fulfilling_again_changes_nothing(choose, complete, gateway, fulfil, times):
    intent = complete(choose())
    gateway.pay(intent.id)
    fulfil(intent)
    entries = AuditEntry.objects.count()
    for again in range(times):
        assert fulfil(intent, datetime(2026, 3, 13 + again, tzinfo=UTC)).state == OrderState.FULFILLED
    assert (Subscription.objects.count(), License.objects.count(), LicenseFile.objects.count()) == (1, 1, 2)
    assert (Invoice.objects.count(), Payment.objects.count(), OutboxMail.objects.count()) == (1, 1, 1)
    assert AuditEntry.objects.count() == entries


@pytest.mark.parametrize("state", [state for state in IntentState if state is not IntentState.SUCCEEDED])
def test_an_intent_that_is_not_paid_gives_nothing(choose, complete, gateway, fulfil, state):
    order = choose()
    intent = complete(order)
    gateway.move(intent.id, state)
    fulfil(intent)
    order.refresh_from_db()
    assert (order.state, License.objects.count(), Invoice.objects.count()) == (OrderState.PAYING, 0, 0)


@pytest.mark.parametrize(
    "received", [Money(2_447_999, "USD"), Money(2_448_001, "USD"), Money(2_448_000, "EUR"), Money(1, "USD")]
)
def test_another_sum_or_currency_holds_the_order_and_alarms_the_vendor(choose, complete, gateway, fulfil, received):
    order = choose()
    intent = complete(order)
    gateway.pay(intent.id, amount=received)
    assert fulfil(intent).state == OrderState.ON_HOLD
    assert fulfil(intent).state == OrderState.ON_HOLD
    assert (License.objects.count(), Invoice.objects.count(), Subscription.objects.count()) == (0, 0, 0)
    problem = PaymentProblem.objects.get()
    alarm = OutboxMail.objects.get(key=f"order:{order.pk}:mismatch")
    assert problem.reference in alarm.text
    assert alarm.to == "billing@example-software.example"


def test_who_paid_an_order_that_was_discarded_gets_the_license(choose, complete, gateway, fulfil):
    order = choose()
    intent = complete(order)
    type(order).objects.filter(pk=order.pk).update(state=OrderState.DISCARDED)
    gateway.pay(intent.id)
    assert fulfil(intent).state == OrderState.FULFILLED
    assert License.objects.count() == 1


def test_an_intent_whose_id_we_died_before_keeping_is_found_by_what_we_wrote_into_it(choose, complete, gateway, fulfil):
    order = choose()
    intent = complete(order)
    order.attempts.update(intent_id=None)
    gateway.pay(intent.id)
    assert fulfil(intent).state == OrderState.FULFILLED
    assert order.attempts.get().intent_id == intent.id


def test_a_foreign_intent_is_none_of_ours(gateway, now):
    intent = gateway.create_intent(
        amount=Money(1, "USD"), customer_id="cus_x", order_id="", save_card=False, idempotency_key="x"
    )
    gateway.pay(intent.id)
    assert fulfil_intent(intent_id=intent.id, gateway=gateway, actor=system("test"), now=now) is None


def test_a_card_is_kept_where_the_buyer_asked_for_it(choose, complete, gateway, fulfil):
    intent = complete(choose(), save_card=True)
    gateway.pay(intent.id)
    fulfil(intent)
    assert SavedCard.objects.get().last4 == "4242"


def test_a_card_is_not_kept_otherwise(choose, complete, gateway, fulfil):
    intent = complete(choose())
    gateway.pay(intent.id)
    fulfil(intent)
    assert SavedCard.objects.count() == 0


def test_a_failure_in_the_middle_leaves_nothing_half_done(choose, complete, gateway, fulfil, monkeypatch):
    order = choose()
    intent = complete(order)
    gateway.pay(intent.id)

    def die(**_):
        raise RuntimeError("the power went")

    with monkeypatch.context() as broken:
        broken.setattr("keywright_portal.orders.services.provide.issue_license", die)
        with pytest.raises(RuntimeError, match="the power went"):
            fulfil(intent)
    order.refresh_from_db()
    assert (order.state, Subscription.objects.count(), Invoice.objects.count()) == (OrderState.PAYING, 0, 0)
    fulfil(intent)
    assert Invoice.objects.get().number == "INV-2026-0001"
