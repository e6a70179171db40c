from __future__ import annotations

import os
import pty
import shutil
from pathlib import Path

import pytest

import keywright_portal.catalog
from keywright_portal.catalog.models import Price
from keywright_portal.kit.models import AuditEntry

CATALOG = Path(keywright_portal.catalog.__file__).parent / "default.toml"
FIRST = """\
+ add vendor Example Software
+ add product Enterprise Edition
+ add plan Enterprise Edition E10
+ add price of plan E10 EUR: 36.00 EUR
+ add price of plan E10 JPY: 5800 JPY
+ add price of plan E10 USD: 39.00 USD
+ add plan Enterprise Edition E20
+ add price of plan E20 EUR: 94.00 EUR
+ add price of plan E20 JPY: 15200 JPY
+ add price of plan E20 USD: 102.00 USD
+ add add-on Premier Support
+ add price of add-on premier-support: 20 %
+ add coupon WELCOME10
+ add coupon PILOT
+ add policy terms
+ add policy privacy
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The default catalog, to be changed."""
    shutil.copytree(CATALOG.parent / "default", tmp_path / "default")
    return Path(shutil.copy(CATALOG, tmp_path / "catalog.toml"))


def edit(file: Path, *changes: tuple[str, str]) -> None:
    text = file.read_text()
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.write_text(text)


def test_apply_shows_what_it_adds_and_the_second_time_nothing(db, keywright, file):
    first = keywright("catalog", "apply", str(file), "--yes")
    second = keywright("catalog", "apply", str(file), "--yes")

    assert (first.exit_code, first.output) == (0, f"{FIRST}Applied. 16 changes.\n")
    assert (second.exit_code, second.output) == (0, "Nothing to change: the catalog is as the file says.\n")
    assert set(AuditEntry.objects.values_list("actor_name", flat=True)) == {"keywright catalog apply"}


def test_apply_shows_what_differs(default_catalog, keywright, file):
    edit(
        file,
        (
            'price_per_user = { USD = "102.00", EUR = "94.00", JPY = "15200" }',
            'price_per_user = { USD = "110.00", EUR = "94.00", JPY = "15200", CHF = "99.00" }',
        ),
        ('price_percent = "20"', 'price_percent = "17.5"'),
        ('tagline = "Software that runs on your own servers."', 'tagline = "Yours."'),
        ('phone = "+1 202 555 0142"\n', ""),
        ('slug = "departments"', 'slug = "department"'),
        ('JPY = ["JP"]', 'JPY = ["JP", "KR"]'),
        ('DE = { percent = "19", name = "VAT" }\n', ""),
        ('JP = { percent = "10"', 'LI = { percent = "8.1", name = "VAT" }\nJP = { percent = "12.5"'),
        ('prices = "exclusive"', 'prices = "inclusive"'),
        ('full_refund = "revoke"', 'full_refund = "keep"'),
        ('percent = "10"\nuse_limit = 500', 'percent = "15"\nstarts_on = 2026-12-01\nuse_limit = 500'),
        ('formats = ["keywright", "mattermost"]', 'formats = ["mattermost", "keywright"]'),
        ('  "advanced_logging",\n', '  "cloud",\n'),
        ('[policies.terms]\nversion = "2026-01"', '[policies.terms]\nversion = "2026-02"'),
    )

    result = keywright("catalog", "apply", str(file), "--yes")

    assert (
        result.output
        == """\
~ change vendor Example Software
    tagline: Software that runs on your own servers. → Yours.
    phone: +1 202 555 0142 → nothing
    faq: new content
    currencies: ~JPY
    prices_include_tax: False → True
    tax_rates: -DE, ~JP, +LI
    full_refund_revokes: True → False
~ change product Enterprise Edition
    formats: another order
~ change plan Enterprise Edition E20
    features: +cloud, -advanced_logging
+ add price of plan E20 CHF: 99.00 CHF
~ replace price of plan E20 USD: 102.00 USD → 110.00 USD
~ replace price of add-on premier-support: 20 % → 17.5 %
~ change coupon WELCOME10
    basis_points: 1000 → 1500
    starts_at: nothing → 2026-12-01T00:00:00+00:00
~ replace policy terms
    version: 2026-01 → 2026-02
Applied. 8 changes.
"""
    )


def test_apply_shows_what_is_withdrawn_and_sold_again(default_catalog, keywright, file):
    text = file.read_text()
    support = text[text.index("[[products.add_ons]]") : text.index("# Tax by the buyer")]
    edit(file, (support, ""))
    gone = keywright("catalog", "apply", str(file), "--yes")
    edit(file, ("# Tax by the buyer", f"{support}# Tax by the buyer"))
    back = keywright("catalog", "apply", str(file), "--yes")

    assert gone.output == "- withdraw add-on Premier Support\nApplied. 1 change.\n"
    assert back.output == "+ sell again add-on Premier Support\nApplied. 1 change.\n"


def test_apply_shows_that_a_price_ends_or_changes_its_kind(default_catalog, keywright, file):
    edit(file, ('price_percent = "20"', 'price_flat = { USD = "900.00" }'))

    result = keywright("catalog", "apply", str(file), "--yes")

    assert (
        result.output
        == """\
+ add price of add-on premier-support USD: 900.00 USD
- withdraw price of add-on premier-support
Applied. 2 changes.
"""
    )


def test_where_nobody_can_be_asked_nothing_changes(db, keywright, file):
    result = keywright("catalog", "apply", str(file))

    assert (result.exit_code, result.stdout) == (2, FIRST)
    assert result.stderr.endswith(
        "Error: Nobody is here to be asked. Nothing was changed; add --yes to apply without asking.\n"
    )
    assert Price.objects.count() == 0


