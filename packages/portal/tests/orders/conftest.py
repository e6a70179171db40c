from __future__ import annotations

import pytest

from keywright_portal.catalog.models import Vendor
from keywright_portal.orders.services.choose import choose_subscription
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
def full_refund(catalog):
    """Have the catalog revoke licenses at a full refund, or keep them."""

    def _set(revokes: bool) -> None:
        row = Vendor.objects.get()
        row.details["full_refund_revokes"] = revokes
        row.save()

    return _set
