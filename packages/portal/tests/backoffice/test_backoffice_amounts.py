from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from keywright_portal.backoffice.amounts import amount_to_type, decimal_of, typed_amount
from keywright_portal.domain.money import Money


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("1234.50", "USD", 123_450),
        ("1234.5", "USD", 123_450),
        ("1234", "USD", 123_400),
        (" 1 234.50 ", "USD", 123_450),
        ("1\u00a0234", "USD", 123_400),
        ("0.01", "EUR", 1),
        ("0.10000", "EUR", 10),
        ("1500", "JPY", 1500),
        ("1500.00", "JPY", 1500),
        ("999999999999999.99", "USD", 99_999_999_999_999_999),
    ],
)
def test_an_amount_is_read_as_it_was_meant(text, currency, amount):
    assert typed_amount(text, currency=currency) == Money(amount, currency)


@pytest.mark.parametrize(
    "text", ["", "-1", "+1", "1,50", "1.234,50", "1.2.3", "$5", "1e3", ".5", "5.", "٣", "1" * 16, "NaN", "0x10"]
)
def test_what_could_be_read_in_two_ways_is_refused(text):
    with pytest.raises(ValidationError, match="with a point and without grouping"):
        typed_amount(text, currency="USD")


@pytest.mark.parametrize(("text", "currency"), [("0.001", "USD"), ("1.5", "JPY")])
def test_more_digits_than_the_currency_has_are_refused(text, currency):
    with pytest.raises(ValidationError, match=f"{currency} has"):
        typed_amount(text, currency=currency)


@given(st.integers(0, 10**15 - 1), st.sampled_from(["USD", "EUR", "JPY", "KRW"]))
def test_what_is_proposed_is_read_back(amount, currency):
    money = Money(amount, currency)
    assert typed_amount(amount_to_type(money), currency=currency) == money


def test_files_have_numbers():
    assert [
        str(decimal_of(Money(amount, currency))) for amount, currency in ((-1250, "USD"), (5, "USD"), (5, "JPY"))
    ] == [
        "-12.50",
        "0.05",
        "5",
    ]
    assert decimal_of(Money(0, "EUR")) == Decimal(0)
