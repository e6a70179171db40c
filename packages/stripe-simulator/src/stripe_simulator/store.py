"""Where all state is: one SQLite file, or memory. One process, one thread and one transaction at a time use it."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stripe_simulator.shapes import Json

SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS object_kind ON object (kind, seq);
CREATE INDEX IF NOT EXISTS object_customer ON object (kind, json_extract(body, '$.customer'));
CREATE INDEX IF NOT EXISTS object_payment_intent ON object (kind, json_extract(body, '$.payment_intent'));
CREATE INDEX IF NOT EXISTS object_status ON object (kind, json_extract(body, '$.status'));
CREATE INDEX IF NOT EXISTS object_payout ON object (kind, json_extract(body, '$._payout'));
CREATE TABLE IF NOT EXISTS replay (
    key TEXT PRIMARY KEY,
    created INTEGER NOT NULL,
    endpoint TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    request_id TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS replay_created ON replay (created);
CREATE TABLE IF NOT EXISTS delivery (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    type TEXT NOT NULL,
    state TEXT NOT NULL,
    due REAL NOT NULL,
    first_tried REAL,
    attempts INTEGER NOT NULL DEFAULT 0,
    lane INTEGER NOT NULL DEFAULT 0,
    outcome TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS delivery_due ON delivery (state, due);
CREATE INDEX IF NOT EXISTS delivery_event ON delivery (event);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
LOCK_TIMEOUT = 1.0
"""Seconds to wait for another process that has the file: long enough for one that is just ending."""
VERSION = 1
"""Of the tables; a file of another version is refused, since there is nothing in it worth a migration."""
TABLES = ("object", "replay", "delivery", "setting")


class UnusableStateError(Exception):
    """The state's file can't be used; the message says why."""


class Store:
    """API objects are rows of JSON. Within a transaction an id always gives the same dictionary, so that two parts of
    one request can't overwrite each other's changes.
    """

    def __init__(self, path: Path | None) -> None:
        self._seen: dict[str, Json] = {}
        self.database = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=LOCK_TIMEOUT)
        self.database.row_factory = sqlite3.Row
        try:
            self._prepare()
        except (sqlite3.Error, UnusableStateError):
            self.database.close()
            raise

    def _prepare(self) -> None:
        """The lock is kept while the process runs: two simulators on one file would each miss what the other did."""
        self.database.execute("PRAGMA locking_mode = EXCLUSIVE")
        version = self.database.execute("PRAGMA user_version").fetchone()[0]
        is_new = not self.database.execute("SELECT 1 FROM sqlite_master").fetchone()
        if not is_new and version != VERSION:
            raise UnusableStateError("it was written by another version; delete it to start anew")
        self.database.execute("PRAGMA journal_mode = WAL")
        # Whoever dies here is a process. To wait for the disk at each call would be for a machine that loses its power,
        # and cost whoever calls most of the answer's time.
        self.database.execute("PRAGMA synchronous = NORMAL")
        self.database.executescript(SCHEMA)
        self.database.execute(f"PRAGMA user_version = {VERSION}")

    def close(self) -> None:
        self.database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, and outlives this process when it ends."""
        self._seen.clear()
        self.database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        else:
            self.database.execute("COMMIT")
        finally:
            self._seen.clear()

    def add(self, thing: Json) -> Json:
        self.database.execute(
            "INSERT INTO object (id, kind, body) VALUES (?, ?, ?)", (thing["id"], thing["object"], json.dumps(thing))
        )
        self._seen[thing["id"]] = thing
        return thing

    def save(self, thing: Json) -> Json:
        self.database.execute("UPDATE object SET body = ? WHERE id = ?", (json.dumps(thing), thing["id"]))
        return thing

    def find_any(self, object_id: str) -> Json | None:
        """Of whatever kind: for the field that may hold several."""
        row = self.database.execute("SELECT kind FROM object WHERE id = ?", (object_id,)).fetchone()
        return self.find(row["kind"], object_id) if row else None

    def find(self, kind: str, object_id: str) -> Json | None:
        seen = self._seen.get(object_id)
        if seen is not None:
            return seen if seen["object"] == kind else None
        row = self.database.execute("SELECT body FROM object WHERE id = ? AND kind = ?", (object_id, kind)).fetchone()
        return self._remember(row["body"]) if row else None

    def page(
        self,
        kind: str,
        *,
        limit: int,
        where: Mapping[str, Any] | None = None,
        starting_after: str | None = None,
        ending_before: str | None = None,
    ) -> tuple[list[Json], bool]:
        """Newest first, and whether there is more. `where` holds conditions such as `{"customer =": "cus_1"}` on the
        object's top fields, or `{"type like": [patterns]}`; their names are the program's own, never a client's.
        """
        clauses, values = _conditions(kind, where or {})
        order = "DESC"
        if starting_after is not None:
            clauses.append("seq < (SELECT seq FROM object WHERE id = ?)")
            values.append(starting_after)
        if ending_before is not None:
            clauses.append("seq > (SELECT seq FROM object WHERE id = ?)")
            values.append(ending_before)
            order = "ASC"
        query = f"SELECT body FROM object WHERE {' AND '.join(clauses)} ORDER BY seq {order} LIMIT ?"  # noqa: S608 - as said
        rows = self.database.execute(query, (*values, limit + 1)).fetchall()
        found = [self._remember(row["body"]) for row in rows[:limit]]
        if order == "ASC":
            found.reverse()
        return found, len(rows) > limit

    def all(self, kind: str, *, where: Mapping[str, Any]) -> list[Json]:
        """Oldest first; `where` as above."""
        clauses, values = _conditions(kind, where)
        query = f"SELECT body FROM object WHERE {' AND '.join(clauses)} ORDER BY seq"  # noqa: S608 - as above
        return [self._remember(row["body"]) for row in self.database.execute(query, values).fetchall()]

    def count(self, kind: str) -> int:
        row = self.database.execute("SELECT count(*) AS n FROM object WHERE kind = ?", (kind,)).fetchone()
        return int(row["n"])

    def setting(self, name: str, default: Any) -> Any:
        row = self.database.execute("SELECT value FROM setting WHERE name = ?", (name,)).fetchone()
        return json.loads(row["value"]) if row else default

    def set_setting(self, name: str, value: Any) -> None:
        self.database.execute(
            "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, json.dumps(value)),
        )

    def empty(self) -> None:
        for table in TABLES:
            self.database.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
        self._seen.clear()

    def _remember(self, body: str) -> Json:
        thing: Json = json.loads(body)
        return self._seen.setdefault(thing["id"], thing)


def _conditions(kind: str, where: Mapping[str, Any]) -> tuple[list[str], list[Any]]:
    """SQL's clauses and their values."""
    clauses: list[str] = ["kind = ?"]
    values: list[Any] = [kind]
    for condition, value in where.items():
        field, operator = condition.split(" ")
        if operator == "like":
            clauses.append("(" + " OR ".join(f"json_extract(body, '$.{field}') LIKE ?" for _ in value) + ")")
            values.extend(value)
        else:
            clauses.append(f"json_extract(body, '$.{field}') {operator} ?")
            values.append(value)
    return clauses, values
