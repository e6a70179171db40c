from __future__ import annotations

from datetime import datetime

from django.db import transaction

from keywright_console.deployment.models import NAME_MAX, DeploymentSettings, Kind
from keywright_console.kit import audit
from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.ids import letters
from keywright_console.kit.installation import lock
from keywright_console.kit.models import SINGLE

SWITCHES = ("may_speak", "fetches_licenses", "fetches_revocations", "sends_usage")


def allow(*, actor: Actor, now: datetime, **switches: bool) -> DeploymentSettings:
    """Turn on or off what this server may do towards the portal; what isn't named stays. See `SWITCHES`."""
    actor.require(Permission.MANAGE_LICENSE)
    unknown = switches.keys() - set(SWITCHES)
    if unknown:
        raise TypeError(f"no such switches: {sorted(unknown)}")
    with transaction.atomic():
        row, deployment = _locked(now=now)
        before = {name: getattr(row, name) for name in SWITCHES}
        after = before | switches
        if before != after:
            for name, value in after.items():
                setattr(row, name, value)
            row.save()
            audit.record(
                actor=actor,
                action="deployment.portal_allowed",
                subject=deployment,
                now=now,
                before=before,
                after=after,
            )
    return row


def name_deployment(*, actor: Actor, name: str, kind: Kind, now: datetime) -> DeploymentSettings:
    """Keep what the server is called and which place it takes. The portal hears of it with the next request."""
    actor.require(Permission.MANAGE_LICENSE)
    # One line, since it ends up in mails and tables; control characters are refused by the format.
    tidy = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())[:NAME_MAX]
    with transaction.atomic():
        row, deployment = _locked(now=now)
        if (row.name, row.kind) != (tidy, kind):
            before: dict[str, str | int | bool | None] = {"kind": str(row.kind)}
            row.name, row.kind = tidy, kind
            row.save()
            audit.record(
                actor=actor,
                action="deployment.named",
                subject=deployment,
                now=now,
                before=before,
                after={"kind": str(kind)},
            )
    return row


def _locked(*, now: datetime) -> tuple[DeploymentSettings, str]:
    this = lock(now=now)
    return DeploymentSettings.objects.get_or_create(pk=SINGLE)[0], letters(this.deployment_id)
