from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from small_catalog import SMALL, read, write_texts

from keywright_portal.catalog import selectors
from keywright_portal.catalog.changes import Action, Subject
from keywright_portal.catalog.errors import PolicyRefusedError
from keywright_portal.catalog.models import AddOn, Plan, Policy, PolicyKind, Price, Product, Vendor
from keywright_portal.catalog.services.apply_catalog import apply_catalog, plan_changes
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import system
from keywright_portal.kit.models import AuditEntry

CHEAP, DEAR = 'EUR = "102.00"', 'EUR = "120.00"'
LATER = timedelta(days=30)


@pytest.fixture
def small(db, folder, now) -> Path:
    apply_catalog(catalog=read(folder), actor=system("test"), now=now)
    return folder


def told(changes):
    """What happens to what, for comparison."""
    return [(change.action.value, change.key.subject.value, change.key.path) for change in changes]


def apply(folder, now, *changes):
    return told(apply_catalog(catalog=read(folder, *changes), actor=system("test"), now=now))


def without(start: str, end: str) -> tuple[str, str]:
    """The change that takes the part of the file from `start` up to `end` away."""
    begin = SMALL.index(start)
    return SMALL[begin : SMALL.index(end, begin)], ""


def test_the_first_catalog_is_added_as_a_whole(db, folder, now):
    planned = told(plan_changes(read(folder)))

    assert planned == [
        ("add", "vendor", ()),
        ("add", "product", ("server",)),
        ("add", "plan", ("server", "basic")),
        ("add", "plan_price", ("server", "basic", "EUR")),
        ("add", "plan", ("server", "pro")),
        ("add", "plan_price", ("server", "pro", "EUR")),
        ("add", "plan_price", ("server", "pro", "JPY")),
        ("add", "add_on", ("server", "support")),
        ("add", "add_on_price", ("server", "support", "")),
        ("add", "add_on", ("server", "training")),
        ("add", "add_on_price", ("server", "training", "EUR")),
        ("add", "policy", ("terms",)),
        ("add", "policy", ("privacy",)),
    ]
    assert (Vendor.objects.count(), Product.objects.count()) == (0, 0)
    assert apply(folder, now) == planned


def test_applying_again_changes_nothing(small, now):
    rows = [list(model.objects.order_by("pk").values()) for model in (Vendor, Product, Plan, AddOn, Price, Policy)]
    trail = AuditEntry.objects.count()

    assert plan_changes(read(small)) == ()
    assert apply(small, now + LATER) == []
    assert [
        list(model.objects.order_by("pk").values()) for model in (Vendor, Product, Plan, AddOn, Price, Policy)
    ] == rows
    assert AuditEntry.objects.count() == trail


def test_a_new_price_supersedes_the_old_one_which_stays_as_it_was(small, now):
    old = Price.objects.get(plan__code="pro", currency="EUR")

    assert apply(small, now + LATER, (CHEAP, DEAR)) == [("replace", "plan_price", ("server", "pro", "EUR"))]

    kept = Price.objects.get(pk=old.pk)
    assert (kept.amount, kept.created_at, kept.superseded_at) == (10200, now, now + LATER)
    new = Price.objects.get(plan__code="pro", currency="EUR", superseded_at=None)
    assert (new.amount, new.created_at) == (12000, now + LATER)
    assert selectors.offered_plan(code="pro", currency="EUR").price.per_user == Money(12000, "EUR")


def test_a_price_that_is_taken_out_ends(small, now):
    assert apply(small, now + LATER, (', JPY = "15000"', "")) == [("withdraw", "plan_price", ("server", "pro", "JPY"))]

    assert Price.objects.get(plan__code="pro", currency="JPY").superseded_at == now + LATER
    assert selectors.offered_plans(currency="JPY") == ()


def test_an_add_on_may_change_the_kind_of_its_price(small, now):
    changed = apply(small, now + LATER, ('price_percent = "20"', 'price_per_user = { EUR = "10.00" }'))

    assert changed == [
        ("add", "add_on_price", ("server", "support", "EUR")),
        ("withdraw", "add_on_price", ("server", "support", "")),
    ]
    (support, _training) = selectors.offered_plan(code="pro", currency="EUR").add_ons
    assert support.price.amount == Money(1000, "EUR")


def test_what_the_file_no_longer_has_is_withdrawn_and_comes_back(small, now):
    plan = without('[[products.plans]]\ncode = "basic"', '[[products.plans]]\ncode = "pro"')
    training = without('[[products.add_ons]]\ncode = "training"', "[policies.terms]")

    assert apply(small, now + LATER, plan, training) == [
        ("change", "plan", ("server", "pro")),
        ("withdraw", "plan", ("server", "basic")),
        ("withdraw", "add_on", ("server", "training")),
    ]
    assert Plan.objects.get(code="basic").withdrawn_at == now + LATER
    assert [(one.plan.code, len(one.add_ons)) for one in selectors.offered_plans(currency="EUR")] == [("pro", 1)]
    assert apply(small, now + LATER, plan, training) == []

    assert apply(small, now + 2 * LATER) == [
        ("bring_back", "plan", ("server", "basic")),
        ("change", "plan", ("server", "pro")),
        ("bring_back", "add_on", ("server", "training")),
    ]
    assert Plan.objects.get(code="basic").withdrawn_at is None
    assert [(one.plan.code, len(one.add_ons)) for one in selectors.offered_plans(currency="EUR")] == [
        ("basic", 1),
        ("pro", 2),
    ]


