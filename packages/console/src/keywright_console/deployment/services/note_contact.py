from __future__ import annotations

from datetime import datetime

from keywright_console.deployment.models import MESSAGE_MAX, Contact, Purpose
from keywright_console.kit.errors import ConsoleError


def note_contact(
    *, purpose: Purpose, now: datetime, error: ConsoleError | None = None, detail: dict[str, object] | None = None
) -> None:
    """Keep what came of speaking to the portal, one row a purpose, for the page that administrators look at."""
    found: dict[str, object] = {"tried_at": now, "code": "", "message": ""}
    if error is None:
        found |= {"done_at": now, "detail": detail or {}}
    else:
        found |= {"code": error.code, "message": error.message[:MESSAGE_MAX]}
    Contact.objects.update_or_create(purpose=purpose, defaults=found)
