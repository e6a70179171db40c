"""Users as CSV: the file that one downloads, and the same file as one sends it back. Pure: bytes and text alone.

A file has a line of headings. What a line is about stands in `id`, `username`, `email` or `user` (any of the three);
what the user shall be stands in `state`: `active` or `deactivated`. Other columns are left alone, so a downloaded list
can be edited and sent back.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from keywright_console.kit.errors import ConsoleError
from keywright_console.users.models import User

BYTES_MOST = 8 * 1024 * 1024  # over 100,000 lines; more goes by the command line
NAMES = ("id", "username", "email", "user")  # which column counts, the surest first
STATES = {"active": True, "deactivated": False}
COLUMNS = ("id", "username", "email", "role", "state", "created_at", "last_activity_at", "deactivated_at")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would carry out


class UnreadableCsvError(ConsoleError):
    code = "unreadable_csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line that could be read: who, and whether active. `number` counts from 1, headings included."""

    number: int
    who: str
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    number: int
    text: str


def read(data: bytes, *, most: int | None = BYTES_MOST) -> tuple[list[Line], list[Problem]]:
    """The lines of a file, and those that say nothing to be done. `UnreadableCsvError` where it is no such file."""
    if most is not None and len(data) > most:
        raise UnreadableCsvError(
            _("This file is larger than 8 MB. Send it in parts, or use “keywright-console user change --csv”.")
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableCsvError(
            _("This file isn’t UTF-8 text. Save it as CSV (UTF-8), then send it again.")
        ) from error
    delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        headings = [heading.strip().lower() for heading in next(rows, [])]
        name = next((headings.index(one) for one in NAMES if one in headings), None)
        if name is None or "state" not in headings:
            raise UnreadableCsvError(
                _("The first line must name the columns: “state”, and one of “id”, “username”, “email” or “user”.")
            )
        return _lines(rows, name=name, state=headings.index("state"))
    except csv.Error as error:
        raise UnreadableCsvError(
            _("Line %(number)s can’t be read as CSV (%(reason)s). Correct it, then send the file again.")
            % {"number": rows.line_num, "reason": error}
        ) from error


def _lines(rows: Iterable[list[str]], *, name: int, state: int) -> tuple[list[Line], list[Problem]]:
    lines: list[Line] = []
    problems: list[Problem] = []
    for number, row in enumerate(rows, start=2):
        if not any(row):
            continue
        who = (row[name].strip() if len(row) > name else "").removeprefix("'")
        wanted = row[state].strip().lower() if len(row) > state else ""
        if not who:
            problems.append(Problem(number=number, text=_("It names no user.")))
        elif wanted not in STATES:
            problems.append(
                Problem(
                    number=number, text=_("“%(state)s” is neither active nor deactivated.") % {"state": wanted[:40]}
                )
            )
        else:
            lines.append(Line(number=number, who=who, active=STATES[wanted]))
    return lines, problems


def written(users: Iterable[User]) -> Iterator[str]:
    """The list as CSV, line by line."""
    yield ",".join(COLUMNS) + "\r\n"
    for user in users:
        role = "bot" if user.is_bot else "system_admin" if user.is_system_admin else "member"
        state = "active" if user.is_active else "deactivated"
        times = (user.created_at, user.last_activity_at, user.deactivated_at)
        cells = [user.public_id, user.username, user.email, role, state]
        yield ",".join([*map(_cell, cells), *("" if at is None else at.isoformat() for at in times)]) + "\r\n"


def _cell(text: str) -> str:
    """One cell; what a spreadsheet would take for a formula is marked as text."""
    if text.startswith(FORMULA):
        text = f"'{text}"
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text
