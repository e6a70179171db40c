import base64
import dataclasses
import json
import random
import uuid
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

import field_server
from forge import NOW, OLDER_ID, make_license
from keywright_license import (
    BadSignatureError,
    Deployments,
    Format,
    KeySigner,
    MalformedError,
    Organization,
    SigningError,
    TrustedKeys,
    generate_rsa,
    sign_mattermost,
    verify,
    zbase32,
)

ALL_FEATURES = frozenset(field_server.BOOLEANS)
NOW_MS = int(NOW.timestamp()) * 1000
PLANS = ["E10", "E20", "professional", "enterprise", "advanced", "entry"]


@pytest.fixture(scope="module")
def keys(rsa_key):
    return TrustedKeys(mattermost=(rsa_key.public_key(),))


@pytest.fixture(scope="module")
def forge(rsa_key):
    """Signs any bytes as the format's JSON; a dict is changed from a sound license first."""

    def make(said=None, **changes):
        if said is None:
            said = json.loads(base64.b64decode(make_file(rsa_key))[:-256]) | changes
            said = {name: value for name, value in said.items() if value is not ...}
        for nudge in range(300):  # white space until the signature does not end in zero
            text = (said if isinstance(said, bytes) else json.dumps(said).encode()) + b" " * nudge
            signature = rsa_key.sign(text, padding.PKCS1v15(), hashes.SHA512())
            if signature[-1]:
                return base64.b64encode(text + signature)
        raise AssertionError

    return make


def make_file(rsa_key, **changes):
    return sign_mattermost(make_license(**changes), signer=KeySigner(rsa_key), kid=KeySigner(rsa_key).kids[0])


def in_this_format(license):
    """What remains of a license: the format has no place for the rest."""
    return dataclasses.replace(
        license,
        issuer="",
        product="",
        subscription="",
        deployments=Deployments(),
        supersedes=None,
        format=Format.MATTERMOST,
    )


def test_five_thousand_licenses_are_all_accepted_by_a_server_in_the_field(rsa_key, rsa_kid, keys):
    chance, signer = random.Random(5000), KeySigner(rsa_key)  # what varies is no secret
    moved = 0
    for number in range(5000):
        features = frozenset(
            name for name in field_server.BOOLEANS if chance.random() < chance.choice((0.1, 0.5, 0.95))
        )
        license = make_license(
            id=zbase32.encode(uuid.UUID(int=chance.getrandbits(128))),
            seats=chance.choice((1, 7, 50, 8169, 2**31 - 1)),
            features=features,
            plan=chance.choice(PLANS),
            issued_at=NOW - timedelta(milliseconds=chance.randrange(10**9)),
            organization=Organization(
                id=str(number), name=chance.choice(("Northwind Works", "Müller & Søn", "株式会社")), email=""
            ),
        )
        data = sign_mattermost(license, signer=signer, kid=rsa_kid)
        applied = field_server.apply(data, rsa_key.public_key(), active_users=license.seats, now_ms=NOW_MS)
        assert isinstance(applied, dict), applied
        assert applied["id"] == license.id
        assert applied["features"]["users"] == license.seats
        assert {name for name in field_server.BOOLEANS if applied["features"][name]} == features
        later = applied["issued_at"] - int(license.issued_at.timestamp() * 1000)
        assert 0 <= later <= 3
        moved += later > 0
        read = verify(data, keys=keys, now=NOW)
        assert read == in_this_format(dataclasses.replace(license, issued_at=read.issued_at))
    # 1 in 256: 20 are expected, and all of 5,000 escape with a chance of 3 in a thousand million.
    assert moved > 0


class EndsInZero:
    """Signs truly, but lets the first signatures end in zero, as one in 256 does."""

    def __init__(self, signer, times):
        self.signer, self.left, self.signed = signer, times, []

    def sign(self, kid, data):
        self.signed.append(data)
        signature = self.signer.sign(kid, data)
        if self.left:
            self.left -= 1
            return signature[:-1] + b"\0"
        return signature


