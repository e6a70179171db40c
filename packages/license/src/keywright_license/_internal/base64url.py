"""Base64url as RFC 7515 wants it, and nothing else: what is signed must have one spelling.

Python's decoder skips what it does not know, and JOSE libraries let padding and stray bits of the last character
through.
"""

from __future__ import annotations

from binascii import Error, a2b_base64, b2a_base64

from keywright_license.errors import MalformedError

_TO_STANDARD = bytes.maketrans(b"-_+/=", b"+/!!!")  # the three of the other alphabet become a character that is refused
_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")
# By how many characters are left over after groups of four: the padding, and the characters whose idle bits are zero.
_ENDINGS: dict[int, tuple[bytes, bytes]] = {
    2: (b"==", b"AQgw"),
    3: (b"=", b"AEIMQUYcgkosw048"),
}


def encode(octets: bytes) -> bytes:
    return b2a_base64(octets, newline=False).rstrip(b"=").translate(_TO_URL_SAFE)


def decode(text: bytes) -> bytes:
    """The bytes. MalformedError: padded, of another alphabet, of an impossible length, or with idle bits that are not
    zero.
    """
    left_over = len(text) & 3
    try:
        if not left_over:
            return a2b_base64(text.translate(_TO_STANDARD), strict_mode=True)
        padding, last = _ENDINGS[left_over]
        if text[-1] not in last:
            raise MalformedError(_MESSAGE)
        return a2b_base64(text.translate(_TO_STANDARD) + padding, strict_mode=True)
    except (Error, KeyError):
        raise MalformedError(_MESSAGE) from None


_MESSAGE = "This is not a license file, or it was damaged on its way: its base64url is not sound. Download it again."
