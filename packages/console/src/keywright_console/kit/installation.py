"""The one row that is this deployment."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from keywright_console.kit.models import SINGLE, Installation


def installation(*, now: datetime) -> Installation:
    """The row, made at the first look. Two first looks at once: the primary key lets one insert win."""
    found = Installation.objects.filter(pk=SINGLE).first()
    if found is not None:
        return found
    return Installation.objects.get_or_create(pk=SINGLE, defaults={"made_at": now})[0]


def lock(*, now: datetime) -> Installation:
    """The row, locked until the transaction ends. SQLite's IMMEDIATE transactions hold the whole file anyway."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("the installation is locked inside a transaction only")
    installation(now=now)
    return Installation.objects.select_for_update().get(pk=SINGLE)


def claim_set_up(*, now: datetime) -> bool:
    """Mark the console as set up; True for exactly one caller, whoever runs at the same moment."""
    installation(now=now)
    claimed = Installation.objects.filter(pk=SINGLE, set_up_at=None).update(set_up_at=now, setup_code_digest="")
    return claimed == 1
