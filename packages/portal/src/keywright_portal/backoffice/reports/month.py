"""A month of the calendar, in UTC."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final, Self

from django.utils.translation import gettext as _

from keywright_portal.domain.term import add_months
from keywright_portal.kit.errors import NotFoundError

_WRITTEN: Final = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_FIRST_YEAR: Final = 2000


class MonthError(NotFoundError):
    """No month, or one that isn't there yet."""

    code = "month"


@dataclass(frozen=True, slots=True)
class Month:
    """`first_day` is its first; `[since, until)` are its days, `[begins, ends)` its instants."""

    first_day: date

    @classmethod
    def read(cls, text: str, *, today: date) -> Self:
        """Of `2026-03`. Raises MonthError; a month that has begun is one, the rest of it will come."""
        found = _WRITTEN.fullmatch(text)
        if found is None or int(found[1]) < _FIRST_YEAR or date(int(found[1]), int(found[2]), 1) > today:
            raise MonthError(_("Choose a month up to this one, such as %(month)s.") % {"month": f"{today:%Y-%m}"})
        return cls(date(int(found[1]), int(found[2]), 1))

    @property
    def since(self) -> date:
        return self.first_day

    @property
    def until(self) -> date:
        return add_months(self.first_day, 1)

    @property
    def before(self) -> Month:
        return Month(add_months(self.first_day, -1))

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.since, time(), tzinfo=UTC)

    @property
    def ends(self) -> datetime:
        return datetime.combine(self.until, time(), tzinfo=UTC)

    def __str__(self) -> str:
        return f"{self.first_day:%Y-%m}"
