"""What the catalog file says about how things are sold: tax, currencies, coupons, transfers, refunds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from small_catalog import SMALL, read

from keywright_portal.catalog.errors import CatalogFileError
from keywright_portal.catalog.models import Coupon
from keywright_portal.catalog.services.apply_catalog import apply_catalog
from keywright_portal.catalog.vendor import VendorDetails
from keywright_portal.domain.tax import TaxRate, TaxRules
from keywright_portal.kit.actor import system
from keywright_portal.kit.models import AuditEntry

BEFORE_POLICIES = "[policies.terms]"
BEFORE_FAQ = "[[vendor.faq]]"
BASIC_PRICE = 'price_per_user = { EUR = "39.00" }'
IN_YEN = (BASIC_PRICE, 'price_per_user = { EUR = "39.00", JPY = "5800" }')
JAPAN = (BEFORE_FAQ, f'[vendor.currencies]\nJPY = ["JP"]\n\n{BEFORE_FAQ}')
COUPON = """
[[coupons]]
code = "SPRING-26"
percent = "12.5"
plans = ["pro"]
starts_on = 2026-03-01
ends_on = 2026-03-31
use_limit = 20
"""
FIXED = '\n[[coupons]]\ncode = "FIXED"\namount = { EUR = "50.00" }\n'


def with_part(text):
    """The change that puts a part into the file."""
    return BEFORE_POLICIES, f"{text}\n{BEFORE_POLICIES}"


def apply(folder, now, *changes):
    return apply_catalog(catalog=read(folder, *changes), actor=system("test"), now=now)


# ---- Reading ---------------------------------------------------------------------------------------------------------


def test_a_file_without_these_parts_sells_without_tax_by_card_in_one_currency(folder):
    vendor = read(folder).vendor
    assert (vendor.tax_rules, vendor.all_currencies) == (
        TaxRules(seller_country="DE", inclusive=False, rates={}),
        ("EUR",),
    )
    assert (vendor.transfer_offered, vendor.license_before_payment, vendor.full_refund_revokes) == (False, False, True)
    assert read(folder).coupons == ()


def test_tax_transfers_and_refunds_are_read(folder):
    text = """
[tax]
prices = "inclusive"
rates.DE = { percent = "19", name = "MwSt." }
rates.CH = { percent = "8.1", name = "MWST" }

[transfer]
offered = true
license_before_payment = true

