from __future__ import annotations

from uuid import UUID

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from keywright_license import zbase32
from keywright_portal.backoffice.links import detail_url, list_url
from keywright_portal.billing.models import Invoice, Payment
from keywright_portal.kit.models import AuditEntry, OutboxMail
from keywright_portal.licensing.models import License, LicenseFile
from keywright_portal.orders.models import Order
from keywright_portal.subscriptions.models import Subscription

pytestmark = pytest.mark.django_db
MOST_QUERIES = 10
MODELS = [model for model, _ in admin.site.pages()]


def body(response):
    assert response.status_code == 200
    return response.content.decode()


def test_every_list_and_every_row_opens_with_a_fixed_number_of_queries(office, buy, buyer, new_customer, move_money):
    move_money(buy(buyer))
    pages = [list_url(model) for model in MODELS]
    pages += [detail_url(model, model.objects.order_by("pk").values_list("pk", flat=True).first()) for model in MODELS]
    before = {page: queries(office, page) for page in pages}
    for number in range(3):
        move_money(buy(new_customer(f"Customer {number}"), seats=10 + number))
        move_money(buy(buyer))
    assert {page: queries(office, page) for page in pages} == before
    assert max(before.values()) <= MOST_QUERIES


def queries(office, page):
    with CaptureQueriesContext(connection) as asked:
        body(office.get(page))
    return len(asked)


def test_the_front_page_lists_every_page_in_its_group(office):
    front = office.get("/backoffice/")
    page = body(front)
    assert all(f'href="{list_url(model)}"' in page for model in MODELS)
    assert [group["name"] for group in front.context["app_list"]] == [
        "Customers",
        "Orders and payments",
        "Invoices",
        "Subscriptions and licenses",
        "Support",
        "Catalog",
        "Running it",
    ]


def test_one_goes_from_an_order_to_its_invoice_and_its_license(office, purchase):
    invoice, file = Invoice.objects.get(), LicenseFile.objects.order_by("position").first()
    order = body(office.get(detail_url(Order, purchase.order.pk)))
    for model, key in (
        (Invoice, invoice.pk),
        (LicenseFile, file.pk),
        (Subscription, purchase.order.subscription_id),
        (type(purchase.problem), purchase.problem.pk),
        (type(purchase.order.organization), purchase.order.organization_id),
    ):
        assert f'href="{detail_url(model, key)}"' in order
    assert "$24,480.00" in order
    assert f'href="{detail_url(Order, purchase.order.pk)}"' in body(office.get(detail_url(Invoice, invoice.pk)))
    assert f'href="{detail_url(License, file.license_id)}"' in body(office.get(detail_url(LicenseFile, file.pk)))
    assert f'href="{detail_url(Invoice, invoice.pk)}"' in body(
        office.get(detail_url(Payment, Payment.objects.get().pk))
    )


def test_the_invoice_is_downloaded_as_it_was_stored(office, purchase):
    invoice = Invoice.objects.get()
    response = office.get(reverse("admin:billing_invoice_pdf", args=[invoice.pk]))
    assert response.content == bytes(invoice.pdf)
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'attachment; filename="INV-2026-0001.pdf"'


@pytest.mark.parametrize(
    ("model", "term"),
    [
        ("orders.order", lambda bought: bought.order.number),
        ("orders.order", lambda bought: bought.problem.reference),
        ("orders.order", lambda bought: str(bought.order.pk)),
        ("orders.order", lambda _: "brightwater"),
        ("orders.paymentproblem", lambda bought: bought.problem.reference.lower()),
        ("billing.invoice", lambda _: "INV-2026-0001"),
        ("billing.payment", lambda bought: bought.intent_id),
        ("support.ticket", lambda bought: bought.problem.reference),
        ("licensing.license", lambda _: id_in_file()),
        ("payments.providerevent", lambda bought: bought.intent_id),
    ],
)
def test_a_search_finds_the_row_and_no_other(office, bought_beside_another, model, term):
    bought = bought_beside_another
    kind = next(one for one in MODELS if one._meta.label_lower == model)
    page = office.get(list_url(kind, q=term(bought)))
    body(page)
    assert len(page.context["cl"].result_list) == 1
    assert not office.get(list_url(kind, q="no-such-thing")).context["cl"].result_list


def id_in_file():
    oldest = LicenseFile.objects.order_by("issued_at", "pk").first()
    return zbase32.encode(oldest.file_id)


