from __future__ import annotations

import pytest

from keywright_portal.catalog.models import Vendor
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.ids import uuid7
from keywright_portal.orders.services.choose import choose_subscription
from keywright_portal.orders.services.place_on_invoice import place_on_invoice
from keywright_portal.orders.services.receive_transfer import receive_transfer
from keywright_portal.orders.services.start_payment import BillingDetails, Completion, start_payment

DETAILS = BillingDetails(
    name="Brightwater Logistics GmbH",
    country="DE",
    street="Speicherweg 14",
    postal_code="20457",
    city="Hamburg",
    vat_number="",
    email="licensing@brightwater.example",
)


@pytest.fixture
def choose(catalog, buyer, gateway, now):
    """Choose for the buyer: 200 users of E20 with Premier Support, where a test doesn't say otherwise."""

    def _choose(plan="E20", seats=200, add_ons=("premier-support",), by=buyer, at=now):
        return choose_subscription(
            actor=by.actor,
            organization=by.organization,
            plan_code=plan,
            seats=seats,
            add_on_codes=add_ons,
            currency="USD",
            gateway=gateway,
            now=at,
        )

    return _choose


@pytest.fixture
def complete(buyer, gateway, now):
    """Select Complete for an order of the buyer's."""

    def _complete(order, *, amount_shown=None, accepts_terms=True, save_card=False, by=buyer, at=now):
        return start_payment(
            actor=by.actor,
            order_id=order.pk,
            completion=Completion(
                billing=DETAILS,
                purchase_order="PO-2026-1187",
                accepts_terms=accepts_terms,
                save_card=save_card,
                amount_shown=order.gross if amount_shown is None else amount_shown,
            ),
            gateway=gateway,
            now=at,
        )

    return _complete


@pytest.fixture
def vendor_says(catalog):
    """Change what the vendor's catalog says: `vendor_says(full_refund_revokes=False)`."""

    def _set(**details) -> None:
        row = Vendor.objects.get()
        row.details.update(details)
        row.save()

    return _set


@pytest.fixture
def on_invoice(buyer, gateway, now, vendor_says):
    """Complete an order of the buyer's by invoice and bank transfer; with the license before the money."""
    vendor_says(transfer_offered=True, license_before_payment=True)

    def _place(order, *, amount_shown=None, accepts_terms=True, by=buyer, at=now):
        return place_on_invoice(
            actor=by.actor,
            order_id=order.pk,
            completion=Completion(
                billing=DETAILS,
                purchase_order="PO-2026-1187",
                accepts_terms=accepts_terms,
                save_card=False,
                amount_shown=order.gross if amount_shown is None else amount_shown,
            ),
            gateway=gateway,
            now=at,
        )

    return _place


@pytest.fixture
def clerk() -> Actor:
    """One of the vendor's billing people."""
    return Actor(user_id=uuid7(), organization_id=None, permissions=frozenset({Permission.VENDOR_BILLING}))


@pytest.fixture
def receive(clerk, now):
    """Book money on the vendor's account; for an invoice, its number is what the payer wrote."""

    def _receive(amount, text="", *, reference="BANK-1", by=None, on=None, at=now):
        return receive_transfer(
            actor=by or clerk,
            bank_reference=reference,
            amount=amount,
            reference_text=text,
            received_on=on or at.date(),
            now=at,
        )

    return _receive
