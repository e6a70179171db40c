"""Keys of attackers, under every name that might be looked up carelessly."""

import os
import subprocess
import sys
from random import Random

import pytest

from forge import NOW, PRODUCT, Vendor, jws, license_claims, to_json
from keywright_license import LicenseError, public_key_to_pem, to_jwk, verify
from trials.sizes import size

ATTACKERS = size(400)
ODD = (
    "",
    " ",
    ".",
    "..",
    "../../../../etc/passwd",
    "..\\..\\root.pem",
    "/dev/stdin",
    "/proc/self/environ",
    "file:///etc/passwd",
    "https://attacker.example/jwks.json",
    "' OR '1'='1",
    "'; DROP TABLE keys; --",
    "x' UNION SELECT public_key FROM keys --",
    "%00",
    "\x00",
    "${jndi:ldap://attacker.example/a}",
    "{{7*7}}",
    "$(id)",
    "`id`",
    "*",
    "null",
    "0",
    "__class__",
    "__proto__",
    "A" * 43,
    "A" * 42,
    "A" * 300,
    "٠" * 43,
    None,
    True,
    0,
    -1,
    1.5,
    [],
    {},
)


def names(vendor, attacker, chance):
    """What the attacker calls his key: the vendor's names, near ones, odd ones, his own."""
    known = chance.choice((vendor.kid, vendor.root_kid))
    at = chance.randrange(43)
    near = known[:at] + chance.choice("ABCxyz019-_") + known[at + 1 :]
    return chance.choice(
        (known, near if near != known else known.swapcase(), known.swapcase(), known + "=", attacker.kid, *ODD, *ODD)
    )


def attempts(vendor, attacker, chance):
    """Files that carry the attacker's signature, beside a certificate of his or of the vendor."""
    kid, root_kid = names(vendor, attacker, chance), names(vendor, attacker, chance)
    line = jws(attacker.header(kid=kid), license_claims(), attacker.issuing)
    more = chance.choice(({}, {"jwk": to_jwk(attacker.issuing.public_key())}, {"jku": "https://attacker.example"}))
    header = {"alg": "EdDSA", "kid": root_kid, "typ": "keywright-certificate+jwt"} | more
    claims = attacker.certificate_claims(sub=chance.choice((attacker.kid, kid)))
    forged = jws(header, claims, chance.choice((attacker.root, attacker.issuing)))
    yield line + b"\n" + forged
    yield line + b"\n" + vendor.certificate.encode()
    yield line + b"\n" + attacker.certificate.encode()
    raw = chance.choice((b'{"alg":"EdDSA","kid":KID,"kid":"x","typ":"T"}', b'{"alg":"EdDSA","typ":"T","kid":KID}'))
    spelled = raw.replace(b"KID", to_json(kid)).replace(b"T", b"keywright-license+jwt", 1)
    yield jws(spelled, license_claims(), attacker.issuing) + b"\n" + vendor.certificate.encode()


def test_no_key_of_an_attacker_is_taken(vendor):
    chance = Random(20261124)
    tried = 0
    for _ in range(ATTACKERS):
        for data in attempts(vendor, Vendor(), chance):
            with pytest.raises(LicenseError):
                verify(data, keys=vendor.keys, product=PRODUCT, now=NOW)
            tried += 1
    assert tried == 4 * ATTACKERS
    assert verify(vendor.file(), keys=vendor.keys, product=PRODUCT, now=NOW).seats == 50


def test_the_attackers_files_are_sound_to_who_pins_his_root():
    """The twin: these files fail for their keys, not for how they are made."""
    attacker = Vendor()
    assert verify(attacker.file(), keys=attacker.keys, product=PRODUCT, now=NOW).seats == 50


READS_THE_ENVIRONMENT = """
import os, sys
from pathlib import Path
asked = []
class Watched(dict):
    def __getitem__(self, name):
        asked.append(name)
        return super().__getitem__(name)
    def get(self, name, default=None):
        asked.append(name)
        return super().get(name, default)
from datetime import UTC, datetime
import keywright_license
os.environ = Watched(os.environ)
os.getenv = os.environ.get
file, root = map(Path, sys.argv[1:])
keys = keywright_license.TrustedKeys.from_pem(root.read_bytes())
try:
    keywright_license.verify(file.read_bytes(), keys=keys, now=datetime(2026, 11, 24, tzinfo=UTC))
except keywright_license.UnknownKeyError:
    print(asked)
"""


def test_no_environment_variable_makes_the_library_trust_another_key(tmp_path, vendor):
    """It asks for none, so none can; here with those that were tried on other products."""
    stranger = Vendor()
    (tmp_path / "license").write_bytes(stranger.file())
    (tmp_path / "root.pem").write_bytes(public_key_to_pem(vendor.root.public_key()))
    pem = public_key_to_pem(stranger.root.public_key()).decode()
    tempting = (
        "DEBUG",
        "DEMO",
        "KEYWRIGHT_DEMO",
        "KEYWRIGHT_ROOT_KEYS",
        "KEYWRIGHT_LICENSE_KEY",
        "PUBLIC_KEY",
        "MM_LICENSE",
    )
    done = subprocess.run(
        [sys.executable, "-c", READS_THE_ENVIRONMENT, tmp_path / "license", tmp_path / "root.pem"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **dict.fromkeys(tempting, pem)},
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
