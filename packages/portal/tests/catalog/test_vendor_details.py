from __future__ import annotations

import json

import pytest
from small_catalog import read

from keywright_portal.catalog.vendor import VendorDetails
from keywright_portal.catalog.vendor_file import is_iban


def test_what_is_stored_reads_back_as_it_was(folder):
    vendor = read(folder).vendor

    assert VendorDetails.from_json(json.loads(json.dumps(vendor.to_json()))) == vendor


def test_a_key_of_a_later_release_is_passed_over(folder):
    vendor = read(folder).vendor

    assert VendorDetails.from_json({**vendor.to_json(), "added_later": 1}) == vendor


def test_the_country_has_a_name_and_the_iban_groups(folder):
    vendor = read(folder).vendor

    assert vendor.country_name == "Germany"
    assert (vendor.bank.iban, vendor.bank.iban_in_groups) == ("DE02120300000000202051", "DE02 1203 0000 0000 2020 51")


def test_a_question_is_found_by_its_slug(folder):
    vendor = read(folder).vendor

    assert vendor.faq_entry("who-counts") == vendor.faq[0]
    assert vendor.faq_entry("nothing") is None


@pytest.mark.parametrize(
    ("iban", "is_one"),
    [
        ("GB82WEST12345698765432", True),
        ("DE89370400440532013000", True),
        ("DE89370400440532013001", False),
        ("gb82west12345698765432", False),
        ("GB82", False),
        ("", False),
    ],
)
def test_an_iban_is_known_by_its_check_digits(iban, is_one):
    assert is_iban(iban) is is_one
