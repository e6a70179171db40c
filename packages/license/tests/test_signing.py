import dataclasses
from datetime import UTC, datetime, timedelta, timezone

import pytest

from forge import FEATURES, LICENSE_ID, NOW, OLDER_ID, PRODUCT, Vendor, license_claims, make_license
from keywright_license import (
    Deployments,
    Format,
    KeySigner,
    Organization,
    SigningError,
    generate_ed25519,
    sign_keywright,
    thumbprint,
    verify,
)


def sign(vendor, license, **changes):
    said = {"signer": vendor.signer, "kid": vendor.kid, "certificate": vendor.certificate} | changes
    return sign_keywright(license, **said)


def test_a_signed_license_comes_back_with_every_field(vendor):
    license = make_license(
        is_trial=True,
        supersedes=OLDER_ID,
        organization=Organization(id="o", name="Müller & Søn", email=""),
        extra={"region": "eu", "org": {"vat": "DE1"}, "plan": {"tier": 2}, "deployments": {"edge": 1}},
    )
    data = sign(vendor, license)
    assert verify(data, keys=vendor.keys, product=PRODUCT, now=NOW) == license
    assert data.count(b"\n") == 2
    assert data.endswith(b"\n" + vendor.certificate.encode() + b"\n")


def test_the_same_license_is_signed_to_the_same_bytes(vendor):
    assert sign(vendor, make_license()) == sign(vendor, make_license())


def test_claims_are_those_of_the_description(vendor):
    assert verify(vendor.file(license_claims()), keys=vendor.keys, now=NOW) == make_license()
    assert sign(vendor, make_license()) == vendor.file(license_claims())


def test_times_are_rounded_down_to_seconds_and_may_be_of_any_zone(vendor):
    exact = make_license()
    odd = dataclasses.replace(
        exact,
        issued_at=(exact.issued_at + timedelta(microseconds=999_999)).astimezone(timezone(timedelta(hours=14))),
        expires_at=exact.expires_at + timedelta(milliseconds=500),
    )
    read = verify(sign(vendor, odd), keys=vendor.keys, now=NOW)
    assert read == exact
    assert read.issued_at.tzinfo is UTC


def test_a_license_read_from_the_other_format_is_signed_as_keywrights(vendor):
    license = make_license(format=Format.MATTERMOST)
    assert verify(sign(vendor, license), keys=vendor.keys, now=NOW).format is Format.KEYWRIGHT


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "LIC-0001"},
        {"seats": 0},
        {"seats": 2**31},
        {"seats": True},
        {"features": frozenset({"LDAP"})},
        {"features": frozenset({"a" * 65})},
        {"features": frozenset(f"f{i}" for i in range(513))},
        {"issuer": ""},
        {"product": "x" * 501},
        {"plan": "E20\n"},
        {"organization": Organization(id="o", name="", email="")},
        {"organization": Organization(id="o", name="\ud800", email="")},
        {"organization": Organization(id="o", name="N", email="a@b.example\nBcc: c@d.example")},
        {"deployments": Deployments(production=0)},
        {"deployments": Deployments(non_production=-1)},
        {"expires_at": NOW - timedelta(days=1)},
        {"expires_at": datetime(9999, 1, 1, tzinfo=UTC)},
        {"supersedes": "LIC-0001"},
        {"extra": {"seats": 5000}},
        {"extra": {"org": {"id": "other"}}},
        {"extra": {"org": "other"}},
        {"extra": {"x": (1, 2)}},
        {"extra": {"x": float("nan")}},
        {"extra": {"x": object()}},
        {"extra": {"x": "\0"}},
        {"extra": {"crowd": "x" * 70_000}},
    ],
)
def test_nothing_is_signed_that_would_be_refused_or_read_differently(vendor, changes):
    with pytest.raises(SigningError) as caught:
        sign(vendor, make_license(**changes))
    assert caught.value.code == "not_signable"


def test_a_time_without_a_zone_is_a_mistake_of_the_caller(vendor):
    with pytest.raises(ValueError, match="without a zone"):
        sign(vendor, make_license(issued_at=NOW.replace(tzinfo=None)))


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        ({"product": "messaging-edition"}, "messaging-edition only"),
        ({"longest_term": timedelta(days=30)}, "runs longer"),
        ({"valid_until": NOW - timedelta(days=2)}, "not certified at its issue"),
    ],
)
def test_nothing_is_signed_beyond_what_the_certificate_covers(vendor, limits, says):
    with pytest.raises(SigningError, match=says):
        sign(vendor, make_license(), certificate=vendor.certify(**limits))


def test_the_certificate_must_be_of_the_key_that_signs(vendor):
    with pytest.raises(SigningError, match="Take the one that belongs to it"):
        sign(vendor, make_license(), certificate=Vendor(root=vendor.root).certificate)


def test_a_signer_without_the_key_says_so(vendor):
    with pytest.raises(SigningError, match="no private key"):
        sign(vendor, make_license(), signer=KeySigner(generate_ed25519()))


class Confused:
    """Signs with whatever it was given."""

    def __init__(self, answer):
        self.answer = answer

    def sign(self, kid, data):
        assert kid
        return self.answer(data)


def test_a_signer_that_uses_another_key_is_found_out(vendor):
    with pytest.raises(SigningError, match="signature does not fit"):
        sign(vendor, make_license(), signer=Confused(generate_ed25519().sign))


def test_a_signer_that_answers_with_something_else_is_found_out(vendor):
    with pytest.raises(SigningError, match="256 bytes"):
        sign(vendor, make_license(), signer=Confused(lambda _: bytes(256)))


def test_a_key_signer_names_its_keys(rsa_key, rsa_kid):
    key = generate_ed25519()
    assert KeySigner(key, rsa_key).kids == (thumbprint(key.public_key()), rsa_kid)
    assert make_license().id == LICENSE_ID
    assert make_license().features == FEATURES
