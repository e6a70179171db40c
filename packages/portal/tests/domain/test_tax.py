from __future__ import annotations

import pytest

from keywright_portal.domain.money import Money
from keywright_portal.domain.tax import EU, UNTAXED, TaxKind, Taxpayer, TaxRate, TaxRules, TaxTreatment, tax_treatment

RATES = {
    "DE": TaxRate(basis_points=1_900, name="VAT"),
    "FR": TaxRate(basis_points=2_000, name="VAT"),
    "GB": TaxRate(basis_points=2_000, name="VAT"),
    "JP": TaxRate(basis_points=1_000, name="Consumption tax"),
}


def treatment(country, *, seller="DE", valid=False, inclusive=False):
    rules = TaxRules(seller_country=seller, inclusive=inclusive, rates=RATES)
    return tax_treatment(rules=rules, taxpayer=Taxpayer(country=country, vat_number_valid=valid))


@pytest.mark.parametrize(
    ("country", "seller", "valid", "kind", "basis_points"),
    [
        ("DE", "DE", False, TaxKind.TAXED, 1_900),
        ("DE", "DE", True, TaxKind.TAXED, 1_900),
        ("FR", "DE", False, TaxKind.TAXED, 2_000),
        ("FR", "DE", True, TaxKind.REVERSE_CHARGE, 0),
        ("AT", "DE", True, TaxKind.REVERSE_CHARGE, 0),
        ("AT", "DE", False, TaxKind.UNTAXED, 0),
        ("GB", "DE", True, TaxKind.TAXED, 2_000),
        ("DE", "GB", True, TaxKind.TAXED, 1_900),
        ("DE", "US", True, TaxKind.TAXED, 1_900),
        ("JP", "DE", False, TaxKind.TAXED, 1_000),
        ("US", "DE", True, TaxKind.UNTAXED, 0),
        ("", "DE", False, TaxKind.UNTAXED, 0),
    ],
)
def test_who_pays_which_tax(country, seller, valid, kind, basis_points):
    found = treatment(country, seller=seller, valid=valid)
    assert (found.kind, found.basis_points, found.country) == (kind, basis_points, country)


def test_the_tax_is_called_what_the_buyers_country_calls_it():
    assert (treatment("JP").name, treatment("FR", valid=True).name, treatment("US").name) == (
        "Consumption tax",
        "VAT",
        "",
    )


@pytest.mark.parametrize(
    ("country", "valid", "inclusive", "netted_of"),
    [("FR", True, True, 2_000), ("FR", False, True, 0), ("AT", True, True, 0), ("US", False, True, 0)],
)
def test_inclusive_prices_are_netted_of_a_tax_that_is_known_and_isnt_paid(country, valid, inclusive, netted_of):
    found = treatment(country, valid=valid, inclusive=True)
    assert found.netted_of == netted_of
    assert found.inclusive is (found.kind is not TaxKind.REVERSE_CHARGE)


def test_exclusive_prices_hold_nothing_to_be_netted_of():
    assert treatment("FR", valid=True).netted_of == 0


@pytest.mark.parametrize(
    ("basis_points", "inclusive", "amount", "tax"),
    [
        (1_900, False, 10_200, 1_938),
        (1_900, True, 11_900, 1_900),
        (1_900, True, 100, 16),
        (2_550, False, 2, 1),
        (2_550, False, 1, 0),
        (810, False, 617, 50),
        (0, False, 10_200, 0),
        (0, True, 10_200, 0),
    ],
)
def test_tax_is_rounded_half_up(basis_points, inclusive, amount, tax):
    found = TaxTreatment(kind=TaxKind.TAXED, basis_points=basis_points, inclusive=inclusive, name="VAT", country="DE")
    assert found.tax_on(Money(amount, "EUR")) == Money(tax, "EUR")


@pytest.mark.parametrize(("unit", "net"), [(11_900, 10_000), (10_200, 8_571), (1, 1), (0, 0)])
def test_a_unit_price_is_netted_once_and_rounded_half_up(unit, net):
    found = treatment("DE", seller="FR", valid=True, inclusive=True)
    assert found.net_unit(Money(unit, "EUR")) == Money(net, "EUR")


def test_without_a_country_prices_stay_as_they_are():
    assert (UNTAXED.tax_on(Money(7, "USD")), UNTAXED.net_unit(Money(7, "USD"))) == (Money(0, "USD"), Money(7, "USD"))


def test_the_european_union_has_27_members():
    assert len(EU) == 27
    assert not EU & {"GB", "CH", "NO", "EL"}
