"""What pages say of a license whose money went back, or hasn't come yet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from storefront import words

from keywright_portal.kit.actor import system
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.licensing.services.issue import Grant, issue_license
from keywright_portal.licensing.services.revoke import RevokedBecause, revoke_license
from keywright_portal.orders.services.send_license import send_license
from keywright_portal.subscriptions.models import Term

pytestmark = pytest.mark.django_db


def plain(answer):
    return words(answer).replace("\xa0", " ")


@pytest.fixture
def revoked(bought, now):
    order = bought()
    revoke_license(grant_id=order.pk, because=RevokedBecause.REFUNDED, actor=system("test"), now=now)
    return order


@pytest.fixture
def unpaid(bought, now):
    """As if the order had been placed on invoice: its file runs 45 days."""
    order = bought()
    term = Term.objects.get()
    grant = Grant(
        id=term.pk,
        term=term,
        organization=order.organization,
        product=order.plan.product,
        plan=order.plan,
        add_ons=(),
        role_email="",
        issuer="Example Software",
        runs_until=datetime(2026, 4, 26, tzinfo=UTC),
    )
    return issue_license(grant=grant, actor=system("test"), now=now)


def test_a_revoked_license_says_so_and_offers_no_download(revoked, site):
    page = site.get("subscriptions")
    assert "Enterprise Edition E20 Revoked" in plain(page)
    assert "Its money went back, or never came" in plain(page)
    for file in LicenseFile.objects.all():
        assert str(file.pk) not in page.content.decode()


def test_its_addresses_answer_with_a_sentence_and_never_with_the_file(revoked, site):
    for file in LicenseFile.objects.all():
        for answer in (site.get("license-download", file_id=file.pk), site.get("license-send", file_id=file.pk)):
            assert answer.status_code == 409
            assert "This license was revoked: its money went back, or never came." in plain(answer)
            assert bytes(file.content) not in answer.content
    ready = site.get("license-ready", order_id=revoked.pk)
    assert (ready.status_code, ready["Location"]) == (302, site.url("subscriptions"))


def test_a_link_that_was_sent_before_leads_to_no_revoked_license(bought, site, buyer, now):
    order = bought()
    file = LicenseFile.objects.first()
    mail = send_license(actor=buyer.actor, file_id=file.pk, to="admin@x.example", sender_name="Ana", now=now)
    link = next(word for word in mail.text.split() if "/license/" in word)
    path = "/" + link.split("/", 3)[3]
    assert site.client.get(path).status_code == 200
    revoke_license(grant_id=order.pk, because=RevokedBecause.REFUNDED, actor=system("test"), now=now)
    for answer in (site.client.get(path), site.client.post(path)):
        assert answer.status_code == 409
        assert bytes(file.content) not in answer.content


def test_a_license_that_is_not_paid_says_until_when_it_runs(unpaid, site, at_noon):
    page = plain(site.get("subscriptions"))
    assert "Enterprise Edition E20 Active" in page
    assert "This license runs until 25 April 2026 Its invoice isn’t paid yet." in page
    at_noon(datetime(2026, 4, 26, tzinfo=UTC) + timedelta(hours=1))
    assert "This license ran until 25 April 2026" in plain(site.get("subscriptions"))


def test_a_paid_one_says_nothing_of_the_kind(bought, site):
    bought()
    assert "isn’t paid" not in plain(site.get("subscriptions"))