[refunds]
full_refund = "keep"
"""
    vendor = read(folder, with_part(text)).vendor
    assert vendor.tax_rules == TaxRules(
        seller_country="DE",
        inclusive=True,
        rates={"DE": TaxRate(basis_points=1_900, name="MwSt."), "CH": TaxRate(basis_points=810, name="MWST")},
    )
    assert (vendor.transfer_offered, vendor.license_before_payment, vendor.full_refund_revokes) == (True, True, False)
    assert VendorDetails.from_json(vendor.to_json()) == vendor


def test_currencies_are_chosen_by_country(folder):
    vendor = read(folder, IN_YEN, JAPAN).vendor
    assert vendor.all_currencies == ("EUR", "JPY")
    assert [vendor.currency_for(country) for country in ("JP", "DE", "US", "")] == ["JPY", "EUR", "EUR", "EUR"]
    assert VendorDetails.from_json(vendor.to_json()) == vendor


def test_a_coupons_last_day_is_a_whole_one(folder):
    percent, fixed = read(folder, with_part(COUPON + FIXED)).coupons
    assert (percent.code, percent.basis_points, percent.amounts, percent.plans, percent.use_limit) == (
        "SPRING-26",
        1_250,
        {},
        ("pro",),
        20,
    )
    assert (percent.starts_at, percent.ends_at) == (
        datetime(2026, 3, 1, tzinfo=UTC),
        datetime(2026, 4, 1, tzinfo=UTC),
    )
    assert (fixed.basis_points, fixed.amounts, fixed.plans, fixed.starts_at, fixed.ends_at, fixed.use_limit) == (
        None,
        {"EUR": 5_000},
        (),
        None,
        None,
        None,
    )


@pytest.mark.parametrize(
    ("text", "where", "sentence"),
    [
        ('[tax]\nprices = "net"', "tax.prices", "is 'net'; allowed: exclusive, inclusive."),
        ("[tax]\nprices = true", "tax.prices", "is true or false; allowed: exclusive, inclusive."),
        ('[tax]\nrate = "19"', "tax.rate", "is unknown. Allowed here: prices, rates."),
        (
            '[tax.rates.XX]\npercent = "19"\nname = "VAT"',
            "tax.rates.XX",
            "is 'XX'; it must be the two letters of a country (ISO 3166), such as US.",
        ),
        (
            '[tax.rates.DE]\npercent = "50.01"\nname = "VAT"',
            "tax.rates.DE.percent",
            'is \'50.01\'; it must be a percentage in quotes, from "0.01" to "50", such as "20".',
        ),
        (
            '[tax.rates.DE]\npercent = 19\nname = "VAT"',
            "tax.rates.DE.percent",
            'is 19; it must be a percentage in quotes, from "0.01" to "50", such as "20".',
        ),
        ('[tax.rates.DE]\npercent = "19"', "tax.rates.DE.name", "is missing."),
        ('[transfer]\noffered = "yes"', "transfer.offered", "is 'yes'; it must be true or false."),
        (
            "[transfer]\nlicense_before_payment = true",
            "transfer.license_before_payment",
            "is true, and transfers aren’t offered. Set offered = true.",
        ),
        ('[refunds]\nfull_refund = "ask"', "refunds.full_refund", "is 'ask'; allowed: revoke, keep."),
        (
            '[[coupons]]\ncode = "spring"\npercent = "5"',
            "coupons[1].code",
            "is 'spring'; it must be capital letters and digits, with single hyphens between.",
        ),
        ('[[coupons]]\ncode = "A"', "coupons[1]", "must have exactly one of percent and amount."),
        (
            '[[coupons]]\ncode = "A"\npercent = "5"\namount = { EUR = "5.00" }',
            "coupons[1]",
            "must have exactly one of percent and amount.",
        ),
        (
            '[[coupons]]\ncode = "A"\namount = { USD = "5.00" }',
            "coupons[1].amount",
            "has USD, in which nothing is sold. Allowed: EUR.",
        ),
        (
            '[[coupons]]\ncode = "A"\npercent = "5"\nplans = ["gold"]',
            "coupons[1].plans",
            "names 'gold'; allowed: basic, pro.",
        ),
        (
            '[[coupons]]\ncode = "A"\npercent = "5"\nstarts_on = "2026-03-01"',
            "coupons[1].starts_on",
            "is '2026-03-01'; it must be a day without quotes, such as 2026-12-31.",
        ),
        (
            '[[coupons]]\ncode = "A"\npercent = "5"\nends_on = 2026-03-01T00:00:00Z',
            "coupons[1].ends_on",
            "is a date or time; it must be a day without quotes, such as 2026-12-31.",
        ),
        (
            '[[coupons]]\ncode = "A"\npercent = "5"\nstarts_on = 2026-03-02\nends_on = 2026-03-01',
            "coupons[1].ends_on",
            "is before starts_on.",
        ),
        (
            '[[coupons]]\ncode = "A"\npercent = "5"\nuse_limit = 0',
            "coupons[1].use_limit",
            "is 0; it must be a whole number from 1 to 1000000.",
        ),
        (
            '[[coupons]]\ncode = "A"\npercent = "5"\n[[coupons]]\ncode = "A"\npercent = "6"',
            "coupons[2].code",
            "is 'A', which another coupon has. Choose another.",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_is_allowed(folder, text, where, sentence):
    with pytest.raises(CatalogFileError) as refused:
        read(folder, with_part(text))
    assert (refused.value.field, str(refused.value.message)) == (where, f"{where} {sentence}")


@pytest.mark.parametrize(
    ("text", "where", "sentence"),
    [
        (
            'JPY = ["JP"]',
            "vendor.currencies.JPY",
            "is a currency in which plan 'basic' has no price. Give it one, or leave the currency out.",
        ),
        (
            'EUR = ["FR"]',
            "vendor.currencies.EUR",
            "is the vendor’s own currency, in which all other countries pay. Leave it out.",
        ),
        (
            'JPY = ["JP"]\nUSD = ["US", "JP"]',
            "vendor.currencies.USD",
            "names JP, which stands under JPY already.",
        ),
        (
            'JPY = ["Japan"]',
            "vendor.currencies.JPY[1]",
            "has 5 characters; at most 2 are allowed.",
        ),
        (
            'JPY = ["J1"]',
            "vendor.currencies.JPY",
            "is 'J1'; it must be the two letters of a country (ISO 3166), such as US.",
        ),
        ("JPY = []", "vendor.currencies.JPY", "has 0 entries; from 1 to 249 are allowed."),
    ],
)
def test_a_mistake_in_the_currencies_is_named(folder, text, where, sentence):
    with pytest.raises(CatalogFileError) as refused:
        read(folder, (BEFORE_FAQ, f"[vendor.currencies]\n{text}\n\n{BEFORE_FAQ}"))
    assert (refused.value.field, str(refused.value.message)) == (where, f"{where} {sentence}")


# ---- Applying --------------------------------------------------------------------------------------------------------


def test_a_coupon_is_added_changed_withdrawn_and_brought_back(db, folder, now):
    def told(*changes):
        return [(change.action.value, change.key.path) for change in apply(folder, now, *changes)]

    told()
    assert told(with_part(COUPON)) == [("add", ("SPRING-26",))]
    assert told(with_part(COUPON)) == []
    row = Coupon.objects.get()
    assert (row.code, row.basis_points, row.plans, row.use_limit) == ("SPRING-26", 1_250, ["pro"], 20)
    assert (row.starts_at, row.ends_at) == (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
    assert told(with_part(COUPON.replace("use_limit = 20\n", ""))) == [("change", ("SPRING-26",))]
    row.refresh_from_db()
    assert (row.use_limit, row.withdrawn_at) == (None, None)
    assert told() == [("withdraw", ("SPRING-26",))]
    row.refresh_from_db()
    assert row.withdrawn_at == now
    assert told(with_part(COUPON)) == [("bring_back", ("SPRING-26",))]
    row.refresh_from_db()
    assert row.withdrawn_at is None


def test_the_audit_trail_has_the_values_of_how_things_are_sold(db, folder, now):
    apply(folder, now)
    apply(
        folder,
        now,
        ('tagline = "Servers of your own."', 'tagline = "Ours."'),
        with_part('[tax.rates.DE]\npercent = "19"\nname = "VAT"'),
    )
    entry = AuditEntry.objects.get(action="catalog.vendor.change")
    assert entry.before == {"tagline": None, "tax_rates": {}}
    assert entry.after == {"tagline": None, "tax_rates": {"DE": {"basis_points": 1_900, "name": "VAT"}}}


def test_details_that_were_stored_before_these_parts_have_their_defaults(db, folder, now):
    stored = read(folder).vendor.to_json()
    for name in ("currencies", "prices_include_tax", "tax_rates", "transfer_offered", "full_refund_revokes"):
        del stored[name]
    assert VendorDetails.from_json(stored) == read(folder).vendor


def test_the_small_catalog_has_none_of_these_parts():
    assert not [part for part in ("[tax]", "[transfer]", "[refunds]", "[[coupons]]") if part in SMALL]
