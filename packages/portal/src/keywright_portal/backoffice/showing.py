"""How values of rows are shown: each column says its label, where its value is, and by what a list sorts it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from keywright_license import zbase32
from keywright_look.dates import moment, number, short_date
from keywright_portal.backoffice.links import ABSENT
from keywright_portal.billing.words import money_in_words
from keywright_portal.domain.money import BASIS, Money

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

Reader = Callable[[Any], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows that belong to the row whose page this is. `more_url` is where all are, where only some are shown."""

    title: _StrOrPromise
    headers: Sequence[_StrOrPromise]
    rows: Sequence[Sequence[object]]
    more_url: str = ""


def show(value: object) -> SafeString | str:
    """A value as a person reads it. What isn't there is a dash."""
    if value is None or value == "":
        return ABSENT
    for kinds, written in WRITTEN:
        if isinstance(value, kinds):
            return written(value) or ABSENT
    return str(value)


def _money(value: Money) -> str:
    return money_in_words(value.amount, value.currency)


def _yes_or_no(value: bool) -> str:  # noqa: FBT001 (a value to show)
    return _("Yes") if value else _("No")


def _json(value: Mapping[str, object]) -> SafeString:
    return format_html('<pre class="bo-json">{}</pre>', json.dumps(value, indent=2, ensure_ascii=False))


def _listed(value: Sequence[object]) -> str:
    return ", ".join(str(show(part)) for part in value)


def code(value: object) -> SafeString | str:
    """Something that is copied rather than read."""
    return ABSENT if value in (None, "") else format_html("<code>{}</code>", value)


def percent(basis_points: int) -> str:
    """Such as `19 %`."""
    return f"{basis_points / (BASIS / 100):g} %"


def license_id(value: UUID | None) -> SafeString | str:
    """An id as license files write it: 26 letters of z-base-32."""
    return ABSENT if value is None else code(zbase32.encode(value))


WRITTEN: Final[tuple[tuple[type | tuple[type, ...], Callable[[Any], SafeString | str]], ...]] = (
    (SafeString, lambda value: value),
    (bool, _yes_or_no),
    (datetime, moment),
    (date, short_date),
    (Money, _money),
    (int, number),
    (Mapping, _json),
    (UUID, code),
    ((list, tuple), _listed),
)
"""The first kind that fits: a bool is an int, a datetime a date."""


def _attribute(path: str) -> Reader:
    parts = path.split(".")

    def value_of(row: Any) -> object:
        return reduce(lambda value, part: None if value is None else getattr(value, part), parts, row)

    value_of.__name__ = parts[-1]
    return value_of


def column(label: _StrOrPromise, read: str | Reader, *, order: str | None = None) -> Callable[[Any], str]:
    """A column of a list, or a fact of a page. `read` is a path of attributes, or a function of the row.

    `order` is the field by which a list can be sorted.
    """
    value_of = _attribute(read) if isinstance(read, str) else read

    def shown(row: Any) -> str:
        return show(value_of(row))

    shown.__name__ = value_of.__name__
    shown.short_description = label  # type: ignore[attr-defined]  # read by the admin
    shown.admin_order_field = order  # type: ignore[attr-defined]  # read by the admin
    return shown


def table(
    title: _StrOrPromise, headers: Sequence[_StrOrPromise], rows: Sequence[Sequence[object]], more_url: str = ""
) -> Table:
    """A table of values, each shown as a person reads it."""
    return Table(title=title, headers=headers, rows=[[show(value) for value in row] for row in rows], more_url=more_url)
