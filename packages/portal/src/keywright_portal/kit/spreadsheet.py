"""CSV files that spreadsheet programs open: in UTF-8, a row a line, and nothing in them that runs."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from typing import Final

Cell = str | int | Decimal | date | datetime | None
"""Text is what somebody may have written; numbers and dates are ours."""

BYTE_ORDER_MARK: Final = "\ufeff"
"""By it Excel knows UTF-8. Without it a Müller becomes something else."""
_LIVE: Final = re.compile("[\t\r\n]|[\\s\u200b\ufeff\0]*[=+\\-@＝＋－＠]")
"""How a cell of text may not begin: spreadsheet programs take the rest for a formula (OWASP, CSV injection)."""
_TEXT_AHEAD: Final = "'"
"""Put before such a cell, it makes it text."""


def csv_file(headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """The file, a line at a time. Amounts are numbers with a point and no grouping; times are in UTC."""
    yield BYTE_ORDER_MARK.encode() + _line(headers)
    for row in rows:
        yield _line(row)


def _line(cells: Sequence[Cell]) -> bytes:
    written = StringIO()
    csv.writer(written).writerow([_written(cell) for cell in cells])
    return written.getvalue().encode()


def _written(cell: Cell) -> str:
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, str):
        return defused(cell)
    return "" if cell is None else str(cell)


def defused(text: str) -> str:
    """Text as a cell that no program takes for a formula."""
    return f"{_TEXT_AHEAD}{text}" if _LIVE.match(text) else text
