"""What an attacker, an editor or a bad disk makes of a license file: one of many mutations, by a random number."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from binascii import Error
from dataclasses import dataclass, field
from random import Random

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA512

from forge import NOW, Vendor, encode, jws, malleable, seconds, to_json
from keywright_license import generate_rsa, to_jwk
from opening import claims_of

ALGORITHMS = ("none", "HS256", "HS512", "RS256", "ES256", "EdDSA ", "eddsa", "Ed25519", "Ed448", "", None, 0, [])
KIDS = ("", "root", "../../etc/passwd", "/dev/null", "' OR 1=1 --", "k\x00", "A" * 43, "A" * 400, None, 5, ["x"], {})
TYPES = ("JWT", "", "keywright-certificate+jwt", "keywright-usage+jwt", "keywright-license+JWT", None)
NOISE = (b"\x00", b"\n", b"\r", b"\r\n", b" ", b"=", b".", b"-", b"_", b"+", b"/", b"\xff", b"\xef\xbb\xbf", b"A")
MORE_SEATS = 2_000_000


def damage(data: bytes, chance: Random) -> bytes:
    """Bits, bytes and spans, without knowing the format."""
    at = chance.randrange(len(data))
    end = min(len(data), at + chance.choice((1, 1, 2, 5, 40)))
    match chance.randrange(7):
        case 0 | 1:
            octets = bytearray(data)
            for _ in range(chance.choice((1, 1, 1, 2, 8))):
                octets[chance.randrange(len(octets))] ^= 1 << chance.randrange(8)
            return bytes(octets)
        case 2:
            return data[:at]
        case 3:
            return data[:at] + data[end:]
        case 4:
            return data[:at] + chance.choice(NOISE) * chance.choice((1, 1, 3)) + data[at:]
        case 5:
            return data[:at] + data[at:end] * 2 + data[end:]
        case _:
            return data[:at] + chance.randbytes(end - at) + data[end:]


@dataclass
class Keywright:
    """Of a sound file; `other` is a sound one of the same key, to swap parts with."""

    sound: bytes
    other: bytes
    vendor: Vendor
    attacker: Vendor = field(default_factory=Vendor)

    def mutate(self, chance: Random) -> bytes:
        ways = (self.damage, self.damage, self.header, self.claims, self.splice, self.resign, self.spell, self.forge)
        return chance.choice(ways)(chance)

    def same(self, data: bytes) -> bool:
        """But for line ends, which are not signed."""
        return _lines(data) == _lines(self.sound) or _lines(data) == _lines(self.other)

    def damage(self, chance: Random) -> bytes:
        return damage(self.sound, chance)

    def header(self, chance: Random) -> bytes:
        """Another header before what was signed, or signed anew by the attacker."""
        header = {"alg": "EdDSA", "kid": self.vendor.kid, "typ": "keywright-license+jwt"}
        member = chance.choice(("alg", "kid", "typ", "crit", "jwk", "x5c", "b64"))
        header[member] = {
            "alg": chance.choice(ALGORITHMS),
            "kid": chance.choice((*KIDS, self.attacker.kid, self.vendor.root_kid)),
            "typ": chance.choice(TYPES),
            "crit": chance.choice(([], ["exp"], ["b64"])),
            "jwk": to_jwk(self.attacker.issuing.public_key()),
            "x5c": ["AA=="],
            "b64": False,
        }[member]
        line, certificate = self.sound.splitlines()
        _, payload, signature = line.split(b".")
        segment = encode(to_json(header))
        match chance.randrange(4):
            case 0:
                signature = b""
            case 1:
                secret = self.vendor.issuing.public_key().public_bytes_raw()
                signature = encode(hmac.digest(secret, segment + b"." + payload, hashlib.sha256))
            case 2:
                signature = encode(self.attacker.issuing.sign(segment + b"." + payload))
        return segment + b"." + payload + b"." + signature + b"\n" + certificate + b"\n"

    def claims(self, chance: Random) -> bytes:
        """Other claims under the old signature."""
        which = chance.randrange(2)
        lines = self.sound.splitlines()
        header, _, signature = lines[which].split(b".")
        said = claims_of(lines[which])
        name = chance.choice(sorted(said))
        said[name] = chance.choice((None, 0, -1, MORE_SEATS, "x", [], {}, True, 1e300, seconds(NOW) + 10**9, "A" * 600))
        payload = json.dumps(said, indent=chance.choice((None, 1))).encode()
        lines[which] = b".".join([header, encode(payload), signature])
        return b"\n".join(lines) + b"\n"

    def splice(self, chance: Random) -> bytes:
        """Parts of several files in one; genuine all of them, and none where it belongs."""
        files = (self.sound, self.other, self.attacker.file())
        parts = [part for data in files for line in data.splitlines() for part in line.split(b".")]
        lines = [b".".join(chance.choice(parts) for _ in range(3)) for _ in range(2)]
        if chance.randrange(2):
            whole = [line for data in files for line in data.splitlines()]
            lines = [chance.choice(whole) for _ in range(chance.choice((1, 2, 2, 2, 3)))]
        return b"\n".join(lines) + b"\n"

    def resign(self, chance: Random) -> bytes:
        """Signed again, by the attacker or in a second spelling."""
        line, certificate = self.sound.splitlines()
        header, payload, _ = line.split(b".")
        signed = header + b"." + payload
        key = chance.choice(
            (
                self.attacker.issuing.sign,
                malleable(self.vendor.issuing),
                lambda _: bytes(64),
                lambda _: chance.randbytes(64),
                lambda _: (1).to_bytes(32, "little") + bytes(32),
            )
        )
        if chance.randrange(2):
            return signed + b"." + encode(key(signed)) + b"\n" + certificate + b"\n"
        head, body, _ = certificate.split(b".")
        return line + b"\n" + head + b"." + body + b"." + encode(key(head + b"." + body)) + b"\n"

    def spell(self, chance: Random) -> bytes:
        """The same in another spelling of base64url, lines or JSON."""
        line, certificate = self.sound.splitlines()
        segments = line.split(b".")
        which = chance.randrange(3)
        part = segments[which]
        match chance.randrange(6):
            case 0:
                segments[which] = part + b"=" * chance.choice((1, 2, 3))
            case 1:
                segments[which] = part.translate(bytes.maketrans(b"-_", b"+/")) + b"="
            case 2:
                segments[which] = part[:7] + chance.choice((b" ", b"\t", b"\r\n", b"\n")) + part[7:]
            case 3:
                segments[which] = part[:-1] + bytes([part[-1] ^ 1])
            case 4:
                return chance.choice((b"\xef\xbb\xbf", b" ", b"\n", b"\x00")) + self.sound
            case _:
                return self.sound + chance.choice((b"\n", b" ", b"\x00", b"x", b"\r", certificate))
        return b".".join(segments) + b"\n" + certificate + b"\n"

    def forge(self, chance: Random) -> bytes:
        """A whole file by the attacker, who names the vendor's keys as his own."""
        attacker, vendor = self.attacker, self.vendor
        kid = chance.choice((attacker.kid, vendor.kid))
        root_kid = chance.choice((attacker.root_kid, vendor.root_kid, vendor.kid, attacker.kid))
        line = attacker.license_line(header=attacker.header(kid=kid))
        said = attacker.certificate_claims(sub=chance.choice((attacker.kid, vendor.kid)))
        header = {"alg": "EdDSA", "kid": root_kid, "typ": "keywright-certificate+jwt"}
        certificate = jws(header, said, chance.choice((attacker.root, attacker.issuing, vendor.issuing)))
        return line + b"\n" + chance.choice((certificate, vendor.certificate.encode())) + b"\n"


