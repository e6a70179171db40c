"""The catalog that comes with Keywright, against what it must sell."""

from __future__ import annotations

from pathlib import Path

import pytest

import keywright_portal.catalog
from keywright_portal.catalog import prose, selectors
from keywright_portal.catalog.file import read_catalog
from keywright_portal.catalog.models import PolicyKind
from keywright_portal.domain.money import Money
from keywright_portal.domain.pricing import MAX_SEATS, AddOnPrice, PriceKind, quote

FOLDER = Path(keywright_portal.catalog.__file__).parent
DEFAULT = read_catalog((FOLDER / "default.toml").read_text(), base_dir=FOLDER)
# Every feature that the field knows, but for those that are another product's.
FIELD = """
    ldap ldap_groups mfa google_oauth office365_oauth openid compliance cluster metrics mhpns saml elastic_search
    announcement theme_management email_notification_contents data_retention message_export custom_permissions_schemes
    custom_terms_of_service guest_accounts guest_accounts_permissions id_loaded lock_teammate_name_display
    enterprise_plugins advanced_logging shared_channels remote_cluster_service
"""


def test_it_sells_e10_and_e20_with_premier_support_for_e20(catalog):
    e10, e20 = selectors.offered_plans(currency="USD")

    assert (e10.plan.code, e10.price.per_user, e10.add_ons) == ("E10", Money(3900, "USD"), ())
    assert (e20.plan.code, e20.price.per_user) == ("E20", Money(10200, "USD"))
    assert [offered.price for offered in e20.add_ons] == [
        AddOnPrice(code="premier-support", name="Premier Support", kind=PriceKind.PERCENT, basis_points=2000)
    ]
    assert e20.add_ons[0].add_on.non_production_deployments == 4
    assert (e20.plan.product.code, e20.plan.product.formats) == ("enterprise-edition", ["keywright", "mattermost"])


def test_the_most_users_of_e20_with_premier_support_have_a_right_total(catalog):
    e20 = selectors.offered_plan(code="E20", currency="USD")

    total = quote(plan=e20.price, seats=MAX_SEATS, add_ons=tuple(add_on.price for add_on in e20.add_ons)).subtotal

    assert total == Money(2_147_483_647 * 12_240, "USD")


def test_plans_grant_features_by_the_fields_names():
    e10, e20 = DEFAULT.products[0].plans

    assert {"ldap", "saml", "mfa", "guest_accounts"} <= set(e10.features)
    assert set(e10.features) < set(e20.features)
    assert {
        "cluster",
        "compliance",
        "data_retention",
        "elastic_search",
        "metrics",
        "ldap_groups",
        "message_export",
    } <= (set(e20.features) - set(e10.features))
    assert set(e20.features) == set(FIELD.split())


def test_the_questions_of_the_mission_are_answered():
    assert [entry.slug for entry in DEFAULT.vendor.faq] == [
        "cards-and-safety",
        "who-counts-as-a-user",
        "deactivated-users",
        "one-deployment",
        "when-is-the-license-there",
        "maximum-of-users",
        "adding-users",
        "other-users-of-the-organization",
        "departments",
        "deleting-the-account",
        "license-after-deletion",
    ]


@pytest.mark.parametrize(
    "text", [policy.text for policy in DEFAULT.policies] + [entry.answer for entry in DEFAULT.vendor.faq]
)
def test_no_markup_is_left_over_in_its_texts(text):
    html = prose.to_html(text)

    assert "**" not in html
    assert "##" not in html
    assert "](" not in html
    assert "\n- " not in html


def test_both_policies_are_in_force(catalog):
    assert [selectors.current_policy(kind).version for kind in PolicyKind] == ["2026-01", "2026-01"]
