"""No mutated license is accepted, none ends in anything but a code, and no sound one is refused."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest

from forge import NOW, PRODUCT, Vendor, make_license
from keywright_license import (
    KeySigner,
    LicenseError,
    Organization,
    TrustedKeys,
    sign_keywright,
    sign_mattermost,
    verify,
    zbase32,
)
from trials.mutating import Keywright, Mattermost
from trials.sizes import size

MUTATIONS = size(6_000)
SOUND = MUTATIONS // 100
SEED = 20261124
SHORTEST_MATTERMOST = 360  # base64 of a signature and some JSON


@pytest.fixture(scope="module")
def keys(vendor, rsa_key):
    return TrustedKeys(roots=vendor.keys.roots, mattermost=(rsa_key.public_key(),))


@pytest.fixture(scope="module")
def sign(vendor, rsa_key, rsa_kid):
    def keywright(license):
        return sign_keywright(license, signer=vendor.signer, kid=vendor.kid, certificate=vendor.certificate)

    def mattermost(license):
        return sign_mattermost(license, signer=KeySigner(rsa_key), kid=rsa_kid)

    return {"keywright": keywright, "mattermost": mattermost}


def some_license(chance):
    begins = NOW - timedelta(days=chance.randrange(20))
    return make_license(
        id=zbase32.encode(chance.randbytes(16)),
        issued_at=begins,
        starts_at=begins,
        expires_at=begins + timedelta(seconds=chance.randrange(1, 5 * 10**7)),
        seats=chance.randrange(1, 2**31),
        organization=Organization(id=f"o{chance.randrange(10**6)}", name="Müller & Søn 株式会社", email=""),
    )


@pytest.mark.parametrize("name", ["keywright", "mattermost"])
def test_no_mutated_license_is_accepted(name, vendor, keys, sign):
    chance = Random(SEED)
    codes, tried = Counter(), 0
    while tried < MUTATIONS // 2:
        if tried % 1_000 == 0:  # a license anew now and then
            first, second = (sign[name](some_license(chance)) for _ in range(2))
            made = Keywright(first, second, vendor) if name == "keywright" else Mattermost(first)
        data = made.mutate(chance)
        if made.same(data):
            continue
        tried += 1
        try:
            verify(data, keys=keys, product=PRODUCT, now=NOW)
        except LicenseError as error:
            codes[error.code] += 1
        else:
            pytest.fail(f"accepted: {data!r}")
    assert codes.total() == MUTATIONS // 2
    wanted = {"malformed", "bad_signature"} | ({"unknown_key", "wrong_kind"} if name == "keywright" else set())
    assert set(codes) >= wanted
    assert min(codes[code] for code in wanted) > MUTATIONS // 1_000


@pytest.mark.parametrize("name", ["keywright", "mattermost"])
def test_no_sound_license_is_refused(name, keys, sign):
    chance = Random(SEED)
    for _ in range(SOUND // 2):
        license = some_license(chance)
        read = verify(sign[name](license), keys=keys, product=PRODUCT, now=NOW)
        assert (read.id, read.seats, read.expires_at) == (license.id, license.seats, license.expires_at)


def test_the_mutations_would_be_seen_by_a_verifier_that_checks_nothing(vendor, sign):
    """The twin: who only looks whether the file can be read takes thousands of them."""
    chance = Random(SEED)
    made = Keywright(sign["keywright"](make_license()), sign["keywright"](make_license(seats=7)), vendor)
    stranger = Vendor()
    taken = 0
    for _ in range(2_000):
        data = made.mutate(chance)
        lines = data.splitlines()
        taken += len(lines) == 2 and all(line.count(b".") == 2 for line in lines) and not made.same(data)
    assert taken > 1_000
    assert stranger.kid != vendor.kid
