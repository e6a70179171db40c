"""The states of a key that signs, and what leads from one to another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor
from keywright_portal.licensing.errors import KeyStateError, UnknownKeyError
from keywright_portal.licensing.models import KeyState, SigningKey


class KeyEvent(StrEnum):
    ACTIVATE = "activate"
    RETIRE = "retire"
    REVOKE = "revoke"


NEXT: Final[Mapping[tuple[str, KeyEvent], KeyState]] = {
    (KeyState.WAITING, KeyEvent.ACTIVATE): KeyState.ACTIVE,
    (KeyState.WAITING, KeyEvent.RETIRE): KeyState.RETIRED,
    (KeyState.WAITING, KeyEvent.REVOKE): KeyState.REVOKED,
    (KeyState.ACTIVE, KeyEvent.RETIRE): KeyState.RETIRED,
    (KeyState.ACTIVE, KeyEvent.REVOKE): KeyState.REVOKED,
    # A rotation that has to be taken back.
    (KeyState.RETIRED, KeyEvent.ACTIVATE): KeyState.ACTIVE,
    (KeyState.RETIRED, KeyEvent.REVOKE): KeyState.REVOKED,
}
"""Revoked is for good: products that heard of it never forget it."""
_DONE: Final = {KeyEvent.ACTIVATE: "activated", KeyEvent.RETIRE: "retired", KeyEvent.REVOKE: "revoked"}


def locked_keys() -> dict[str, SigningKey]:
    """Every key by its kid, locked: there are few, and what happens to one hangs on the others."""
    return {key.kid: key for key in SigningKey.objects.select_for_update().order_by("pk")}


def find_key(keys: Mapping[str, SigningKey], kid: str) -> SigningKey:
    """Raises UnknownKeyError."""
    if kid not in keys:
        raise UnknownKeyError(f"There is no signing key {kid} here. Those that there are: keywright keys list.")
    return keys[kid]


def move(key: SigningKey, event: KeyEvent, *, actor: Actor, now: datetime) -> None:
    """Bring a locked key into its next state, save it and leave a trace. Raises KeyStateError where there is none."""
    before = key.state
    after = NEXT.get((before, event))
    if after is None:
        raise KeyStateError(f"The key {key.kid} is {before}, and can’t be {_DONE[event]}. Nothing was changed.")
    key.state = after
    setattr(key, f"{_DONE[event]}_at", now)
    if event is KeyEvent.ACTIVATE:
        key.retired_at = None
    key.save()
    audit.record(
        actor=actor,
        action=f"key.{_DONE[event]}",
        subject="SigningKey",
        subject_id=key.kid,
        organization_id=None,
        now=now,
        before={"state": before},
        after={"state": key.state},
    )
