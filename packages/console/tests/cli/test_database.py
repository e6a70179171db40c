import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from keywright_console.cli.database import DatabaseBehindError, migrate, one_at_a_time, prepare


def test_a_database_that_is_up_to_date_is_left_alone(db, monkeypatch):
    monkeypatch.setattr("keywright_console.cli.database.migrate", None)
    prepare()


def test_a_database_that_is_behind_is_not_changed_unasked(db):
    MigrationRecorder.Migration.objects.filter(app="licensing").delete()
    with pytest.raises(DatabaseBehindError, match="keywright-console migrate"):
        prepare()


def test_migrating_what_is_up_to_date_changes_nothing(db, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    migrate()
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


def test_the_lock_is_let_go(db, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        with one_at_a_time():
            pass
