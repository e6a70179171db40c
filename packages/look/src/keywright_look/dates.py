"""Dates and numbers as pages write them: 12 Mar 2026 in tables, 12 March 2026 in sentences, never 03/12.

Days are whole UTC days, so an aware moment is read in UTC, wherever the server stands. A day and its month never come
apart at the end of a line. The formats are messages, since languages order and punctuate dates differently.
"""

from __future__ import annotations

import datetime as dt

from django.utils.dateformat import format as date_format
from django.utils.formats import number_format
from django.utils.translation import pgettext

_SPACE = "\N{NO-BREAK SPACE}"
_MINUS = "\N{MINUS SIGN}"


def short_date(value: dt.date) -> str:
    """12 Mar 2026."""
    # Translators: a date in a table, in the letters of Django's filter "date".
    return _written(value, pgettext("short date", "j M Y"))


def long_date(value: dt.date) -> str:
    """12 March 2026."""
    # Translators: a date in a sentence, in the letters of Django's filter "date".
    return _written(value, pgettext("long date", "j F Y"))


def moment(value: dt.datetime) -> str:
    """12 Mar 2026, 06:00 UTC."""
    # Translators: a date and time in UTC, in the letters of Django's filter "date"; a backslash keeps a letter.
    return _written(value, pgettext("moment", r"j M Y, H:i \U\T\C"))


def span(first: dt.date, last: dt.date) -> str:
    """12 Mar 2026 – 11 Mar 2027; the year stands once where both days share it. `last` is the last day, inclusive."""
    if day_of(first).year == day_of(last).year:
        # Translators: a day in the same year as the one after the dash, in the letters of Django's filter "date".
        start = _written(first, pgettext("day of the year", "j M"))
    else:
        start = short_date(first)
    return f"{start}{_SPACE}– {short_date(last)}"


def number(value: float | str) -> str:
    """2,147,483,647, with a true minus."""
    return number_format(value, use_l10n=True, force_grouping=True).replace("-", _MINUS)


def day_of(value: dt.date) -> dt.date:
    """The UTC day of a date or an aware moment."""
    return _in_utc(value).date() if isinstance(value, dt.datetime) else value


def _in_utc(value: dt.datetime) -> dt.datetime:
    if value.tzinfo is None:
        message = "A moment without a time zone can't be shown: which day it is on isn't known. Make it aware first."
        raise ValueError(message)
    return value.astimezone(dt.UTC)


def _written(value: dt.date, letters: str) -> str:
    written = date_format(_in_utc(value) if isinstance(value, dt.datetime) else value, letters)
    return written.replace(" ", _SPACE).replace(f",{_SPACE}", ", ")  # after a comma a line may end
