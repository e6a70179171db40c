from __future__ import annotations

import pytest
from small_catalog import SMALL, changed, read

from keywright_portal.catalog.errors import CatalogFileError
from keywright_portal.catalog.file import FILE_BYTES, PriceEntry, read_catalog
from keywright_portal.domain.pricing import PriceKind

PLAN_PRICE = 'price_per_user = { EUR = "39.00" }'
FLAT_PRICE = 'price_flat = { EUR = "500.00" }'
CURRENCIES = (
    "Allowed: AED, AUD, BGN, BRL, CAD, CHF, CLP, CNY, CZK, DKK, EUR, GBP, HKD, IDR, ILS, INR, JPY, KRW, MXN, MYR, NOK, "
    "NZD, PEN, PHP, PLN, PYG, QAR, RON, SAR, SEK, SGD, THB, TRY, TWD, UAH, USD, VND, ZAR."
)
AMOUNT = 'it must be an amount in quotes with 2 decimals, such as "39.00".'
PERCENTAGE = 'it must be a percentage in quotes, from "0.01" to "100", such as "20".'

WRONG = [
    # A number would be a binary fraction.
    (PLAN_PRICE, "price_per_user = { EUR = 39.00 }", "products[1].plans[1].price_per_user.EUR", f"is 39.0; {AMOUNT}"),
    (PLAN_PRICE, "price_per_user = { EUR = 39 }", "products[1].plans[1].price_per_user.EUR", f"is 39; {AMOUNT}"),
    (PLAN_PRICE, 'price_per_user = { EUR = "39" }', "products[1].plans[1].price_per_user.EUR", f"is '39'; {AMOUNT}"),
    (
        PLAN_PRICE,
        'price_per_user = { EUR = "-1.00" }',
        "products[1].plans[1].price_per_user.EUR",
        f"is '-1.00'; {AMOUNT}",
    ),
    (
        PLAN_PRICE,
        'price_per_user = { EUR = "39.005" }',
        "products[1].plans[1].price_per_user.EUR",
        f"is '39.005'; {AMOUNT}",
    ),
    (PLAN_PRICE, 'price_per_user = { EUR = "1e3" }', "products[1].plans[1].price_per_user.EUR", f"is '1e3'; {AMOUNT}"),
    (
        PLAN_PRICE,
        'price_per_user = { EUR = "٣٩.00" }',
        "products[1].plans[1].price_per_user.EUR",
        f"is '٣٩.00'; {AMOUNT}",
    ),
    (
        PLAN_PRICE,
        'price_per_user = { EUR = "0.00" }',
        "products[1].plans[1].price_per_user.EUR",
        "is '0.00'; a price is above zero, and at most 1000000000 minor units.",
    ),
    (
        PLAN_PRICE,
        'price_per_user = { EUR = "10000000.01" }',
        "products[1].plans[1].price_per_user.EUR",
        "is '10000000.01'; a price is above zero, and at most 1000000000 minor units.",
    ),
    (
        'JPY = "15000"',
        'JPY = "15000.00"',
        "products[1].plans[2].price_per_user.JPY",
        "is '15000.00'; it must be an amount in quotes with 0 decimals, such as \"39\".",
    ),
    (
        'JPY = "15000"',
        'ISK = "15000"',
        "products[1].plans[2].price_per_user.ISK",
        f"is not a currency that the portal sells in. {CURRENCIES}",
    ),
    (
        PLAN_PRICE,
        "price_per_user = {}",
        "products[1].plans[1].price_per_user",
        'is empty; it must hold a price, such as { USD = "39.00" }.',
    ),
    (PLAN_PRICE, "", "products[1].plans[1].price_per_user", "is missing."),
    (
        PLAN_PRICE,
        'price_per_user = "39.00"',
        "products[1].plans[1].price_per_user",
        "is text; it must be a table.",
    ),
    ('price_percent = "20"', "price_percent = 20", "products[1].add_ons[1].price_percent", f"is 20; {PERCENTAGE}"),
    ('price_percent = "20"', 'price_percent = "0"', "products[1].add_ons[1].price_percent", f"is '0'; {PERCENTAGE}"),
    (
        'price_percent = "20"',
        'price_percent = "100.01"',
        "products[1].add_ons[1].price_percent",
        f"is '100.01'; {PERCENTAGE}",
    ),
    (
        'price_percent = "20"',
        'price_percent = "20 %"',
        "products[1].add_ons[1].price_percent",
        f"is '20 %'; {PERCENTAGE}",
    ),
    (
        'price_percent = "20"',
        "",
        "products[1].add_ons[1]",
        "must have exactly one of price_per_user, price_flat and price_percent.",
    ),
    (
        FLAT_PRICE,
        f'{FLAT_PRICE}\nprice_percent = "5"',
        "products[1].add_ons[2]",
        "must have exactly one of price_per_user, price_flat and price_percent.",
    ),
    (
        'offered_with = ["pro"]',
        'offered_with = ["prof"]',
        "products[1].add_ons[1].offered_with",
        "names 'prof'; allowed: basic, pro.",
    ),
    (
        'offered_with = ["pro"]',
        "offered_with = []",
        "products[1].add_ons[1].offered_with",
        "has 0 entries; from 1 to 2 are allowed.",
    ),
    (
        "non_production_deployments = 4",
        "non_production_deployments = 4.0",
        "products[1].add_ons[1].non_production_deployments",
        "is 4.0; it must be a whole number from 0 to 1000.",
    ),
    (
        "non_production_deployments = 4",
        "non_production_deployments = true",
        "products[1].add_ons[1].non_production_deployments",
        "is true or false; it must be a whole number from 0 to 1000.",
    ),
    (
        'formats = ["keywright"]',
        'formats = ["pdf"]',
        "products[1].formats",
        "names 'pdf'; allowed: keywright, mattermost.",
    ),
    ('formats = ["keywright"]', 'formats = "keywright"', "products[1].formats", "is text; it must be a list."),
    (
        'formats = ["keywright"]',
        'formats = ["keywright", "keywright"]',
        "products[1].formats",
        "names something twice; each may stand there once.",
    ),
    (
        'features = ["ldap"]',
        'features = ["LDAP"]',
        "products[1].plans[1].features",
        "names 'LDAP'; a feature has small letters, digits and underscores, such as data_retention.",
    ),
    (
        'code = "server"',
        'code = "The Server"',
        "products[1].code",
        "is 'The Server'; it must be small letters, digits and hyphens.",
    ),
    (
        'code = "pro"',
        'code = "pro!"',
        "products[1].plans[2].code",
        "is 'pro!'; it must be letters and digits, with single hyphens, points or underscores between.",
    ),
    (
        'code = "training"',
        'code = "support"',
        "products",
        "has two add-ons of the code 'support'; each code may stand there once in the whole file.",
    ),
    (
        'summary = "For one team."',
        'sumary = "For one team."',
        "products[1].plans[1].summary",
        "is missing.",
    ),
    (
        'summary = "For one team."',
        'summary = "For one team."\ncolour = "red"',
        "products[1].plans[1].colour",
        "is unknown. Allowed here: code, name, summary, highlights, features, price_per_user.",
    ),
    (
        'summary = "For one team."',
        'summary = " "',
        "products[1].plans[1].summary",
        "is empty; write something, or leave the key out where it may be missing.",
    ),
    (
        'summary = "For one team."',
        f'summary = "{"x" * 301}"',
        "products[1].plans[1].summary",
        "has 301 characters; at most 300 are allowed.",
    ),
    (
        'summary = "For one team."',
        'summary = "For one\\nteam."',
        "products[1].plans[1].summary",
        "holds a line break or a control character; one line is allowed.",
    ),
    (
        'summary = "For one team."',
        "summary = 2026-01-01",
        "products[1].plans[1].summary",
        "is a date or time; it must be text in quotes.",
    ),
    (
        'country = "DE"',
        'country = "Germany"',
        "vendor.country",
        "is 'Germany'; it must be the two letters of a country (ISO 3166), such as US.",
    ),
    (
        'currency = "EUR"',
        'currency = "USD"',
        "vendor.currency",
        "is USD, in which no plan has a price. Allowed: EUR, JPY.",
    ),
    (
        'website = "https://larkfield.example"',
        'website = "http://larkfield.example"',
        "vendor.website",
        "is 'http://larkfield.example'; it must be an address that begins with https://.",
    ),
    (
        'support_email = "support@larkfield.example"',
        'support_email = "support"',
        "vendor.support_email",
        "is 'support'; it must be an email address, such as support@example.com.",
    ),
    (
        'brand_colour = "#3157d5"',
        'brand_colour = "blue"',
        "vendor.brand_colour",
        "is 'blue'; it must be a # and six hexadecimal digits, such as #3157d5.",
    ),
    (
        'invoice_prefix = "INV"',
        'invoice_prefix = "inv-"',
        "vendor.invoice_prefix",
        "is 'inv-'; it must be 1 to 8 capital letters and digits, such as INV.",
    ),
    (
        "DE02 1203 0000 0000 2020 51",
        "DE02 1203 0000 0000 2020 52",
        "vendor.bank.iban",
        (
            "is 'DE02120300000000202052', whose check digits don't fit. "
            "It must be an IBAN, such as DE02 1203 0000 0000 2020 51."
        ),
    ),
    ("BYLADEM1001", "BYLA", "vendor.bank.bic", "is 'BYLA'; it must be 8 or 11 capital letters and digits (a BIC)."),
    (
        'slug = "who-counts"',
        'slug = "Who counts"',
        "vendor.faq[1].slug",
        "is 'Who counts'; it must be small letters, digits and hyphens.",
    ),
    (
        'version = "2026-01"\nfile = "texts/terms.md"',
        'file = "texts/terms.md"',
        "policies.terms.version",
        "is missing.",
    ),
    (
        'file = "texts/terms.md"',
        'file = "texts/none.md"',
        "policies.terms.file",
        "names 'texts/none.md', which can’t be read: No such file or directory. It is looked for beside the catalog.",
    ),
    (
        'file = "texts/terms.md"',
        'file = "../terms.md"',
        "policies.terms.file",
        "is '../terms.md'; it must name a file beside the catalog or in a folder there.",
    ),
    (
        'file = "texts/terms.md"',
        'file = "/etc/passwd"',
        "policies.terms.file",
        "is '/etc/passwd'; it must name a file beside the catalog or in a folder there.",
    ),
    (
        "[vendor]\n",
        "colour = 1\n[vendor]\n",
        "colour",
        "is unknown. Allowed here: vendor, products, tax, transfer, refunds, coupons, policies.",
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "where", "sentence"), WRONG, ids=[f"{where}: {sentence[:30]}" for _, _, where, sentence in WRONG]
)
def test_a_mistake_is_named_with_its_place_and_what_is_allowed(folder, old, new, where, sentence):
    with pytest.raises(CatalogFileError) as caught:
        read(folder, (old, new))

    assert str(caught.value) == f"{where} {sentence}"
    assert (caught.value.code, caught.value.field) == ("catalog_file", where)


