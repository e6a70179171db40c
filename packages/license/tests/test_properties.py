"""What holds for any license and any damage to its file."""

import contextlib
import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from forge import NOW, make_license
from keywright_license import (
    Deployments,
    KeySigner,
    License,
    LicenseError,
    Organization,
    TrustedKeys,
    detect_format,
    sign_keywright,
    sign_mattermost,
    verify,
    zbase32,
)

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
NAMES = st.text(string.ascii_lowercase + string.digits + "_", min_size=1, max_size=20).map("f{}".format)
COUNTS = st.integers(1, 2**31 - 1)
IDS = st.uuids().map(zbase32.encode)
# Short enough for the certificate's span, long enough to cross leap days, years and the end of 32-bit seconds.
TIMES = st.datetimes(datetime(2026, 11, 1), datetime(2027, 9, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis wants them naive
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def licenses(draw):
    starts_at = draw(TIMES).replace(microsecond=0)
    return License(
        id=draw(IDS),
        issuer=draw(TEXT),
        product=draw(TEXT),
        subscription=draw(TEXT),
        issued_at=draw(TIMES).replace(microsecond=0),
        starts_at=starts_at,
        expires_at=starts_at + timedelta(seconds=draw(st.integers(1, 10**10))),
        plan=draw(TEXT),
        plan_name=draw(TEXT),
        seats=draw(COUNTS),
        features=draw(st.frozensets(NAMES, max_size=20)),
        organization=Organization(id=draw(TEXT), name=draw(TEXT), email=draw(TEXT)),
        deployments=Deployments(production=draw(COUNTS), non_production=draw(st.integers(0, 2**31 - 1))),
        is_trial=draw(st.booleans()),
        supersedes=draw(st.none() | IDS),
        extra=draw(st.dictionaries(TEXT.map("x-{}".format), VALUES, max_size=3)),
    )


@given(license=licenses())
def test_any_license_comes_back_from_keywrights_format(vendor, license):
    data = sign_keywright(license, signer=vendor.signer, kid=vendor.kid, certificate=vendor.certificate)
    read = verify(data, keys=vendor.keys, product=license.product, now=NOW)
    assert read == license
    assert verify(data, keys=TrustedKeys(roots=vendor.keys.roots), now=NOW) == read


@pytest.fixture(scope="module")
def files(vendor, rsa_key, rsa_kid):
    keywright = sign_keywright(make_license(), signer=vendor.signer, kid=vendor.kid, certificate=vendor.certificate)
    mattermost = sign_mattermost(make_license(), signer=KeySigner(rsa_key), kid=rsa_kid)
    return {"keywright": keywright, "mattermost": mattermost}


@pytest.fixture(scope="module")
def keys(vendor, rsa_key):
    return TrustedKeys(roots=vendor.keys.roots, mattermost=(rsa_key.public_key(),))


@pytest.mark.parametrize("name", ["keywright", "mattermost"])
def test_every_single_flipped_bit_is_refused(files, keys, name):
    data = files[name]
    assert verify(data, keys=keys, now=NOW).seats == 50
    for at in range(len(data)):
        for bit in range(8):
            flipped = data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
            with pytest.raises(LicenseError):
                verify(flipped, keys=keys, now=NOW)


@pytest.mark.parametrize("name", ["keywright", "mattermost"])
def test_every_shorter_file_but_for_the_last_line_end_is_refused(files, keys, name):
    data = files[name].rstrip(b"\n")
    assert verify(data, keys=keys, now=NOW).seats == 50
    for length in range(len(data)):
        with pytest.raises(LicenseError):
            verify(data[:length], keys=keys, now=NOW)


@settings(max_examples=500)
@given(data=st.data())
@pytest.mark.parametrize("name", ["keywright", "mattermost"])
def test_bytes_put_in_or_left_out_never_give_another_license(files, keys, name, data):
    octets = files[name]
    begin = data.draw(st.integers(0, len(octets)))
    end = data.draw(st.integers(begin, min(len(octets), begin + 8)))
    inserted = data.draw(st.binary(max_size=8) | st.sampled_from([b"\n", b"\r\n", b"\r", b"=", b".", b" "]))
    damaged = octets[:begin] + inserted + octets[end:]
    with contextlib.suppress(LicenseError):  # line breaks may be put into Mattermost's format
        assert verify(damaged, keys=keys, now=NOW) == verify(octets, keys=keys, now=NOW)


@given(
    data=st.binary(max_size=300)
    | st.text(string.ascii_letters + string.digits + "-_.=\n", max_size=300).map(str.encode)
)
@example(data=b"..\n..")
@example(data=b"a.b.c\na.b.c")
@example(data=b".." * 30000)
@example(data=b"\n" * 65536)
def test_any_bytes_get_an_error_with_a_code(keys, data):
    with pytest.raises(LicenseError) as caught:
        verify(data, keys=keys, now=NOW)
    assert caught.value.code in {"malformed", "bad_signature", "unknown_key", "wrong_kind"}
    with contextlib.suppress(LicenseError):
        detect_format(data)
