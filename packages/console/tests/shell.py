"""`keywright-console` as one runs it: a process of its own, on a database of its own."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

# A process of its own has the machine's clock: licenses for it start today.
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
CONSOLE = Path(sys.executable).parent.resolve() / "keywright-console"


class Shell:
    def __init__(self, folder, key_file):
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "COVERAGE_FILE") if name in os.environ}
        self.folder = folder
        self.environment = kept | {
            "KEYWRIGHT_CONSOLE_DATABASE_URL": f"sqlite:///{folder / 'console.sqlite3'}",
            "KEYWRIGHT_CONSOLE_TRUSTED_KEYS": str(key_file),
            "KEYWRIGHT_CONSOLE_PRODUCT": "enterprise-edition",
            "KEYWRIGHT_CONSOLE_INSECURE_COOKIES": "1",
        }

    def run(self, *arguments, stdin="", **environment):
        return subprocess.run(
            [CONSOLE, *arguments],
            env=self.environment | environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            cwd=self.folder,
            check=False,
        )

    def done(self, *arguments, **given):
        finished = self.run(*arguments, **given)
        assert (finished.returncode, finished.stderr) == (0, "")
        return finished.stdout

    def refused(self, code, *arguments, status=1, **given):
        finished = self.run(*arguments, **given)
        assert finished.returncode == status, finished
        assert "Traceback" not in finished.stderr
        assert re.search(rf"^{code}: .+\.$", finished.stderr, re.MULTILINE), finished.stderr
        return finished.stderr

    def write(self, name, data):
        file = self.folder / name
        file.write_bytes(data)
        return str(file)

    def refused_as_json(self, *arguments, status=1, **given):
        """The error as a program reads it; standard output has nothing."""
        finished = self.run(*arguments, "--json", **given)
        assert (finished.returncode, finished.stdout) == (status, ""), finished
        return json.loads(finished.stderr)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def get(url):
    with urllib.request.urlopen(url, timeout=10) as response:
        return response.status, response.headers, response.read().decode()


def when_ready(url, process):
    for _ in range(200):
        try:
            return get(url)
        except OSError:
            assert process.poll() is None, process.stdout.read()
            time.sleep(0.05)
    raise AssertionError("the server didn't answer")


@contextmanager
def serving(shell, *options, **environment):
    """A console that serves; its address, and what it said once it has ended."""
    port, said = free_port(), []
    process = subprocess.Popen(
        [CONSOLE, "serve", "--port", str(port), *options],
        env=shell.environment | {"KEYWRIGHT_CONSOLE_SECRET_KEY": "s" * 50, "PYTHONUNBUFFERED": "1"} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=shell.folder,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        when_ready(f"{address}/", process)
        yield address, said
    finally:
        process.terminate()
        said.append(process.communicate(timeout=30)[0])
    assert process.returncode == 0
    assert "Traceback" not in said[0]
