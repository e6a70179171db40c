from types import SimpleNamespace

import pytest
from django.db.utils import ConnectionDoesNotExist

from keywright_console.kit.reports import reports_database
from keywright_console.users.selectors import activity
from vendor import NOON


def test_without_a_replica_reports_come_from_the_database():
    assert reports_database() == "default"


def test_with_one_they_come_from_it_alone(as_admin, monkeypatch):
    """The alias is named and nothing stands behind it, so a report that asked the database would answer."""
    named = SimpleNamespace(DATABASES={"default": {}, "replica": {}})
    monkeypatch.setattr("keywright_console.kit.reports.settings", named)
    assert reports_database() == "replica"
    with pytest.raises(ConnectionDoesNotExist):
        list(as_admin.get("/users/export/").streaming_content)
    with pytest.raises(ConnectionDoesNotExist):
        as_admin.get("/users/?inactive=90")
    with pytest.raises(ConnectionDoesNotExist):
        activity(now=NOON)
    assert as_admin.get("/users/").status_code == 200