def test_a_question_twice_is_refused(folder):
    with pytest.raises(CatalogFileError) as caught:
        read(
            folder,
            ("[[products]]", '[[vendor.faq]]\nslug = "who-counts"\nquestion = "Q?"\nanswer = "A."\n\n[[products]]'),
        )

    assert str(caught.value) == "vendor.faq[2].slug is 'who-counts', which another question has. Choose another."


def test_text_that_is_no_toml_is_refused_with_its_line(folder):
    with pytest.raises(CatalogFileError) as caught:
        read_catalog("[vendor]\nname = Larkfield", base_dir=folder)

    assert str(caught.value) == "The catalog file is no TOML: Invalid value (at line 2, column 8)."


def test_a_file_that_is_too_large_is_not_parsed(folder):
    with pytest.raises(CatalogFileError) as caught:
        read_catalog("#" * (FILE_BYTES + 1), base_dir=folder)

    assert str(caught.value) == "The catalog file has more than 262144 bytes. Is it the right file?"


def test_an_empty_file_misses_its_vendor(folder):
    with pytest.raises(CatalogFileError) as caught:
        read_catalog("", base_dir=folder)

    assert str(caught.value) == "vendor is missing."


def test_prices_are_minor_units(folder):
    basic, pro = read(folder).products[0].plans
    support, training = read(folder).products[0].add_ons

    assert basic.prices == (PriceEntry(kind=PriceKind.PER_USER, currency="EUR", amount=3900),)
    assert pro.prices == (
        PriceEntry(kind=PriceKind.PER_USER, currency="EUR", amount=10200),
        PriceEntry(kind=PriceKind.PER_USER, currency="JPY", amount=15000),
    )
    assert support.prices == (PriceEntry(kind=PriceKind.PERCENT, currency="", basis_points=2000),)
    assert training.prices == (PriceEntry(kind=PriceKind.FLAT, currency="EUR", amount=50000),)


