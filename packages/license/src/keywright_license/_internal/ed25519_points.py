"""Which 32 bytes are fit to be an Ed25519 public key.

OpenSSL takes any 32 bytes for a key. With a key of small order one signature fits every message (or one in eight),
and an encoding that is not canonical gives one key two thumbprints; so both are refused wherever a key enters, before
anything is verified with it.
"""

from __future__ import annotations

from keywright_license.errors import KeyFormatError

_P = 2**255 - 19
# RFC 8032, section 5.1: the curve is -x² + y² = 1 + d·x²·y².
_D = -121665 * pow(121666, -1, _P) % _P
_RAW_BYTES = 32


def _small_order_ys() -> frozenset[int]:
    """The y of the eight points whose order divides 8.

    Orders 1 and 2 have x = 0, so y = ±1; order 4 has y = 0. A point of order 8 doubles to one with y = 0: x² = -y²
    and so d·y⁴ + 2·y² - 1 = 0.
    """
    ys = {0, 1, _P - 1}
    # d·(y²)² + 2·y² - 1 = 0 has y² = (-1 ± √(1 + d)) / d; of the two, one is a square.
    root = _square_root(1 + _D)
    for y_squared in ((-1 + root) * pow(_D, -1, _P) % _P, (-1 - root) * pow(_D, -1, _P) % _P):
        if _is_square(y_squared):
            y = _square_root(y_squared)
            ys |= {y, _P - y}
    return frozenset(ys)


def _is_square(number: int) -> bool:
    return pow(number, (_P - 1) // 2, _P) in (0, 1)


def _square_root(square: int) -> int:
    """RFC 8032, section 5.1.3, steps 2 and 3; p is 5 modulo 8."""
    root = pow(square, (_P + 3) // 8, _P)
    return root if root * root % _P == square % _P else root * pow(2, (_P - 1) // 4, _P) % _P


_SMALL_ORDER_YS = _small_order_ys()


def check(raw: bytes) -> None:
    """KeyFormatError: not the canonical encoding of a point of the curve whose order is large."""
    if len(raw) != _RAW_BYTES:
        msg = f"An Ed25519 public key has {_RAW_BYTES} bytes, this one has {len(raw)}. Take another key."
        raise KeyFormatError(msg)
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if y >= _P:
        raise KeyFormatError("The Ed25519 public key is not encoded canonically. Take another key.")
    if y in _SMALL_ORDER_YS:
        raise KeyFormatError(
            "The Ed25519 public key is of small order: its signatures prove nothing. Take another key."
        )
    y_squared = y * y % _P
    if not _is_square((y_squared - 1) * pow(_D * y_squared + 1, -1, _P)):
        raise KeyFormatError("The Ed25519 public key is no point of the curve. Take another key.")
