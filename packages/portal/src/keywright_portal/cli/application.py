"""The application as a worker process of `keywright serve` loads it."""

from __future__ import annotations

import gc
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.core.handlers.wsgi import WSGIHandler


def load() -> WSGIHandler:
    """Make the WSGI application, and leave Ctrl-C to the parent.

    A terminal sends SIGINT to every process of the command, and the parent then sends SIGTERM to its workers. Where the
    second arrives while granian handles the first, its handler waits for a lock that it holds itself, and the worker
    never ends (seen with granian 2.8.7).

    What was loaded stays for good, so the garbage collector need not go through it again and again.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    from keywright_portal.config.wsgi import application  # noqa: PLC0415 (making it starts Django, in a worker alone)

    gc.collect()
    gc.freeze()
    return application
