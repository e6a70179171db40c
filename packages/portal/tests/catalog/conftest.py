from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from small_catalog import write_texts

# Rows are locked on PostgreSQL alone; SQLite lets one transaction write at a time, which tests/cli shows.
collect_ignore = [] if connection.vendor == "postgresql" else ["test_apply_catalog_races.py"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that the small catalog names."""
    write_texts(tmp_path)
    return tmp_path