@pytest.mark.parametrize("times", [1, 2])
def test_issued_at_moves_by_a_millisecond_until_the_signature_ends_in_something(rsa_key, rsa_kid, times):
    license = make_license()
    signer = EndsInZero(KeySigner(rsa_key), times)
    text = base64.b64decode(sign_mattermost(license, signer=signer, kid=rsa_kid))[:-256]
    issued = [json.loads(data)["issued_at"] for data in signer.signed]
    first = int(license.issued_at.timestamp() * 1000)
    assert issued[: times + 1] == [first + step for step in range(times + 1)]
    assert json.loads(text) == json.loads(signer.signed[0]) | {"issued_at": issued[-1]}


def test_a_signer_whose_every_signature_ends_in_zero_is_at_fault(rsa_key, rsa_kid):
    with pytest.raises(SigningError, match="signer is at fault"):
        sign_mattermost(make_license(), signer=EndsInZero(KeySigner(rsa_key), 99), kid=rsa_kid)


@pytest.mark.parametrize(
    "features",
    [
        frozenset(),
        ALL_FEATURES,
        frozenset({"ldap"}),
        frozenset({"future_features"}),
        ALL_FEATURES - {"ldap"},
        ALL_FEATURES - {"future_features"},
        frozenset({"announcement", "cloud"}),
        frozenset({"ldap", "a_newer_feature"}),
    ],
)
def test_features_come_back_and_only_what_differs_from_the_default_is_written(rsa_key, keys, features):
    data = make_file(rsa_key, features=features)
    assert verify(data, keys=keys, now=NOW).features == features
    written = json.loads(base64.b64decode(data)[:-256])["features"]
    assert written.pop("users") == 50
    assert written.pop("future_features") is ("future_features" in features)
    assert all(granted is (name in features) for name, granted in written.items())
    if features == frozenset({"ldap"}):
        assert written == {"ldap": True, "announcement": False, "theme_management": False}
    if features == ALL_FEATURES - {"ldap"}:
        assert written == {"ldap": False, "cloud": True}


@pytest.mark.parametrize(
    ("features", "granted"),
    [
        ({}, ALL_FEATURES - {"cloud"}),
        ({"future_features": None}, ALL_FEATURES - {"cloud"}),
        ({"future_features": True, "ldap": None, "saml": False}, ALL_FEATURES - {"cloud", "saml"}),
        ({"future_features": False}, {"announcement", "theme_management"}),
        ({"future_features": False, "ldap": True, "announcement": False}, {"ldap", "theme_management"}),
        ({"cloud": True}, ALL_FEATURES),
        ({"future_features": False, "newer": True}, {"announcement", "theme_management", "newer"}),
    ],
)
def test_absent_booleans_take_the_value_of_future_features_three_apart(forge, keys, features, granted):
    license = verify(forge(features={"users": 3, **features}), keys=keys, now=NOW)
    assert license.features == granted
    assert license.extra == {}


def test_what_the_model_does_not_know_is_kept_and_written_back(forge, keys, rsa_key, rsa_kid):
    unknown = {"newer": False, "limit": 5, "Odd Name": True}
    data = forge(
        features={"users": 3, "future_features": False, "ldap": True, **unknown},
        customer={"id": "c", "name": "Ada Byron", "email": "", "company": "Northwind", "vat": "DE1"},
        is_seat_count_enforced=True,
        limits={"boards": None},
    )
    license = verify(data, keys=keys, now=NOW)
    assert license.features == {"ldap", "announcement", "theme_management"}
    assert license.extra == {
        "features": unknown,
        "customer": {"name": "Ada Byron", "vat": "DE1"},
        "is_seat_count_enforced": True,
        "limits": {"boards": None},
    }
    again = sign_mattermost(license, signer=KeySigner(rsa_key), kid=rsa_kid)
    assert verify(again, keys=keys, now=NOW) == license


def test_the_only_unknown_feature_that_is_false_is_kept_too(forge, keys):
    license = verify(forge(features={"users": 3, "newer": False}), keys=keys, now=NOW)
    assert license.extra == {"features": {"newer": False}}
    assert license.features == ALL_FEATURES - {"cloud"}


