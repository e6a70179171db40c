from __future__ import annotations

import uuid

import pytest
from billing_words import BUYER, SELLER, line

from keywright_portal.billing.services.issue_invoice import MoneyReceived, issue_invoice
from keywright_portal.domain.money import zero
from keywright_portal.kit.actor import system


@pytest.fixture
def issue(buyer, now):
    def _issue(*lines, paid=False, organization=None, at=now, buyer=BUYER, seller=SELLER, **more):
        lines = lines or (line(),)
        total = sum((one.gross for one in lines), zero(lines[0].gross.currency))
        received = MoneyReceived(
            provider_payment_id=f"pi_{uuid.uuid4()}", amount=total, card_brand="visa", card_last4="4242"
        )
        return issue_invoice(
            organization=organization or _organization,
            order_id=more.pop("order_id", None) or uuid.uuid4(),
            order_number=more.pop("order_number", "ORD-2222-3333"),
            purchase_order=more.pop("purchase_order", ""),
            buyer=buyer,
            seller=seller,
            number_prefix="INV",
            lines=lines,
            received=received if paid else None,
            actor=system("test"),
            now=at,
            **more,
        )

    _organization = buyer.organization
    return _issue
