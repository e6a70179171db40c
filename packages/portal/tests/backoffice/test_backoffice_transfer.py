from __future__ import annotations

from datetime import date

import pytest
from acting import confirm, errors, happens, hidden, preview, said
from django.urls import reverse

from keywright_portal.backoffice.links import detail_url, list_url
from keywright_portal.billing.models import BankTransfer, Invoice, Payment
from keywright_portal.kit import clock
from keywright_portal.kit.models import AuditEntry
from keywright_portal.orders.models import Order

pytestmark = pytest.mark.django_db

RECEIVE = reverse("admin:billing_banktransfer_receive")


@pytest.fixture
def billing(office_of):
    return office_of("billing")


@pytest.fixture
def invoice(place_on_account, buyer) -> Invoice:
    """$390.00, and who pays it."""
    return place_on_account(buyer)


def line(**given):
    """A line of a bank statement."""
    return {
        "bank_reference": "BANK-77",
        "amount": "390.00",
        "currency": "USD",
        "reference_text": "Invoice INV 2026 0001, thanks",
        "received_on": "2026-03-20",
        **given,
    }


def test_the_exact_sum_pays_the_invoice_and_its_license_runs_on(billing, invoice):
    page = preview(billing, RECEIVE, **line())
    assert happens(page) == [
        "$390.00, received on 20 March 2026, is booked under BANK-77.",
        "Invoice INV-2026-0001 of Brightwater Logistics: $390.00 are due.",
        "It pays the invoice.",
        "The license for the full term is issued. It takes the place of the one that runs until then.",
        "The customer gets a mail with it.",
    ]
    assert not BankTransfer.objects.exists()

    response = confirm(billing, RECEIVE, page)

    transfer = BankTransfer.objects.get()
    assert said(billing, response) == ["$390.00 is booked on invoice INV-2026-0001."]
    assert response["Location"] == detail_url(BankTransfer, transfer.pk)
    assert (transfer.invoice, transfer.surplus, transfer.received_on) == (invoice, 0, date(2026, 3, 20))
    invoice.refresh_from_db()
    assert invoice.paid_at is not None
    assert Order.objects.get(pk=invoice.order_id).state == "fulfilled"
    booked = AuditEntry.objects.get(action="transfer.received")
    assert booked.actor_user_id == transfer.booked_by is not None


def test_without_a_license_before_the_money_the_subscription_begins_with_it(billing, place_on_account, buyer):
    place_on_account(buyer, license_before_payment=False)
    page = preview(billing, RECEIVE, **line())
    assert happens(page)[3] == "The subscription begins today, and its license is issued."


def test_a_short_transfer_is_a_part(billing, invoice):
    page = preview(billing, RECEIVE, **line(amount="300"))
    assert happens(page)[2:] == [
        "It pays a part. $90.00 are still missing, and the invoice stays open.",
        "The customer gets a mail about what is missing.",
    ]
    confirm(billing, RECEIVE, page)
    invoice.refresh_from_db()
    assert (Payment.objects.get().amount, invoice.paid_at) == (30_000, None)


def test_what_is_too_much_is_noted_until_it_was_sent_back(billing, invoice):
    page = preview(billing, RECEIVE, **line(amount="400.00"))
    assert happens(page)[-1] == "$10.00 are too much. They are noted; send them back from your bank."
    confirm(billing, RECEIVE, page)
    transfer = BankTransfer.objects.get()
    assert transfer.surplus == 1_000
    assert waiting(billing, "return") == [transfer]

    mark = reverse("admin:billing_banktransfer_mark", args=[transfer.pk])
    told = preview(billing, mark, mark="sent_back")
    assert happens(told) == [
        "It is noted for BANK-77: The money was sent back.",
        "It no longer stands among the transfers with which there is something to do.",
        "Nothing is sent or moved by this.",
    ]
    assert said(billing, confirm(billing, mark, told)) == ["Noted: The money was sent back."]
    assert said(billing, confirm(billing, mark, told)) == ["Noted: The money was sent back."]
    assert AuditEntry.objects.filter(action="billing.marked").count() == 1
    assert waiting(billing, "return") == []


