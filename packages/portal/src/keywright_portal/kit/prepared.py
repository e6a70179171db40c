"""Queries that are asked on every page: their SQL is composed once a process, and then only run.

Composing the SQL of a queryset takes Django several times as long as a database needs to answer it. What is prepared
is an ordinary queryset, checked as such and right on each database; only the values change from call to call.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

from django.db import connection
from django.db.models import QuerySet, UUIDField

Value: TypeAlias = uuid.UUID | datetime | str
_UUIDS: Final = UUIDField()
_FIRST_MARK: Final = datetime(1907, 1, 1, tzinfo=UTC)
"""Marks stand for the values while the SQL is composed: none of them can be a value of the query's own."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """`slots`: which value stands where among the parameters. `converters`: by column, as the fields ask for them."""

    sql: str
    parameters: tuple[Any, ...]
    slots: dict[int, int]
    converters: dict[int, tuple[list[Callable[..., Any]], Any]]

    def as_python(self, row: Sequence[Any]) -> tuple[Any, ...]:
        values = list(row)
        for column, (converters, expression) in self.converters.items():
            for convert in converters:
                values[column] = convert(values[column], expression, connection)
        return tuple(values)


class PreparedQuery:
    """`PreparedQuery(build, UUID, str)(user_id, slug)` gives the rows of `build(user_id, slug)`.

    `build` makes a queryset of `values_list` from values of these types, UUIDs, aware datetimes and strings alone; it
    must use each, and must not look at them. What changes the SQL itself (a limit, the length of a list) is part of
    `build`.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, tuple[Any, ...]]], *types: type) -> None:
        self._build = build
        self._types = types
        self._prepared: dict[str, _Prepared] = {}

    def __call__(self, *values: Value) -> list[tuple[Any, ...]]:
        prepared = self._prepared.get(connection.vendor)
        if prepared is None:
            prepared = self._prepared[connection.vendor] = self._prepare()
        parameters = list(prepared.parameters)
        for place, number in prepared.slots.items():
            parameters[place] = _for_database(values[number])
        with connection.cursor() as cursor:
            cursor.execute(prepared.sql, parameters)
            return [prepared.as_python(row) for row in cursor.fetchall()]

    def _prepare(self) -> _Prepared:
        marks = [_mark(kind, number) for number, kind in enumerate(self._types)]
        written = {_for_database(mark): number for number, mark in enumerate(marks)}
        compiler = self._build(*marks).query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        slots = {place: written[value] for place, value in enumerate(parameters) if value in written}
        if set(slots.values()) != set(range(len(marks))):
            raise ValueError("a prepared query uses each of its values as it is given")
        columns = [column for column, _sql, _alias in compiler.select]
        return _Prepared(sql, tuple(parameters), slots, compiler.get_converters(columns))


def _mark(kind: type, number: int) -> Value:
    if kind is uuid.UUID:
        return uuid.UUID(int=number + 1)
    if kind is str:
        return f"the value of place {number}"
    return _FIRST_MARK + timedelta(days=number)


def _for_database(value: Value) -> Any:
    """As the database's driver takes it."""
    if isinstance(value, str):
        return value
    if isinstance(value, uuid.UUID):
        return _UUIDS.get_db_prep_value(value, connection)
    return connection.ops.adapt_datetimefield_value(value)
