from __future__ import annotations

import hashlib
from datetime import datetime

from keywright_console.kit import audit
from keywright_console.kit.actor import Actor
from keywright_console.kit.errors import ConsoleError


def note_refusal(*, actor: Actor, data: bytes, error: ConsoleError, now: datetime, reference: str) -> None:
    """Keep what was refused and why under the reference that the administrator was shown. Changes nothing else.

    The file itself is not kept, only its SHA-256: enough to tell whether Support was sent the same one.
    """
    digest = hashlib.sha256(data).hexdigest()
    audit.record(
        actor=actor,
        action="license.refused",
        subject=digest,
        now=now,
        after={"code": error.code},
        reference=reference,
    )
