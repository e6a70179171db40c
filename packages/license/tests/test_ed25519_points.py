import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from keywright_license import KeyFormatError
from keywright_license._internal import ed25519_points

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P

# The eight points whose order divides 8, each with the spellings that decoders were seen to take, as published with
# "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko; table of small-order points).
SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]
NOT_CANONICAL = [
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]


def add(one, other):
    """The curve's addition law, written from RFC 8032 for this test."""
    (x1, y1), (x2, y2) = one, other
    product = D * x1 * x2 * y1 * y2
    return (
        (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P,
        (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P,
    )


def x_of(y):
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    return root if root * root % P == square else root * pow(2, (P - 1) // 4, P) % P


@pytest.mark.parametrize("raw", SMALL_ORDER)
def test_keys_of_small_order_are_refused(raw):
    with pytest.raises(KeyFormatError, match="small order"):
        ed25519_points.check(bytes.fromhex(raw))


@pytest.mark.parametrize("raw", SMALL_ORDER)
def test_the_refused_points_are_of_small_order(raw):
    y = int.from_bytes(bytes.fromhex(raw), "little") & (2**255 - 1)
    point = (x_of(y), y)
    for _ in range(3):
        point = add(point, point)
    assert point == (0, 1)


@pytest.mark.parametrize("raw", NOT_CANONICAL)
def test_second_spellings_are_refused(raw):
    with pytest.raises(KeyFormatError, match="canonical"):
        ed25519_points.check(bytes.fromhex(raw))


def test_what_is_no_point_of_the_curve_is_refused():
    with pytest.raises(KeyFormatError, match="no point"):
        ed25519_points.check((2).to_bytes(32, "little"))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_only_32_bytes_are_a_key(length):
    with pytest.raises(KeyFormatError, match="32 bytes"):
        ed25519_points.check(bytes(length))


def test_generated_keys_are_taken():
    for _ in range(100):
        ed25519_points.check(Ed25519PrivateKey.generate().public_key().public_bytes_raw())


def test_the_danger_is_real_one_signature_fits_every_message_under_such_a_key():
    identity = bytes.fromhex(SMALL_ORDER[0])
    key = Ed25519PublicKey.from_public_bytes(identity)
    for message in (b"50 seats", b"5000 seats"):
        key.verify(identity + bytes(32), message)  # raises unless the signature is good