def waiting(client, needs):
    return list(client.get(list_url(BankTransfer, needs=needs)).context["cl"].result_list)


@pytest.mark.parametrize("text", ["for the licenses", "INV-2026-0099", ""])
def test_an_unknown_reference_waits_until_it_is_assigned(billing, invoice, text):
    page = preview(billing, RECEIVE, **line(reference_text=text or None))
    assert happens(page)[1:] == [
        "It names no invoice that we know. It waits under Bank transfers until somebody assigns it."
    ]
    assert said(billing, confirm(billing, RECEIVE, page)) == ["$390.00 is booked, and waits for an invoice."]
    transfer = BankTransfer.objects.get()
    assert waiting(billing, "invoice") == [transfer]

    assign = reverse("admin:billing_banktransfer_assign", args=[transfer.pk])
    told = preview(billing, assign, invoice_number="inv-2026-0001")
    assert happens(told)[:2] == [
        "Invoice INV-2026-0001 of Brightwater Logistics: $390.00 are due.",
        "It pays the invoice.",
    ]
    for _ in range(2):
        assert said(billing, confirm(billing, assign, told)) == ["$390.00 is booked on invoice INV-2026-0001."]
    assert Payment.objects.count() == 1
    assert waiting(billing, "invoice") == []


def test_it_is_assigned_to_nothing_unknown_paid_or_foreign(billing, invoice, place_on_account, stranger):
    confirm(billing, RECEIVE, preview(billing, RECEIVE, **line()))
    place_on_account(stranger)
    for reference, currency in (("BANK-1", "USD"), ("BANK-2", "EUR")):
        confirm(
            billing,
            RECEIVE,
            preview(billing, RECEIVE, **line(bank_reference=reference, currency=currency, reference_text="?")),
        )
    dollars, euros = (BankTransfer.objects.get(bank_reference=name) for name in ("BANK-1", "BANK-2"))

    def refused(transfer, number):
        address = reverse("admin:billing_banktransfer_assign", args=[transfer.pk])
        return errors(preview(billing, address, invoice_number=number))["invoice_number"][0]

    assert refused(dollars, "INV-1") == "There is no invoice INV-1. Look its number up under Invoices."
    assert refused(dollars, "INV-2026-0001").startswith("Invoice INV-2026-0001 is paid, or in another currency.")
    assert refused(euros, "INV-2026-0002").startswith("Invoice INV-2026-0002 is paid, or in another currency.")
    assert Payment.objects.count() == 1


def test_what_was_sent_back_is_assigned_no_more(billing, invoice):
    confirm(billing, RECEIVE, preview(billing, RECEIVE, **line(reference_text="?")))
    transfer = BankTransfer.objects.get()
    mark = reverse("admin:billing_banktransfer_mark", args=[transfer.pk])
    confirm(billing, mark, preview(billing, mark, mark="sent_back"))
    assign = reverse("admin:billing_banktransfer_assign", args=[transfer.pk])
    found = errors(preview(billing, assign, invoice_number=invoice.number))
    assert found["__all__"] == ["This transfer was sent back to its payer. There is nothing left to book."]


def test_a_transfer_for_a_paid_invoice_waits(billing, invoice):
    confirm(billing, RECEIVE, preview(billing, RECEIVE, **line()))
    page = preview(billing, RECEIVE, **line(bank_reference="BANK-78"))
    assert happens(page)[1:] == [
        "It names invoice INV-2026-0001 of Brightwater Logistics, which is paid, or in another currency.",
        "It waits under Bank transfers until somebody assigns it, or sends it back.",
    ]
    confirm(billing, RECEIVE, page)
    assert BankTransfer.objects.get(bank_reference="BANK-78").invoice is None


