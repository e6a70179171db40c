"""Queries that are asked on every page: their SQL is composed once a process, and then only run.

Composing the SQL of a queryset takes Django several times as long as a database needs to answer it. What is prepared
is an ordinary queryset, checked as such and right on each database; only the values change from call to call.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, TypeAlias, TypeVar, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet, UUIDField
from django.db.models.sql import Query, UpdateQuery
from django.db.transaction import mark_for_rollback_on_error

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

Row = TypeVar("Row", bound=Model)
Value: TypeAlias = uuid.UUID | datetime | str | int
_UUIDS: Final = UUIDField()
_FIRST_NUMBER: Final = 32_700
_FIRST_MARK: Final = datetime(1907, 1, 1, tzinfo=UTC)
"""Marks stand for the values while the SQL is composed: none of them can be a value of the query's own."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """`slots`: which value stands where among the parameters, and how the database's driver takes it. `converters`: by
    column, as the fields ask for them.
    """

    sql: str
    parameters: tuple[Any, ...]
    slots: tuple[tuple[int, int, Callable[[Any], Any]], ...]
    converters: tuple[tuple[int, Callable[..., Any], Any], ...]

    def ask(self, values: Sequence[Value], connection: BaseDatabaseWrapper) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self._parameters(values))
            rows = cursor.fetchall()
        return [self._as_python(row, connection) for row in rows]

    def change(self, values: Sequence[Value], connection: BaseDatabaseWrapper) -> int:
        with mark_for_rollback_on_error(using=DEFAULT_DB_ALIAS), connection.cursor() as cursor:
            cursor.execute(self.sql, self._parameters(values))
            return int(cursor.rowcount)

    def _parameters(self, values: Sequence[Value]) -> list[Any]:
        parameters = list(self.parameters)
        for place, number, as_driver_takes_it in self.slots:
            parameters[place] = as_driver_takes_it(values[number])
        return parameters

    def _as_python(self, row: Sequence[Any], connection: BaseDatabaseWrapper) -> tuple[Any, ...]:
        values = list(row)
        for column, convert, expression in self.converters:
            values[column] = convert(values[column], expression, connection)
        return tuple(values)


class PreparedQuery:
    """`PreparedQuery(build, UUID, str)(user_id, slug)` gives the rows of `build(user_id, slug)`.

    `build` makes a queryset of `values_list` from values of these types, UUIDs, aware datetimes, strings and numbers
    alone; it must use each, and must not look at them. What changes the SQL itself (a limit, the length of a list) is
    part of `build`.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, tuple[Any, ...]]], *types: type) -> None:
        self._build = build
        self._types = types
        self._prepared: dict[str, _Prepared] = {}

    def __call__(self, *values: Value) -> list[tuple[Any, ...]]:
        connection = connections[DEFAULT_DB_ALIAS]
        prepared = self._prepared.get(connection.vendor)
        if prepared is None:
            prepared = self._prepared[connection.vendor] = _prepare(self._query, self._types, connection)
        return prepared.ask(values, connection)

    def _query(self, *values: Value) -> Query:
        return self._build(*values).query


class PreparedUpdate:
    """`PreparedUpdate(build, datetime, UUID)(now, pk)` is how many rows that changed.

    `build` gives a queryset and what is set in its rows, by field; the rest as with `PreparedQuery`. In the caller's
    transaction, if there is one. Raises IntegrityError.
    """

    def __init__(self, build: Callable[..., tuple[QuerySet[Any], dict[str, Any]]], *types: type) -> None:
        self._build = build
        self._types = types
        self._prepared: dict[str, _Prepared] = {}

    def __call__(self, *values: Value) -> int:
        connection = connections[DEFAULT_DB_ALIAS]
        prepared = self._prepared.get(connection.vendor)
        if prepared is None:
            prepared = self._prepared[connection.vendor] = _prepare(self._query, self._types, connection)
        return prepared.change(values, connection)

    def _query(self, *values: Value) -> UpdateQuery:
        rows, changes = self._build(*values)
        query = cast("UpdateQuery", rows.order_by().query.chain(UpdateQuery))
        query.add_update_values(changes)
        return query


def _prepare(build: Callable[..., Query], types: Sequence[type], connection: BaseDatabaseWrapper) -> _Prepared:
    marks = [_mark(kind, number) for number, kind in enumerate(types)]
    adapters = [_adapter(kind, connection) for kind in types]
    written = {adapt(mark): number for number, (adapt, mark) in enumerate(zip(adapters, marks, strict=True))}
    compiler = build(*marks).get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    slots = {place: written[value] for place, value in enumerate(parameters) if value in written}
    if set(slots.values()) != set(range(len(marks))):
        raise ValueError("a prepared query uses each of its values as it is given")
    columns = [column for column, _sql, _alias in compiler.select or ()]
    return _Prepared(
        sql,
        tuple(parameters),
        tuple((place, number, adapters[number]) for place, number in slots.items()),
        tuple(
            (column, convert, expression)
            for column, (converters, expression) in compiler.get_converters(columns).items()
            for convert in converters
        ),
    )


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
            found = part.model.from_db(DEFAULT_DB_ALIAS, part.columns, values) if values[part.key] is not None else None
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
    if kind is int:
        return _FIRST_NUMBER + number
    if kind is str:
        return f"the value of place {number}"
    return _FIRST_MARK + timedelta(days=number)


def _adapter(kind: type, connection: BaseDatabaseWrapper) -> Callable[[Any], Any]:
    """What makes of a value of this type what the database's driver takes."""
    if kind in {str, int}:
        return cast("Callable[[Any], Any]", kind)
    if kind is uuid.UUID:
        return partial(_UUIDS.get_db_prep_value, connection=connection)
    return connection.ops.adapt_datetimefield_value
