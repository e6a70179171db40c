from __future__ import annotations

import pytest

from keywright_portal.catalog.vat import VatNumberError, check_vat_number, is_valid_vat_number
from keywright_portal.domain.tax import EU

# Published samples of each country's form, with right check digits.
SAMPLES = {
    "AT": "ATU13585627",
    "BE": "BE0428759497",
    "BG": "BG175074752",
    "CY": "CY10259033P",
    "CZ": "CZ25123891",
    "DE": "DE136695976",
    "DK": "DK13585628",
    "EE": "EE100931558",
    "ES": "ESB58378431",
    "FI": "FI20774740",
    "FR": "FR40303265045",
    "GR": "EL094259216",
    "HR": "HR33392005961",
    "HU": "HU12892312",
    "IE": "IE6433435F",
    "IT": "IT00743110157",
    "LT": "LT119511515",
    "LU": "LU15027442",
    "LV": "LV40003521600",
    "MT": "MT11679112",
    "NL": "NL004495445B01",
    "PL": "PL8567346215",
    "PT": "PT501964843",
    "RO": "RO18547290",
    "SE": "SE123456789701",
    "SI": "SI50223054",
    "SK": "SK2022749619",
}


def test_there_is_a_sample_of_each_member_state():
    assert set(SAMPLES) == EU


@pytest.mark.parametrize(("country", "number"), SAMPLES.items())
def test_each_member_states_numbers_are_known_with_and_without_prefix(country, number):
    assert check_vat_number(country=country, number=number) == number
    assert check_vat_number(country=country, number=number[2:]) == number
    assert is_valid_vat_number(country=country, number=number)


@pytest.mark.parametrize(("country", "number"), SAMPLES.items())
def test_a_digit_that_is_wrong_is_noticed(country, number):
    place = next(place for place in range(len(number) - 1, 1, -1) if number[place].isdigit())
    if country == "NL":
        place = number.index("B") - 1  # the last two count a company's numbers
    if country == "SE":
        place = len(number) - 3  # likewise
    wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
    assert not is_valid_vat_number(country=country, number=wrong)
    with pytest.raises(VatNumberError):
        check_vat_number(country=country, number=wrong)


@pytest.mark.parametrize(
    ("country", "typed", "kept"),
    [
        ("DE", " de 136.695-976 ", "DE136695976"),
        ("GR", "GR094259216", "EL094259216"),
        ("AT", "atu 1358 5627", "ATU13585627"),
        ("DE", "ＤＥ１３６６９５９７６", "DE136695976"),
        ("DE", "", ""),
        ("DE", "   ", ""),
        ("GB", "GB 980 7806 84", "GB 980 7806 84"),
        ("CH", "CHE-107.787.577 MWST", "CHE-107.787.577 MWST"),
        ("NO", "995 525 828 MVA", "995 525 828 MVA"),
        ("US", "EIN 00-0000000", "EIN 00-0000000"),
        ("JP", "T7000012050002", "T7000012050002"),
        ("", "anything", "anything"),
    ],
)
def test_it_is_kept_in_one_form(country, typed, kept):
    assert check_vat_number(country=country, number=typed) == kept


@pytest.mark.parametrize(
    ("country", "number"),
    [
        ("DE", "FR40303265045"),
        ("DE", "DE"),
        ("DE", "no number"),
        ("DE", "DE136695976" * 10),
        ("DE", "١٣٦٦٩٥٩٧٦"),
        ("GB", "GB 980 7806 85"),
        ("CH", "CHE-107.787.578 MWST"),
    ],
)
def test_what_is_no_number_of_the_country_is_refused(country, number):
    with pytest.raises(VatNumberError) as refused:
        check_vat_number(country=country, number=number)
    assert (refused.value.code, refused.value.field) == ("vat_number", "vat_number")


def test_the_sentence_names_the_country_and_how_its_numbers_begin():
    with pytest.raises(VatNumberError) as greek:
        check_vat_number(country="GR", number="EL1")
    with pytest.raises(VatNumberError) as british:
        check_vat_number(country="GB", number="1")
    assert str(greek.value.message) == (
        "This is no VAT number of Greece: one begins with EL, and its check digits must fit. "
        "Correct it, or leave the field empty if you have none."
    )
    assert str(british.value.message) == (
        "This is no VAT number of United Kingdom. Correct it, or leave the field empty if you have none."
    )


@pytest.mark.parametrize(("country", "number"), [("GB", "GB980780684"), ("US", "1"), ("DE", ""), ("DE", "DE1")])
def test_reverse_charge_is_for_valid_numbers_of_the_eu_alone(country, number):
    assert not is_valid_vat_number(country=country, number=number)
