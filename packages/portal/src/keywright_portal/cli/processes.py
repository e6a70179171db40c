"""`keywright serve` and `keywright worker`: the two kinds of process that a portal consists of."""

from __future__ import annotations

import os
import socket
from typing import Final

import click

from keywright_portal.kit.errors import KeywrightError

APPLICATION: Final = "keywright_portal.cli.application:load"
THREADS: Final = 4
"""Requests that one worker process handles at once. More than a few only queue for the interpreter's lock; fewer leave
it idle while one of them waits for the database."""
MOST_BY_DEFAULT: Final = 4
"""Worker processes unless more are asked for, at some 90 MB each; fewer where there are fewer processors."""
KILL_AFTER: Final = 15
"""Seconds that a worker process may take to end its requests once it was told to stop. The slowest of them waits for a
payment provider, which answers within ten or is given up."""


class PortTakenError(KeywrightError):
    """Something else listens there, or the address isn't this machine's."""

    code = "port_taken"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option(
    "--workers",
    default=lambda: min(os.cpu_count() or 1, MOST_BY_DEFAULT),
    show_default=f"one a processor, {MOST_BY_DEFAULT} at most",
    type=click.IntRange(1, 64),
    help="Number of processes.",
)
def serve(host: str, port: int, workers: int) -> None:
    """Serve the portal's pages, its API and the webhooks, until Ctrl-C."""
    from keywright_portal.cli.start import require_migrated, start_django  # noqa: PLC0415 (Django, when a command runs)

    start_django()
    require_migrated()
    require_free(host, port)
    from granian import Granian  # noqa: PLC0415 (quick help)
    from granian.constants import Interfaces  # noqa: PLC0415 (quick help)
    from granian.log import LogLevels  # noqa: PLC0415 (quick help)

    click.echo(f"Serving the portal on http://{_in_url(host)}:{port} — stop with Ctrl-C.")
    Granian(
        APPLICATION,
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        workers_kill_timeout=KILL_AFTER,
        log_level=LogLevels.warning,
    ).serve()


def require_free(host: str, port: int) -> None:
    """Raise PortTakenError, with the port's number, unless it can be listened on."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # As servers do it: a port whose last server has just gone is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise PortTakenError(
            f"Can’t listen on {_in_url(host)}:{port} ({error.strerror}). Stop what runs there, or choose another port."
        ) from error


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@click.command()
def worker() -> None:
    """Do the work in the background, mail above all, until Ctrl-C. Any number may run."""
    from keywright_portal.cli.start import require_migrated, start_django  # noqa: PLC0415 (Django, when a command runs)

    start_django()
    require_migrated()
    from django.core.management import call_command  # noqa: PLC0415 (needs a started Django)

    from keywright_portal.jobs.schedule import install  # noqa: PLC0415 (needs a started Django)
    from keywright_portal.kit import clock  # noqa: PLC0415 (needs a started Django)

    install(now=clock.now())
    click.echo("Working — stop with Ctrl-C.")
    call_command("qcluster", verbosity=0)
