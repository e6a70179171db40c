from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright_license import zbase32

ALPHABET = "ybndrfg8ejkmcpqxot1uwisza345h769"


@given(st.uuids())
def test_a_uuid_comes_back_from_its_26_letters(uuid):
    letters = zbase32.encode(uuid)
    assert len(letters) == 26
    assert set(letters) <= set(ALPHABET)
    assert zbase32.decode(letters) == uuid
    assert zbase32.encode(uuid.bytes) == letters


@pytest.mark.parametrize(
    ("number", "letters"),
    [
        (0, "y" * 26),
        (2**128 - 1, "9" * 25 + "h"),
        (1, "y" * 25 + "r"),
        (0xF0BFC9E5D7C8A1B5E0B5D9B5C9B5A9B5, None),
    ],
)
def test_bits_stand_from_the_left_and_the_last_letter_carries_three(number, letters):
    bits = f"{number:0128b}00"
    by_hand = "".join(ALPHABET[int(bits[i : i + 5], 2)] for i in range(0, 130, 5))
    assert zbase32.encode(UUID(int=number)) == by_hand
    assert letters in (by_hand, None)


@pytest.mark.parametrize(
    "text", ["", "y" * 25, "y" * 27, "y" * 25 + "b", "Y" * 26, "l" * 26, "y" * 25 + "\n", "y" * 25 + "١"]
)
def test_anything_else_is_no_id(text):
    assert not zbase32.is_id(text)
    with pytest.raises(ValueError, match="not an id"):
        zbase32.decode(text)


@pytest.mark.parametrize("length", [0, 15, 17])
def test_only_16_bytes_make_an_id(length):
    with pytest.raises(ValueError, match="16 bytes"):
        zbase32.encode(bytes(length))
