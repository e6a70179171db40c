"""Verifying our license against what others verify of the same size: Cryptolens, PyJWT, joserfc, Keygen.

Each is given what its own documentation has its users call, with the key loaded beforehand, and reads the claims:
- PyJWT and joserfc: one compact JWS by Ed25519 with our claims; they check `exp`.
- Cryptolens: its license string, RSA-2048 with SHA-256, verified in Python; its object filled up to our payload's size.
- Keygen (`keygen-py`, a core in Rust): its signed key by Ed25519 with our claims, and `json.loads` of what comes back.
Ours also reads the certificate's line, which it knows after the first time.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import joserfc.jwk
import joserfc.jwt
import jwt
import keygen_sh  # type: ignore[import-untyped]  # it ships no marker of its types
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from licensing.models import LicenseKey  # type: ignore[import-untyped]  # it has no types

from bench.licenses import NOW, sample
from bench.measure import Figure, in_turn, in_words
from keywright_license import (
    Format,
    KeySigner,
    TrustedKeys,
    create_certificate,
    generate_ed25519,
    public_key_to_pem,
    sign_keywright,
    thumbprint,
    verify,
)

FAR = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp())
PRODUCT = "enterprise-edition"


def figures() -> Iterator[Figure]:
    issuing = generate_ed25519()
    data, keys = _ours(issuing)
    payload = data.split(b".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + b"==")) | {"exp": FAR}

    def ours() -> object:
        return verify(data, keys=keys, product=PRODUCT, now=NOW)

    for name, theirs, goal in (
        ("Cryptolens’ SDK (licensing)", _cryptolens(len(payload) * 3 // 4), True),
        ("PyJWT", _pyjwt(issuing, claims), True),
        ("joserfc", _joserfc(issuing, claims), True),
        ("keygen-py (a core in Rust)", _keygen(issuing, claims), False),
    ):
        assert theirs(), f"{name} refuses what it should accept"
        mine, floor = in_turn(ours, theirs)
        yield Figure(
            name=f"Verifying a license against {name}",
            ours=in_words(mine),
            floor=in_words(floor),
            ratio=mine / floor,
            goal="below 1" if goal else "shown",
            met=not goal or mine < floor,
        )


def _ours(issuing: Ed25519PrivateKey) -> tuple[bytes, TrustedKeys]:
    root = generate_ed25519()
    certificate = create_certificate(
        root_signer=KeySigner(root),
        root_kid=thumbprint(root.public_key()),
        key=issuing.public_key(),
        product=None,
        valid_from=NOW - timedelta(days=90),
        valid_until=NOW + timedelta(days=900),
        now=NOW - timedelta(days=90),
    )
    kid = thumbprint(issuing.public_key())
    data = sign_keywright(sample(Format.KEYWRIGHT), signer=KeySigner(issuing), kid=kid, certificate=certificate)
    return data, TrustedKeys(roots=(root.public_key(),))


def _pyjwt(key: Ed25519PrivateKey, claims: dict[str, object]) -> Callable[[], object]:
    token = jwt.encode(claims, key, algorithm="EdDSA", headers={"kid": thumbprint(key.public_key())})
    public = key.public_key()
    return lambda: jwt.decode(token, public, algorithms=["EdDSA"], audience=PRODUCT)


def _joserfc(key: Ed25519PrivateKey, claims: dict[str, object]) -> Callable[[], object]:
    """By the newer name of the algorithm: it warns at each call of the older one, which would cost it more."""
    private = joserfc.jwk.OKPKey.import_key(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())  # made here, thrown away at the end
    )
    token = joserfc.jwt.encode({"alg": "Ed25519"}, claims, private, algorithms=["Ed25519"])
    public = joserfc.jwk.OKPKey.import_key(public_key_to_pem(key.public_key()))
    registry = joserfc.jwt.JWTClaimsRegistry(aud={"essential": True, "value": PRODUCT})

    def run() -> object:
        decoded = joserfc.jwt.decode(token, public, algorithms=["Ed25519"])
        registry.validate(decoded.claims)
        return decoded.claims

    return run


def _keygen(key: Ed25519PrivateKey, claims: dict[str, object]) -> Callable[[], object]:
    signed = b"key/" + base64.urlsafe_b64encode(json.dumps(claims, separators=(",", ":")).encode())
    text = (signed + b"." + base64.urlsafe_b64encode(key.sign(signed))).decode()
    keygen_sh.config.set_config(
        keygen_sh.config.KeygenConfig(
            api_url="http://127.0.0.1",
            api_version="1.7",
            api_prefix="v1",
            account="bench",
            product=PRODUCT,
            public_key=key.public_key().public_bytes_raw().hex(),
        )
    )
    scheme = keygen_sh.license.SchemeCode.Ed25519Sign
    return lambda: json.loads(keygen_sh.verify(scheme, text))


def _cryptolens(size: int) -> Callable[[], object]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    numbers = key.public_key().public_numbers()
    spelled = [
        base64.b64encode(number.to_bytes(length, "big")).decode() for number, length in ((numbers.n, 256), (65537, 3))
    ]
    public = f"<RSAKeyValue><Modulus>{spelled[0]}</Modulus><Exponent>{spelled[1]}</Exponent></RSAKeyValue>"
    said: dict[str, object] = {
        "ProductId": 1, "ID": 1, "Key": "AAAAA-BBBBB-CCCCC-DDDDD", "Created": FAR - 10**9,
        "Expires": FAR, "Period": 365,
        **{f"F{number}": number % 2 == 0 for number in range(1, 9)},
        "Notes": "", "Block": False, "GlobalId": 1, "Customer": None, "ActivatedMachines": [], "TrialActivation": False,
        "MaxNoOfMachines": 5, "AllowedMachines": None, "DataObjects": [], "SignDate": FAR - 10**9, "Reseller": None,
    }  # fmt: skip
    said["Notes"] = "x" * max(0, size - len(json.dumps(said)))
    octets = json.dumps(said).encode()
    text = json.dumps(
        {
            "licenseKey": base64.b64encode(octets).decode(),
            "signature": base64.b64encode(key.sign(octets, PKCS1v15(), hashes.SHA256())).decode(),
            "result": 0,
            "message": "",
            "metadata": None,
        }
    )
    return lambda: LicenseKey.load_from_string(public, text)