@pytest.mark.parametrize(
    ("duration", "flag", "is_trial"),
    [
        (timedelta(days=30, hours=8), False, True),
        (timedelta(days=30, hours=23, minutes=59, seconds=59), None, True),
        (timedelta(days=30, hours=8, milliseconds=1), False, False),
        (timedelta(days=365), None, False),
        (timedelta(days=365), True, True),
    ],
)
def test_a_trial_is_one_by_its_flag_or_by_its_duration(forge, keys, duration, flag, is_trial):
    data = forge(starts_at=NOW_MS, expires_at=NOW_MS + duration // timedelta(milliseconds=1), is_trial=flag)
    assert verify(data, keys=keys, now=NOW).is_trial is is_trial


def test_a_paid_license_that_servers_would_take_for_a_trial_is_not_signed(rsa_key):
    with pytest.raises(SigningError, match="as long as a trial"):
        make_file(rsa_key, starts_at=NOW, expires_at=NOW + timedelta(days=30, hours=8))
    assert make_file(rsa_key, starts_at=NOW, expires_at=NOW + timedelta(days=30, hours=8), is_trial=True)


def test_the_product_is_what_the_caller_asks_for_since_the_file_names_none(rsa_key, keys):
    data = make_file(rsa_key, supersedes=OLDER_ID)
    assert verify(data, keys=keys, now=NOW).product == ""
    assert verify(data, keys=keys, product="enterprise-edition", now=NOW).product == "enterprise-edition"


def test_milliseconds_come_back(rsa_key, keys):
    issued_at = NOW - timedelta(seconds=1) + timedelta(microseconds=123_999)
    read = verify(make_file(rsa_key, issued_at=issued_at), keys=keys, now=NOW)
    assert read.issued_at - NOW + timedelta(seconds=1) in [timedelta(milliseconds=123 + step) for step in range(3)]


@pytest.mark.parametrize(
    "changes",
    [
        {"expires_at": ...},
        {"expires_at": None},
        {"expires_at": 1.5},
        {"expires_at": True},
        {"expires_at": "2027"},
        {"expires_at": -1},
        {"expires_at": 253370764800000},
        {"issued_at": ...},
        {"starts_at": ...},
        {"customer": ...},
        {"customer": None},
        {"customer": {"name": 5}},
        {"customer": {"name": "a\r\nb"}},
        {"customer": {"company": "x" * 501}},
        {"features": ...},
        {"features": []},
        {"features": {}},
        {"features": {"users": None}},
        {"features": {"users": 0}},
        {"features": {"users": -1}},
        {"features": {"users": 2**31}},
        {"features": {"users": 5.0}},
        {"features": {"users": 5, "ldap": 1}},
        {"features": {"users": 5, "future_features": "yes"}},
        {"is_trial": 1},
        {"sku_name": 1},
        {"id": 5},
    ],
)
def test_wrong_claims_are_malformed(forge, keys, changes):
    with pytest.raises(MalformedError):
        verify(forge(**changes), keys=keys, now=NOW)


@pytest.mark.parametrize(
    "text",
    [
        b"[]",
        b"{",
        b"\xff{}",
        b'{"id":"a","id":"a"}',
        b'{"x":NaN}',
        b'{"x":' + b"[" * 2000 + b"]" * 2000 + b"}",
        b'{"x":' + b"9" * 5000 + b"}",
    ],
)
def test_json_that_two_readers_could_take_for_two_things_is_malformed(forge, keys, text):
    with pytest.raises(MalformedError):
        verify(forge(text), keys=keys, now=NOW)


def test_absent_and_null_texts_are_empty(forge, keys):
    data = forge(customer={"name": "Ada Byron", "id": None}, sku_name=None, sku_short_name=..., is_trial=None)
    license = verify(data, keys=keys, now=NOW)
    assert license.organization == Organization(id="", name="Ada Byron", email="")
    assert (license.plan, license.plan_name, license.is_trial) == ("", "", False)


def test_line_breaks_may_stand_anywhere_and_nothing_else_may(rsa_key, keys):
    data = make_file(rsa_key)
    license = verify(data, keys=keys, now=NOW)
    for end in (b"\n", b"\r\n", b"\r"):
        wrapped = end.join(data[at : at + 7] for at in range(0, len(data), 7)) + end
        assert verify(end + wrapped, keys=keys, now=NOW) == license
    for character in (b" ", b"\t", b"\0", b"\x0b", b"-", b"=", b"\xa0"):
        for at in (0, 40, len(data)):
            with pytest.raises(MalformedError):
                verify(data[:at] + character + data[at:], keys=keys, now=NOW)


@pytest.mark.parametrize("more", [b"=", b"==", b"==="])
def test_padding_after_a_whole_group_is_malformed_whatever_it_follows(rsa_key, keys, more):
    ends = set()
    for tries in range(2000):
        data = make_file(rsa_key, issued_at=make_license().issued_at + timedelta(milliseconds=100 * tries))
        assert not data.endswith(b"=")
        ends.add(data[-1:])
        with pytest.raises(MalformedError):
            verify(data + more, keys=keys, now=NOW)
        if ends >= {b"A", b"Q", b"g", b"w"}:  # after these, and these alone, a reader that looks at them is misled
            break
    assert ends >= {b"A", b"Q", b"g", b"w"}


def test_bits_that_carry_nothing_must_be_zero(rsa_key, keys):
    ends = set()
    for length in range(3):
        data = make_file(rsa_key, plan_name="x" * (1 + length))
        padding_length = data.count(b"=")
        ends.add(padding_length)
        alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        if padding_length:
            at = len(data) - padding_length - 1
            stray = data[:at] + bytes([alphabet[alphabet.index(data[at]) | 1]]) + data[at + 1 :]
            assert base64.b64decode(stray) == base64.b64decode(data)
            with pytest.raises(MalformedError):
                verify(stray, keys=keys, now=NOW)
            with pytest.raises(MalformedError):
                verify(data.rstrip(b"="), keys=keys, now=NOW)
    assert ends == {0, 1, 2}


def test_a_file_of_ten_thousand_bytes_is_read_and_one_byte_more_is_not(rsa_key, keys):
    data = make_file(rsa_key)
    padded = data + b"\n" * (10_000 - len(data))
    assert verify(padded, keys=keys, now=NOW).seats == 50
    with pytest.raises(MalformedError, match="10000 bytes"):
        verify(padded + b"\n", keys=keys, now=NOW)
    with pytest.raises(SigningError, match="servers read 10000"):
        make_file(rsa_key, extra={"limits": "x" * 8000})


def test_each_of_several_pinned_keys_is_tried(rsa_key):
    keys = TrustedKeys(mattermost=(generate_rsa().public_key(), rsa_key.public_key()))
    assert verify(make_file(rsa_key), keys=keys, now=NOW).seats == 50
    with pytest.raises(BadSignatureError):
        verify(make_file(rsa_key), keys=TrustedKeys(mattermost=keys.mattermost[:1]), now=NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"plan": "premium"},
        {"id": "LIC-0001"},
        {"seats": 0},
        {"features": frozenset({"Odd Name"})},
        {"organization": Organization(id="o", name="a\nb", email="")},
        {"extra": {"id": "other"}},
        {"extra": {"customer": {"company": "other"}}},
        {"extra": {"x": float("inf")}},
        {"extra": {"x": "\ud800"}},
        {"extra": {"x": {1, 2}}},
        {"extra": {"x": (1,)}},
    ],
)
def test_nothing_is_signed_that_servers_would_read_differently(rsa_key, changes):
    with pytest.raises(SigningError):
        make_file(rsa_key, **changes)


def test_a_signer_with_a_key_of_another_kind_is_found_out(vendor):
    with pytest.raises(SigningError, match="64 bytes"):
        sign_mattermost(make_license(), signer=vendor.signer, kid=vendor.kid)
