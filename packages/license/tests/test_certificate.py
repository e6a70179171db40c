from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from forge import NOW, PRODUCT, Vendor, license_claims, seconds
from keywright_license import (
    KeyFormatError,
    MalformedError,
    SigningError,
    UnknownKeyError,
    WrongKindError,
    WrongProductError,
    verify,
)
from keywright_license._internal.certificate import CertificateMemory, verify_certificate

BEGIN, END = NOW - timedelta(days=30), NOW + timedelta(days=335)
IDENTITY = (1).to_bytes(32, "little")


def test_a_certificate_says_what_it_was_made_to_say(vendor):
    line = vendor.certify(product=PRODUCT, longest_term=timedelta(days=400), valid_from=BEGIN, valid_until=END)
    certificate = verify_certificate(line.encode(), roots={vendor.root_kid: vendor.root.public_key()})
    assert certificate.kid == vendor.kid
    assert certificate.root_kid == vendor.root_kid
    assert certificate.key == vendor.issuing.public_key()
    assert certificate.product == PRODUCT
    assert certificate.valid_from == BEGIN
    assert certificate.valid_until == END
    assert certificate.longest_term == timedelta(days=400)


@pytest.mark.parametrize("raw", [IDENTITY, bytes(32), (2**255 - 18).to_bytes(32, "little")])
def test_no_certificate_is_made_for_a_key_that_proves_nothing(vendor, raw):
    with pytest.raises(KeyFormatError):
        vendor.certify(key=Ed25519PublicKey.from_public_bytes(raw))


@pytest.mark.parametrize(
    "key",
    [
        None,
        [],
        "AA",
        {},
        {"kty": "OKP", "crv": "Ed25519"},
        {"kty": "OKP", "crv": "Ed25519", "x": 5},
        {"kty": "OKP", "crv": "Ed25519", "x": "Å"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AA=="},
        {"kty": "OKP", "crv": "X25519", "x": "A" * 43},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
    ],
)
def test_a_certificate_holds_an_ed25519_key_and_nothing_else(vendor, key):
    line = vendor.certificate_line(vendor.certificate_claims(key=key))
    with pytest.raises(MalformedError):
        verify(vendor.file(certificate=line), keys=vendor.keys, now=NOW)
    with_more = vendor.certificate_claims()
    with_more["key"]["kid"] = vendor.kid
    with pytest.raises(MalformedError, match="no Ed25519 key"):
        verify(vendor.file(certificate=vendor.certificate_line(with_more)), keys=vendor.keys, now=NOW)


@pytest.mark.parametrize("wanted", [{"v": 1.0}, {"v": True}, {"v": 2}, {"v": None}])
def test_a_certificate_of_another_version_is_of_another_kind(vendor, wanted):
    line = vendor.certificate_line(vendor.certificate_claims(**wanted))
    with pytest.raises(WrongKindError, match="later version"):
        verify(vendor.file(certificate=line), keys=vendor.keys, now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_until": BEGIN},
        {"longest_term": timedelta(0)},
        {"longest_term": timedelta(milliseconds=999)},
        {"product": ""},
        {"product": "x" * 501},
        {"valid_until": NOW.replace(year=9999)},
    ],
)
def test_no_certificate_is_made_that_would_be_refused(vendor, changes):
    with pytest.raises(SigningError, match="Such a certificate would be refused"):
        vendor.certify(**changes)


def test_a_certificate_without_a_time_zone_is_a_mistake_of_the_caller(vendor):
    with pytest.raises(ValueError, match="without a zone"):
        vendor.certify(now=NOW.replace(tzinfo=None))


def test_the_span_is_half_open_and_asked_of_the_time_of_issue_alone(vendor):
    first, last = seconds(BEGIN), seconds(END) - 1
    much_later = NOW + timedelta(days=10_000)
    for issued_at in (first, last):
        data = vendor.file(license_claims(iat=issued_at))
        assert seconds(verify(data, keys=vendor.keys, now=much_later).issued_at) == issued_at
    for issued_at in (first - 1, last + 1):
        with pytest.raises(UnknownKeyError, match="not certified at its issue"):
            verify(vendor.file(license_claims(iat=issued_at)), keys=vendor.keys, now=NOW)


def test_the_longest_term_may_be_used_in_full(vendor):
    certificate = vendor.certify(longest_term=timedelta(days=365)).encode()
    begin = license_claims()["nbf"]
    data = vendor.file(license_claims(exp=begin + 365 * 86400), certificate=certificate)
    assert verify(data, keys=vendor.keys, now=NOW).seats == 50
    with pytest.raises(UnknownKeyError, match="runs longer"):
        verify(
            vendor.file(license_claims(exp=begin + 365 * 86400 + 1), certificate=certificate), keys=vendor.keys, now=NOW
        )


def test_a_key_certified_for_one_product_signs_for_no_other(vendor):
    certificate = vendor.certify(product="messaging-edition").encode()
    with pytest.raises(WrongProductError, match="messaging-edition only"):
        verify(vendor.file(certificate=certificate), keys=vendor.keys, now=NOW)


def test_memory_is_bounded_and_the_oldest_goes_first(vendor):
    memory = CertificateMemory(limit=3)
    certificate = verify_certificate(vendor.certificate.encode(), roots={vendor.root_kid: vendor.root.public_key()})
    for line in (b"a", b"b", b"c", b"b", b"d"):
        memory.remember(line, certificate)
    assert len(memory) == 3
    assert memory.get(b"a") is None
    assert [memory.get(line) for line in (b"b", b"c", b"d")] == [certificate] * 3


def test_other_issuing_keys_of_the_same_root_need_no_new_pin(vendor):
    newer = Vendor(root=vendor.root)
    assert newer.kid != vendor.kid
    assert verify(newer.file(), keys=vendor.keys, now=NOW).seats == 50