def test_the_same_line_twice_is_one_transfer(billing, invoice):
    page = preview(billing, RECEIVE, **line())
    answers = [confirm(billing, RECEIVE, page) for _ in range(2)]
    answers.append(preview(billing, RECEIVE, **line()))
    assert {answer["Location"] for answer in answers} == {detail_url(BankTransfer, BankTransfer.objects.get().pk)}
    assert Payment.objects.count() == 1


def test_a_reference_that_was_booked_with_another_sum_is_refused(billing, invoice):
    confirm(billing, RECEIVE, preview(billing, RECEIVE, **line(amount="1")))
    found = errors(preview(billing, RECEIVE, **line()))
    assert found["bank_reference"] == [
        "A transfer with this reference was booked with $1.00 on 20 March 2026. Check the statement."
    ]


def test_money_that_came_meanwhile_changes_what_is_promised(billing, invoice):
    page = preview(billing, RECEIVE, **line())
    confirm(billing, RECEIVE, preview(billing, RECEIVE, **line(bank_reference="BANK-2", amount="100")))
    again = confirm(billing, RECEIVE, page)
    assert "Something changed since you looked" in again.content.decode()
    assert happens(again)[-1] == "$100.00 are too much. They are noted; send them back from your bank."
    assert BankTransfer.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"amount": "0"}, "amount", "Enter the amount that was received, more than zero."),
        ({"amount": "1.000,50"}, "amount", "Write the amount with a point and without grouping, such as 1234.50."),
        ({"amount": "1.5", "currency": "JPY"}, "amount", "JPY has 0 digits after the point."),
        ({"currency": "XXX"}, "currency", "Select a valid choice. XXX is not one of the available choices."),
        ({"received_on": "2100-01-01"}, "received_on", "Enter the day on which it was received: today or before."),
        ({"received_on": "soon"}, "received_on", "Enter a valid date."),
        ({"bank_reference": " "}, "bank_reference", "This field is required."),
    ],
)
def test_what_cannot_be_is_said_beside_the_field(billing, catalog, given, field, sentence):
    assert errors(preview(billing, RECEIVE, **line(**given))) == {field: [sentence]}
    assert not BankTransfer.objects.exists()


def test_an_unpaid_invoice_leads_here_and_is_proposed(billing, invoice, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: invoice.issued_at)
    page = billing.get(detail_url(Invoice, invoice.pk)).content.decode()
    address = f"{RECEIVE}?invoice={invoice.pk}"
    assert f'href="{address}"' in page
    form = billing.get(address).context["form"]
    assert {name: str(form[name].value()) for name in ("amount", "currency", "reference_text", "received_on")} == {
        "amount": "390.00",
        "currency": "USD",
        "reference_text": "INV-2026-0001",
        "received_on": "2026-03-12",
    }


def test_support_books_nothing(office_of, invoice):
    support = office_of("support")
    assert RECEIVE not in support.get(list_url(BankTransfer)).content.decode()
    before = AuditEntry.objects.count()
    assert support.post(RECEIVE, {**line(), "step": "confirm", "seen": "x"}).status_code == 403
    assert (BankTransfer.objects.count(), Payment.objects.count(), AuditEntry.objects.count()) == (0, 0, before)


def test_yen_have_no_cents(billing, catalog):
    confirm(billing, RECEIVE, preview(billing, RECEIVE, **line(amount="1500", currency="JPY")))
    assert BankTransfer.objects.values_list("amount", "currency").get() == (1500, "JPY")


def test_what_was_changed_on_the_way_is_not_done(billing, invoice):
    page = preview(billing, RECEIVE, **line(amount="1"))
    answer = billing.post(RECEIVE, {**hidden(page), "amount": "390", "step": "confirm"})
    assert answer.status_code == 200
    assert not BankTransfer.objects.exists()
