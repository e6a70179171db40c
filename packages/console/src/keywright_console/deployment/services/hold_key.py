from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import transaction
from django.utils.translation import gettext as _

from keywright_console.deployment.errors import SealedKeyError
from keywright_console.deployment.models import Activation, DeploymentKey, Event, RequestFile, State
from keywright_console.deployment.sealing import seal, unseal
from keywright_console.deployment.services.moves import move
from keywright_console.kit import audit
from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.ids import letters
from keywright_console.kit.installation import installation, lock
from keywright_console.kit.models import SINGLE
from keywright_console.kit.sealing import WrongSecretError, server_secret
from keywright_license import generate_ed25519, thumbprint

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who this deployment is to the vendor: its id, and the key that proves it."""

    deployment: str
    key: Ed25519PrivateKey

    @property
    def thumbprint(self) -> str:
        return thumbprint(self.key.public_key())


def hold_key(*, now: datetime) -> Identity:
    """The deployment's key, made at the first need. Nodes that need it at the same moment get the same one.

    NotConfiguredError: the secret of the settings is missing. SealedKeyError: it has changed since the key was made.
    """
    secret = server_secret()
    this = installation(now=now)
    row = DeploymentKey.objects.filter(pk=SINGLE).first()
    if row is None:
        with transaction.atomic():
            lock(now=now)
            row = DeploymentKey.objects.filter(pk=SINGLE).first()
            if row is None:
                row = _new_row(secret=secret, deployment=this.deployment_id.bytes, now=now)
                row.save(force_insert=True)
    try:
        key = unseal(bytes(row.sealed), secret=secret, deployment=this.deployment_id.bytes)
    except WrongSecretError:
        raise SealedKeyError(
            _(
                "KEYWRIGHT_CONSOLE_SECRET_KEY is another one than when this server’s key was made. Put the former one "
                "back; if it is lost, run “keywright-console deployment new-key” and activate this server again."
            )
        ) from None
    return Identity(deployment=letters(this.deployment_id), key=key)


def public_key() -> Ed25519PublicKey | None:
    """The public half, which needs no secret; None until there is a key."""
    row = DeploymentKey.objects.filter(pk=SINGLE).first()
    return None if row is None else Ed25519PublicKey.from_public_bytes(bytes(row.public))


def replace_key(*, actor: Actor, now: datetime) -> Identity:
    """Make a new key: for a secret that was lost, or a key that somebody else may have read.

    The places that the old key held stay with the old one at the portal: they are released there, by hand, and this
    server activates anew.
    """
    actor.require(Permission.MANAGE_LICENSE)
    secret = server_secret()
    with transaction.atomic():
        this = lock(now=now)
        old = DeploymentKey.objects.filter(pk=SINGLE).first()
        row = _new_row(secret=secret, deployment=this.deployment_id.bytes, now=now)
        row.save(force_insert=old is None, force_update=old is not None)
        for held in Activation.objects.select_for_update().filter(state=State.HELD).order_by("pk"):
            move(held, Event.LOSE, now=now)
        RequestFile.objects.all().delete()
        audit.record(
            actor=actor,
            action="deployment.key_replaced",
            subject=letters(this.deployment_id),
            now=now,
            before={"key": None if old is None else _name_of(old)},
            after={"key": _name_of(row)},
        )
    return hold_key(now=now)


def _new_row(*, secret: str, deployment: bytes, now: datetime) -> DeploymentKey:
    key = generate_ed25519()
    return DeploymentKey(
        sealed=seal(key, secret=secret, deployment=deployment),
        public=key.public_key().public_bytes_raw(),
        made_at=now,
    )


def _name_of(row: DeploymentKey) -> str:
    return thumbprint(Ed25519PublicKey.from_public_bytes(bytes(row.public)))
