"""Reading a table of the catalog file: each value is checked, and each error says where it stands and what is allowed.

The sentences are for whoever keeps the file, beside its English keys, so they are not translated.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Final, NoReturn
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from keywright_portal.catalog.currencies import DIGITS
from keywright_portal.catalog.errors import CatalogFileError
from keywright_portal.domain.money import BASIS

LINE_LENGTH: Final = 120
"""Characters of a name or a line of an address: what fits in a line of an invoice, and in the columns of the tables."""
URL_LENGTH: Final = 500
AMOUNT_LIMIT: Final = 1_000_000_000
"""Minor units that one price may have. See `catalog.file.PER_USER_LIMIT` for why there is a limit at all."""

_AMOUNT = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]+))?", re.ASCII)
_MISSING: Final = object()


def refuse(where: str, sentence: str) -> NoReturn:
    raise CatalogFileError(f"{where} {sentence}", field=where)


class Table:
    """A table of the file and its place. A key that nobody took by the time `finish` is called isn't known here."""

    def __init__(self, value: object, *, where: str) -> None:
        if not isinstance(value, Mapping):
            refuse(where, f"is {_kind(value)}; it must be a table.")
        self._values: dict[str, object] = dict(value)
        self._known: list[str] = []
        self.where = where

    def place(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key

    def take(self, key: str, default: object = _MISSING) -> object:
        self._known.append(key)
        value = self._values.pop(key, default)
        if value is _MISSING:
            refuse(self.place(key), "is missing.")
        return value

    def finish(self) -> None:
        """Refuse what is left: a key that is misspelt must not be ignored in silence."""
        for key in self._values:
            refuse(self.place(key), f"is unknown. Allowed here: {', '.join(self._known)}.")

    def text(self, key: str, *, limit: int = LINE_LENGTH) -> str:
        return check_text(self.take(key), where=self.place(key), limit=limit)

    def optional_text(self, key: str, *, limit: int = LINE_LENGTH) -> str | None:
        value = self.take(key, None)
        return None if value is None else check_text(value, where=self.place(key), limit=limit)

    def prose(self, key: str, *, limit: int) -> str:
        return check_text(self.take(key), where=self.place(key), limit=limit, one_line=False)

    def pattern(self, key: str, expression: str, *, allowed: str, limit: int = LINE_LENGTH) -> str:
        value = self.text(key, limit=limit)
        if not re.fullmatch(expression, value, re.ASCII):
            refuse(self.place(key), f"is {value!r}; it must be {allowed}.")
        return value

    def email(self, key: str) -> str:
        value = self.text(key, limit=254)
        try:
            validate_email(value)
        except ValidationError:
            refuse(self.place(key), f"is {value!r}; it must be an email address, such as support@example.com.")
        return value

    def url(self, key: str) -> str:
        value = self.text(key, limit=URL_LENGTH)
        if not is_web_address(value):
            refuse(self.place(key), f"is {value!r}; it must be an address that begins with https://.")
        return value

    def optional_url(self, key: str) -> str | None:
        if self._values.get(key) is not None:
            return self.url(key)
        self.take(key, None)
        return None

    def integer(self, key: str, *, least: int, most: int, default: int) -> int:
        value = self.take(key, default)
        if type(value) is not int or not least <= value <= most:
            refuse(self.place(key), f"is {_shown(value)}; it must be a whole number from {least} to {most}.")
        return value

    def texts(self, key: str, *, limit: int, most: int, least: int = 0) -> tuple[str, ...]:
        """A list of `least` to `most` different lines of text."""
        items = self.items(key, most=most, least=least)
        found = tuple(check_text(item, where=where, limit=limit) for where, item in items)
        if len(set(found)) != len(found):
            refuse(self.place(key), "names something twice; each may stand there once.")
        return found

    def choices(self, key: str, allowed: Collection[str], *, least: int = 0) -> tuple[str, ...]:
        found = self.texts(key, limit=LINE_LENGTH, most=max(len(allowed), 1), least=least)
        for value in found:
            if value not in allowed:
                refuse(self.place(key), f"names {value!r}; allowed: {', '.join(allowed) or 'none'}.")
        return found

    def items(self, key: str, *, most: int, least: int = 0) -> list[tuple[str, object]]:
        """The entries of a list with their places, which are counted from 1."""
        value = self.take(key, [])
        if not isinstance(value, list | tuple):
            refuse(self.place(key), f"is {_kind(value)}; it must be a list.")
        if not least <= len(value) <= most:
            refuse(self.place(key), f"has {len(value)} entries; from {least} to {most} are allowed.")
        return [(f"{self.place(key)}[{number}]", item) for number, item in enumerate(value, start=1)]

    def tables(self, key: str, *, most: int, least: int = 0) -> Iterator[Table]:
        for where, item in self.items(key, most=most, least=least):
            yield Table(item, where=where)

    def table(self, key: str) -> Table:
        return Table(self.take(key), where=self.place(key))

    def table_or_empty(self, key: str) -> Table:
        return Table(self.take(key, {}), where=self.place(key))

    def keys(self) -> list[str]:
        """The keys that nobody took yet, in the file's order."""
        return list(self._values)

    def choice(self, key: str, allowed: Collection[str], *, default: str) -> str:
        value = self.take(key, default)
        if not isinstance(value, str) or value not in allowed:
            refuse(self.place(key), f"is {_shown(value)}; allowed: {', '.join(allowed)}.")
        return value

    def truth(self, key: str, *, default: bool) -> bool:
        value = self.take(key, default)
        if not isinstance(value, bool):
            refuse(self.place(key), f"is {_shown(value)}; it must be true or false.")
        return value

    def optional_date(self, key: str) -> date | None:
        value = self.take(key, None)
        if value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            refuse(self.place(key), f"is {_shown(value)}; it must be a day without quotes, such as 2026-12-31.")
        return value

    def optional_integer(self, key: str, *, least: int, most: int) -> int | None:
        if key in self._values:
            return self.integer(key, least=least, most=most, default=least)
        self.take(key, None)
        return None

    def amounts(self, key: str) -> dict[str, int]:
        """Prices by currency, `{ USD = "39.00" }`, as minor units."""
        table = self.table(key)
        if not table.keys():
            refuse(table.where, 'is empty; it must hold a price, such as { USD = "39.00" }.')
        found = {}
        for currency in table.keys():  # noqa: SIM118 (a table isn't a mapping)
            where = table.place(currency)
            check_currency(currency, where=where)
            found[currency] = read_amount(table.take(currency), currency=currency, where=where)
        return found

    def optional_amounts(self, key: str) -> dict[str, int] | None:
        if key in self._values:
            return self.amounts(key)
        self.take(key, None)
        return None

    def optional_basis_points(self, key: str) -> int | None:
        if key in self._values:
            return self.basis_points(key)
        self.take(key, None)
        return None

    def basis_points(self, key: str, *, most: int = BASIS) -> int:
        """A percentage of up to two decimals, `"20"` or `"12.5"`, above 0 and up to `most` basis points."""
        where, value = self.place(key), self.take(key)
        points = _scaled(value, digits=2)
        if points is None or not 1 <= points <= most:
            refuse(
                where,
                f'is {_shown(value)}; it must be a percentage in quotes, from "0.01" to "{most // 100}", such as "20".',
            )
        return points


def check_text(value: object, *, where: str, limit: int, one_line: bool = True) -> str:
    if not isinstance(value, str):
        refuse(where, f"is {_kind(value)}; it must be text in quotes.")
    text = value.strip()
    if not text:
        refuse(where, "is empty; write something, or leave the key out where it may be missing.")
    if len(text) > limit:
        refuse(where, f"has {len(text)} characters; at most {limit} are allowed.")
    if any(not character.isprintable() for character in text if one_line or character not in "\n\t"):
        refuse(
            where, f"holds a line break or a control character; {'one line' if one_line else 'plain text'} is allowed."
        )
    return text


def check_currency(value: str, *, where: str) -> str:
    if value not in DIGITS:
        refuse(where, f"is not a currency that the portal sells in. Allowed: {', '.join(sorted(DIGITS))}.")
    return value


def read_amount(value: object, *, currency: str, where: str) -> int:
    """Minor units of a price that is written as `"39.00"`. Never a float: 0.1 + 0.2 isn't 0.3 there."""
    digits = DIGITS[currency]
    example = f"39.{'0' * digits}" if digits else "39"
    amount = _scaled(value, digits=digits, exactly=True)
    if amount is None:
        refuse(
            where, f'is {_shown(value)}; it must be an amount in quotes with {digits} decimals, such as "{example}".'
        )
    if not 1 <= amount <= AMOUNT_LIMIT:
        refuse(where, f"is {value!r}; a price is above zero, and at most {AMOUNT_LIMIT} minor units.")
    return amount


def is_web_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and not re.search(r"[\s\"'<>\\]", value)


def _scaled(value: object, *, digits: int, exactly: bool = False) -> int | None:
    match = _AMOUNT.fullmatch(value) if isinstance(value, str) and len(value) <= 20 else None  # noqa: PLR2004 (far above any limit here)
    if match is None:
        return None
    whole, decimals = match[1], match[2] or ""
    if len(decimals) > digits or (exactly and len(decimals) != digits):
        return None
    return int(whole + decimals.ljust(digits, "0"))


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, Mapping):
        return "a table"
    return "a list" if isinstance(value, list | tuple) else "a date or time"


def _shown(value: object) -> str:
    return repr(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else _kind(value)
