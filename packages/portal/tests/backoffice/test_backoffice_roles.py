from __future__ import annotations

import pytest
from django.contrib import admin

from keywright_portal.accounts.models import User
from keywright_portal.backoffice.links import detail_url, list_url
from keywright_portal.kit.models import AuditEntry

pytestmark = pytest.mark.django_db

SUPPORT_ALONE = {
    "AuditEntry",
    "Deployment",
    "DueJob",
    "IssueLogEntry",
    "License",
    "LicenseFile",
    "OutboxMail",
    "ProviderEvent",
    "Reissue",
    "RevocationBundle",
    "RootKey",
    "SeatLedgerEntry",
    "SigningKey",
    "Subscription",
    "Term",
    "Ticket",
    "UsageReport",
}


def shown_to(client):
    """The models whose list opens, after a look that a row of each opens or is refused along with it."""
    shown = set()
    for model, _ in admin.site.pages():
        row = model.objects.order_by("pk").first()
        answers = {client.get(list_url(model)).status_code}
        if row is not None:
            answers.add(client.get(detail_url(model, row.pk)).status_code)
        assert answers in ({200}, {403}), model
        if answers == {200}:
            shown.add(model.__name__)
    return shown


def test_support_and_admin_see_every_page(used_purchase, office, office_of):
    everything = {model.__name__ for model, _ in admin.site.pages()}
    assert shown_to(office) == shown_to(office_of("support")) == everything


def test_billing_sees_neither_tickets_nor_licenses_nor_the_audit_trail(used_purchase, office_of):
    billing = office_of("billing")
    everything = {model.__name__ for model, _ in admin.site.pages()}
    assert shown_to(billing) == everything - SUPPORT_ALONE
    navigation = billing.get("/backoffice/").content.decode()
    assert list_url(User) in navigation
    assert not [
        model for model, _ in admin.site.pages() if model.__name__ in SUPPORT_ALONE and list_url(model) in navigation
    ]


def test_a_page_of_another_role_says_whom_to_ask(purchase, office_of):
    answer = office_of("billing").get(list_url(type(purchase.ticket)))
    assert answer.status_code == 403
    assert "Ask a colleague whose role does, or for another role." in answer.content.decode()


def test_what_is_found_is_told_to_billing_without_what_is_not_theirs(purchase, office_of):
    found = {
        role: office_of(role).get(f"/backoffice/find/?q={purchase.problem.reference}")
        for role in ("billing", "support")
    }
    kinds = {role: {moment.kind for moment in answer.context["found"].moments} for role, answer in found.items()}
    assert kinds["billing"] == {"Attempt to pay", "Payment problem", "Invoice", "Payment"}
    assert kinds["support"] == kinds["billing"] | {"Audit trail", "License file", "Mail", "Payment provider", "Ticket"}
    note = "Some of it is for other roles, and isn’t shown to yours."
    assert (note in found["billing"].content.decode(), note in found["support"].content.decode()) == (True, False)


def test_what_is_all_for_other_roles_is_not_called_unknown(office_of, now):
    AuditEntry.objects.create(
        at=now, action="license.sent", subject_type="Term", subject_id="1", reference="PAY-0000-0001"
    )
    page = office_of("billing").get("/backoffice/find/?q=PAY-0000-0001").content.decode()
    assert "Some of it is for other roles" in page
    assert "Nothing is known under" not in page


def test_staff_without_a_role_is_refused_and_told_why(office_of):
    answer = office_of("").get("/backoffice/")
    assert answer.status_code == 403
    assert "Ask whoever runs this portal to run: keywright staff change" in answer.content.decode()
