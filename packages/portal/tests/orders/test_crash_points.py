"""A service dies between two of its steps; run again, it comes to the one result."""

from __future__ import annotations

import pytest

from keywright_portal.billing.models import Invoice, PayerAccount, Payment, SavedCard
from keywright_portal.kit.actor import system
from keywright_portal.kit.models import AuditEntry, OutboxMail
from keywright_portal.licensing.models import IssueLogEntry, License, LicenseFile
from keywright_portal.orders.models import OrderState, PaymentAttempt
from keywright_portal.orders.services import announce, bill, fulfil, provide, start_payment
from keywright_portal.subscriptions.models import SeatLedgerEntry, Subscription, Term

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]


class PowerCutError(BaseException):
    """Nothing that the code could catch."""


def dying(call, *, before):
    """`call`, with the power cut before it or after it."""

    def die(*arguments, **named):
        if not before:
            call(*arguments, **named)
        raise PowerCutError

    return die


BEFORE_AND_AFTER = pytest.mark.parametrize("before", [True, False], ids=["before", "after"])

# ---- Complete --------------------------------------------------------------------------------------------------------


@BEFORE_AND_AFTER
@pytest.mark.parametrize("step", ["create_customer", "create_intent"])
def test_complete_survives_dying_around_each_call_to_the_provider(
    *, choose, complete, gateway, monkeypatch, step, before
):
    order = choose()
    with monkeypatch.context() as cut:
        cut.setattr(gateway, step, dying(getattr(gateway, step), before=before))
        with pytest.raises(PowerCutError):
            complete(order)
    intent = complete(order)
    attempt = PaymentAttempt.objects.get()
    assert (attempt.intent_id, attempt.number, list(gateway.intents)) == (intent.id, 1, [intent.id])
    assert PayerAccount.objects.count() == 1
    assert AuditEntry.objects.filter(action="payment.begun").count() == 1


@BEFORE_AND_AFTER
@pytest.mark.parametrize("step", ["move", "agree", "audit.record"])
def test_complete_survives_dying_inside_its_first_transaction(*, choose, complete, gateway, monkeypatch, step, before):
    order = choose()
    owner, _, name = step.rpartition(".")
    target = getattr(start_payment, owner) if owner else start_payment
    with monkeypatch.context() as cut:
        cut.setattr(target, name, dying(getattr(target, name), before=before))
        with pytest.raises(PowerCutError):
            complete(order)
    order.refresh_from_db()
    assert (order.state, order.terms_version, PaymentAttempt.objects.count()) == (OrderState.OPEN, "", 0)
    assert gateway.intents == {}
    assert complete(order).amount == order.total
    assert PaymentAttempt.objects.count() == 1


def test_an_intent_whose_id_was_never_kept_is_paid_and_fulfilled_all_the_same(
    choose, complete, gateway, monkeypatch, now
):
    """The second transaction of Complete never ran, and another window got the same intent from the provider."""
    order = choose()
    with monkeypatch.context() as cut:
        cut.setattr(gateway, "create_intent", dying(gateway.create_intent, before=False))
        with pytest.raises(PowerCutError):
            complete(order)
    (intent_id,) = gateway.intents
    gateway.pay(intent_id)
    fulfil.fulfil_intent(intent_id=intent_id, gateway=gateway, actor=system("webhook"), now=now)
    order.refresh_from_db()
    assert (order.state, order.attempts.get().intent_id, License.objects.count()) == (
        OrderState.FULFILLED,
        intent_id,
        1,
    )


# ---- Fulfilment ------------------------------------------------------------------------------------------------------

STEPS = [
    (fulfil, "move"),
    (fulfil, "provide"),
    (provide, "open_subscription"),
    (provide, "issue_license"),
    (fulfil, "bill"),
    (bill, "issue_invoice"),
    (fulfil, "finish"),
    (fulfil, "keep_card"),
    (announce, "license_ready"),
    (announce, "enqueue_mail"),
    (fulfil.audit, "record"),
]
ALL = (
    Subscription,
    Term,
    SeatLedgerEntry,
    Invoice,
    Payment,
    License,
    LicenseFile,
    IssueLogEntry,
    SavedCard,
    OutboxMail,
)


@BEFORE_AND_AFTER
@pytest.mark.parametrize(("owner", "name"), STEPS, ids=[name for _owner, name in STEPS])
def test_fulfilment_survives_dying_around_each_of_its_steps(
    *, choose, complete, gateway, monkeypatch, now, owner, name, before
):
    order = choose()
    intent = complete(order, save_card=True)
    gateway.pay(intent.id)
    by = {"gateway": gateway, "actor": system("webhook"), "now": now}
    with monkeypatch.context() as cut:
        cut.setattr(owner, name, dying(getattr(owner, name), before=before))
        with pytest.raises(PowerCutError):
            fulfil.fulfil_intent(intent_id=intent.id, **by)
    order.refresh_from_db()
    assert order.state == OrderState.PAYING
    assert [model.objects.count() for model in ALL] == [0] * len(ALL)
    assert fulfil.fulfil_intent(intent_id=intent.id, **by).state == OrderState.FULFILLED
    assert [model.objects.count() for model in ALL] == [1, 1, 1, 1, 1, 1, 2, 2, 1, 1]
    assert Invoice.objects.get().number == "INV-2026-0001"
    assert AuditEntry.objects.filter(action="order.fulfilled").count() == 1
