"""The System Console's code in a process of its own, since two Django projects don't share one.

`run("directory")` starts `python -m bench.console directory` on a fresh database and reads the figures that it prints.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from bench.measure import Figure
from demo.place import BIN, ROOT, base_environment

sys.path.insert(0, str(ROOT / "scripts"))
import services

DATABASES = ("SQLite", "PostgreSQL")


def run(name: str, database: str) -> Iterator[Figure]:
    """The figures of `bench.console_{name}` on a new database of this kind."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="kw-bench-"))
        server = stack.enter_context(services.postgres()) if database == "PostgreSQL" else ""
        process = subprocess.Popen(
            [str(BIN / "python"), "-m", "bench.console", name, folder],
            env={
                **base_environment(),
                "DJANGO_SETTINGS_MODULE": "keywright_console.config.settings",
                "KEYWRIGHT_CONSOLE_SECRET_KEY": "bench",
                "KEYWRIGHT_CONSOLE_PRODUCT": "enterprise-edition",
                "KEYWRIGHT_CONSOLE_INSECURE_COOKIES": "1",
                "KEYWRIGHT_CONSOLE_TRUSTED_KEYS": f"{folder}/keys.json",
                "KEYWRIGHT_CONSOLE_DATABASE_URL": _new_database(server) or f"sqlite:///{folder}/console.sqlite3",
                # The license and the directory that the console's own tests make.
                "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "packages/console/tests")]),
                "KEYWRIGHT_SLAPD": services.slapd() if name == "directory" else "",
            },
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        for line in process.stdout:
            figure = Figure(**json.loads(line))
            yield Figure(**{**asdict(figure), "name": f"{figure.name} ({database})"})
        if process.wait():
            raise RuntimeError(f"the benchmark {name} failed on {database}")


def _new_database(server: str) -> str:
    if not server:
        return ""
    import psycopg  # noqa: PLC0415 - only where there is a PostgreSQL

    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE bench")
    return urlunsplit(urlsplit(server)._replace(path="/bench"))


def main(name: str, folder: str) -> None:
    """In the process of its own: make the tables, apply a license, print the figures one a line."""
    import django  # noqa: PLC0415 - the settings' name must stand before

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 - the same

    call_command("migrate", verbosity=0)
    _apply_license(Path(folder))
    for figure in importlib.import_module(f"bench.console_{name}").measured(Path(folder)):
        print(json.dumps(asdict(figure)), flush=True)


def _apply_license(folder: Path) -> None:
    from keywright_console.kit.actor import SHELL  # noqa: PLC0415 - Django must stand before
    from keywright_console.licensing.services.apply_license import apply_license  # noqa: PLC0415 - the same
    from vendor import NOON, Vendor  # type: ignore[import-not-found]  # noqa: PLC0415 - of the console's tests

    vendor = Vendor()
    vendor.publish(folder / "keys.json")
    apply_license(actor=SHELL, data=vendor.file(), active_users=0, now=NOON)


@dataclass(frozen=True, kw_only=True)
class Took:
    """Seconds of a clock on the wall, and of the processor in this process alone."""

    wall: float
    processor: float


def took(what: Callable[[], object]) -> Took:
    wall, processor = time.perf_counter(), time.process_time()
    what()
    return Took(wall=time.perf_counter() - wall, processor=time.process_time() - processor)


if __name__ == "__main__":
    main(*sys.argv[1:])
