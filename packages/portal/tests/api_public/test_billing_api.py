"""An organization's invoices and credit notes by the API, for the portal's own session."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import transaction

from invoicing import issue_for, line
from keywright_portal.accounts.models import Membership, Role
from keywright_portal.billing.services.issue_credit_note import issue_credit_note
from keywright_portal.domain.money import Money
from keywright_portal.kit import clock
from keywright_portal.kit.actor import system

pytestmark = pytest.mark.django_db
PATH = "/api/v1/organizations/brightwater-logistics/documents"


@pytest.fixture(autouse=True)
def _at_noon(monkeypatch, now):
    monkeypatch.setattr(clock, "now", lambda: now)


@pytest.fixture
def signed_in(client, buyer):
    EmailAddress.objects.create(user=buyer.user, email=buyer.user.email, primary=True, verified=True)
    client.force_login(buyer.user)
    return client


@pytest.fixture
def billed(buyer, now):
    paid = issue_for(
        buyer.organization,
        line(200, 10_200, 1_900, currency="EUR", discount=40_000),
        now=now - timedelta(days=40),
        paid=True,
        purchase_order="PO-7",
    )
    with transaction.atomic():
        gross = Money(11_900, "EUR")
        note = issue_credit_note(
            invoice=paid, gross=gross, reason="Billed twice", actor=system("test"), now=now - timedelta(days=1)
        )
    return paid, note, issue_for(buyer.organization, line(3, 100), now=now - timedelta(days=35))


def eur(amount):
    return {"amount": amount, "currency": "EUR"}


def test_documents_are_told_with_all_that_they_say(signed_in, billed):
    paid, note, _overdue = billed
    response = signed_in.get(PATH, {"q": "PO-7"})
    assert "no-store" in response["Cache-Control"]
    credited, invoice = response.json().pop("documents")
    assert {name: value for name, value in response.json().items() if name != "documents"} == {
        "count": 2,
        "page": 1,
        "pages": 1,
    }
    assert invoice == {
        "kind": "invoice",
        "number": "INV-2026-0001",
        "state": "paid",
        "issued_at": "2026-01-31T09:30:00Z",
        "order": "ORD-2222-3333",
        "purchase_order": "PO-7",
        "invoice": None,
        "reason": None,
        "net": eur(2_000_000),
        "tax": eur(380_000),
        "gross": eur(2_380_000),
        "due_at": "2026-03-02T09:30:00Z",
        "paid_at": "2026-01-31T09:30:00Z",
        "lines": [
            {
                "description": "Enterprise Edition E20",
                "calculation": "200 users",
                "quantity": 200,
                "unit": eur(10_200),
                "discount": eur(40_000),
                "net": eur(2_000_000),
                "tax_basis_points": 1_900,
                "tax": eur(380_000),
                "gross": eur(2_380_000),
            }
        ],
        "payments": [
            {
                "method": "card",
                "amount": eur(2_380_000),
                "received_at": "2026-01-31T09:30:00Z",
                "receipt": f"/o/brightwater-logistics/invoices/{paid.pk}/receipt-1.pdf",
            }
        ],
        "pdf": f"/o/brightwater-logistics/invoices/{paid.pk}.pdf",
    }
    assert (credited["kind"], credited["state"], credited["invoice"], credited["reason"]) == (
        "credit_note",
        "credited",
        "INV-2026-0001",
        "Billed twice",
    )
    assert (credited["net"], credited["tax"], credited["gross"]) == (eur(-10_000), eur(-1_900), eur(-11_900))
    assert credited["pdf"] == f"/o/brightwater-logistics/credit-notes/{note.pk}.pdf"
    assert signed_in.get(credited["pdf"]).content == note.pdf


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, ["CN-2026-0001", "INV-2026-0002", "INV-2026-0001"]),
        ({"shown": "due"}, ["INV-2026-0002"]),
        ({"shown": "paid"}, ["INV-2026-0001"]),
        ({"shown": "credited", "year": "2026"}, ["CN-2026-0001"]),
        ({"year": "2025"}, []),
        ({"page": "999"}, ["CN-2026-0001", "INV-2026-0002", "INV-2026-0001"]),
    ],
)
def test_the_filter_is_that_of_the_page(signed_in, billed, query, numbers):
    told = signed_in.get(PATH, query).json()
    assert [document["number"] for document in told["documents"]] == numbers
    assert (told["page"], told["pages"], told["count"]) == (1, 1, len(numbers))


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"shown": "some"}, "shown"),
        ({"year": "1"}, "year"),
        ({"page": "0"}, "page"),
        ({"page": "x"}, "page"),
        ({"q": "x" * 61}, "q"),
        ({"q": "\0"}, "q"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(signed_in, query, field):
    response = signed_in.get(PATH, query)
    assert response.status_code == 422
    assert (response.json()["code"], response.json()["field"]) == ("invalid_request", field)


def test_who_is_not_signed_in_is_told_so(client, billed):
    response = client.get(PATH)
    assert (response.status_code, response.json()["code"]) == (401, "not_signed_in")


def test_whose_address_is_not_confirmed_gets_nothing(client, billed, buyer):
    client.force_login(buyer.user)
    response = client.get(PATH)
    assert (response.status_code, response.json()["code"]) == (403, "permission_denied")


def test_another_organization_is_not_there(signed_in, stranger, now):
    issue_for(stranger.organization, now=now)
    for slug in ("other-company", "nobody"):
        response = signed_in.get(f"/api/v1/organizations/{slug}/documents")
        assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert signed_in.get(PATH).json()["documents"] == []


def test_a_member_may_not_read_the_bills(signed_in, billed, buyer):
    Membership.objects.filter(user=buyer.user).update(role=Role.MEMBER)
    response = signed_in.get(PATH)
    assert (response.status_code, response.json()["code"]) == (403, "permission_denied")


def test_nothing_is_changed_by_it(signed_in, billed):
    for method in (signed_in.post, signed_in.put, signed_in.delete):
        assert method(PATH).status_code == 405


def test_a_page_costs_the_same_with_one_and_with_many(signed_in, billed, buyer, now, django_assert_max_num_queries):
    for _ in range(30):
        issue_for(buyer.organization, line(3, 100), now=now, paid=True)
    with django_assert_max_num_queries(8):
        assert signed_in.get(PATH).json()["count"] == 33
