"""What an organization has: overview, subscriptions, billing history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from storefront import Site, words

from invoicing import issue_for
from keywright_portal.accounts.models import Role
from keywright_portal.billing.models import Invoice
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.subscriptions.models import Subscription, Term

pytestmark = pytest.mark.django_db
END = datetime(2027, 3, 12, tzinfo=UTC)


def plain(answer):
    return words(answer).replace("\xa0", " ")


def test_an_empty_portal_says_why_and_what_to_do(site):
    for name in ("overview", "subscriptions"):
        page = site.get(name)
        assert "No subscription yet" in words(page)
        assert f'href="{site.url("buy")}">Buy a subscription' in page.content.decode()
    assert "isn’t listed here. It stays valid." in words(site.get("subscriptions"))
    assert "No invoice yet" in words(site.get("billing"))


def test_a_subscription_shows_its_license(bought, site):
    bought()
    page = site.get("subscriptions")

    for facts in (
        "Enterprise Edition E20 Active with Premier Support",
        "License type E20",
        "Number of users 200",
        "Start date 12 Mar 2026",
        "Expiry date 11 Mar 2027 Renewal opens 12 Dec 2026",
        "Licenses that weren’t bought in this portal aren’t listed.",
    ):
        assert facts in plain(page)
    html = page.content.decode()
    for file in LicenseFile.objects.all():
        assert f'href="{site.url("license-download", file_id=file.pk)}"' in html
    assert 'href="/support/?topic=more-users"' in html


def test_a_label_is_the_subscriptions_title(bought, site):
    bought()
    Subscription.objects.update(label="Headquarters <b>")

    assert "Headquarters <b> Active Enterprise Edition E20 with Premier Support" in plain(site.get("subscriptions"))


@pytest.mark.parametrize(
    ("day", "shown"),
    [
        (END - timedelta(days=90, seconds=1), ("Active", None)),
        (END - timedelta(days=90), ("Active", "This term ends in 90 days")),
        (END - timedelta(seconds=1), ("Active", "This term ends in 1 day")),
        (END, ("Expired", "This term has ended")),
        (END + timedelta(days=30, seconds=-1), ("Expired", "You can renew until 11 April 2027.")),
        (END + timedelta(days=30), ("Expired", None)),
        (datetime(2026, 3, 11, 23, tzinfo=UTC), ("Waiting", None)),
    ],
)
def test_the_state_follows_the_term(bought, site, at_noon, day, shown):
    state, note = shown
    bought()
    at_noon(day)
    page = plain(site.get("subscriptions"))

    assert f"Enterprise Edition E20 {state}" in page
    if note is None:
        assert "This term" not in page
    else:
        assert note in page
        assert 'href="/support/?topic=renewal"' in site.get("subscriptions").content.decode()


def test_subscriptions_come_twenty_a_page(bought, site, now):
    bought()
    term = Term.objects.get()
    for number in range(40):
        subscription = Subscription.objects.create(
            organization=site.organization,
            product=term.plan.product,
            label=f"Server {number}",
            anchor=now.date(),
            created_at=now + timedelta(minutes=number),
        )
        Term.objects.create(
            subscription=subscription,
            number=1,
            starts_at=term.starts_at,
            ends_at=term.ends_at,
            plan=term.plan,
            seats=1,
            price_per_user=1,
            currency="USD",
        )

    first, last = plain(site.get("subscriptions")), plain(site.get("subscriptions", query={"page": "3"}))
    assert "1–20 of 41" in first
    assert "Server 39 Active" in first
    assert "Server 19 Active" not in first
    assert "41–41 of 41" in last
    assert "Enterprise Edition E20 Active" in last
    assert plain(site.get("subscriptions", query={"page": "99"})) == last
    assert plain(site.get("subscriptions", query={"page": "no"})) == first


def test_nobody_sees_another_organizations(bought, site, stranger):
    bought()
    for name in ("overview", "subscriptions", "billing", "payment-methods"):
        assert Site(site.client, stranger.organization).get(name).status_code == 404


def test_the_overview_has_the_figures_and_what_to_do(bought, site):
    bought()
    bought(plan="E10", seats="50", add_ons=[])
    page = plain(site.get("overview"))

    for facts in (
        "Active subscriptions 2",
        "Users licensed 250",
        "Next expiry date 11 Mar 2027",
        "INV-2026-0002 12 Mar 2026 $1,950.00",
        "INV-2026-0001 12 Mar 2026 $24,480.00",
    ):
        assert facts in page
    order = site.choose(seats="1234")
    page = site.get("overview")
    assert f"Order {order.number}: Enterprise Edition E20 for 1,234 users, $151,041.60." in words(page)
    assert f'href="{site.url("payment", order_id=order.pk)}">Resume' in page.content.decode()


def test_the_overview_warns_before_a_term_ends(bought, site, at_noon):
    bought()
    at_noon(END - timedelta(days=50))

    assert "A term ends soon Its last good day is 11 March 2027, 50 days from now." in plain(site.get("overview"))


def test_a_member_sees_licenses_and_no_money(bought, site_of):
    bought()
    member = site_of(Role.MEMBER)

    page = member.get("overview").content.decode()
    assert "INV-2026" not in page
    assert "/buy/" not in page
    assert "Download License" in words(member.get("subscriptions"))
    assert member.get("billing").status_code == 403
    assert member.get("invoice-pdf", invoice_id=Invoice.objects.get().pk).status_code == 403


def test_billing_history_lists_each_invoice(bought, site):
    bought()
    page = site.get("billing")

    assert (
        "12 Mar 2026 Enterprise Edition E20, 200 users INV-2026-0001 with Premier Support INV-2026-0001 "
        "Paid Visa 4242 Receipt of INV-2026-0001 as PDF $24,480.00" in plain(page)
    )
    assert "1 of 1 shown." in words(page)
    invoice = Invoice.objects.get()
    assert f'href="{site.url("invoice-pdf", invoice_id=invoice.pk)}"' in page.content.decode()


def test_an_invoice_that_is_not_paid_says_when_it_is_due(site, now):
    issue_for(site.organization, now=now)

    assert "Due 11 Apr 2026" in plain(site.get("billing"))


def test_the_pdf_is_the_one_that_was_issued(bought, site):
    bought()
    invoice = Invoice.objects.get()
    answer = site.get("invoice-pdf", invoice_id=invoice.pk)

    assert answer.content == bytes(invoice.pdf)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="INV-2026-0001.pdf"'
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "no-store" in answer.headers["Cache-Control"]


def test_another_organizations_invoice_is_not_found(site, stranger, now):
    invoice = issue_for(stranger.organization, now=now)

    assert site.get("invoice-pdf", invoice_id=invoice.pk).status_code == 404
    assert "No invoice yet" in words(site.get("billing"))
