from __future__ import annotations

import uuid

import pytest

from keywright_portal.billing.models import SavedCard
from keywright_portal.billing.selectors import (
    InvoiceOfPurchase,
    invoice_for,
    invoice_of_order_for,
    invoice_of_purchase_for,
    invoices_for,
    saved_cards_for,
)
from keywright_portal.billing.services.keep_card import keep_card
from keywright_portal.billing.services.remove_card import remove_card
from keywright_portal.kit.actor import Actor, Permission, system
from keywright_portal.kit.errors import NotFoundError, PermissionDeniedError
from keywright_portal.kit.models import AuditEntry
from keywright_portal.payments.gateway import Card, GatewayError

pytestmark = pytest.mark.django_db


@pytest.fixture
def card(buyer, now):
    told = Card(method_id="pm_1", brand="visa", last4="4242", expires_month=8, expires_year=2029)
    return keep_card(organization=buyer.organization, card=told, actor=buyer.actor, now=now)


def test_an_organization_reads_its_own_invoices(issue, buyer, stranger):
    mine, theirs = issue(), issue(organization=stranger.organization)
    assert list(invoices_for(actor=buyer.actor)) == [mine]
    assert invoice_for(actor=buyer.actor, invoice_id=mine.pk) == mine
    for unknown in (theirs.pk, uuid.uuid4()):
        with pytest.raises(NotFoundError):
            invoice_for(actor=buyer.actor, invoice_id=unknown)
    for of_order in (invoice_of_order_for, invoice_of_purchase_for):
        assert of_order(actor=buyer.actor, order_id=theirs.order_id) is None


def test_the_invoice_of_a_purchase_tells_of_its_payment(issue, buyer):
    paid, awaited = issue(paid=True), issue()
    by_card = InvoiceOfPurchase(paid.pk, paid.number, paid.total, "card", "visa", "4242")
    assert invoice_of_purchase_for(actor=buyer.actor, order_id=paid.order_id) == by_card
    unpaid = InvoiceOfPurchase(awaited.pk, awaited.number, awaited.total, "", "", "")
    assert invoice_of_purchase_for(actor=buyer.actor, order_id=awaited.order_id) == unpaid


def test_the_permission_is_asked_for(issue, buyer):
    invoice = issue()
    nobody = Actor(user_id=buyer.user.pk, organization_id=buyer.organization.pk, permissions=frozenset())
    for read in (
        lambda: invoices_for(actor=nobody),
        lambda: invoice_for(actor=nobody, invoice_id=invoice.pk),
        lambda: saved_cards_for(actor=nobody),
        lambda: invoice_of_order_for(actor=nobody, order_id=invoice.order_id),
        lambda: invoice_of_purchase_for(actor=nobody, order_id=invoice.order_id),
    ):
        with pytest.raises(PermissionDeniedError):
            read()


@pytest.mark.parametrize("many", [1, 25])
def test_a_list_costs_the_same_for_one_and_for_many(issue, buyer, django_assert_num_queries, many):
    for _ in range(many):
        issue(paid=True)
    with django_assert_num_queries(3):
        listed = [(i.number, len(i.lines.all()), len(i.payments.all())) for i in invoices_for(actor=buyer.actor)]
    assert len(listed) == many


def test_a_list_leaves_the_pdfs_where_they_are(issue, buyer):
    issue()
    assert "pdf" in invoices_for(actor=buyer.actor).get().get_deferred_fields()


# ---- Saved cards -----------------------------------------------------------------------------------------------------


def test_a_card_told_twice_is_one_row(card, buyer, now):
    told = Card(method_id="pm_1", brand="visa", last4="4242", expires_month=8, expires_year=2029)
    assert keep_card(organization=buyer.organization, card=told, actor=system("webhook"), now=now) == card
    assert (SavedCard.objects.count(), AuditEntry.objects.filter(action="card.kept").count()) == (1, 1)


def test_a_card_is_forgotten_at_the_provider_and_no_longer_listed(card, buyer, gateway, now):
    for _ in range(2):
        remove_card(actor=buyer.actor, card_id=card.pk, knows_renewals=False, gateway=gateway, now=now)
    assert set(gateway.detached) == {"pm_1"}
    assert list(saved_cards_for(actor=buyer.actor)) == []
    assert AuditEntry.objects.filter(action="card.removed").count() == 1


def test_a_card_stays_where_the_provider_did_not_forget_it(card, buyer, gateway, now):
    gateway.fail_next = True
    with pytest.raises(GatewayError):
        remove_card(actor=buyer.actor, card_id=card.pk, knows_renewals=False, gateway=gateway, now=now)
    assert list(saved_cards_for(actor=buyer.actor)) == [card]


def test_another_organization_and_a_reader_remove_nothing(card, buyer, stranger, gateway, now):
    reader = Actor(
        user_id=buyer.user.pk, organization_id=buyer.organization.pk, permissions=frozenset({Permission.BILLING_READ})
    )
    for actor, error in ((stranger.actor, NotFoundError), (reader, PermissionDeniedError)):
        with pytest.raises(error):
            remove_card(actor=actor, card_id=card.pk, knows_renewals=False, gateway=gateway, now=now)
    assert (gateway.detached, list(saved_cards_for(actor=buyer.actor))) == ([], [card])