def test_a_withdrawn_product_takes_its_plans_along(small, now):
    renamed = apply(small, now + LATER, ('code = "server"', 'code = "server-2"'))

    assert [one for one in renamed if one[0] == "withdraw"] == [
        ("withdraw", "product", ("server",)),
        ("withdraw", "plan", ("server", "basic")),
        ("withdraw", "plan", ("server", "pro")),
        ("withdraw", "add_on", ("server", "support")),
        ("withdraw", "add_on", ("server", "training")),
    ]
    assert {one.plan.product.code for one in selectors.offered_plans(currency="EUR")} == {"server-2"}


def test_changed_details_are_changed_in_place(small, now):
    changed = apply(
        small,
        now + LATER,
        ('name = "Larkfield Server"', 'name = "Larkfield"'),
        ('features = ["ldap", "cluster"]', 'features = ["cluster", "ldap", "saml"]'),
        ('offered_with = ["pro"]', 'offered_with = ["basic", "pro"]'),
        ('tagline = "Servers of your own."', 'tagline = "Yours."'),
    )

    assert changed == [
        ("change", "vendor", ()),
        ("change", "product", ("server",)),
        ("change", "plan", ("server", "pro")),
        ("change", "add_on", ("server", "support")),
    ]
    assert selectors.vendor().tagline == "Yours."
    basic, pro = selectors.offered_plans(currency="EUR")
    assert (pro.plan.product.name, pro.plan.features) == ("Larkfield", ["cluster", "ldap", "saml"])
    assert [offered.add_on.code for offered in basic.add_ons] == ["support", "training"]


def test_the_order_of_features_is_no_change(small, now):
    assert apply(small, now, ('features = ["ldap", "cluster"]', 'features = ["cluster", "ldap"]')) == []


NEW_TERMS = ('version = "2026-01"\nfile = "texts/terms.md"', 'version = "2026-02"\nfile = "texts/terms.md"')


def test_a_new_version_of_a_policy_is_added_and_the_old_one_kept(small, now):
    write_texts(small, terms="Other Terms.")

    assert apply(small, now + LATER, NEW_TERMS) == [("replace", "policy", ("terms",))]

    assert selectors.current_policy(PolicyKind.TERMS).version == "2026-02"
    assert selectors.policy(PolicyKind.TERMS, "2026-01").text == "The Terms."
    assert selectors.current_policy(PolicyKind.PRIVACY).version == "2026-01"


def test_a_text_edited_under_a_known_version_is_refused_and_nothing_changes(small, now):
    write_texts(small, terms="Secretly other Terms.")

    for attempt in (lambda: plan_changes(read(small, (CHEAP, DEAR))), lambda: apply(small, now + LATER, (CHEAP, DEAR))):
        with pytest.raises(PolicyRefusedError) as caught:
            attempt()
        assert str(caught.value) == (
            "policies.terms: version 2026-01 was published with another text, and people may have agreed to it. "
            "Give the new text a new version."
        )
        assert (caught.value.code, caught.value.field) == ("policy_refused", "policies.terms")

    assert selectors.policy(PolicyKind.TERMS, "2026-01").text == "The Terms."
    assert selectors.offered_plan(code="pro", currency="EUR").price.per_user == Money(10200, "EUR")


def test_going_back_to_a_version_that_was_replaced_is_refused(small, now):
    apply(small, now + LATER, NEW_TERMS)

    with pytest.raises(PolicyRefusedError) as caught:
        apply(small, now + 2 * LATER)

    assert str(caught.value) == (
        "policies.terms: version 2026-01 was replaced by 2026-02. To go back to its text, give it a new version."
    )
    assert selectors.current_policy(PolicyKind.TERMS).version == "2026-02"


def test_every_change_leaves_an_audit_row(small, now):
    AuditEntry.objects.all().delete()
    write_texts(small, terms="Other Terms.")

    apply(small, now + LATER, (CHEAP, DEAR), NEW_TERMS, ('tagline = "Servers of your own."', 'tagline = "Yours."'))

    vendor, price, policy = AuditEntry.objects.order_by("pk")
    new = Price.objects.get(plan__code="pro", currency="EUR", superseded_at=None)
    assert (price.action, price.subject_type, price.subject_id) == (
        "catalog.plan_price.replace",
        "plan_price",
        str(new.pk),
    )
    assert (price.before, price.after) == ({"amount": 10200}, {"amount": 12000})
    assert (price.actor_name, price.at) == ("test", now + LATER)
    # A vendor's details may name a person: the trail says that they changed, not to what.
    assert (vendor.action, vendor.after) == ("catalog.vendor.change", {"tagline": None})
    assert policy.action == "catalog.policy.replace"
    assert (policy.before["version"], policy.after["version"]) == ("2026-01", "2026-02")
    assert policy.after["text"] == "sha256:378949b4576a91432fcaa5d7c3350c5811cd68d31c16254ee7f2c220241ff35b"


def test_actions_and_subjects_are_what_the_audit_trail_calls_them():
    assert [action.value for action in Action] == ["add", "change", "replace", "withdraw", "bring_back"]
    assert [subject.value for subject in Subject] == [
        "vendor",
        "product",
        "plan",
        "add_on",
        "plan_price",
        "add_on_price",
        "coupon",
        "policy",
    ]
