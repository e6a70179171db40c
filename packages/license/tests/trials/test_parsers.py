"""What a stranger wrote ends in a value or in an error of ours, and in little memory."""

import tracemalloc
from random import Random

import pytest

from trials.mutating import damage
from trials.parsers import PARSERS, parse, seeds
from trials.sizes import size

ROUNDS = size(60)
MEGABYTE = 2**20
MOST_MEMORY = 64 * MEGABYTE
# These begin as `license_claims` does, with strict_json, and refuse what comes out of it as soon.
LIKE_ANOTHER = {"mattermost_claims", "certificate_claims", "read_report", "read_release"}


@pytest.mark.parametrize("name", PARSERS)
def test_damaged_input_ends_in_an_error_of_ours(name):
    chance = Random(20261124)
    sound = [seed for seed in seeds() if seed]
    for _ in range(ROUNDS):
        data = chance.choice(sound)
        for _ in range(chance.choice((0, 1, 1, 3))):
            data = damage(data, chance) or b"x"
        assert parse(name, data) in (True, False)


def test_each_parser_takes_something_sound():
    taken = {name for name in PARSERS for seed in seeds() if parse(name, seed)}
    assert taken >= PARSERS.keys() - {"from_pem", "mattermost_claims", "bundle_claims"}


HUGE = {
    "the same letter": b"A" * MEGABYTE,
    "full stops": b"." * MEGABYTE,
    "lines": b"\n" * MEGABYTE,
    "open brackets": b"[" * MEGABYTE,
    "empty lists": b'{"x":[' + b"[]," * (MEGABYTE // 3) + b"[]]}",
    "empty objects": b'{"x":[' + b"{}," * (MEGABYTE // 3) + b"{}]}",
    "small objects": b'{"x":[' + b'{"a":1},' * (MEGABYTE // 8) + b"{}]}",
    "keys": b"{" + b",".join(b'"%d":0' % number for number in range(MEGABYTE // 10)) + b"}",
    "escapes": b'{"x":"' + b"\\ud83d\\ude00" * (MEGABYTE // 12) + b'"}',
    "digits": b'{"x":' + b"9" * MEGABYTE + b"}",
    "numbers": b'{"x":[' + b"1234567," * (MEGABYTE // 8) + b"0]}",
    "a JWK set": b'{"keys":[' + b"{}," * (MEGABYTE // 3) + b"{}]}",
    "PEM": b"-----BEGIN PUBLIC KEY-----" * (MEGABYTE // 26),
    "revoked": b'{"iss":"x","seq":1,"keys":[],"licenses":['
    + b'{"jti":"84t5of3ps8wneejj9ubenhusxy","at":1,"reason":"refunded"},' * (MEGABYTE // 64)
    + b"{}]}",
}


@pytest.mark.parametrize("what", HUGE)
def test_a_megabyte_takes_64_at_most(what):
    data = HUGE[what]
    peaks = {}
    for name in PARSERS.keys() - LIKE_ANOTHER:
        tracemalloc.start()
        try:
            parse(name, data)
            peaks[name] = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert {name: peak for name, peak in peaks.items() if peak > MOST_MEMORY} == {}
