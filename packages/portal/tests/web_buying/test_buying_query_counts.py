"""Each page makes a fixed number of queries, at most ten, with one license or with very many."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keywright_portal.accounts.models import Organization
from keywright_portal.billing.models import Invoice, InvoiceLine, Payment, SavedCard
from keywright_portal.licensing.models import License, LicenseFile
from keywright_portal.orders.models import Order
from keywright_portal.subscriptions.models import Subscription, Term

pytestmark = pytest.mark.django_db

MOST = 10
MANY = 10_000
"""Subscriptions with a license in two formats each, and as many invoices."""


def queries(site, name, **kwargs):
    site.get(name, **kwargs)
    with CaptureQueriesContext(connection) as captured:
        assert site.get(name, **kwargs).status_code == 200
    return len(captured)


def multiply(site, now, *, many):
    """Copies of the organization's one purchase."""
    if connection.vendor == "postgresql":
        # Its plan for what the triggers look up may be from when the tables were empty: to read all of them, each time.
        with connection.cursor() as cursor:
            cursor.execute("DISCARD PLANS; SET LOCAL enable_seqscan = off")
    term, invoice, files = Term.objects.get(), Invoice.objects.get(), list(LicenseFile.objects.all())
    moments = [now + timedelta(seconds=number + 1) for number in range(many)]
    subscriptions = Subscription.objects.bulk_create(
        (
            Subscription(
                organization=site.organization, product=term.plan.product, anchor=now.date(), created_at=moment
            )
            for moment in moments
        ),
        batch_size=500,
    )
    terms = Term.objects.bulk_create(
        (
            Term(
                subscription=subscription,
                number=1,
                starts_at=term.starts_at,
                ends_at=term.ends_at,
                plan=term.plan,
                seats=3,
                price_per_user=1,
                currency="USD",
            )
            for subscription in subscriptions
        ),
        batch_size=500,
    )
    links = Term.add_ons.through
    add_on = term.add_ons.get()
    links.objects.bulk_create((links(term=row, addon=add_on) for row in terms), batch_size=500)
    licenses = License.objects.bulk_create(
        (License(organization=site.organization, term=row, created_at=now) for row in terms), batch_size=500
    )
    LicenseFile.objects.bulk_create(
        (
            LicenseFile(
                license=row,
                grant_id=row.pk,
                file_id=row.pk,
                format=file.format,
                position=file.position,
                name=file.name,
                kid=file.kid,
                content=b"",
                seats=3,
                issued_at=now,
                expires_at=file.expires_at,
            )
            for row in licenses
            for file in files
        ),
        batch_size=500,
    )
    invoices = Invoice.objects.bulk_create(
        (
            Invoice(
                number=f"INV-2026-{number + 2:05d}",
                organization=site.organization,
                order_id=term_row.pk,
                order_number="ORD",
                currency="USD",
                net=3,
                tax=0,
                gross=3,
                buyer={},
                seller={},
                issued_at=moment,
                due_at=moment,
                paid_at=moment,
                pdf=b"",
            )
            for number, (term_row, moment) in enumerate(zip(terms, moments, strict=True))
        ),
        batch_size=200,
    )
    InvoiceLine.objects.bulk_create(
        (
            InvoiceLine(
                invoice=row,
                position=position,
                description=f"Line {position}",
                calculation="",
                quantity=1,
                unit_amount=1,
                net=1,
                tax=0,
                gross=1,
            )
            for row in invoices
            for position in (1, 2, 3)
        ),
        batch_size=500,
    )
    Payment.objects.bulk_create(
        (
            Payment(invoice=row, provider_payment_id=row.number, amount=3, currency="USD", received_at=now)
            for row in invoices
        ),
        batch_size=500,
    )
    assert invoice.lines.count() == 2


def test_what_an_organization_has_costs_the_same_with_one_license_and_with_ten_thousand(bought, site, now):
    bought()
    pages = ("overview", "subscriptions", "billing")
    one = {name: queries(site, name) for name in pages}
    multiply(site, now, many=MANY)
    many = {name: queries(site, name) for name in pages}
    second_page = {name: queries(site, name, query={"page": "2"}) for name in ("subscriptions", "billing")}

    assert many == one
    assert second_page == {name: many[name] for name in second_page}
    assert max(many.values()) <= MOST


def test_cards_cost_the_same_however_many_there_are(site, now):
    none = queries(site, "payment-methods")
    SavedCard.objects.bulk_create(
        SavedCard(
            organization=site.organization,
            provider_method_id=f"pm_{number}",
            brand="visa",
            last4="4242",
            expires_month=8,
            expires_year=2029,
            added_at=now,
        )
        for number in range(30)
    )

    assert queries(site, "payment-methods") == none <= MOST
    assert queries(site, "payment-method-add") <= MOST


def test_buying_costs_the_same_at_each_visit(bought, site):
    done = bought()
    assert queries(site, "license-ready", order_id=done.pk) <= MOST
    assert queries(site, "buy") <= MOST
    assert queries(site, "buy-summary", query={"plan": "E20", "seats": "3"}) <= MOST
    order = site.choose(seats="7")
    assert queries(site, "buy") <= MOST
    assert queries(site, "payment", order_id=order.pk) <= MOST
    assert Order.objects.count() == 2


def test_paying_costs_the_same_with_everything_that_a_page_can_hold(bought, site, now):
    """With add-ons, a coupon, the last order's address, and many saved cards."""
    bought()
    Organization.objects.filter(pk=site.organization.pk).update(street="", city="", postal_code="")
    plain = queries(site, "payment", order_id=site.choose(seats="7", add_ons=[]).pk)
    SavedCard.objects.bulk_create(
        SavedCard(
            organization=site.organization,
            provider_method_id=f"pm_{number}",
            brand="visa",
            last4="4242",
            expires_month=8,
            expires_year=2029,
            added_at=now,
        )
        for number in range(30)
    )
    order = site.choose(seats="7", coupon="WELCOME10")
    assert queries(site, "payment", order_id=order.pk) == plain <= MOST
    with CaptureQueriesContext(connection) as reckoning:
        assert site.post("payment-amounts", {"country": "FR"}, order_id=order.pk).status_code == 200
    assert len(reckoning) <= MOST

    site.start(order, pay="transfer", amount_shown=77_112)
    assert queries(site, "order-invoiced", order_id=order.pk) <= MOST
