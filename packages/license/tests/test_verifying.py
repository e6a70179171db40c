from dataclasses import fields
from datetime import datetime

import pytest

from forge import ABSENT, NOW, PRODUCT, Vendor, license_claims, make_license
from keywright_license import (
    MAX_FILE_BYTES,
    BadSignatureError,
    Format,
    LicenseError,
    MalformedError,
    WrongKindError,
    WrongProductError,
    detect_format,
    verify,
)


def test_formats_are_told_apart_by_a_full_stop():
    assert detect_format(b"e30.e30.AA\ne30.e30.AA") is Format.KEYWRIGHT
    assert detect_format(b"e30=") is Format.MATTERMOST
    with pytest.raises(MalformedError, match="empty"):
        detect_format(b"")


def test_64_kib_are_looked_at_and_not_one_byte_more(vendor):
    claims = license_claims(x="")
    room = MAX_FILE_BYTES - len(vendor.file(claims))
    data = vendor.file(license_claims(x="a" * (room * 3 // 4)))
    assert MAX_FILE_BYTES - 4 < len(data) <= MAX_FILE_BYTES
    assert verify(data, keys=vendor.keys, now=NOW).seats == 50
    with pytest.raises(MalformedError, match="64 KiB"):
        verify(data.rstrip(b"\n") + b"A" * 8, keys=vendor.keys, now=NOW)


def test_a_time_without_a_zone_is_a_mistake_of_the_caller(vendor):
    with pytest.raises(ValueError, match="aware"):
        verify(vendor.file(), keys=vendor.keys, now=datetime(2026, 11, 24))  # noqa: DTZ001  # naive is the point


def test_the_product_asked_for_must_be_the_licenses(vendor):
    assert verify(vendor.file(), keys=vendor.keys, product=PRODUCT, now=NOW).product == PRODUCT
    assert verify(vendor.file(), keys=vendor.keys, now=NOW).product == PRODUCT
    for product in ("messaging-edition", "", PRODUCT.upper()):
        with pytest.raises(WrongProductError) as caught:
            verify(vendor.file(), keys=vendor.keys, product=product, now=NOW)
        assert caught.value.code == "wrong_product"


def test_time_is_no_part_of_verifying(vendor):
    for year in (1970, 2026, 9998):
        assert verify(vendor.file(), keys=vendor.keys, now=NOW.replace(year=year)) == make_license()


def test_a_claim_is_not_read_before_the_signature_is_verified(vendor):
    forged = vendor.file(b'{"seats":', key=Vendor().issuing)
    with pytest.raises(BadSignatureError):
        verify(forged, keys=vendor.keys, now=NOW)


def test_the_license_is_judged_by_its_certificate_before_the_product_asked_for(vendor):
    certificate = vendor.certify(product="a").encode()
    data = vendor.file(license_claims(aud="b"), certificate=certificate)
    with pytest.raises(WrongProductError, match="for a only"):
        verify(data, keys=vendor.keys, product="c", now=NOW)


@pytest.mark.parametrize("v", [ABSENT, 0, 2, "1", True, 1.0, None])
def test_other_versions_of_the_claims_are_of_another_kind(vendor, v):
    with pytest.raises(WrongKindError, match="later version"):
        verify(vendor.file(license_claims(v=v)), keys=vendor.keys, now=NOW)


@pytest.mark.parametrize("name", ["exp", "org", "features"])
def test_an_error_names_the_claim(vendor, name):
    with pytest.raises(MalformedError, match=name):
        verify(vendor.file(license_claims(**{name: ABSENT})), keys=vendor.keys, now=NOW)


@pytest.mark.parametrize("name", ["id", "name", "email"])
def test_members_of_the_organization_are_mandatory(vendor, name):
    organization = license_claims()["org"]
    del organization[name]
    with pytest.raises(MalformedError, match=name):
        verify(vendor.file(license_claims(org=organization)), keys=vendor.keys, now=NOW)


def test_unknown_claims_are_kept_beside_the_known_ones_and_decide_nothing(vendor):
    organization = license_claims()["org"] | {"vat": "DE1", "seats": 9}
    license = verify(vendor.file(license_claims(org=organization, users=9)), keys=vendor.keys, now=NOW)
    assert license.extra == {"org": {"vat": "DE1", "seats": 9}, "users": 9}
    assert {field.name: getattr(license, field.name) for field in fields(license) if field.name != "extra"} == {
        field.name: getattr(make_license(), field.name) for field in fields(license) if field.name != "extra"
    }


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_the_last_line_may_end_in_three_ways(vendor, end):
    data = vendor.file().rstrip(b"\n")
    assert verify(data + end, keys=vendor.keys, now=NOW).seats == 50
    assert verify(data.replace(b"\n", b"\r\n") + end, keys=vendor.keys, now=NOW).seats == 50


@pytest.mark.parametrize("end", [b"\r", b"\n\n", b"\r\r\n", b"\n\r\n", b" ", b"\0", b"\n\0", b"\x1a"])
def test_and_in_no_other(vendor, end):
    with pytest.raises(MalformedError):
        verify(vendor.file().rstrip(b"\n") + end, keys=vendor.keys, now=NOW)


def test_every_code_is_its_own():
    codes = [kind.code for kind in LicenseError.__subclasses__()]
    assert len(set(codes)) == len(codes)
    assert LicenseError.code not in codes
