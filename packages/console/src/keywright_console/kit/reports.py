"""Where heavy questions are asked: on a read replica where one is configured, so that nobody at work waits for them."""

from __future__ import annotations

from django.conf import settings

REPLICA = "replica"


def reports_database() -> str:
    """The alias for `using(…)`. What a replica tells may be seconds old; nothing is decided by it."""
    return REPLICA if REPLICA in settings.DATABASES else "default"
