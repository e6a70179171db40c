"""Letting calls go at the same moment, on a database that several connections share; and taking a guard away.

A pytest plugin too: `pytest_plugins = ["racing"]` in a suite's topmost conftest.py. A race that only PostgreSQL can
lose is marked `postgresql_only`; on another database it is deselected, and the run says why.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

import pytest
from django.conf import settings
from django.db import connection, models
from django.db.models.query import QuerySet

ROUNDS: Final = int(os.environ.get("KEYWRIGHT_RACE_ROUNDS", "3"))
"""How often a race is run. A race that is lost once in a hundred shows in `make trials`, which asks for more."""
AT_ONCE: Final = 6
"""Threads: more than there are cores, few enough that each has a connection."""
WAIT_SECONDS: Final = 60.0
MEETING_SECONDS: Final = 5.0
"""How long the first waits at a meeting point for the others: a busy machine is slow, and with a guard none comes."""
WHY_DESELECTED: Final = "tests deselected: without PostgreSQL's row locks and concurrent writers they couldn't fail"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "postgresql_only: a race that a single-writer database can't lose")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        return
    out = [item for item in items if item.get_closest_marker("postgresql_only")]
    if out:
        items[:] = [item for item in items if item not in set(out)]
        config.hook.pytest_deselected(items=out)
        config.stash[_DESELECTED] = len(out)


_DESELECTED = pytest.StashKey[int]()


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if count := config.stash.get(_DESELECTED, 0):
        terminalreporter.write_line(f"{count} {WHY_DESELECTED}")


def at_once(calls: Sequence[Callable[[], Any]], *, expect: tuple[type[Exception], ...] = ()) -> list[Any]:
    """Let the calls go together, a thread and a connection each; what each returned, or raised of what is expected.

    What isn't expected is raised here, so that a race isn't won because nobody ran.
    """
    together = threading.Barrier(len(calls))
    outcomes: list[Any] = [None] * len(calls)

    def run(place: int, call: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            together.wait(WAIT_SECONDS)
            outcomes[place] = call()
        except BaseException as error:  # noqa: BLE001 (raised below, in the test's own thread)
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_SECONDS)
        assert not thread.is_alive(), "a call is still waiting: two of them hold each other's locks"
    for outcome in outcomes:
        if isinstance(outcome, BaseException) and not isinstance(outcome, expect):
            raise outcome
    return outcomes


def meeting(call: Callable[..., Any], *, of: int) -> Callable[..., Any]:
    """`call`, which waits until `of` threads have come to it: what each read until then the others will change.

    Where `call` is itself what reads, take `reading`.
    """
    together = threading.Barrier(of)

    def wait_and_call(*arguments: Any, **named: Any) -> Any:
        with suppress(threading.BrokenBarrierError):
            together.wait(MEETING_SECONDS)
        return call(*arguments, **named)

    return wait_and_call


def reading(call: Callable[..., Any], *, of: int) -> Callable[..., Any]:
    """`call`, which returns once `of` threads have read what it reads, so that none reads what another changed."""
    together = threading.Barrier(of)

    def call_and_wait(*arguments: Any, **named: Any) -> Any:
        found = call(*arguments, **named)
        with suppress(threading.BrokenBarrierError):
            together.wait(MEETING_SECONDS)
        return found

    return call_and_wait


def without_row_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have `select_for_update` lock nothing."""
    monkeypatch.setattr(QuerySet, "select_for_update", lambda self, **_options: self)


@contextmanager
def without_uniqueness(*columns: tuple[type[models.Model], str]) -> Iterator[None]:
    """Drop what makes each (model, column) unique, on PostgreSQL, and put it back; the tables are emptied."""
    back: list[str] = []
    tables = sorted({model._meta.db_table for model, _column in columns})
    with connection.cursor() as cursor:
        for model, column in columns:
            back += _drop_unique(cursor, model._meta.db_table, column)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
            for statement in back:
                cursor.execute(statement)


def _drop_unique(cursor: Any, table: str, column: str) -> list[str]:
    """The statements that undo it. A constraint takes its index along; a conditional one is an index alone."""
    cursor.execute(
        "SELECT c.relname, pg_get_indexdef(i.indexrelid), pg_get_constraintdef(k.oid) FROM pg_index i"
        " JOIN pg_class c ON c.oid = i.indexrelid LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND"
        " k.contype IN ('p', 'u') WHERE i.indisunique AND i.indrelid = %s::regclass AND EXISTS (SELECT 1 FROM"
        " pg_attribute a WHERE a.attrelid = i.indrelid AND a.attname = %s AND a.attnum = ANY(i.indkey))",
        [table, column],
    )
    back = []
    found = cursor.fetchall()
    assert found, f"{table}.{column} has nothing unique to drop"
    for name, index, constraint in found:
        if constraint is None:
            cursor.execute(f'DROP INDEX "{name}"')
            back.append(index)
        else:
            cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
            back.append(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {constraint}')
    return back
