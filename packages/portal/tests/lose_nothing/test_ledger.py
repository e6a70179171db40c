"""The ledger machine: whatever buyers, provider, bank and billing people do, the books add up after each step."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from till import Till

from keywright_portal.billing.balances import Balance, balance
from keywright_portal.billing.models import CreditNote, Invoice, RefundState
from keywright_portal.orders.services import settle_refund
from keywright_portal.payments.gateway import DisputeOutcome, RefundOutcome
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


def played_out(till, *heard):
    """All of a purchase is refunded, which fails; a third goes back, or the bank takes all. Heard of in this order."""
    played = till()
    try:
        bought = played.somebody_bought_by_card(("US", "USD", ""), 10, False, "")
        failed = played.refund(0, 1, False, False)
        played.gateway.settle(failed, RefundOutcome.FAILED, "lost_or_stolen_card")
        if "dispute" in heard:
            dispute = played.cardholder_disputes(bought)
            played.dispute_ends(dispute, DisputeOutcome.LOST)
        else:
            third = played.refund_at_provider(bought, 3, RefundOutcome.SUCCEEDED)
        for what in heard:
            if what == "failure":
                played.hear_of_refund(failed)
            elif what == "third":
                played.hear_of_refund(third)
            else:
                played.hear_of_dispute(dispute)
            played.judge()
        found = balance(Invoice.objects.get(payments__method="card"))
        return found.gross, found.credited, found.kept, found.excess, CreditNote.objects.count()
    finally:
        played.teardown()


@pytest.mark.parametrize("heard", [("failure", "third"), ("third", "failure")])
def test_a_refund_that_failed_and_another_of_less_leave_the_difference_owed(till, heard):
    gross, credited, kept, excess, notes = played_out(till, *heard)
    assert (credited, kept, excess, notes) == (gross, gross - gross // 3, gross - gross // 3, 1)


@pytest.mark.parametrize("heard", [("failure", "dispute"), ("dispute", "failure")])
def test_a_refund_that_failed_and_a_dispute_that_took_all_leave_nothing_owed(till, heard):
    gross, credited, kept, excess, notes = played_out(till, *heard)
    assert (credited, kept, excess, notes) == (gross, 0, 0, 1)


def test_a_refund_that_is_told_twice_is_credited_once(till):
    refund_told_twice(till)


def test_books_that_credit_a_refund_each_time_it_is_told_do_not_add_up(till, monkeypatch):
    """The twin: what was told before is acted on again, and credited whatever stands."""
    monkeypatch.setattr(Balance, "to_credit", lambda known: known.returned)
    again = (RefundState.SUCCEEDED, RefundOutcome.SUCCEEDED)
    monkeypatch.setitem(settle_refund.TRANSITIONS, again, RefundState.SUCCEEDED)
    with pytest.raises(AssertionError):
        refund_told_twice(till)
