import base64
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keywright_license import MalformedError
from keywright_license._internal import base64url

ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@given(st.binary(max_size=200))
def test_bytes_come_back(octets):
    text = base64url.encode(octets)
    assert text == base64.urlsafe_b64encode(octets).rstrip(b"=")
    assert base64url.decode(text) == octets


@given(st.binary(max_size=40))
def test_whatever_is_decoded_has_one_spelling(text):
    try:
        octets = base64url.decode(text)
    except MalformedError:
        return
    assert base64url.encode(octets) == text


def test_of_all_two_character_texts_only_those_with_idle_bits_of_zero_are_decoded():
    decoded = 0
    for pair in itertools.product(range(256), repeat=2):
        text = bytes(pair)
        try:
            assert base64url.encode(base64url.decode(text)) == text
            decoded += 1
        except MalformedError:
            assert text[0] not in ALPHABET or text[1] not in b"AQgw"
    assert decoded == 64 * 4


@pytest.mark.parametrize(
    "text",
    [
        b"A",
        b"AAAAA",
        b"QQ==",
        b"QQ=",
        b"=",
        b"====",
        b"QUI=",
        b"Q+==",
        b"Q/Q",
        b" QQ",
        b"QQ\n",
        b"QR",
        b"QUJ",
        b"\xff\xff",
    ],
)
def test_padding_other_alphabets_white_space_and_stray_bits_are_refused(text):
    with pytest.raises(MalformedError):
        base64url.decode(text)
