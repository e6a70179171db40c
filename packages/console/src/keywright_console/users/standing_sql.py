"""What the database keeps up by itself: how many users there are of each kind, and the view for reports.

A million rows take a database longer to count than a page may take, so triggers keep the count: on PostgreSQL one
statement at a time, on SQLite one row at a time. They cost a look at each changed row, and a write where a user came,
went or changed kind.

A migration that alters the table of users calls `remove` before it and `install` after it: SQLite alters a table by
making another one in its place, which drops its triggers and refuses to leave a view behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor

USERS = "users_user"
TOTALS = "users_usertotals"
VIEW = "keywright_users"

# One row of the view a user. Documented in docs/console-users.md; columns are only ever added.
CREATE_VIEW = f"""
CREATE VIEW {VIEW} AS
SELECT id, username, email,
       CASE WHEN is_bot THEN 'bot' WHEN is_system_admin THEN 'system_admin' ELSE 'member' END AS role,
       CASE WHEN deactivated_at IS NULL THEN 'active' ELSE 'deactivated' END AS state,
       CASE WHEN deactivated_at IS NULL AND NOT is_bot THEN 1 ELSE 0 END AS takes_seat,
       created_at, last_activity_at, deactivated_at,
       COALESCE(last_activity_at, created_at) AS inactive_since
FROM {USERS}
"""  # noqa: S608 - names of ours

KINDS = {
    "active": "NOT {0}is_bot AND {0}deactivated_at IS NULL",
    "deactivated": "NOT {0}is_bot AND {0}deactivated_at IS NOT NULL",
    "bots": "{0}is_bot",
}


def install(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - the signature of RunPython
    """Count once, then make triggers and view."""
    recount(editor)
    statements = _postgresql() if editor.connection.vendor == "postgresql" else _sqlite()
    for statement in [*statements, CREATE_VIEW]:
        editor.execute(statement, params=None)


def remove(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001 - the signature of RunPython
    """Take all of it away."""
    editor.execute(f"DROP VIEW IF EXISTS {VIEW}", params=None)
    on_table = f" ON {USERS}" if editor.connection.vendor == "postgresql" else ""
    for event in ("insert", "update", "delete"):
        editor.execute(f"DROP TRIGGER IF EXISTS users_totals_{event}{on_table}", params=None)
    if on_table:
        editor.execute("DROP FUNCTION IF EXISTS users_totals_changed()", params=None)


def recount(editor: BaseDatabaseSchemaEditor) -> None:
    """Write the true counts."""
    editor.execute(f"DELETE FROM {TOTALS}", params=None)  # noqa: S608 - a name of ours
    sums = ", ".join(f"COUNT(CASE WHEN {kind.format('')} THEN 1 END)" for kind in KINDS.values())
    editor.execute(
        f"INSERT INTO {TOTALS} (id, {', '.join(KINDS)}) SELECT 1, {sums} FROM {USERS}",  # noqa: S608 - the same
        params=None,
    )


def _postgresql() -> list[str]:
    """One function for three triggers, each with the rows that its statement changed."""

    def total(kind: str, rows: str) -> str:
        return f"(SELECT COUNT(*) FROM {rows} WHERE {KINDS[kind].format('')})"  # noqa: S608 - names of ours

    def change(*, plus: str, minus: str) -> str:
        parts = []
        for kind in KINDS:
            terms = [f"+ {total(kind, plus)}"] if plus else []
            terms += [f"- {total(kind, minus)}"] if minus else []
            parts.append(f"d_{kind} := 0 {' '.join(terms)};")
        return " ".join(parts)

    columns = ", ".join(KINDS)
    function = f"""
CREATE FUNCTION users_totals_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE {" ".join(f"d_{kind} bigint := 0;" for kind in KINDS)}
BEGIN
  IF TG_OP = 'INSERT' THEN {change(plus="new_rows", minus="")}
  ELSIF TG_OP = 'UPDATE' THEN {change(plus="new_rows", minus="old_rows")}
  ELSE {change(plus="", minus="old_rows")}
  END IF;
  IF {" OR ".join(f"d_{kind} <> 0" for kind in KINDS)} THEN
    INSERT INTO {TOTALS} (id, {columns}) VALUES (1, {", ".join(f"d_{kind}" for kind in KINDS)})
    ON CONFLICT (id) DO UPDATE SET {", ".join(f"{kind} = {TOTALS}.{kind} + EXCLUDED.{kind}" for kind in KINDS)};
  END IF;
  RETURN NULL;
END $$
"""  # noqa: S608 - names of ours
    tables = {
        "insert": "NEW TABLE AS new_rows",
        "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        "delete": "OLD TABLE AS old_rows",
    }
    return [function] + [
        f"CREATE TRIGGER users_totals_{event} AFTER {event.upper()} ON {USERS} REFERENCING {rows} "
        "FOR EACH STATEMENT EXECUTE FUNCTION users_totals_changed()"
        for event, rows in tables.items()
    ]


def _sqlite() -> list[str]:
    """Three triggers. The row is made with its first user, so that an emptied table of totals is right again."""
    plus = ", ".join(f"{kind} = {kind} + ({rule.format('NEW.')})" for kind, rule in KINDS.items())
    minus = ", ".join(f"{kind} = {kind} - ({rule.format('OLD.')})" for kind, rule in KINDS.items())
    both = ", ".join(
        f"{kind} = {kind} - ({rule.format('OLD.')}) + ({rule.format('NEW.')})" for kind, rule in KINDS.items()
    )
    zeros = f"INSERT OR IGNORE INTO {TOTALS} (id, {', '.join(KINDS)}) VALUES (1, 0, 0, 0);"  # noqa: S608 - names of ours
    moved = " OR ".join(f"({rule.format('OLD.')}) <> ({rule.format('NEW.')})" for rule in KINDS.values())
    events = {
        "INSERT": f"BEGIN {zeros} UPDATE {TOTALS} SET {plus}; END",  # noqa: S608 - names of ours
        "UPDATE": f"WHEN {moved} BEGIN UPDATE {TOTALS} SET {both}; END",  # noqa: S608 - the same
        "DELETE": f"BEGIN UPDATE {TOTALS} SET {minus}; END",  # noqa: S608 - the same
    }
    return [
        f"CREATE TRIGGER users_totals_{event.lower()} AFTER {event} ON {USERS} {what}" for event, what in events.items()
    ]
