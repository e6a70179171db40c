"""What went over the wire, line by line in a file: who runs the simulator can judge all of it afterwards.

A line is `{"call": {method, path, params, status, answer}}` or `{"event": …}`. A call's line is written before its
answer is sent, so whoever has the answer finds the line. Card numbers aren't in it.
"""

import json
from pathlib import Path

from stripe_simulator.shapes import Json


class UnusableRecordError(Exception):
    """The file can't be written; the message says why."""


class Record:
    """Appends; without a path it keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        try:
            self._file = path.open("a", encoding="utf-8") if path else None
        except OSError as error:
            raise UnusableRecordError(str(error.strerror or error)) from error

    def add(self, kind: str, content: Json) -> None:
        if self._file is not None:
            self._file.write(json.dumps({kind: content}) + "\n")
            self._file.flush()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