@dataclass
class Mattermost:
    """Of a sound file in Mattermost's format."""

    sound: bytes
    attacker: RSAPrivateKey = field(default_factory=generate_rsa)

    def mutate(self, chance: Random) -> bytes:
        if chance.randrange(3):
            return damage(self.sound, chance)
        octets = b64decode(self.sound)
        text, signature = octets[:-256], octets[-256:]
        match chance.randrange(5):
            case 0:
                said = json.loads(text)
                said["features"]["users"] = MORE_SEATS
                text = to_json(said)
            case 1:
                signature = self.attacker.sign(text, PKCS1v15(), SHA512())
            case 2:
                signature = chance.choice(
                    (bytes(256), b"\x00" * 255 + b"\x01", chance.randbytes(256), b"", signature * 2)
                )
            case 3:
                text = text.replace(b'"', b"'", 1) if chance.randrange(2) else text + b" "
            case _:
                return damage(b64encode(octets[: chance.randrange(1, len(octets))]), chance)
        return b64encode(text + signature)

    def same(self, data: bytes) -> bool:
        """But for line breaks and NUL bytes at the end, which servers in the field skip."""
        try:
            octets = b64decode(data.replace(b"\n", b"").replace(b"\r", b""), validate=True)
        except (Error, ValueError):
            return False
        return octets.rstrip(b"\x00") == b64decode(self.sound)


def _lines(data: bytes) -> list[bytes]:
    return data.replace(b"\r\n", b"\n").removesuffix(b"\n").split(b"\n")
