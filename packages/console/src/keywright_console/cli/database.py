"""The database's schema: made on a fresh database, brought up to date on purpose only."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from keywright_console.kit.errors import ConsoleError

# Any number that no other program takes an advisory lock on in this database.
MIGRATION_LOCK = 0x6B77_636F


class DatabaseBehindError(ConsoleError):
    code = "database_behind"


def prepare() -> None:
    """Make the tables of a fresh database. One that is behind is left alone: `DatabaseBehindError` says what to run."""
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    if executor.loader.applied_migrations:
        raise DatabaseBehindError(
            _("The database is of an older release. Back it up and run: keywright-console migrate")
        )
    migrate()


def migrate() -> None:
    """Bring the schema up to date. Two nodes that start at once take turns."""
    with one_at_a_time():
        call_command("migrate", interactive=False, verbosity=0)


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Hold a lock that every process on the same database knows."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
            try:
                yield
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATION_LOCK])
        return
    # Beside the file itself, since closing it would drop the locks that SQLite holds on it.
    with Path(f"{connection.settings_dict['NAME']}-migrate").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
