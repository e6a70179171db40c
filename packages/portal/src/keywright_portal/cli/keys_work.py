"""What `keywright keys` does, once Django has started."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Final

import click

from keywright_license import from_jwk, public_key_to_pem
from keywright_license.limits import MAX_BUNDLE_BYTES
from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.models import Product
from keywright_portal.kit import clock
from keywright_portal.kit.actor import system
from keywright_portal.kit.errors import KeywrightError
from keywright_portal.licensing.errors import CertificateRefusedError
from keywright_portal.licensing.models import KeyState, RootKey, SigningKey
from keywright_portal.licensing.selectors import root_bundle_draft
from keywright_portal.licensing.services.activate_key import activate_key
from keywright_portal.licensing.services.certify_key import certify_key
from keywright_portal.licensing.services.create_keys import create_keys
from keywright_portal.licensing.services.import_bundle import import_bundle
from keywright_portal.licensing.services.import_root import import_root
from keywright_portal.licensing.services.publish_bundle import publish_bundle
from keywright_portal.licensing.services.retire_key import retire_key
from keywright_portal.licensing.services.revoke_key import revoke_key, revoke_root
from keywright_portal.licensing.services.rotate_key import rotate_key

PRIVATE_FILE_MODE: Final = 0o600
PUBLIC_FILE_MODE: Final = 0o644


class RootFileError(KeywrightError):
    """The root's private key can't be put where it was asked to go."""

    code = "root_file"


class OutFileError(KeywrightError):
    """What was to be written has no place."""

    code = "out_file"


def make_keys(*, root_out: Path | None) -> None:
    """Make the keys; with `root_out`, the root's file goes there, and out of the portal's directory."""
    # The place is taken first: keys are made once, and must not be made when their root then has nowhere to go.
    target = None if root_out is None else _take_place(root_out)
    try:
        made = create_keys(actor=system("keywright keys create"), now=clock.now())
    except BaseException:
        if target is not None:
            target.unlink()
        raise
    root_file = made.root_file
    if target is not None:
        _move(root_file, target)
        root_file = target
    click.echo(f"Root key {made.root_kid}")
    for kid in made.signing_kids:
        click.echo(f"Signing key {kid}")
    click.echo(f"The root’s private key is in {root_file}, encrypted with KEYWRIGHT_KEYS_PASSPHRASE. Take it offline:")
    click.echo("it is needed again to certify another signing key, or to revoke one. Products pin what keywright keys")
    click.echo("show prints.")


def take_over_file(file: Path) -> None:
    """Import a root's public key or a bundle: whichever of the two the file is."""
    with file.open("rb") as opened:
        content = opened.read(MAX_BUNDLE_BYTES + 1)
    actor, now = system("keywright keys import"), clock.now()
    if content.lstrip().startswith((b"{", b"-----")):
        root = import_root(public_key=content, actor=actor, now=now)
        click.echo(f"Root key {root.kid} is pinned by what keywright keys show prints from now on.")
        return
    bundle = import_bundle(content=content, actor=actor, now=now)
    click.echo(f"Revocation bundle {bundle.number} is handed out now. It revokes {bundle.revoked_keys} keys.")


def make_next_key(*, algorithm: str, out: Path | None) -> None:
    """Make the key, and put its public side where the root's machine, or a release of the product, takes it from."""
    # The place is taken first, as in `make_keys`.
    target = None if out is None else _take_place(out, mode=PUBLIC_FILE_MODE, error=OutFileError)
    try:
        key = rotate_key(
            algorithm="Ed25519" if algorithm == "ed25519" else "RS512",
            actor=system("keywright keys rotate"),
            now=clock.now(),
        )
        target = target or _take_place(Path(f"key-{key.kid}.pub"), mode=PUBLIC_FILE_MODE, error=OutFileError)
    except BaseException:
        if target is not None:
            target.unlink()
        raise
    target.write_bytes(public_key_to_pem(from_jwk(key.public_jwk)))
    click.echo(f"Key {key.kid} waits. Its public key is in {target}.")
    if key.algorithm == "Ed25519":
        click.echo("Have the root certify it, offline:")
        click.echo(
            f"  keywright-license root certify {target} --root ROOT --until YYYY-MM-DDT00:00:00Z --out CERTIFICATE"
        )
        click.echo("Then: keywright keys certify CERTIFICATE")
    else:
        click.echo(
            "Release it with the product, which pins what keywright keys show prints. When the servers have that:"
        )
        click.echo(f"  keywright keys activate {key.kid}")


