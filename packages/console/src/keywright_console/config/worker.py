"""The application as a worker process of `keywright-console serve` loads it."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.core.handlers.wsgi import WSGIHandler


def load() -> WSGIHandler:
    """Make the WSGI application, and leave Ctrl-C to the parent.

    A terminal sends SIGINT to every process of the command, and the parent then sends SIGTERM to its workers. Where the
    second arrives while granian handles the first, the worker never ends (seen with granian 2.8.7).
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    from keywright_console.config.wsgi import application  # noqa: PLC0415 - making it starts Django, in a worker alone

    return application
