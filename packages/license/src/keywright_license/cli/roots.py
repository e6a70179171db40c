"""`keywright-license root`: root keys, and the certificates of issuing keys. For a machine that is kept offline."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from keywright_license._internal.certificate import create_certificate, read_before_signing
from keywright_license.cli.given import (
    ACCEPTED,
    MisuseError,
    add_now,
    add_passphrase,
    count,
    moment,
    now_of,
    open_private,
    passphrase_of,
    read,
    read_keys,
    say,
    write_new,
)
from keywright_license.errors import MalformedError
from keywright_license.keys import (
    generate_ed25519,
    private_key_to_pem,
    public_key_to_pem,
    thumbprint,
    to_jwk,
)
from keywright_license.presenting import iso
from keywright_license.signer import KeySigner

if TYPE_CHECKING:
    import argparse

    from keywright_license.cli.given import Commands

_PRIVATE = b"PRIVATE KEY-----"
_ONLY_OWNER = 0o600


def add_to(commands: Commands) -> None:
    group = commands.add_parser(
        "root", help="make a root key, certify issuing keys with it, show keys and certificates"
    )
    actions = group.add_subparsers(required=True, metavar="ACTION")

    create = actions.add_parser(
        "create",
        help="make a root key",
        description="Writes FILE, the private key as an encrypted PEM file, and FILE.pub, the public key that products "
        "pin. Keep FILE and its passphrase offline and apart, each with a copy elsewhere: without them no issuing key "
        "can be certified any more.",
    )
    create.add_argument("file", metavar="FILE", type=Path, help="a file that is not there yet")
    add_passphrase(create)
    create.set_defaults(run=run_create)

    certify = actions.add_parser(
        "certify",
        help="certify an issuing key",
        description="Writes the certificate, one line, to the file that is named, and shows it.",
    )
    certify.add_argument("key", metavar="KEYFILE", type=Path, help="the issuing key: a PEM public key, or a JWK set")
    certify.add_argument("--root", metavar="FILE", type=Path, required=True, help="the root key, as `create` wrote it")
    certify.add_argument("--product", metavar="PRODUCT", help="the one product it may sign for; default: any")
    certify.add_argument(
        "--longest-term", metavar="DAYS", type=count, help="the longest term of a license, in days; default: any"
    )
    certify.add_argument(
        "--from", metavar="ISO8601", dest="begin", type=moment, help="when it may begin to sign; default: now"
    )
    certify.add_argument(
        "--until",
        metavar="ISO8601",
        dest="end",
        type=moment,
        required=True,
        help="when it must have ended; what it signed until then verifies on",
    )
    certify.add_argument("--out", metavar="FILE", type=Path, required=True, help="a file that is not there yet")
    add_now(certify, "the time of certifying")
    add_passphrase(certify)
    certify.set_defaults(run=run_certify)

    show = actions.add_parser("show", help="show a root key, public keys or a certificate; proves nothing")
    show.add_argument("file", metavar="FILE", type=Path, help="what `create` or `certify` wrote, or a JWK set")
    add_passphrase(show)
    show.set_defaults(run=run_show)


def run_create(given: argparse.Namespace) -> int:
    public_file = Path(f"{given.file}.pub")
    for path in (given.file, public_file):
        if path.exists():
            msg = f"{path} is there already. Move it away, or choose another name."
            raise MisuseError(msg)
    key = generate_ed25519()
    private = private_key_to_pem(key, passphrase=passphrase_of(given, new=True))
    write_new(given.file, private, mode=_ONLY_OWNER)
    write_new(public_file, public_key_to_pem(key.public_key()))
    say({"private_key": str(given.file), "public_key": str(public_file), **_present_key(key.public_key())})
    return ACCEPTED


def run_certify(given: argparse.Namespace) -> int:
    public = _issuing_key(given.key)
    root = open_private(given.root, given)
    if root.public_key() == public:
        raise MisuseError("This is the root key itself, and a root key signs no licenses. Give the issuing key.")
    now = now_of(given)
    line = create_certificate(
        root_signer=KeySigner(root),
        root_kid=thumbprint(root.public_key()),
        key=public,
        product=given.product,
        valid_from=given.begin or now,
        valid_until=given.end,
        longest_term=None if given.longest_term is None else _days(given.longest_term),
        now=now,
    )
    write_new(given.out, line.encode() + b"\n")
    say({"certificate": str(given.out), **_present_certificate(line)})
    return ACCEPTED


def run_show(given: argparse.Namespace) -> int:
    data = read(given.file)
    if _PRIVATE in data:
        say({"kind": "private key", **_present_key(open_private(given.file, given).public_key())})
        return ACCEPTED
    if b"." in data and not data.lstrip().startswith((b"{", b"-")):
        try:
            line = data.decode("ascii").rstrip("\r\n").splitlines()[-1]  # the last, also of a license file
            say({"kind": "certificate", **_present_certificate(line)})
        except (UnicodeDecodeError, MalformedError):
            msg = f"{given.file} is neither a key nor a certificate. Take another file."
            raise MisuseError(msg) from None
        return ACCEPTED
    say({"kind": "public keys", "keys": [_present_key(key) for key in read_keys(given.file).roots]})
    return ACCEPTED


def _issuing_key(path: Path) -> Ed25519PublicKey:
    roots = read_keys(path).roots
    if len(roots) != 1:
        msg = f"{path} holds {len(roots)} Ed25519 keys; exactly one can be certified at a time. Take another file."
        raise MisuseError(msg)
    return roots[0]


def _days(number: int) -> timedelta:
    try:
        return timedelta(days=number)
    except OverflowError:
        raise MisuseError("--longest-term is too long. Leave it out if any term is allowed.") from None


def _present_key(key: Ed25519PublicKey) -> dict[str, object]:
    return {"kid": thumbprint(key), "jwk": to_jwk(key)}


def _present_certificate(line: str) -> dict[str, object]:
    said = read_before_signing(line)
    return {
        "kid": said.kid,
        "root_kid": said.root_kid,
        "product": said.product,
        "valid_from": iso(said.valid_from),
        "valid_until": iso(said.valid_until),
        "longest_term_days": None if said.longest_term is None else said.longest_term / timedelta(days=1),
    }
