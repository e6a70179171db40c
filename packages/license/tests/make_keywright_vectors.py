"""Wrote vectors/keywright once, from throw-away keys that were stored nowhere. Run again, it writes all of them anew:

    python packages/license/tests/make_keywright_vectors.py

`verdicts.json` names each file's verdict and why; an implementation in any language can be held to it.
"""

from __future__ import annotations

import json
from datetime import timedelta

from forge import (
    ABSENT,
    LICENSE,
    NOW,
    OLDER_ID,
    PRODUCT,
    Vendor,
    encode,
    jws,
    license_claims,
    malleable,
    seconds,
)
from keywright_license import Organization
from vector_book import Vectors, write
from vector_claims import add_certificates, add_unreadable_claims, add_wrong_claims


def main() -> None:
    vectors = Vectors()
    for add in (
        add_sound,
        add_damaged,
        add_headers,
        add_unreadable_claims,
        add_wrong_claims,
        add_certificates,
        add_untrusted,
        add_other_kinds,
        add_inapplicable,
    ):
        add(vectors)
    write(vectors.files, vectors.keys)


def add_sound(vectors: Vectors) -> None:
    """Accepted."""
    vectors.accepted("plain", vectors.sound, "well-formed")
    vectors.accepted("no-last-newline", vectors.sound.rstrip(b"\n"), "the last line's end is missing")
    vectors.accepted("crlf", vectors.sound.replace(b"\n", b"\r\n"), "CRLF line ends")
    vectors.accepted(
        "utf8",
        vectors.signed(organization=Organization(id="o", name="Müller & Søn 株式会社", email="")),
        "UTF-8; no address",
    )
    vectors.accepted("trial", vectors.signed(is_trial=True), "a trial")
    vectors.accepted("supersedes", vectors.signed(supersedes=OLDER_ID), "takes the place of another file")
    vectors.accepted("no-features", vectors.signed(features=frozenset()), "a plan without features")
    vectors.accepted("waiting", vectors.signed(starts_at=NOW + timedelta(days=30)), "begins in 30 days")
    vectors.accepted("most-seats", vectors.signed(seats=2**31 - 1), "the largest number of seats")
    extra = {"region": "eu", "limits": {"boards": [1, 2.5, None]}, "org": {"vat": "DE1"}}
    vectors.accepted("unknown-claims", vectors.signed(extra=extra), "unknown claims, which are kept")
    other_order = f'{{ "typ": "{LICENSE}", "kid": "{vectors.vendor.kid}", "alg": "EdDSA" }}'.encode()
    vectors.accepted(
        "header-order",
        vectors.vendor.file(header=other_order),
        "the header's members in another order, with white space",
    )
    certificate_over = vectors.vendor.certify(valid_until=NOW - timedelta(hours=1))
    vectors.accepted(
        "certificate-over", vectors.signed(certificate_over), "the certificate ran out after the license was issued"
    )
    limits = vectors.vendor.certify(product=PRODUCT, longest_term=timedelta(days=366))
    vectors.accepted("certificate-limits", vectors.signed(limits), "within the product and the term of its certificate")
    vectors.accepted("revoked-later", vectors.signed(by=vectors.later), "the key's revocation lies ahead")


