"""`keywright keys`: the keys that sign licenses, and what a product pins. docs/keys.md tells when to do what."""

# ruff: noqa: PLC0415 (Django, and what needs a started one, are imported when a command runs)

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import click

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
THUMBPRINT: Final = re.compile(r"[A-Za-z0-9_-]{43}")


class NamesAKey(click.Command):
    """A command on a key. Thumbprints are base64url: one in 64 begins with a hyphen, and is no option for it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take what looks like a thumbprint as the argument that it is."""
        names = [] if "--" in args else [word for word in args if THUMBPRINT.fullmatch(word)]
        rest = [word for word in args if word not in names]
        return super().parse_args(ctx, [*rest, "--", *names] if names else args)


@click.group()
def keys() -> None:
    """Make, change, withdraw and show the keys of this installation."""


@keys.command()
@click.option(
    "--root-out",
    type=NEW_FILE,
    help="Move the root's private key (encrypted) to this new file, to be taken offline.",
)
def create(root_out: Path | None) -> None:
    """Make a root key and the keys that sign, all here. Once an installation; refused where there are keys.

    Where the root is made on a machine of its own: keywright keys import, rotate and certify instead.
    """
    from keywright_portal.cli.start import start_django

    start_django()
    from keywright_portal.cli.keys_work import make_keys

    make_keys(root_out=root_out)


@keys.command()
def show() -> None:
    """Print the public keys that a product pins, as a JWK set."""
    from keywright_portal.cli.start import start_django

    start_django()
    from keywright_portal.licensing.selectors import trusted_keys_jwks

    click.echo(trusted_keys_jwks())


@keys.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_keys(*, as_json: bool) -> None:
    """List roots and signing keys: state, product, until when a certificate holds, whether the private key is here."""
    from keywright_portal.cli.start import start_django

    start_django()
    from keywright_portal.cli.keys_shown import show_keys

    show_keys(as_json=as_json)


@keys.command(name="import")
@click.argument("file", type=FILE)
def import_file(file: Path) -> None:
    """Take over FILE, which was made with a root key offline: the root's public key, or a revocation bundle.

    Products pin a root from their next release on; a bundle is handed out to them at once.
    """
    from keywright_portal.cli.start import start_django

    start_django()
    from keywright_portal.cli.keys_work import take_over_file

    take_over_file(file)


@keys.command()
@click.option(
    "--algorithm",
    type=click.Choice(["ed25519", "rsa"]),
    default="ed25519",
    show_default=True,
    help="ed25519 signs Keywright's format, and takes over with its certificate. rsa signs Mattermost's format, and "
    "takes over when products know it: keywright keys activate.",
)
@click.option("--out", type=NEW_FILE, help="Write the public key to this new file. Default: key-KEY.pub, here.")
def rotate(algorithm: str, out: Path | None) -> None:
    """Make the key that signs next. It waits; the one that signs now goes on."""
    from keywright_portal.cli.start import start_django

    start_django()
    from keywright_portal.cli.keys_work import make_next_key

    make_next_key(algorithm=algorithm, out=out)


@keys.command()
@click.argument("certificate", type=FILE)
@click.option("--keep-waiting", is_flag=True, help="Don't let the key sign yet: keywright keys activate does.")
def certify(certificate: Path, *, keep_waiting: bool) -> None:
    """Give a key its CERTIFICATE, a file that keywright-license root certify wrote. The key signs from now on."""
    from keywright_portal.cli.start import start_django

    start_django()
    from keywright_portal.cli.keys_work import give_certificate

    give_certificate(certificate, takes_over=not keep_waiting)


@keys.command(cls=NamesAKey)
@click.argument("key")
def activate(key: str) -> None:
    """Let KEY sign from now on. The one before is retired: what it signed stays good."""
    from keywright_portal.cli.start import start_django

    start_django()
    from keywright_portal.cli.keys_work import let_sign

    let_sign(key)


@keys.command(cls=NamesAKey)
@click.argument("key")
@click.option("--even-if-active", is_flag=True, help="Also the key that signs: nothing is issued until another does.")
def retire(key: str, *, even_if_active: bool) -> None:
    """Let KEY sign no more. What it signed stays good."""
    from keywright_portal.cli.start import start_django

    start_django()
    from keywright_portal.cli.keys_work import let_rest

    let_rest(key, even_if_active=even_if_active)


@keys.command(cls=NamesAKey)
@click.argument("key")
@click.option("--even-if-active", is_flag=True, help="Also the key that signs: nothing is issued until another does.")
@click.option("--yes", is_flag=True, help="Don't ask.")
def revoke(key: str, *, even_if_active: bool, yes: bool) -> None:
    """Revoke KEY, a signing key or a root, after a compromise. For good.

    Products refuse what it signed once a root's bundle tells them so: keywright keys draft-bundle. Issue licenses that
    are in use anew before: keywright license reissue.
    """
    if not yes:
        click.confirm(f"Revoke {key} for good?", abort=True)
    from keywright_portal.cli.start import start_django

    start_django()
    from keywright_portal.cli.keys_work import withdraw

    withdraw(key, even_if_active=even_if_active)


@keys.command(name="draft-bundle")
@click.option("--out", type=NEW_FILE, help="Write it to this new file. Default: print it.")
def draft_bundle(out: Path | None) -> None:
    """Write what a root has to sign so that products refuse every key that was revoked here.

    Sign it offline with keywright-license bundle sign, then bring it back with keywright keys import.
    """
    from keywright_portal.cli.start import start_django

    start_django()
    from keywright_portal.cli.keys_work import write_draft

    write_draft(out)


@keys.command()
def publish() -> None:
    """Publish what is revoked of each product now. A worker does so every five minutes."""
    from keywright_portal.cli.start import start_django

    start_django()
    from keywright_portal.cli.keys_work import publish_now

    publish_now()
