"""The command line as people use it: in this process where that shows enough, else as a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from click.testing import CliRunner, Result
from django.conf import settings as django_settings

from keywright_portal.cli import main

PROGRAM = (sys.executable, "-m", "keywright_portal")


@pytest.fixture
def keywright() -> Callable[..., Result]:
    """Run a command in this process, on the test's database."""

    def run(*arguments: str, stdin: str = "") -> Result:
        return CliRunner().invoke(main, list(arguments), input=stdin, prog_name="keywright")

    return run


@dataclass(frozen=True)
class Installation:
    """A portal of its own: an environment for processes, and a database that nothing else uses."""

    database_url: str
    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("KEYWRIGHT_")}
        return {
            **inherited,
            "DJANGO_SETTINGS_MODULE": "keywright_portal.config.settings",
            "PYTHONWARNINGS": "error",
            "KEYWRIGHT_SECRET_KEY": "only-for-tests",
            "KEYWRIGHT_DATABASE_URL": self.database_url,
            "KEYWRIGHT_STRIPE_SECRET_KEY": "sk_test_simulator",
            "KEYWRIGHT_STRIPE_PUBLISHABLE_KEY": "pk_test_simulator",
            "KEYWRIGHT_STRIPE_WEBHOOK_SECRET": "whsec_simulator",
            "KEYWRIGHT_KEYS_PASSPHRASE": "only-for-tests",
            "KEYWRIGHT_KEYS_DIR": str(self.folder / "keys"),
            "KEYWRIGHT_STATIC_ROOT": str(self.folder / "static"),
            **self.variables,
        }

    def start(self, *arguments: str, **options) -> subprocess.Popen:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen([*PROGRAM, *arguments], env=self.environment, cwd=self.folder, **{**pipes, **options})

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=60)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)


class Databases:
    """Databases of the kind that the tests run on, each for one test."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        is_postgres = django_settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql"
        self._server = os.environ["KEYWRIGHT_TEST_DATABASE_URL"] if is_postgres else None
        self._made: list[str] = []

    def make(self, *, like: str = "") -> str:
        """The address of a new database: empty, or a copy of `like`, which nothing may use meanwhile."""
        name = f"cli_{uuid.uuid4().hex}"
        if self._server is None:
            if like:
                shutil.copy(like.removeprefix("sqlite:///"), self._folder / name)
            return f"sqlite:///{self._folder / name}"
        self._administer(f"CREATE DATABASE {name}{f' TEMPLATE {urlsplit(like).path[1:]}' if like else ''}")
        self._made.append(name)
        return urlunsplit(urlsplit(self._server)._replace(path=f"/{name}"))

    def drop_all(self) -> None:
        for name in self._made:
            self._administer(f"DROP DATABASE {name} WITH (FORCE)")

    def _administer(self, statement: str) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(statement)


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.drop_all()


@pytest.fixture(scope="session")
def migrated(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A database of this release, to be copied: bringing one there takes seconds."""
    url = databases.make()
    done = Installation(url, tmp_path_factory.mktemp("migrated")).run("migrate")
    assert (done.returncode, done.stderr) == (0, "")
    return url


@pytest.fixture
def empty_installation(databases: Databases, tmp_path: Path) -> Installation:
    """An installation whose database is empty."""
    return Installation(databases.make(), tmp_path)


@pytest.fixture
def installation(databases: Databases, migrated: str, tmp_path: Path) -> Installation:
    """An installation whose database is that of this release."""
    return Installation(databases.make(like=migrated), tmp_path)
