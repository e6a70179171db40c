"""Writing new rows by a statement that is composed once a process, as `kit.prepared` does it for reading."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.sql import InsertQuery
from django.db.transaction import mark_for_rollback_on_error

if TYPE_CHECKING:
    from django.db.models import Field, Model

MODELS: Final = 64
"""Statements kept: more than there are tables that are written in the path of a request."""


def insert(*rows: Model) -> None:
    """Insert new rows of one model, as `bulk_create` does it, in the caller's transaction.

    Each row has all its values, its primary key among them: nothing is read back. Raises IntegrityError.
    """
    if not rows:
        return
    connection = connections[DEFAULT_DB_ALIAS]
    fields, statement = _composed(type(rows[0]), connection.vendor)
    values = [
        [field.get_db_prep_save(field.pre_save(row, add=True), connection=connection) for field in fields]
        for row in rows
    ]
    with mark_for_rollback_on_error(using=DEFAULT_DB_ALIAS), connection.cursor() as cursor:
        if len(values) == 1:
            cursor.execute(statement, values[0])
        else:
            cursor.executemany(statement, values)
    for row in rows:
        row._state.adding = False  # noqa: SLF001 (Django's documented API)
        row._state.db = DEFAULT_DB_ALIAS  # noqa: SLF001 (as above)


@lru_cache(maxsize=MODELS)
def _composed(model: type[Model], vendor: str) -> tuple[list[Field[Any, Any]], str]:  # noqa: ARG001 (one a database)
    fields = list(model._meta.concrete_fields)  # noqa: SLF001 (as above)
    query = InsertQuery(model)
    query.insert_values(fields, [model()], raw=True)
    [(statement, _values)] = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
    if model._meta.auto_field is not None or statement.count("%s") != len(fields):  # noqa: SLF001 (as above)
        raise ValueError(f"the database makes a value of {model.__name__} itself, and it isn't read back")
    return fields, statement
