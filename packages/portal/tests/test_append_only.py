"""What is promised never to change is written in one place and changed in none."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import keywright_portal

SOURCES = Path(keywright_portal.__file__).parent
CHANGING = {"update", "delete", "bulk_update", "update_or_create", "save"}
WRITTEN_IN = {
    "AuditEntry": {"kit/audit.py"},
    "Invoice": {"billing/services/issue_invoice.py"},
    "InvoiceLine": {"billing/services/issue_invoice.py"},
    "Payment": {"billing/services/record_payment.py"},
    "Receipt": {"billing/services/issue_receipt.py"},
    "CreditNote": {"billing/services/issue_credit_note.py"},
    "CreditNoteLine": {"billing/services/issue_credit_note.py"},
    "IssueLogEntry": {"licensing/services/issue.py"},
    "RevocationBundle": {"licensing/services/import_bundle.py", "licensing/services/publish_bundle.py"},
    "UsageReport": {"licensing/services/record_usage.py"},
    "SeatLedgerEntry": {"subscriptions/services/open_subscription.py"},
    "PolicyAgreement": {"accounts/services/sign_up.py"},
}
CREATING = {"create", "bulk_create", "get_or_create"}


def files():
    return [file for file in SOURCES.rglob("*.py") if "migrations" not in file.parts]


def root_of(node: ast.expr) -> str:
    """The name at the left end of `Name.objects.filter(…).update`."""
    while True:
        if isinstance(node, ast.Attribute):
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        else:
            return node.id if isinstance(node, ast.Name) else ""


def uses(model: str) -> list[tuple[str, str]]:
    """(file, what) for each `Model(…)` and each `Model.objects….verb(…)` that creates or changes rows."""
    found = []
    for file in files():
        place = str(file.relative_to(SOURCES))
        for node in ast.walk(ast.parse(file.read_text())):
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Name) and node.func.id == model:
                found.append((place, "create"))
            elif isinstance(node.func, ast.Attribute) and root_of(node.func) == model:
                found.append((place, node.func.attr))
    return found


@pytest.mark.parametrize("model", sorted(WRITTEN_IN))
def test_rows_are_written_in_one_place(model):
    written = {place for place, verb in uses(model) if verb in CREATING}
    assert written == WRITTEN_IN[model]


@pytest.mark.parametrize("model", sorted(WRITTEN_IN))
def test_rows_are_changed_nowhere(model):
    assert [(place, verb) for place, verb in uses(model) if verb in CHANGING] == []


def test_a_change_would_be_seen():
    """Attempts are no append-only rows: the look finds their changes."""
    assert "update" in {verb for _place, verb in uses("PaymentAttempt")}
