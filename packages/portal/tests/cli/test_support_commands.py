from __future__ import annotations

import pytest

from keywright_portal.kit.models import AuditEntry
from keywright_portal.orders.models import Order, PaymentProblem
from keywright_portal.orders.services.choose import choose_subscription
from keywright_portal.support.models import Ticket, Topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def problem(catalog, buyer, gateway, now) -> PaymentProblem:
    """An order on which a card was declined, and a ticket that quotes it."""
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
    Order.objects.filter(pk=order.pk).update(number="ORD-7F3K-92QD")
    Ticket.objects.create(
        number="TKT-7F3K-0001",
        topic=Topic.TRANSACTION,
        email="ana@example.com",
        name="Ana\x1b[31m",
        message="What now?",
        quoted_reference="PAY-7F3K-92QD",
        created_at=now.replace(hour=11),
    )
    return PaymentProblem.objects.create(
        reference="PAY-7F3K-92QD",
        order=order,
        code="card_declined",
        provider_message="Your card was\ndeclined.\x1b[2J",
        occurred_at=now.replace(hour=10),
    )


def test_find_tells_what_happened_under_a_reference_the_oldest_first(problem, keywright):
    AuditEntry.objects.update(at=problem.occurred_at.replace(hour=9))

    result = keywright("support", "find", "pay-7f3k-92qd")

    assert (result.exit_code, result.stderr) == (0, "")
    assert [" ".join(line.split()) for line in result.stdout.splitlines()] == [
        "What it is",
        "Order ORD-7F3K-92QD",
        "Ticket TKT-7F3K-0001",
        "",
        "What happened (UTC)",
        "2026-03-12 09:30:00 Audit trail order.begun Order · open owner@brightwater-logistics.example",
        "2026-03-12 10:30:00 Payment problem PAY-7F3K-92QD card_declined: Your card was declined. [2J",
        "2026-03-12 11:30:00 Ticket TKT-7F3K-0001: A problem with a transaction quotes PAY-7F3K-92QD ana@example.com",
    ]


def test_what_customers_wrote_moves_no_cursor(problem, keywright):
    assert "\x1b" not in keywright("support", "find", "ORD-7F3K-92QD").stdout


def test_nothing_found_is_a_failure_that_says_so(db, keywright):
    result = keywright("support", "find", "PAY-0000-0000\x1b[2J")

    assert (result.exit_code, result.stdout) == (1, "")
    sentence = "not_found: Nothing is known under PAY-0000-0000 [2J. Check it for a missing letter.\n"
    assert result.stderr == sentence


def test_a_reference_is_asked_for(keywright):
    assert keywright("support", "find").exit_code == 2
