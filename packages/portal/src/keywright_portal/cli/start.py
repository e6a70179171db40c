"""Starting Django for a command, and what must be so before a process serves."""

from __future__ import annotations

import os
from typing import Final

import django
from django.core.exceptions import ImproperlyConfigured

from keywright_portal.kit.errors import ConfigurationError, KeywrightError

SETTINGS: Final = "keywright_portal.config.settings"


class NotMigratedError(KeywrightError):
    """The database is older than the program."""

    code = "not_migrated"


def start_django() -> None:
    """Read the settings and load the models. Raises ConfigurationError, which names the variable."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    try:
        django.setup()
    except (ImproperlyConfigured, ValueError) as error:
        raise ConfigurationError(f"The settings can’t be read: {error}. See docs/settings.md.") from error


def require_migrated() -> None:
    """Raise NotMigratedError where the database lacks a migration. One that is newer than the program is welcome."""
    missing = missing_migrations()
    if missing:
        raise NotMigratedError(f"The database lacks {missing} migrations of this release. Run: keywright migrate")


def missing_migrations() -> int:
    from django.db import connection, connections  # noqa: PLC0415 (needs a started Django)
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415 (needs a started Django)

    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    connections.close_all()  # processes are forked after this: none must inherit an open connection
    return missing