def add_damaged(vectors: Vectors) -> None:
    """What is no two lines of compact JWS."""
    vectors.refused("empty", b"", "malformed", "an empty file")
    vectors.refused("not-a-license", b"Dear customer,\nhere is your license.\n", "malformed", "a letter")
    vectors.refused("too-large", vectors.sound + b"A" * 65536, "malformed", "longer than 64 KiB")
    vectors.refused(
        "byte-order-mark", b"\xef\xbb\xbf" + vectors.sound, "malformed", "a byte order mark before the first line"
    )
    vectors.refused(
        "claims-byte-order-mark",
        vectors.vendor.file(b"\xef\xbb\xbf" + json.dumps(license_claims()).encode()),
        "malformed",
        "a byte order mark before the claims",
    )
    vectors.refused("one-line", vectors.line + b"\n", "malformed", "without the certificate")
    vectors.refused("third-line", vectors.sound + vectors.certificate + b"\n", "malformed", "a third line")
    vectors.refused("empty-third-line", vectors.sound + b"\n", "malformed", "an empty third line")
    vectors.refused(
        "blank-between",
        vectors.line + b"\n\n" + vectors.certificate + b"\n",
        "malformed",
        "an empty line between",
    )
    vectors.refused(
        "two-segments",
        vectors.sound.replace(b"." + vectors.signature_segment, b""),
        "malformed",
        "the license has no signature",
    )
    vectors.refused(
        "padded-signature",
        vectors.sound.replace(vectors.signature_segment, vectors.signature_segment + b"=="),
        "malformed",
        "padding after the signature",
    )
    vectors.refused(
        "padded-payload",
        _resign(
            vectors.vendor,
            vectors.header_segment,
            vectors.payload_segment + b"=" * (-len(vectors.payload_segment) % 4 or 4),
            vectors.certificate,
        ),
        "malformed",
        "padding after the payload, signed with it",
    )
    vectors.refused(
        "idle-bits",
        vectors.sound.replace(vectors.signature_segment, _idle_bit(vectors.signature_segment)),
        "malformed",
        "a bit of the last character that carries nothing",
    )
    vectors.refused(
        "standard-alphabet",
        vectors.sound.replace(
            vectors.signature_segment,
            vectors.signature_segment.translate(bytes.maketrans(b"-_", b"+/"))
            if b"-" in vectors.signature_segment or b"_" in vectors.signature_segment
            else b"+" + vectors.signature_segment[1:],
        ),
        "malformed",
        "the standard alphabet of base64",
    )
    vectors.refused("white-space", vectors.sound.replace(b".", b". ", 1), "malformed", "a space in the license")
    vectors.refused(
        "short-signature",
        vectors.vendor.file(key=lambda data: vectors.vendor.issuing.sign(data)[:-1]),
        "malformed",
        "a signature of 63 bytes",
    )
    vectors.refused(
        "malleable-signature",
        vectors.vendor.file(key=malleable(vectors.vendor.issuing)),
        "malformed",
        "a scalar that is not reduced (S + L)",
    )


def add_headers(vectors: Vectors) -> None:
    """Signed headers with a member more, less or other."""
    for name, changes, why in (
        ("crit-empty", {"crit": []}, "an empty crit"),
        ("crit-unknown", {"crit": ["exp"], "exp": 1}, "an unknown crit"),
        ("header-member", {"x-plan": "E20"}, "a header member of one's own"),
        ("header-jwk", {"jwk": {"kty": "OKP"}}, "a key in the header"),
        ("header-no-kid", {"kid": ABSENT}, "no kid"),
        ("header-no-typ", {"typ": ABSENT}, "no typ"),
        ("header-kid-number", {"kid": 1}, "a kid that is no text"),
        ("header-kid-no-thumbprint", {"kid": "key-1"}, "a kid that is no thumbprint"),
        ("alg-none", {"alg": "none"}, "alg none"),
        ("alg-hs256", {"alg": "HS256"}, "alg HS256"),
        ("alg-ed25519", {"alg": "Ed25519"}, "alg Ed25519, where EdDSA is written"),
    ):
        vectors.refused(name, vectors.vendor.file(header=vectors.vendor.header(**changes)), "malformed", why)
    twice = f'{{"alg":"EdDSA","kid":"{vectors.stranger.kid}","kid":"{vectors.vendor.kid}","typ":"{LICENSE}"}}'.encode()
    vectors.refused("header-key-twice", vectors.vendor.file(header=twice), "malformed", "kid twice in the header")
    vectors.refused("header-no-object", vectors.vendor.file(header=b"[]"), "malformed", "a header that is no object")
    vectors.refused(
        "header-too-long",
        vectors.vendor.file(header=vectors.vendor.header(typ="x" * 600)),
        "malformed",
        "a header of over 512 bytes",
    )


