"""Money that goes back: asked for once, settled once, credited, and the license's end where all of it went."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from keywright_portal.billing.models import CreditNote, Invoice, Payment, Refund, RefundState
from keywright_portal.billing.words import money_in_words
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import Actor, Permission, system
from keywright_portal.kit.errors import NotFoundError, PermissionDeniedError
from keywright_portal.kit.ids import uuid7
from keywright_portal.kit.models import AuditEntry, OutboxMail
from keywright_portal.licensing.errors import LicenseRevokedError
from keywright_portal.licensing.models import License, LicenseFile
from keywright_portal.licensing.services.download import download_license
from keywright_portal.orders.errors import RefundError
from keywright_portal.orders.models import PaymentProblem
from keywright_portal.orders.services.fulfil import fulfil_intent
from keywright_portal.orders.services.refund import request_refund
from keywright_portal.orders.services.settle_refund import settle_refund
from keywright_portal.payments.gateway import RefundOutcome

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]
CLERK = Actor(user_id=uuid.uuid4(), organization_id=None, permissions=frozenset({Permission.VENDOR_BILLING}))
PART = Money(1_000_001, "USD")


@pytest.fixture
def payment(choose, complete, gateway, now) -> Payment:
    intent = complete(choose())
    gateway.pay(intent.id)
    fulfil_intent(intent_id=intent.id, gateway=gateway, actor=system("test"), now=now)
    return Payment.objects.get()


@pytest.fixture
def refund(payment, gateway, now):
    def _refund(amount=None, *, revokes=True, reason="Bought twice", by=CLERK, refund_id=None, of=None, at=now):
        return request_refund(
            actor=by,
            refund_id=refund_id or uuid7(),
            payment_id=of or payment.pk,
            amount=amount or payment.total,
            reason=reason,
            revokes_license=revokes,
            gateway=gateway,
            now=at,
        )

    return _refund


def counts():
    return Refund.objects.count(), CreditNote.objects.count()


def revoked() -> bool:
    return License.objects.get().revoked_at is not None


# ---- Asking ----------------------------------------------------------------------------------------------------------


def test_a_full_refund_has_a_credit_note_and_revokes_the_license(refund, payment, gateway, now):
    given = refund()
    note = CreditNote.objects.get()
    assert (given.state, given.settled_at, given.credit_note_id) == (RefundState.SUCCEEDED, now, note.pk)
    assert (note.gross, note.invoice_id, note.reason) == (payment.amount, payment.invoice_id, "Bought twice")
    assert [(one.amount, one.intent_id, one.refund_id) for one in gateway.refunds.values()] == [
        (payment.total, payment.provider_payment_id, str(given.pk))
    ]
    assert gateway.asked[-1] == ("create_refund", f"refund:{given.pk}")
    row = License.objects.get()
    assert (row.revoked_at, row.revoked_because) == (now, "refunded")


def test_a_full_refund_keeps_the_license_where_the_vendor_says_so(refund):
    refund(revokes=False)
    assert counts() == (1, 1)
    assert not revoked()


def test_a_revoked_license_is_not_handed_out_any_more(refund, buyer, now):
    refund()
    for file in LicenseFile.objects.all():
        with pytest.raises(LicenseRevokedError) as refused:
            download_license(actor=buyer.actor, file_id=file.pk, now=now)
    assert refused.value.code == "license_revoked"
    assert not AuditEntry.objects.filter(action="license.downloaded").exists()


def test_a_part_leaves_the_license_until_all_of_the_money_went_back(refund, payment):
    refund(PART)
    assert (CreditNote.objects.get().gross, revoked()) == (PART.amount, False)
    refund(payment.total - PART)
    assert revoked()
    assert sum(note.gross for note in CreditNote.objects.all()) == payment.amount
    for line in payment.invoice.lines.all():
        assert sum(credit.gross for credit in line.credits.all()) == line.gross


def test_the_buyer_is_told_of_the_money_the_note_and_the_license(refund, payment):
    given = refund()
    mail = OutboxMail.objects.get(key=f"refund:{given.pk}:made")
    assert mail.to == "licensing@brightwater.example"
    given_back = money_in_words(payment.amount, payment.currency)
    assert mail.subject == f"Example Software: {given_back} of invoice {payment.invoice.number} went back to you"
    for part in (mail.text, mail.html):
        assert CreditNote.objects.get().number in part
        assert "was revoked" in part


def test_the_page_sent_twice_is_one_refund(refund, gateway):
    same = uuid7()
    first, second = refund(PART, refund_id=same), refund(PART, refund_id=same)
    assert (first.pk, counts(), len(gateway.refunds)) == (second.pk, (1, 1), 1)


@pytest.mark.parametrize(
    ("amount", "reason", "field"),
    [
        (Money(0, "USD"), "why", "amount"),
        (Money(-1, "USD"), "why", "amount"),
        (Money(99_999_999, "USD"), "why", "amount"),
        (Money(100, "EUR"), "why", "amount"),
        (PART, "  ", "reason"),
        (PART, "x" * 201, "reason"),
    ],
)
def test_what_cannot_be_given_back_is_refused_and_nothing_changes(refund, gateway, amount, reason, field):
    asked = len(gateway.asked)
    with pytest.raises(RefundError) as refused:
        refund(amount, reason=reason)
    assert (refused.value.field, counts(), len(gateway.asked)) == (field, (0, 0), asked)


def test_what_went_back_or_is_going_back_counts(refund, payment, gateway):
    gateway.refund_outcome = RefundOutcome.PENDING
    refund(PART)
    left = payment.total - PART
    with pytest.raises(RefundError) as refused:
        refund(left + Money(1, "USD"))
    assert money_in_words(left.amount, left.currency) in str(refused.value.message)
    assert counts() == (1, 0)


def test_only_who_may_move_the_vendors_money_may_ask(refund, buyer, gateway):
    asked = len(gateway.asked)
    for actor in (
        buyer.actor,
        Actor(user_id=uuid.uuid4(), organization_id=None, permissions=frozenset({Permission.VENDOR_SUPPORT})),
    ):
        with pytest.raises(PermissionDeniedError):
            refund(by=actor)
    assert (counts(), len(gateway.asked), revoked()) == ((0, 0), asked, False)


def test_there_is_no_refund_of_no_payment(refund):
    with pytest.raises(NotFoundError):
        refund(of=uuid7())


def test_a_refusal_of_the_providers_is_told_and_leaves_the_money_where_it_is(refund, payment, gateway):
    gateway.refund(payment.provider_payment_id, payment.total)  # meanwhile, at the provider's own pages
    with pytest.raises(RefundError) as refused:
        refund()
    assert "greater than unrefunded amount" in str(refused.value.message)
    row = Refund.objects.get()
    assert (row.state, row.failure, CreditNote.objects.count(), revoked()) == ("failed", "refused", 0, False)


# ---- What the provider tells -----------------------------------------------------------------------------------------


def test_a_refund_that_the_bank_takes_its_time_for_is_credited_once_it_is_there(refund, gateway, now):
    gateway.refund_outcome = RefundOutcome.PENDING
    given = refund()
    assert (given.state, CreditNote.objects.count(), revoked()) == (RefundState.PENDING, 0, False)
    told = gateway.settle(given.provider_refund_id, RefundOutcome.SUCCEEDED)
    for _again in range(3):
        settle_refund(told=told, actor=system("webhook"), now=now)
    assert (Refund.objects.get().state, counts(), revoked()) == (RefundState.SUCCEEDED, (1, 1), True)


@pytest.mark.parametrize("late", [False, True])
def test_a_lost_answer_moves_no_money_twice(refund, gateway, now, late):
    gateway.fail_next, gateway.fail_late = True, late
    same = uuid7()
    assert refund(refund_id=same).state == RefundState.PENDING
    assert refund(refund_id=same).state == RefundState.SUCCEEDED
    assert (counts(), len(gateway.refunds), revoked()) == ((1, 1), 1, True)


def test_an_answer_that_was_lost_for_longer_than_the_provider_keeps_keys_is_looked_for(refund, gateway):
    gateway.fail_next = gateway.fail_late = True
    same = uuid7()
    refund(refund_id=same)
    gateway.by_key.clear()
    assert refund(refund_id=same).state == RefundState.SUCCEEDED
    assert len(gateway.refunds) == 1


def test_a_refund_begun_at_the_providers_pages_is_kept_and_credited(payment, gateway, now):
    told = gateway.refund(payment.provider_payment_id, PART)
    for _again in range(2):
        settle_refund(told=told, actor=system("webhook"), now=now)
    row = Refund.objects.get()
    assert (row.provider_refund_id, row.amount, row.requested_by) == (told.id, PART.amount, None)
    assert row.reason == "Refunded at the payment provider"
    assert CreditNote.objects.get().gross == PART.amount


def test_a_full_one_begun_there_revokes_as_the_catalog_says(payment, gateway, now, vendor_says):
    for revokes in (True, False):
        vendor_says(full_refund_revokes=revokes)
        License.objects.update(revoked_at=None)
        told = gateway.refund(payment.provider_payment_id, payment.total if revokes else PART)
        settle_refund(told=told, actor=system("webhook"), now=now)
        assert revoked() is revokes


def test_a_refund_of_a_payment_that_is_no_invoices_is_nothing(gateway, now):
    told = gateway.refund("pi_unknown", PART)
    assert settle_refund(told=told, actor=system("webhook"), now=now) is None
    assert counts() == (0, 0)


def test_one_that_fails_has_a_reference_and_alarms_the_vendor(refund, gateway, now):
    gateway.refund_outcome = RefundOutcome.PENDING
    given = refund()
    told = gateway.settle(given.provider_refund_id, RefundOutcome.FAILED, "expired_or_canceled_card")
    for _again in range(2):
        settle_refund(told=told, actor=system("webhook"), now=now)
    problem = PaymentProblem.objects.get()
    assert (problem.code, problem.provider_message) == ("refund_failed", "expired_or_canceled_card")
    mail = OutboxMail.objects.get(key=f"refund:{given.pk}:failed")
    assert problem.reference in mail.text
    assert "Nothing was credited" in mail.text
    assert (CreditNote.objects.count(), revoked()) == (0, False)
    assert AuditEntry.objects.get(reference=problem.reference).action == "refund.settled"


def test_money_that_came_back_after_it_was_credited_goes_back_on_the_same_note(refund, gateway, now):
    first = refund()
    told = gateway.settle(first.provider_refund_id, RefundOutcome.FAILED, "lost_or_stolen_card")
    settle_refund(told=told, actor=system("webhook"), now=now)
    note = CreditNote.objects.get()
    assert "still" not in OutboxMail.objects.get(key=f"refund:{first.pk}:failed").subject
    again = refund(at=now + timedelta(days=1))
    first.refresh_from_db()
    assert (first.state, first.credit_note) == (RefundState.FAILED, None)
    assert (again.state, again.credit_note_id, CreditNote.objects.count()) == (RefundState.SUCCEEDED, note.pk, 1)


def test_the_invoice_is_what_was_captured_less_what_went_back(refund, payment):
    refund(PART)
    invoice = Invoice.objects.get()
    credited = sum(note.gross for note in invoice.credit_notes.all())
    assert invoice.gross - credited == payment.amount - PART.amount
    assert sum(note.net + note.tax for note in invoice.credit_notes.all()) == credited
