from __future__ import annotations

from django.db import connection

# Real races need a database that lets two transactions write at once: SQLite has one writer at a time.
collect_ignore = [] if connection.vendor == "postgresql" else ["test_rate_limit_races.py"]