def add_untrusted(vectors: Vectors) -> None:
    """Sound, and not by who may sign."""
    vectors.refused(
        "tampered-claims",
        vectors.sound.replace(vectors.payload_segment, encode(json.dumps(license_claims(seats=5000)).encode())),
        "bad_signature",
        "the seat count was changed after signing",
    )
    vectors.refused(
        "tampered-signature",
        vectors.sound.replace(vectors.signature_segment, _other_bit(vectors.signature_segment)),
        "bad_signature",
        "one bit of the signature was flipped",
    )
    vectors.refused(
        "signed-by-another",
        vectors.vendor.file(key=vectors.stranger.issuing),
        "bad_signature",
        "signed by another key under this one's kid",
    )
    vectors.refused(
        "certificate-by-another",
        vectors.vendor.file(certificate=vectors.vendor.certificate_line(key=vectors.stranger.root)),
        "bad_signature",
        "the certificate is signed by another key under the root's kid",
    )
    vectors.refused(
        "certificate-by-itself",
        vectors.vendor.file(certificate=vectors.vendor.certificate_line(key=vectors.vendor.issuing)),
        "bad_signature",
        "the certificate is signed by the issuing key itself",
    )
    vectors.refused("unknown-root", vectors.signed(by=vectors.stranger), "unknown_key", "of another vendor")
    vectors.refused(
        "other-certificate",
        vectors.line + b"\n" + stranger_of(vectors.vendor).encode() + b"\n",
        "unknown_key",
        "the vectors.certificate of another issuing key",
    )
    vectors.refused(
        "issued-after-certificate",
        vectors.vendor.file(license_claims(iat=seconds(NOW + timedelta(days=335)))),
        "unknown_key",
        "issued at the instant the certificate ends",
    )
    vectors.refused(
        "issued-before-certificate",
        vectors.vendor.file(license_claims(iat=seconds(NOW - timedelta(days=31)))),
        "unknown_key",
        "issued before the certificate begins",
    )
    term = vectors.vendor.certify(longest_term=timedelta(days=365)).encode()
    vectors.refused(
        "longer-than-certified",
        vectors.vendor.file(license_claims(exp=license_claims()["nbf"] + 365 * 86400 + 1), certificate=term),
        "unknown_key",
        "a second longer than the certificate allows",
    )
    vectors.refused("revoked-key", vectors.signed(by=vectors.withdrawn), "revoked_key", "the issuing key is revoked")


def add_other_kinds(vectors: Vectors) -> None:
    """Genuine, and no license for this product."""
    for name, typ, why in (
        ("kind-usage", "keywright-usage+jwt", "a usage report"),
        ("kind-activation", "keywright-activation+jwt", "an activation"),
        ("kind-jwt", "JWT", "typ JWT"),
        ("kind-case", "Keywright-License+JWT", "typ in other capitals"),
    ):
        vectors.refused(name, vectors.vendor.file(header=vectors.vendor.header(typ=typ)), "wrong_kind", why)
    vectors.refused(
        "kind-two-certificates",
        vectors.certificate + b"\n" + vectors.certificate + b"\n",
        "wrong_kind",
        "the certificate in place of the license",
    )
    vectors.refused(
        "kind-one-line",
        jws(vectors.vendor.header(typ="keywright-activation-request+jwt"), {}, vectors.vendor.issuing) + b"\n",
        "wrong_kind",
        "an activation request, which has one line",
    )
    vectors.refused(
        "kind-swapped", vectors.certificate + b"\n" + vectors.line + b"\n", "wrong_kind", "the two lines swapped"
    )
    vectors.refused("later-version", vectors.vendor.file(license_claims(v=2)), "wrong_kind", "claims of version 2")
    vectors.refused(
        "later-certificate",
        vectors.vendor.file(certificate=vectors.vendor.certificate_line(vectors.vendor.certificate_claims(v=2))),
        "wrong_kind",
        "a vectors.certificate of version 2",
    )
    vectors.refused(
        "other-product", vectors.signed(product="messaging-edition"), "wrong_product", "for another product"
    )
    certified_for_another = vectors.vendor.certify(product="messaging-edition").encode()
    vectors.refused(
        "certificate-of-other-product",
        vectors.vendor.file(certificate=certified_for_another),
        "wrong_product",
        "by a key that is certified for another product",
    )


def add_inapplicable(vectors: Vectors) -> None:
    """Genuine, and not to be put in force; seats are looked at before time."""
    vectors.refused("too-few-seats", vectors.signed(seats=4), "too_few_seats", "4 seats for 5 active users")
    vectors.refused(
        "expired",
        vectors.signed(expires_at=NOW - timedelta(seconds=1)),
        "expired",
        "expired a second ago; not applicable even in grace",
    )
    both = vectors.signed(seats=4, expires_at=NOW - timedelta(days=1) + timedelta(seconds=1))
    vectors.refused("too-few-seats-and-expired", both, "too_few_seats", "seats are looked at before the time")
    vectors.accepted("last-instant", vectors.signed(expires_at=NOW), "expires at this very instant")


def stranger_of(vendor: Vendor) -> str:
    """A certificate of another issuing key of the same root."""
    return Vendor(root=vendor.root).certificate


def _resign(vendor: Vendor, header: bytes, payload: bytes, certificate: bytes) -> bytes:
    signed = header + b"." + payload
    return signed + b"." + encode(vendor.issuing.sign(signed)) + b"\n" + certificate + b"\n"


def _idle_bit(segment: bytes) -> bytes:
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return segment[:-1] + bytes([alphabet[alphabet.index(segment[-1]) | 1]])


def _other_bit(segment: bytes) -> bytes:
    return (b"B" if segment[:1] == b"A" else b"A") + segment[1:]


if __name__ == "__main__":
    main()