def test_a_mistake_in_the_file_is_named(db, keywright, file):
    edit(file, ('USD = "39.00"', "USD = 39.00"))

    result = keywright("catalog", "apply", str(file), "--yes")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "catalog_file: products[1].plans[1].price_per_user.USD is 39.0; "
        'it must be an amount in quotes with 2 decimals, such as "39.00".\n'
    )


def test_a_file_that_is_no_text_is_refused(db, keywright, tmp_path):
    file = tmp_path / "picture.toml"
    file.write_bytes(b"\x89PNG\xff")

    result = keywright("catalog", "apply", str(file), "--yes")

    assert (result.exit_code, result.stderr) == (
        1,
        "catalog_file: picture.toml is no UTF-8 text. Is it the right file?\n",
    )


def test_an_edited_policy_is_refused(default_catalog, keywright, file):
    (file.parent / "default/terms-2026-01.md").write_text("Other Terms.")

    result = keywright("catalog", "apply", str(file), "--yes")

    assert result.exit_code == 1
    assert result.stderr.startswith("policy_refused: policies.terms: version 2026-01 was published with another text")


def test_show_tells_what_is_sold(default_catalog, keywright):
    result = keywright("catalog", "show")

    lines = result.output.splitlines()
    assert result.exit_code == 0
    assert [line for line in lines if "features" not in line] == [
        "Example Software (Example Software, Inc.), prices in USD",
        "E10  Enterprise Edition E10: 39.00 per user and year",
        "E20  Enterprise Edition E20: 102.00 per user and year",
        "    add-on premier-support  Premier Support: 20 % of the plan’s price",
        "In EUR for buyers in AT, BE, BG, CY, DE, EE, ES, FI, FR, GR, HR, IE, IT, LT, LU, LV, MT, NL, PT, SI, SK",
        "In JPY for buyers in JP",
        (
            "Tax: on top of prices, AT 20 %, BE 21 %, BG 20 %, CH 8.1 %, CY 19 %, CZ 21 %, DE 19 %, DK 25 %, EE 24 %, "
            "ES 21 %, FI 25.5 %, FR 20 %, GB 20 %, GR 24 %, HR 25 %, HU 27 %, IE 23 %, IT 22 %, JP 10 %, LT 21 %, "
            "LU 17 %, LV 21 %, MT 18 %, NL 21 %, PL 23 %, PT 23 %, RO 21 %, SE 25 %, SI 22 %, SK 23 %"
        ),
        "Invoice with bank transfer: offered, with a license until it is due",
        "Coupon PILOT: 90.00 EUR or 15000 JPY or 100.00 USD off, for E20, 100 uses at most",
        "Coupon WELCOME10: 10 % off, 500 uses at most",
        "Terms: version 2026-01, published 2026-03-12",
        "Privacy Policy: version 2026-01, published 2026-03-12",
    ]


@pytest.mark.parametrize(
    ("price", "shown"),
    [
        ('price_flat = { USD = "900.00" }', "900.00 flat, a year"),
        ('price_per_user = { USD = "1.50" }', "1.50 per user and year"),
    ],
)
def test_show_tells_how_an_add_on_is_priced(default_catalog, keywright, file, price, shown):
    edit(file, ('price_percent = "20"', price))
    keywright("catalog", "apply", str(file), "--yes")

    assert f"    add-on premier-support  Premier Support: {shown}\n" in keywright("catalog", "show").output


def test_show_tells_when_a_coupon_can_be_used(default_catalog, keywright, file):
    edit(file, ('percent = "10"\nuse_limit = 500', 'percent = "12.5"\nstarts_on = 2026-03-01\nends_on = 2026-03-31'))
    keywright("catalog", "apply", str(file), "--yes")

    shown = keywright("catalog", "show").output
    assert "Coupon WELCOME10: 12.5 % off, from 2026-03-01 on, to the end of 2026-03-31\n" in shown


def test_show_without_a_catalog_says_how_to_get_one(db, keywright):
    result = keywright("catalog", "show")

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "no_catalog: No catalog was applied yet. Apply a catalog: keywright catalog apply FILE\n"


@pytest.mark.parametrize(
    ("answer", "end", "code"), [("y\n", "Applied. 16 changes.", 0), ("n\n", "Nothing was changed.", 1)]
)
def test_a_person_is_asked(installation, file, answer, end, code):
    typed, terminal = pty.openpty()
    process = installation.start("catalog", "apply", str(file), stdin=terminal)
    os.write(typed, answer.encode())
    out, err = process.communicate(timeout=60)
    os.close(typed)
    os.close(terminal)

    assert (process.returncode, err) == (code, "")
    assert out == f"{FIRST}Apply these changes? [y/N]: {end}\n"
    again = installation.run("catalog", "apply", str(file), "--yes")
    assert again.stdout.startswith("Nothing to change") is (code == 0)


def test_of_two_applies_at_once_one_changes_and_the_other_finds_it_done(installation, file):
    processes = [installation.start("catalog", "apply", str(file), "--yes") for _ in range(2)]
    ends = [process.communicate(timeout=60)[0].splitlines()[-1] for process in processes]

    assert [process.returncode for process in processes] == [0, 0]
    assert sorted(ends) in (
        ["Applied. 0 changes.", "Applied. 16 changes."],
        ["Applied. 16 changes.", "Nothing to change: the catalog is as the file says."],
    )
