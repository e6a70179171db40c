"""`keywright-license bundle`: revocation bundles. Signing one with a root key is for a machine that is kept offline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from keywright_license._internal import strict_json
from keywright_license.cli.given import (
    ACCEPTED,
    REFUSED,
    MisuseError,
    add_now,
    add_passphrase,
    count,
    now_of,
    open_private,
    read,
    read_keys,
    say,
    write_new,
)
from keywright_license.errors import LicenseError, MalformedError
from keywright_license.keys import thumbprint
from keywright_license.limits import MAX_BUNDLE_BYTES
from keywright_license.presenting import present_bundle
from keywright_license.revocations import draft_bundle, read_bundle, sign_bundle
from keywright_license.signer import KeySigner

if TYPE_CHECKING:
    import argparse

    from keywright_license.cli.given import Commands


def add_to(commands: Commands) -> None:
    group = commands.add_parser("bundle", help="sign or show a revocation bundle")
    actions = group.add_subparsers(required=True, metavar="ACTION")

    sign = actions.add_parser(
        "sign",
        help="sign a bundle",
        description="DRAFT is a JSON object with the claims iss, seq, licenses and keys, and aud unless it is for all "
        "products (docs/license-file.md). Only a bundle by a root key may revoke keys.",
    )
    sign.add_argument("draft", metavar="DRAFT", type=Path, help="what is revoked, as JSON")
    sign.add_argument("--root", metavar="FILE", type=Path, help="sign with this root key")
    sign.add_argument("--key", metavar="FILE", type=Path, help="or with this issuing key, an encrypted PEM file")
    sign.add_argument("--certificate", metavar="FILE", type=Path, help="the issuing key's certificate")
    sign.add_argument("--out", metavar="FILE", type=Path, required=True, help="a file that is not there yet")
    add_now(sign, "the time of signing")
    add_passphrase(sign)
    sign.set_defaults(run=run_sign)

    show = actions.add_parser(
        "show",
        help="say whether a bundle is genuine, and what it revokes",
        description="Prints one JSON object: accepted, code, message, bundle. "
        "Exits 0 if the bundle is accepted, 1 if it is refused, 2 if it was not called rightly.",
    )
    show.add_argument("file", metavar="FILE", type=Path, help="a revocation bundle")
    show.add_argument(
        "--key", metavar="KEYFILE", type=Path, required=True, help="root keys: PEM public keys, or a JWK set"
    )
    show.add_argument("--product", metavar="PRODUCT", help="the product that it must be for; default: any")
    show.add_argument("--newest", metavar="N", type=count, help="the highest number known of bundles by issuing keys")
    show.add_argument("--newest-by-root", metavar="N", type=count, help="the highest number known of bundles by a root")
    add_now(show, "the time to verify at")
    show.set_defaults(run=run_show)


def run_sign(given: argparse.Namespace) -> int:
    by_root, by_issuing_key = given.root is not None, given.key is not None
    if by_root == by_issuing_key or by_issuing_key != (given.certificate is not None):
        raise MisuseError("Give either --root, or --key and --certificate together.")
    try:
        bundle = draft_bundle(strict_json.loads(read(given.draft, most=MAX_BUNDLE_BYTES)), now=now_of(given))
    except MalformedError as error:
        msg = f"{given.draft} cannot be signed: {error.message}"
        raise MisuseError(msg) from None
    certificate = None if given.certificate is None else read(given.certificate).decode("ascii", "replace").strip()
    key = open_private(given.root or given.key, given)
    data = sign_bundle(bundle, KeySigner(key), thumbprint(key.public_key()), certificate)
    write_new(given.out, data)
    say({"bundle": str(given.out), **present_bundle(bundle), "signed_by_root": by_root})
    return ACCEPTED


def run_show(given: argparse.Namespace) -> int:
    data, keys = read(given.file, most=MAX_BUNDLE_BYTES), read_keys(given.key)
    try:
        bundle = read_bundle(
            data,
            keys=keys,
            product=given.product,
            now=now_of(given),
            newest=given.newest,
            newest_by_root=given.newest_by_root,
        )
    except LicenseError as error:
        say({"accepted": False, "code": error.code, "message": error.message, "bundle": None})
        return REFUSED
    licenses, revoked = len(bundle.revoked_licenses), len(bundle.revoked_keys)
    message = f"The bundle is genuine: number {bundle.seq} revokes {licenses} licenses and {revoked} keys."
    say({"accepted": True, "code": None, "message": message, "bundle": present_bundle(bundle)})
    return ACCEPTED
