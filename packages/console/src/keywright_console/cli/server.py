from __future__ import annotations

import contextlib
import functools
import os
import socket
from collections.abc import Callable
from typing import Any

import click
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.utils.translation import gettext as _

from keywright_console.cli.database import migrate
from keywright_console.cli.running import Answer, answering_bare
from keywright_console.cli.worker import worker_beside
from keywright_console.kit.clock import now
from keywright_console.kit.errors import ConsoleError, NotConfiguredError
from keywright_console.licensing.trust import anchor
from keywright_console.users.services.create_first_admin import is_set_up, make_setup_code

WSGI = "keywright_console.config.worker:load"
THREADS = 4  # a worker that hashes a password or waits for the disk still answers others
STOPS_WITHIN = 15  # seconds that a worker gets for the requests that it is answering


class PortTakenError(ConsoleError):
    code = "port_taken"


@click.command(name="migrate")
@answering_bare
def migrate_command() -> Answer:
    """Bring the database up to date. `serve` does it by itself; other commands never change an older database."""
    migrate()
    return Answer(data={"up_to_date": True}, lines=[_("The database is up to date.")])


@click.command(name="serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8065, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(min=1), help="Processes that answer.")
@click.option("--no-worker", is_flag=True, help="Leave the work in the background to `worker` elsewhere.")
@answering_bare
def serve_command(*, host: str, port: int, workers: int, no_worker: bool) -> Answer:
    """Serve the System Console until Ctrl-C, with a worker beside it. Brings the database up to date first.

    A console without users prints a set-up code for its first page; it is good until the first System Admin is made.
    """
    check_secret_key()
    anchor()
    check_port(host, port)
    migrate()
    if settings.STATIC_ROOT:
        call_command("collectstatic", interactive=False, verbosity=0)
    address = settings.KEYWRIGHT_CONSOLE_URL or f"http://{host}:{port}"
    code = None if is_set_up(now=now()) else make_setup_code(now=now())
    then = functools.partial(run, host=host, port=port, workers=workers, with_worker=not no_worker)
    return started(address=address, setup_code=code, then=then)


def started(*, address: str, setup_code: str | None, then: Callable[[], None]) -> Answer:
    """Where the console answers, and the set-up code of one without users."""
    lines = [_("System Console: %(address)s") % {"address": address}]
    data: dict[str, Any] = {"address": address, "setup": None}
    if setup_code is not None:
        page = f"{address}/setup/"
        lines.append(_("No users yet. Set-up code for %(page)s: %(code)s") % {"page": page, "code": setup_code})
        data["setup"] = {"page": page, "code": setup_code}
    return Answer(data=data, lines=lines, then=then)


def check_secret_key() -> None:
    """Sessions are signed with it, so the start stops without one; other commands need none."""
    try:
        found = bool(settings.SECRET_KEY)
    except ImproperlyConfigured:
        found = False
    if not found:
        raise NotConfiguredError(
            _("KEYWRIGHT_CONSOLE_SECRET_KEY is not set. Give it 50 random characters, then start again.")
        )


def check_port(host: str, port: int) -> None:
    """Raise `PortTakenError` where listening fails. Granian would find out in a worker, with a traceback."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        raise PortTakenError(
            _(
                "Port %(port)s on %(host)s can’t be used (%(reason)s). Stop the program that has it, or choose another "
                "--port."
            )
            % {"port": port, "host": host, "reason": error.strerror}
        ) from error


def run(*, host: str, port: int, workers: int, with_worker: bool) -> None:
    """Hand over to granian until a signal ends it."""
    from granian.constants import Interfaces  # noqa: PLC0415 - only this command needs the server, the others start faster
    from granian.log import LogLevels  # noqa: PLC0415 - the same
    from granian.server import Server  # noqa: PLC0415 - the same

    server = Server(
        WSGI,
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        workers_kill_timeout=STOPS_WITHIN,
        log_level=LogLevels.warning,
    )
    connection.close()  # the workers are forks, and a connection is one process's
    with worker_beside(parent=os.getpid()) if with_worker else contextlib.nullcontext():
        server.serve()
