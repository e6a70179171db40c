"""One lock a job, known to every process on the same database, and gone with the process that holds it."""

from __future__ import annotations

import fcntl
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

# The first of the two numbers of an advisory lock: any that no other program uses in this database.
LOCKS = 0x6B77_6A6F
MEMORY = "memory"


@contextmanager
def turn(name: str) -> Iterator[bool]:
    """Whether the job is ours to run; it is until the block ends. Nobody waits: who comes second goes on.

    On PostgreSQL it is held by the session, so a node that is killed or cut off lets go of it. It wants a connection
    of one's own: a pool that hands sessions around (pgbouncer's transaction mode) would lose it.
    """
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], signed=True)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCKS, number])
            ours: bool = cursor.fetchone()[0]
        try:
            yield ours
        finally:
            if ours and connection.connection is not None and not connection.connection.closed:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCKS, number])
        return
    with _lock_file(name).open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


def _lock_file(name: str) -> Path:
    """Beside the database, since closing the file itself would drop the locks that SQLite holds on it."""
    database = str(connection.settings_dict["NAME"])
    if MEMORY in database:  # tests: nobody else sees that database
        return (
            Path(tempfile.gettempdir())
            / f"keywright-console-{hashlib.sha256(database.encode()).hexdigest()[:16]}-{name}"
        )
    return Path(f"{database}-job-{name}")
