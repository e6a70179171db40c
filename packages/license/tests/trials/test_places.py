"""Every kind of artifact, signed by every key there is, in every other kind's place."""

from collections import Counter
from random import Random

import pytest

from artifacts import Server
from forge import NOW, PRODUCT, jws
from opening import READERS, Reader, claims_of
from trials.sizes import size

TRIED = size(2_000)
KINDS = tuple(READERS)


@pytest.fixture(scope="module")
def server():
    return Server()


@pytest.fixture(scope="module")
def sound(server):
    vendor = server.vendor
    return {
        "license": vendor.file(),
        "certificate": vendor.certificate.encode() + b"\n",
        "revocations": server.bundle_file(),
        "activation-request": server.request_file(),
        "activation": server.activation_file(),
        "release": server.release_file(),
        "usage": server.report_file(),
    }


@pytest.fixture(scope="module")
def reader(server):
    return Reader(trusted=server.vendor.keys, deployment=server.key.public_key(), product=PRODUCT, now=NOW)


def test_nothing_is_accepted_but_in_its_own_place(server, sound, reader):
    """Claims of one kind or of two together, under the `typ` of a kind, by any of the three keys, read as another."""
    chance, vendor, verdicts = Random(20261124), server.vendor, Counter()
    keys = {vendor.root_kid: vendor.root, vendor.kid: vendor.issuing, server.kid: server.key}
    for _ in range(TRIED):
        kind, place = chance.sample(KINDS, 2)
        said = claims_of(sound[kind])
        if chance.randrange(2):
            said = claims_of(sound[place]) | said if chance.randrange(2) else said | claims_of(sound[place])
        kid = chance.choice(tuple(keys))
        line = jws({"alg": "EdDSA", "kid": kid, "typ": f"keywright-{kind}+jwt"}, said, keys[kid])
        data = chance.choice((sound[kind], line, line + b"\n" + vendor.certificate.encode() + b"\n"))
        if chance.randrange(4) == 0:
            data = sound[kind].splitlines()[0] + b"\n" + sound[place].splitlines()[-1]
        verdicts[reader.verdict(place, data)] += 1
    assert verdicts[None] == 0
    assert verdicts["wrong_kind"] > TRIED // 2


def test_each_is_accepted_in_its_own_place(sound, reader):
    """The twin: the same files fail for their place alone."""
    assert {kind: reader.verdict(kind, sound[kind]) for kind in KINDS} == dict.fromkeys(KINDS)
