"""A pytest plugin: Django empties SQLite's tables with DELETE after a test, which triggers of ours refuse.

They are taken off for that moment and put back. PostgreSQL truncates, which no row's trigger sees.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.db.backends.sqlite3.base import DatabaseWrapper


def pytest_configure(config: pytest.Config) -> None:
    operations: Any = DatabaseWrapper.ops_class
    flush = operations.execute_sql_flush

    def flush_without_triggers(self: Any, sql_list: list[str]) -> None:
        with transaction.atomic(using=self.connection.alias), self.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            triggers = cursor.fetchall()
            for name, _sql in triggers:
                cursor.execute(f'DROP TRIGGER "{name}"')
            flush(self, sql_list)
            for _name, sql in triggers:
                cursor.execute(sql)

    operations.execute_sql_flush = flush_without_triggers