def give_certificate(file: Path, *, takes_over: bool) -> None:
    """Import a certificate, and say what it allows."""
    try:
        line = file.read_text("ascii").strip()
    except UnicodeDecodeError as error:
        raise CertificateRefusedError(f"{file} is no certificate: it is one line of letters. Take another.") from error
    actor = system("keywright keys certify")
    key = certify_key(certificate=line, takes_over=takes_over, actor=actor, now=clock.now())
    click.echo(
        f"Key {key.kid} may sign for {key.product or 'every product'} from {key.valid_from:%Y-%m-%d %H:%M} until "
        f"{key.valid_until:%Y-%m-%d %H:%M} UTC."
    )
    _tell_state(key)


def let_sign(kid: str) -> None:
    """Activate a key."""
    _tell_state(activate_key(kid=kid, actor=system("keywright keys activate"), now=clock.now()))


def let_rest(kid: str, *, even_if_active: bool) -> None:
    """Retire a key."""
    actor = system("keywright keys retire")
    _tell_state(retire_key(kid=kid, even_if_active=even_if_active, actor=actor, now=clock.now()))


def withdraw(kid: str, *, even_if_active: bool) -> None:
    """Revoke a signing key or a root, and say what is left to do."""
    actor, now = system("keywright keys revoke"), clock.now()
    if RootKey.objects.filter(pk=kid).exists():
        revoke_root(kid=kid, actor=actor, now=now)
        click.echo(
            f"Root key {kid} is revoked. Products that pin it learn so from another root’s bundle, or a release."
        )
    else:
        revoke_key(kid=kid, even_if_active=even_if_active, actor=actor, now=now)
        click.echo(f"Key {kid} is revoked. What it signed is told as compromised from now on.")
    click.echo("So that products refuse it, have a root sign the bundle: keywright keys draft-bundle --out DRAFT")


def write_draft(out: Path | None) -> None:
    """Write the claims of the next bundle by a root."""
    draft = json.dumps(root_bundle_draft(issuer=catalog.vendor().name), indent=2)
    if out is None:
        click.echo(draft)
        return
    _take_place(out, mode=PUBLIC_FILE_MODE, error=OutFileError).write_text(f"{draft}\n")
    click.echo("Sign it with the root, offline:")
    click.echo(f"  keywright-license bundle sign {out} --root ROOT --out BUNDLE")
    click.echo("Then: keywright keys import BUNDLE")


def publish_now() -> None:
    """Publish what is revoked of each product, where that changed."""
    for code in Product.objects.order_by("position", "pk").values_list("code", flat=True):
        bundle = publish_bundle(product=code, actor=system("keywright keys publish"), now=clock.now())
        if bundle is None:
            click.echo(f"{code}: nothing was ever revoked, and there is no bundle.")
        else:
            click.echo(f"{code}: revocation bundle {bundle.number}, {bundle.revoked_licenses} licenses.")


def _tell_state(key: SigningKey) -> None:
    said = {
        KeyState.ACTIVE: "signs from now on",
        KeyState.WAITING: "waits: keywright keys activate",
        KeyState.RETIRED: "signs no more",
    }
    click.echo(f"Key {key.kid} {said[KeyState(key.state)]}.")


def _take_place(file: Path, *, mode: int = PRIVATE_FILE_MODE, error: type[KeywrightError] = RootFileError) -> Path:
    try:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
    except FileExistsError as found:
        raise error(f"{file} exists already, and nothing is overwritten. Name a new file.") from found
    except OSError as found:
        raise error(f"{file} can’t be written: {found.strerror}. Name another file.") from found
    return file


def _move(source: Path, target: Path) -> None:
    """Across file systems too, and the copy is on the disk before the original goes."""
    with target.open("wb") as opened:
        opened.write(source.read_bytes())
        opened.flush()
        os.fsync(opened.fileno())
    source.unlink()
