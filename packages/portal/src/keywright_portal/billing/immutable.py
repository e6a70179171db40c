"""What the database itself refuses: triggers on SQLite and PostgreSQL, installed by a migration.

What was issued or received stays as it is, whoever writes, also past Django. Only the columns named here may change.
SQLite loses a table's triggers when Django makes the table anew, which most changes of a column do: a migration that
touches one of these tables ends with `install`. Tests try every column of every table on both databases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.models.options import Options

MAY_CHANGE: Final[Mapping[str, frozenset[str]]] = {
    "Invoice": frozenset({"paid_at"}),
    "InvoiceLine": frozenset(),
    "Payment": frozenset(),
    "Receipt": frozenset(),
    "CreditNote": frozenset(),
    "CreditNoteLine": frozenset(),
    "Refund": frozenset(
        {"provider_refund_id", "state", "failure", "revokes_license", "credit_note_id", "settled_at", "reason"}
    ),
    "BankTransfer": frozenset({"invoice_id", "payment_id", "surplus"}),
}
"""By model, the columns that may change. No row of these is ever deleted."""
SET_ONCE: Final[Mapping[str, frozenset[str]]] = {"Invoice": frozenset({"paid_at"})}
"""Columns that may go from nothing to something, and then stay."""
PARTS: Final = (("InvoiceLine", "invoice_id", "Invoice"), ("CreditNoteLine", "credit_note_id", "CreditNote"))
"""Rows that make up another: they never add up to more than it, so that none is added afterwards."""
CREDITS: Final = ("CreditNote", "invoice_id", "Invoice")
"""Credit notes never add up to more than their invoice."""
SERIES: Final = ("InvoiceNumberSeries", "CreditNoteNumberSeries")
"""Counters that go up by one and nothing else."""


def install(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For `migrations.RunPython`: put every trigger there, anew where it was."""
    remove(apps, schema_editor)
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(REFUSE, params=None)
    for statement in _statements(apps, schema_editor.connection.vendor):
        schema_editor.execute(statement, params=None)


def remove(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """For `migrations.RunPython`, the way back."""
    on_table = schema_editor.connection.vendor == "postgresql"
    for model in (*MAY_CHANGE, *SERIES):
        table = _meta(apps, model).db_table
        for what in ("update", "delete", "insert"):
            place = f" ON {table}" if on_table else ""
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_{what}{place}", params=None)


REFUSE: Final = """
CREATE OR REPLACE FUNCTION billing_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'integrity_constraint_violation';
END $$
"""


def _statements(apps: Apps, vendor: str) -> Iterator[str]:
    trigger = _postgresql if vendor == "postgresql" else _sqlite
    differs = "IS DISTINCT FROM" if vendor == "postgresql" else "IS NOT"
    for name, free in MAY_CHANGE.items():
        meta = _meta(apps, name)
        columns = [field.column for field in meta.local_concrete_fields if field.column]
        changed = [f"OLD.{column} {differs} NEW.{column}" for column in columns if column not in free]
        changed += [
            f"(OLD.{column} IS NOT NULL AND OLD.{column} {differs} NEW.{column})" for column in SET_ONCE.get(name, ())
        ]
        yield trigger(meta.db_table, "update", " OR ".join(changed), f"{name} rows never change")
        yield trigger(meta.db_table, "delete", "", f"{name} rows are never deleted")
    for name in SERIES:
        table = _meta(apps, name).db_table
        by_one = "NEW.year <> OLD.year OR NEW.next_number <> OLD.next_number + 1"
        yield trigger(table, "update", by_one, f"{name} goes up by one")
        yield trigger(table, "delete", "", f"{name} rows are never deleted")
    for name, key, whole in (*PARTS, CREDITS):
        table, of = _meta(apps, name).db_table, _meta(apps, whole).db_table
        together = f"(SELECT COALESCE(SUM(gross), 0) FROM {table} WHERE {key} = NEW.{key})"  # noqa: S608 (names of our own)
        whole_of_it = f"(SELECT gross FROM {of} WHERE id = NEW.{key})"  # noqa: S608 (names of our own)
        too_much = f"{together} + NEW.gross > {whole_of_it}"
        message = f"{name} rows add up to their {whole} at most"
        if vendor == "postgresql":
            # A trigger's WHEN may not ask other rows there, a function may.
            yield (
                f"CREATE OR REPLACE FUNCTION {table}_fits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" IF {too_much} THEN RAISE EXCEPTION USING MESSAGE = '{message}',"
                f" ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $$"
            )
            yield (
                f"CREATE TRIGGER {table}_insert BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_fits()"
            )
        else:
            yield trigger(table, "insert", too_much, message)


def _postgresql(table: str, what: str, when: str, message: str) -> str:
    condition = f" WHEN ({when})" if when else ""
    return (
        f"CREATE TRIGGER {table}_{what} BEFORE {what.upper()} ON {table} FOR EACH ROW{condition}"
        f" EXECUTE FUNCTION billing_refuse('{message}')"
    )


def _sqlite(table: str, what: str, when: str, message: str) -> str:
    condition = f" WHEN {when}" if when else ""
    return (
        f"CREATE TRIGGER {table}_{what} BEFORE {what.upper()} ON {table} FOR EACH ROW{condition}"
        f" BEGIN SELECT RAISE(ABORT, '{message}'); END"
    )


def _meta(apps: Apps, name: str) -> Options[Any]:
    meta: Options[Any] = apps.get_model("billing", name)._meta  # noqa: SLF001 (Django's documented interface)
    return meta
