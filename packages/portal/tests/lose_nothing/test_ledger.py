"""The ledger machine: whatever buyers, provider, bank and billing people do, the books add up after each step."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from till import Till

from keywright_portal.billing.models import RefundState
from keywright_portal.orders.services import settle_refund
from keywright_portal.payments.gateway import RefundOutcome
from trial_size import trial_size

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("default_catalog", "signing_keys")]

RUNS = trial_size(short=8)
STEPS = 50
IS_LONG = RUNS > 100
PLAY = settings(
    max_examples=RUNS,
    stateful_step_count=STEPS,
    deadline=None,
    database=None,
    derandomize=not IS_LONG,
    print_blob=IS_LONG,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def till(new_buyer, now):
    return type("VendorsTill", (Till,), {"make_buyer": staticmethod(new_buyer), "began": now})


def test_the_books_always_add_up(till):
    run_state_machine_as_test(till, settings=PLAY)


def refund_told_twice(till):
    """The machine's own steps, by hand: half of a purchase goes back, and that is told twice. Judged after each."""
    played = till()
    try:
        bought = played.somebody_bought_by_card(("US", "USD", ""), 10, False, "")
        refund = played.refund_at_provider(bought, 2, RefundOutcome.SUCCEEDED)
        for _time in range(2):
            played.hear_of_refund(refund)
            played.judge()
    finally:
        played.teardown()


def test_a_refund_that_is_told_twice_is_credited_once(till):
    refund_told_twice(till)


def test_books_that_credit_a_refund_each_time_it_is_told_do_not_add_up(till, monkeypatch):
    """The twin: what was told before is acted on again."""
    again = (RefundState.SUCCEEDED, RefundOutcome.SUCCEEDED)
    monkeypatch.setitem(settle_refund.TRANSITIONS, again, RefundState.SUCCEEDED)
    with pytest.raises(AssertionError):
        refund_told_twice(till)
