"""What people wrote goes into mails as they wrote it: as text in text, escaped in HTML."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from keywright_portal.accounts.models import Organization, User
from keywright_portal.billing.models import Invoice, Payment
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import system
from keywright_portal.kit.models import OutboxMail
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.orders.models import OrderState, PaymentProblem
from keywright_portal.orders.services.cancel_invoice import cancel_invoice
from keywright_portal.orders.services.fulfil import fulfil_intent
from keywright_portal.orders.services.record_dispute import record_dispute
from keywright_portal.orders.services.remind_overdue import remind_overdue
from keywright_portal.orders.services.send_license import send_license
from keywright_portal.orders.services.settle_refund import settle_refund
from keywright_portal.payments.gateway import DisputeOutcome, RefundOutcome

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]
NAME = 'O’Brien\'s <b>Ärzte</b> & Söhne "GmbH"'


@pytest.fixture
def named(buyer):
    Organization.objects.filter(pk=buyer.organization.pk).update(name=NAME)
    User.objects.filter(pk=buyer.user.pk).update(name=NAME)
    buyer.organization.refresh_from_db()
    buyer.user.refresh_from_db()
    return buyer


@pytest.fixture
def settle(named, choose, complete, gateway, now):
    def _settle(*, amount=None):
        intent = complete(choose())
        gateway.pay(intent.id, amount=amount)
        return fulfil_intent(intent_id=intent.id, gateway=gateway, actor=system("test"), now=now)

    return _settle


def every_mail():
    mails = list(OutboxMail.objects.all())
    for mail in mails:
        for entity in ("&amp;", "&lt;", "&gt;", "&quot;", "&#"):
            assert entity not in mail.subject, mail.key
            assert entity not in mail.text, mail.key
        assert "<b>" not in mail.html, mail.key
    return mails


def test_the_mail_that_a_license_is_ready(settle):
    settle()
    (mail,) = every_mail()
    assert NAME in mail.text
    assert "&lt;b&gt;Ärzte&lt;/b&gt; &amp; Söhne" in mail.html


def test_the_alarm_about_money_that_does_not_match(settle):
    settle(amount=Money(1, "USD"))
    (mail,) = every_mail()
    assert mail.key.endswith(":mismatch")


def test_the_link_for_a_system_admin(settle, named, now):
    settle()
    file = LicenseFile.objects.get(format="keywright")
    send_license(actor=named.actor, file_id=file.pk, to="admin@brightwater.example", sender_name=NAME, now=now)
    mail = next(mail for mail in every_mail() if mail.to == "admin@brightwater.example")
    assert NAME in mail.text


def test_every_mail_of_an_invoice(*, named, choose, on_invoice, receive, clerk, now):
    """Sent, overdue, short, paid and too much, cancelled; to the buyer and to the vendor."""
    on_invoice(choose())
    invoice = Invoice.objects.get()
    for days in (3, 30):
        remind_overdue(now=invoice.due_at + timedelta(days=days))
    receive(Money(5_000, invoice.currency), invoice.number)
    receive(invoice.total, invoice.number, reference="BANK-2")
    on_invoice(choose(seats=3))
    unpaid = Invoice.objects.get(paid_at=None)
    cancel_invoice(actor=clerk, invoice_id=unpaid.pk, reason=NAME, now=now)
    keys = [mail.key.split(":", 2)[2] for mail in every_mail()]
    assert sorted(keys) == [
        "cancelled",
        "license-ready",
        "over",
        "overdue:20",
        "overdue:3",
        "overdue:vendor",
        "paid",
        "sent",
        "sent",
        "short",
    ]


def test_every_mail_of_money_that_goes_back(settle, clerk, gateway, now):
    settle()
    payment = Payment.objects.get()
    first = gateway.refund(payment.provider_payment_id, Money(500, payment.currency))
    settle_refund(told=first, actor=clerk, now=now)
    settle_refund(told=gateway.settle(first.id, RefundOutcome.FAILED, NAME), actor=clerk, now=now)
    told = gateway.dispute(payment.provider_payment_id, reason="product_not_received")
    record_dispute(told=told, actor=clerk, now=now)
    record_dispute(told=gateway.close(told.id, DisputeOutcome.LOST), actor=clerk, now=now)
    keys = sorted(mail.key.rsplit(":", 1)[1] for mail in every_mail())
    assert keys == ["closed", "failed", "license-ready", "lost", "made", "opened"]


def test_the_alarm_that_an_order_was_paid_twice(settle, clerk, gateway, now):
    order = settle()
    intent = gateway.intents[order.attempts.get().intent_id]
    again = replace(intent, id="pi_again")
    gateway.intents[again.id] = again
    for _again in range(2):
        assert fulfil_intent(intent_id=again.id, gateway=gateway, actor=clerk, now=now).state == OrderState.FULFILLED
    problem = PaymentProblem.objects.get()
    mails = [mail for mail in every_mail() if mail.key == f"problem:{problem.reference}"]
    assert (problem.code, len(mails), Payment.objects.count()) == ("second_payment", 1, 1)
    assert problem.reference in mails[0].text