@pytest.mark.parametrize(("written", "points"), [("12.5", 1250), ("0.01", 1), ("100", 10_000), ("7.25", 725)])
def test_a_percentage_has_up_to_two_decimals(folder, written, points):
    add_on = read(folder, ('price_percent = "20"', f'price_percent = "{written}"')).products[0].add_ons[0]

    assert add_on.prices[0].basis_points == points


def test_a_total_for_the_most_users_fits_into_the_database(folder):
    """A plan and its add-ons may not cost so much that 2,147,483,647 users overflow 64 bits."""
    dear = ('EUR = "102.00"', 'EUR = "10000000.00"')
    dear_training = (FLAT_PRICE, 'price_per_user = { EUR = "10000000.00" }')

    assert (
        read(folder, dear, (FLAT_PRICE, 'price_per_user = { EUR = "10.00" }')).products[0].plans[1].prices[0].amount
        == 10**9
    )
    with pytest.raises(CatalogFileError) as caught:
        read(folder, dear, dear_training, ('price_percent = "20"', 'price_percent = "60"'))

    assert str(caught.value) == (
        "products[1].plans[2] costs 2600000000 minor units of EUR a user with its add-ons; at most 2500000000."
    )


def test_what_may_be_missing_is_nothing(folder):
    vendor = read(folder, ('logo_svg = "texts/logo.svg"\n', "")).vendor

    assert (vendor.logo_svg, vendor.phone, vendor.registration_number, vendor.tax_number, vendor.status_url) == (
        None,
    ) * 5


def test_the_change_of_the_tests_stands_in_the_file_once():
    with pytest.raises(AssertionError, match="stands 2 times"):
        changed(('version = "2026-01"', "x"))
    assert changed() == SMALL
