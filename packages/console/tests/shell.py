"""`keywright-console` as one runs it: a process of its own, on a database of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

CONSOLE = Path(sys.executable).parent / "keywright-console"


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
