"""Files that a command writes: to a path, or to standard output for a pipe."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from django.utils.translation import gettext as _

from keywright_console.cli.running import Answer

STDOUT = "-"


def write_file(output: str, data: bytes) -> Answer:
    """Write `data`, and say where. Standard output gets the file alone, so it goes together with no `--json`."""
    if output == STDOUT:
        if click.get_current_context().params["as_json"]:
            raise click.UsageError(_("With --json the file needs a name: --output FILE."))
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return Answer(data=None, lines=[])
    try:
        Path(output).write_bytes(data)
    except OSError as error:
        raise click.FileError(output, error.strerror or "") from error
    return Answer(data={"file": output, "bytes": len(data)}, lines=[_("Written: %(file)s") % {"file": output}])
