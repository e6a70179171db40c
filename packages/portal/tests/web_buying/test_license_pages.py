"""The license that was bought: to download, to send, and by a mailed link."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from storefront import Site, words

from keywright_license import TrustedKeys, verify
from keywright_portal.accounts.models import Role
from keywright_portal.kit.models import AuditEntry, OutboxMail
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.licensing.selectors import trusted_keys_jwks
from keywright_portal.orders.services.send_license import LINK_LIFE, SENDS_A_DAY

pytestmark = pytest.mark.django_db


def downloads():
    return AuditEntry.objects.filter(action="license.downloaded").count()


def plain(answer):
    return words(answer).replace("\xa0", " ")


def link_in(mail):
    return re.search(r"http://[^\s]+(/license/[^\s]+)", mail.text)[1]


def test_the_page_shows_what_was_bought(bought, site):
    order = bought()
    page = site.get("license-ready", order_id=order.pk)

    for facts in (
        "License type E20",
        "Add-on Premier Support",
        "Number of users 200",
        "Start date 12 Mar 2026",
        "Expiry date 11 Mar 2027",
        "Paid $24,480.00 Visa ending 4242",
        "Invoice INV-2026-0001",
        f"Order {order.number}",
        "Thank you, Ana.",
        "keywright-console license upload brightwater-logistics-e20-2026.keywright-license",
    ):
        assert facts in plain(page)
    assert 'href="https://docs.example-software.example/deployment-guide"' in page.content.decode()
    assert 'href="https://docs.example-software.example/administrator-tasks"' in page.content.decode()


def test_an_order_that_is_not_paid_leads_to_payment(site):
    order = site.choose()

    assert site.get("license-ready", order_id=order.pk).url == site.url("payment", order_id=order.pk)


def test_each_format_downloads_under_its_name_and_leaves_an_audit_row(bought, site, now):
    bought()
    keys = TrustedKeys.from_jwks(trusted_keys_jwks())
    for file in LicenseFile.objects.all():
        answer = site.get("license-download", file_id=file.pk)

        assert answer.headers["Content-Disposition"] == f'attachment; filename="{file.name}"'
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert verify(answer.content, keys=keys, now=now).seats == 200
    assert downloads() == 2
    entry = AuditEntry.objects.filter(action="license.downloaded").first()
    assert (entry.organization_id, entry.subject_type) == (site.organization.pk, "LicenseFile")


def test_a_strangers_file_is_not_found_and_leaves_no_row(bought, site, stranger):
    bought()
    file = LicenseFile.objects.first()
    file.license.organization = stranger.organization
    file.license.save()

    assert site.get("license-download", file_id=file.pk).status_code == 404
    assert site.get("license-send", file_id=file.pk).status_code == 404
    assert site.post("license-send", {"email": "bo@brightwater.example"}, file_id=file.pk).status_code == 404
    assert (downloads(), OutboxMail.objects.filter(key__startswith="license-link").count()) == (0, 0)


def test_a_file_that_was_superseded_is_not_found(bought, site, now):
    bought()
    file = LicenseFile.objects.first()
    LicenseFile.objects.filter(pk=file.pk).update(superseded_at=now)

    assert site.get("license-download", file_id=file.pk).status_code == 404


def test_billing_sees_the_license_and_may_not_download_it(bought, site, site_of):
    order = bought()
    biller = site_of(Role.BILLING)
    file = LicenseFile.objects.first()
    page = biller.get("license-ready", order_id=order.pk)

    assert "Downloading isn’t part of your role" in words(page)
    assert "The payment went through." in words(page)
    assert str(file.pk) not in page.content.decode()
    assert biller.get("license-download", file_id=file.pk).status_code == 403
    assert biller.post("license-send", {"email": "bo@brightwater.example"}, file_id=file.pk).status_code == 403
    assert downloads() == 0


def test_a_member_downloads_and_gets_no_invoice(bought, site_of):
    order = bought()
    member = site_of(Role.MEMBER)

    assert member.get("license-download", file_id=LicenseFile.objects.first().pk).status_code == 200
    assert "/invoices/" not in member.get("license-ready", order_id=order.pk).content.decode()


def test_sending_mails_a_link_and_never_the_key(bought, site):
    order, file = bought(), LicenseFile.objects.first()
    answer = site.post("license-send", {"email": "bo@brightwater.example", "order": str(order.pk)}, file_id=file.pk)

    assert answer.url == site.url("license-ready", order_id=order.pk)
    assert "The link is on its way to bo@brightwater.example." in words(site.get("license-ready", order_id=order.pk))
    mail = OutboxMail.objects.get(key__startswith="license-link")
    assert (mail.to, mail.subject) == (
        "bo@brightwater.example",
        "A license key for the server of Brightwater Logistics",
    )
    assert "Ana Ferreira of Brightwater Logistics sends you the license key" in mail.text
    content = bytes(file.content).decode()
    assert content[:40] not in mail.text
    assert content[:40] not in mail.html


def test_in_the_dialog_an_error_stays_in_the_dialog(bought, site):
    bought()
    file = LicenseFile.objects.first()
    answer = site.post("license-send", {"email": "bo"}, headers={"HX-Request": "true"}, file_id=file.pk)

    assert "Enter a valid email address." in words(answer)
    assert "<html" not in answer.content.decode()
    sent = site.post(
        "license-send", {"email": "bo@brightwater.example"}, headers={"HX-Request": "true"}, file_id=file.pk
    )
    assert sent.headers["HX-Redirect"] == site.url("subscriptions")


def test_nobody_makes_the_portal_a_mail_relay(bought, site):
    bought()
    file = LicenseFile.objects.first()
    for number in range(SENDS_A_DAY):
        site.post("license-send", {"email": f"bo{number}@brightwater.example"}, file_id=file.pk)
    answer = site.post("license-send", {"email": "one@toomany.example"}, file_id=file.pk)

    assert answer.status_code == 429
    assert "You have sent many license keys today." in words(answer)
    assert OutboxMail.objects.filter(key__startswith="license-link").count() == SENDS_A_DAY


@pytest.fixture
def mailed_link(bought, site):
    bought()
    site.post("license-send", {"email": "bo@brightwater.example"}, file_id=LicenseFile.objects.first().pk)
    return link_in(OutboxMail.objects.get(key__startswith="license-link"))


def test_who_has_the_link_needs_no_account(mailed_link, client):
    client.logout()
    page = client.get(mailed_link)

    assert page.status_code == 200
    assert "For a server of Brightwater Logistics." in words(page)
    assert "Number of users 200" in words(page)
    assert downloads() == 0, "a mail program that follows links mustn't count as a download"

    answer = client.post(mailed_link)
    assert answer.content == bytes(LicenseFile.objects.first().content)
    assert "attachment" in answer.headers["Content-Disposition"]
    assert AuditEntry.objects.get(action="license.downloaded").actor_name == "license link"


def test_a_link_ends_after_its_week(mailed_link, client, at_noon, now):
    at_noon(now + LINK_LIFE)
    assert client.get(mailed_link).status_code == 200

    at_noon(now + LINK_LIFE + timedelta(seconds=1))
    for answer in (client.get(mailed_link), client.post(mailed_link)):
        assert answer.status_code == 410
        assert "This link worked for 7 days and has ended. Ask who sent it to send it again." in words(answer)
    assert downloads() == 0


def test_a_link_that_is_cut_or_changed_opens_nothing(mailed_link, client):
    for link in (mailed_link[:-3] + "/", "/license/nothing/"):
        answer = client.get(link)
        assert answer.status_code == 404
        assert "This link isn’t complete." in words(answer)


def test_a_strangers_license_page_is_not_found(bought, site, stranger):
    order = bought()

    assert Site(site.client, stranger.organization).get("license-ready", order_id=order.pk).status_code == 404


def test_the_mail_says_what_is_ready(bought):
    order = bought()
    mail = OutboxMail.objects.get(key=f"order:{order.pk}:license-ready")

    assert mail.subject == "Your Example Software license is ready"
    text = mail.text.replace("\xa0", " ")
    for line in (
        "Hello Ana, your payment of $24,480.00 went through.",
        "License type: E20",
        "Add-on: Premier Support",
        "Number of users: 200",
        "Start date: 12 March 2026",
        "Expiry date: 11 March 2027",
        "Invoice: INV-2026-0001",
        f"quote order {order.number}:",
    ):
        assert line in text
        if ":" not in line:
            assert line in mail.html.replace("\xa0", " ")
    assert f"/o/brightwater-logistics/orders/{order.pk}/license/" in mail.text
    assert "<script" not in mail.html
