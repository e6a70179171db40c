from __future__ import annotations

import pytest

from keywright_portal.accounts.models import Membership, Organization, Role, User
from keywright_portal.kit.models import AuditEntry

pytestmark = pytest.mark.django_db

ORGANIZATION = "/o/brightwater-logistics/organization/"
DETAILS = {"name": "Brightwater SE", "country": "AT", "street": "Ring 1", "postal_code": "1010", "city": "Wien"}


def role(buyer, wanted):
    Membership.objects.filter(user=buyer.user).update(role=wanted)


def test_a_stranger_is_welcomed_with_both_ways_on(client, catalog):
    page = client.get("/").content.decode()

    assert 'href="/sign-up/"' in page
    assert 'href="/log-in/"' in page


def test_who_has_no_organization_is_told_so(client, catalog):
    client.force_login(User.objects.create_superuser("staff@example.com", "correct horse battery", name="Sam"))

    page = client.get("/").content.decode()

    assert "You don’t belong to an organization" in page
    assert 'href="/backoffice/"' in page


def test_the_organization_page_changes_its_details(signed_in, confirmed):
    answer = signed_in.post(ORGANIZATION, {**DETAILS, "vat_number": "at u135 856 27", "slug": "mine"})

    assert answer["Location"] == ORGANIZATION
    stored = Organization.objects.get(pk=confirmed.organization.pk)
    assert (stored.name, stored.country.code, stored.city, stored.vat_number, stored.slug) == (
        "Brightwater SE",
        "AT",
        "Wien",
        "ATU13585627",
        "brightwater-logistics",
    )
    assert "Your organization’s details are saved." in signed_in.get(ORGANIZATION).content.decode()


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("name", "", "Enter the name of your organization."),
        ("country", "ZZ", "Select a valid choice. ZZ is not one of the available choices."),
        (
            "vat_number",
            "ATU13585628",
            (
                "This is no VAT number of Austria: one begins with AT, and its check digits must fit. "
                "Correct it, or leave the field empty if you have none."
            ),
        ),
        ("billing_email", "nobody", "Enter a valid email address."),
    ],
)
def test_a_field_says_what_is_wrong_and_nothing_changes(signed_in, confirmed, field, value, error):
    page = signed_in.post(ORGANIZATION, {**DETAILS, field: value})

    assert page.context["form"].errors[field] == [error]
    assert Organization.objects.get().name == "Brightwater Logistics"


@pytest.mark.parametrize("wanted", [Role.BILLING, Role.MEMBER])
def test_who_may_not_change_it_sees_it_and_changes_nothing(signed_in, confirmed, wanted):
    role(confirmed, wanted)

    page = signed_in.get(ORGANIZATION).content.decode()
    assert "Owners and admins of your organization can change this." in page
    assert 'name="street"' not in page
    refused = signed_in.post(ORGANIZATION, DETAILS)

    assert refused.status_code == 403
    assert "Ask one of its owners or admins." in refused.content.decode()
    assert Organization.objects.get().name == "Brightwater Logistics"
    assert not AuditEntry.objects.filter(action="organization.changed").exists()


@pytest.mark.parametrize("path", ["/o/other-company/organization/", "/o/nobody/organization/"])
def test_a_foreign_organization_is_not_found(signed_in, stranger, path):
    page = signed_in.get(path)

    assert page.status_code == 404
    assert "There is no such organization, or you aren’t a member of it." in page.content.decode()
    assert signed_in.post(path, DETAILS).status_code == 404
    assert Organization.objects.get(slug="other-company").name == "Other Company"


def test_who_is_not_signed_in_comes_back_after_signing_in(client, catalog):
    assert client.get(ORGANIZATION)["Location"] == f"/log-in/?next={ORGANIZATION}"
    by_htmx = client.get(
        ORGANIZATION, headers={"hx-request": "true", "hx-current-url": f"http://testserver{ORGANIZATION}"}
    )
    assert by_htmx["HX-Redirect"] == f"/log-in/?next={ORGANIZATION}"


def test_ones_own_name_can_be_changed_and_the_address_is_shown(signed_in, confirmed):
    assert confirmed.user.email in signed_in.get("/account/").content.decode()

    assert signed_in.post("/account/", {"name": "Ana F."})["Location"] == "/account/"
    assert User.objects.get().name == "Ana F."
    page = signed_in.post("/account/", {"name": ""})
    assert page.context["form"].errors["name"] == ["Enter your name."]
    assert User.objects.get().name == "Ana F."


def test_the_tabs_show_where_one_is(signed_in):
    page = signed_in.get(ORGANIZATION).content.decode()

    assert f'<a href="{ORGANIZATION}" aria-current="page">Organization</a>' in page
    assert page.count('aria-current="page"') == 1
    for label in ("Overview", "Subscriptions", "Billing history", "Support"):
        assert f">{label}</a>" in page
    for label in ("Your account", "Password", "Payment methods", "Log out", "Terms", "Privacy Policy"):
        assert f">{label}<" in page