@pytest.mark.parametrize(
    "term",
    [
        lambda bought: bought.problem.reference,
        lambda bought: str(bought.order.pk),
        lambda bought: str(bought.order.organization_id),
        lambda _: "Brightwater",
        lambda _: "order.begun",
    ],
)
def test_the_audit_trail_is_searched_by_reference_subject_organization_and_action(office, purchase, term):
    found = office.get(list_url(AuditEntry, q=term(purchase))).context["cl"].result_list
    assert purchase.order.pk in {found_id(entry) for entry in found}
    assert not office.get(list_url(AuditEntry, q="someone else")).context["cl"].result_list


def found_id(entry):
    return UUID(entry.subject_id) if entry.subject_type == "Order" else None


def test_neither_a_mails_body_nor_a_license_files_bytes_are_shown(office, purchase):
    mail = OutboxMail.objects.filter(sent_at=None).first()
    OutboxMail.objects.filter(pk=mail.pk).update(text="https://portal.example/reset/secret", html="<b>secret</b>")
    assert "secret" not in body(office.get(detail_url(OutboxMail, mail.pk)))
    for file in LicenseFile.objects.all():
        page = body(office.get(detail_url(LicenseFile, file.pk)))
        assert bytes(file.content)[:40].decode() not in page


def test_what_customers_wrote_is_shown_as_text(office, purchase):
    type(purchase.ticket).objects.update(message="<script>alert(1)</script>", name="<b>Ana</b>")
    page = body(office.get(detail_url(type(purchase.ticket), purchase.ticket.pk)))
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>Ana</b>" not in page


@pytest.mark.parametrize("key", ["nothing", "0", "00000000-0000-0000-0000-000000000000", "a%00b", "9" * 40])
def test_a_row_that_is_not_there_is_not_found(office, catalog, key):
    answers = {model: office.get(detail_url(model, "KEY").replace("KEY", key)).status_code for model in MODELS}
    assert answers == dict.fromkeys(MODELS, 404)


# ---- Who may, and what -----------------------------------------------------------------------------------------------


def addresses(purchase):
    for model in MODELS:
        yield list_url(model)
        yield detail_url(model, model.objects.order_by("pk").first().pk)
    yield from ("/backoffice/", "/backoffice/find/?q=PAY", "/backoffice/login/")
    yield reverse("admin:billing_invoice_pdf", args=[Invoice.objects.get().pk])


def test_who_is_not_signed_in_goes_to_the_portals_sign_in(used_purchase):
    for address in addresses(used_purchase):
        response = Client().get(address)
        assert response.status_code == 302, address
        assert response["Location"].startswith(reverse("account_login")), address


def test_a_customer_gets_nothing(used_purchase, buyer):
    customer = Client()
    customer.force_login(buyer.user)
    for address in addresses(used_purchase):
        response = customer.get(address, follow=True)
        assert response.status_code == 403, address
        assert used_purchase.order.number not in response.content.decode()


def test_staff_that_may_no_longer_sign_in_gets_nothing(office, staff, purchase):
    type(staff).objects.update(is_active=False)
    assert office.get("/backoffice/").status_code == 302


def test_nothing_can_be_added_changed_or_deleted(office, staff, used_purchase):
    type(staff).objects.filter(pk=staff.pk).update(is_superuser=True)
    before = snapshot()
    for model in MODELS:
        row = model.objects.order_by("pk").first()
        for address in (list_url(model), detail_url(model, row.pk)):
            office.post(address, {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
        for view in ("add/", f"{row.pk}/delete/", f"{row.pk}/history/"):
            assert office.get(f"{list_url(model)}{view}").status_code == 404
            assert office.post(f"{list_url(model)}{view}", {"post": "yes"}).status_code == 404
    assert snapshot() == before


def snapshot():
    return {model: list(model.objects.order_by("pk").values()) for model in MODELS}


@pytest.mark.parametrize("address", ["password_change/", "autocomplete/", "r/1/1/", "nothing/", "auth/group/"])
def test_the_admins_other_addresses_are_not_there(office, address):
    assert office.get(f"/backoffice/{address}").status_code == 404


def test_logging_out_ends_the_session(office):
    response = office.post("/backoffice/logout/")
    assert response.status_code == 302
    assert office.get("/backoffice/").status_code == 302
