"""Complete by invoice and bank transfer: the debt, and a license that runs until it is paid."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from keywright_license import TrustedKeys, verify
from keywright_portal.billing.models import Invoice, Payment
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.errors import InvalidTransitionError, NotFoundError, PermissionDeniedError
from keywright_portal.kit.models import AuditEntry, OutboxMail
from keywright_portal.licensing.models import License, LicenseFile
from keywright_portal.licensing.selectors import trusted_keys_jwks
from keywright_portal.orders.errors import InvoiceNotOfferedError, OrderChangedError, TermsNotAcceptedError
from keywright_portal.orders.models import Order, OrderState, PaymentWay
from keywright_portal.orders.services.discard import discard_order
from keywright_portal.orders.services.fulfil import fulfil_intent
from keywright_portal.payments.gateway import LARGEST_CHARGE, GatewayError, IntentState
from keywright_portal.subscriptions.models import SeatLedgerEntry, Subscription, Term

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]
ALL = (Subscription, Invoice, License, OutboxMail)


def counts():
    return [model.objects.count() for model in ALL]


def test_the_invoice_is_due_in_thirty_days_and_names_the_bank_and_the_purchase_order(choose, on_invoice, now):
    order = on_invoice(choose())
    assert (order.state, order.payment_way, order.invoiced_at) == (OrderState.INVOICED, PaymentWay.TRANSFER, now)
    assert (order.paid_at, order.fulfilled_at) == (None, None)
    invoice = Invoice.objects.get()
    assert (invoice.order_id, invoice.total, invoice.paid_at) == (order.pk, order.total, None)
    assert (invoice.due_at, invoice.purchase_order) == (now + timedelta(days=30), "PO-2026-1187")
    assert invoice.bank["iban"]
    assert Payment.objects.count() == 0


def test_the_license_of_the_full_term_runs_45_days(choose, on_invoice, now):
    order = on_invoice(choose())
    term = Term.objects.get()
    assert (term.subscription_id, term.seats) == (order.subscription_id, 200)
    assert (term.starts_at, term.ends_at) == (datetime(2026, 3, 12, tzinfo=UTC), datetime(2027, 3, 12, tzinfo=UTC))
    assert SeatLedgerEntry.objects.get().cause_id == order.pk
    end = datetime(2026, 4, 26, 12, tzinfo=UTC)  # 45 days, and the margin that each license has
    trusted = TrustedKeys.from_jwks(trusted_keys_jwks())
    for file in LicenseFile.objects.all():
        said = verify(bytes(file.content), keys=trusted, now=now)
        assert (file.expires_at, said.expires_at, said.starts_at) == (end, end, term.starts_at)
        assert said.seats == 200


def test_where_the_catalog_wants_the_money_first_nothing_is_opened(choose, on_invoice, vendor_says):
    vendor_says(license_before_payment=False)
    order = on_invoice(choose())
    assert (order.state, order.subscription_id, counts()) == (OrderState.INVOICED, None, [0, 1, 0, 1])
    assert "on the day on which the transfer is received" in OutboxMail.objects.get().text


def test_the_buyer_is_told_what_to_pay_by_when_and_where(choose, on_invoice):
    on_invoice(choose())
    invoice, mail = Invoice.objects.get(), OutboxMail.objects.get()
    assert (mail.key, mail.to) == (f"invoice:{invoice.pk}:sent", "licensing@brightwater.example")
    for part in (mail.text, mail.html):
        for said in (invoice.number, "11 April 2026", "PO-2026-1187", "It runs until 25 April 2026", "IBAN"):
            assert said in part


def test_asked_twice_it_is_one(choose, on_invoice, now):
    order = choose()
    first, second = on_invoice(order), on_invoice(order, at=now + timedelta(days=1))
    assert (first.pk, second.state, counts()) == (second.pk, OrderState.INVOICED, [1, 1, 1, 1])
    assert AuditEntry.objects.filter(action="order.invoiced").count() == 1


def test_it_is_the_way_above_eight_digits(choose, on_invoice):
    order = choose(seats=9_000)
    assert order.gross > LARGEST_CHARGE
    assert on_invoice(order).state == OrderState.INVOICED


def test_an_order_on_invoice_leaves_room_for_the_next_one(choose, on_invoice):
    first = on_invoice(choose())
    second = choose(seats=7)
    assert first.pk != second.pk
    assert Order.objects.get(state=OrderState.OPEN).pk == second.pk


def test_a_card_payment_that_was_begun_is_cancelled_first(choose, complete, on_invoice, gateway):
    order = choose()
    intent = complete(order)
    assert on_invoice(order).state == OrderState.INVOICED
    assert gateway.intents[intent.id].state is IntentState.CANCELED
    assert not order.attempts.filter(closed_at=None).exists()


def test_a_card_payment_that_was_made_wins(choose, complete, on_invoice, gateway):
    order = choose()
    gateway.pay(complete(order).id)
    with pytest.raises(OrderChangedError):
        on_invoice(order)
    order.refresh_from_db()
    assert (order.state, Invoice.objects.get().paid_at is None) == (OrderState.FULFILLED, False)


def test_a_card_charged_although_it_was_let_go_pays_the_invoice(*, choose, complete, on_invoice, gateway, clerk, now):
    """The provider said that it cancelled, and charged all the same: there is one invoice, and it is paid."""
    order = choose()
    intent = complete(order)
    on_invoice(order)
    gateway.pay(intent.id)
    paid = fulfil_intent(intent_id=intent.id, gateway=gateway, actor=clerk, now=now)
    invoice = Invoice.objects.get()
    assert (paid.state, invoice.paid_at, Payment.objects.get().amount) == (OrderState.FULFILLED, now, invoice.gross)
    assert counts()[:3] == [1, 1, 1]
    assert {file.expires_at for file in LicenseFile.objects.filter(superseded_at=None)} == {
        Term.objects.get().span.license_expires_at
    }


def test_where_the_provider_is_away_nothing_is_written(choose, complete, on_invoice, gateway):
    order = choose()
    complete(order)
    gateway.fail_next = True
    with pytest.raises(GatewayError):
        on_invoice(order)
    order.refresh_from_db()
    assert (order.state, counts()) == (OrderState.PAYING, [0, 0, 0, 0])


@pytest.mark.parametrize(
    ("asked", "error"), [({"accepts_terms": False}, TermsNotAcceptedError), ({"amount_shown": 1}, OrderChangedError)]
)
def test_what_the_buyer_must_agree_to_is_asked_for(choose, on_invoice, asked, error):
    order = choose()
    with pytest.raises(error):
        on_invoice(order, **asked)
    order.refresh_from_db()
    assert (order.state, counts()) == (OrderState.OPEN, [0, 0, 0, 0])


def test_a_vendor_that_does_not_offer_it_sells_by_card_alone(choose, on_invoice, vendor_says):
    vendor_says(transfer_offered=False)
    order = choose()
    with pytest.raises(InvoiceNotOfferedError):
        on_invoice(order)
    assert counts() == [0, 0, 0, 0]


def test_what_is_discarded_or_anothers_cannot_be_placed(*, choose, on_invoice, buyer, stranger, gateway, now):
    order = choose()
    with pytest.raises(NotFoundError):
        on_invoice(order, by=stranger)
    discard_order(actor=buyer.actor, order_id=order.pk, gateway=gateway, now=now)
    with pytest.raises(InvalidTransitionError):
        on_invoice(order)
    assert counts() == [0, 0, 0, 0]


def test_who_may_not_order_may_not_order_on_invoice(choose, on_invoice, buyer):
    order = choose()
    reader = Actor(
        user_id=buyer.user.pk, organization_id=buyer.organization.pk, permissions=frozenset({Permission.READ})
    )
    with pytest.raises(PermissionDeniedError):
        on_invoice(order, by=type(buyer)(buyer.organization, buyer.user, reader))
    assert counts() == [0, 0, 0, 0]
