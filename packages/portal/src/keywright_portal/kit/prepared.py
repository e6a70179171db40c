"""Queries that are asked on every page: their SQL is composed once a process, and then only run.

Composing the SQL of a queryset takes Django several times as long as a database needs to answer it. What is prepared
is an ordinary queryset, checked as such and right on each database; only the values change from call to call.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Generic, TypeAlias, TypeVar, cast

from django.db import connection
from django.db.models import Model, QuerySet, UUIDField

Row = TypeVar("Row", bound=Model)
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


class PreparedModels(Generic[Row]):
    """`PreparedModels(build, UUID, follow=("plan__product",))(order_id)` gives the rows of `build(order_id)` as models.

    As `PreparedQuery`, for a `build` that makes an ordinary queryset. `follow` names foreign keys as `select_related`
    does, those on the way included; nothing else may be deferred or annotated.
    """

    def __init__(self, build: Callable[..., QuerySet[Row]], *types: type, follow: Sequence[str] = ()) -> None:
        self._build = build
        self._paths = [""] + [
            path.rsplit("__", upper)[0] for path in follow for upper in range(path.count("__"), -1, -1)
        ]
        self._parts: list[_Part] = []
        self._query = PreparedQuery(self._values, *types)

    def __call__(self, *values: Value) -> list[Row]:
        return [self._as_models(row) for row in self._query(*values)]

    def _values(self, *values: Value) -> QuerySet[Row, tuple[Any, ...]]:
        rows = self._build(*values)
        self._parts = [_part(rows.model, path) for path in dict.fromkeys(self._paths)]
        return rows.values_list(*(f"{part.prefix}{name}" for part in self._parts for name in part.columns))

    def _as_models(self, row: tuple[Any, ...]) -> Row:
        made: dict[str, Model | None] = {}
        start = 0
        for part in self._parts:
            values = row[start : start + len(part.columns)]
            start += len(part.columns)
            found = part.model.from_db(connection.alias, part.columns, values) if values[part.key] is not None else None
            made[part.path] = found
            if part.path and (holder := made[part.holder]) is not None:
                setattr(holder, part.name, found)
        return cast("Row", made[""])


@dataclass(frozen=True, slots=True)
class _Part:
    """The columns of a row that make one model; `key` is the place of its primary key among them."""

    path: str
    model: type[Model]
    columns: list[str]
    key: int

    @property
    def prefix(self) -> str:
        return f"{self.path}__" if self.path else ""

    @property
    def holder(self) -> str:
        """The path of the model whose foreign key this one is."""
        return self.path.rpartition("__")[0]

    @property
    def name(self) -> str:
        return self.path.rpartition("__")[2]


def _part(model: type[Model], path: str) -> _Part:
    for name in path.split("__") if path else ():
        model = cast("type[Model]", model._meta.get_field(name).related_model)  # noqa: SLF001 (Django's documented API)
    fields = list(model._meta.concrete_fields)  # noqa: SLF001 (Django's documented API)
    return _Part(path, model, [field.attname for field in fields], fields.index(model._meta.pk))  # noqa: SLF001


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
