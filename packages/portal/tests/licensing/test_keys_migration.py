"""Keys of the release before get beside them what their certificates say."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from keywright_portal.licensing.models import SigningKey

NEW = ("product", "root_kid", "valid_from", "valid_until", "longest_term", "activated_at")
migration = import_module("keywright_portal.licensing.migrations.0003_keys")


@pytest.mark.django_db
@pytest.mark.usefixtures("signing_keys")
def test_what_certificates_say_is_read_from_them():
    rows = SigningKey.objects.order_by("pk").values("pk", *NEW)
    before = list(rows)
    assert {row["longest_term"] for row in before} == {None, 1_098 * 86_400}
    SigningKey.objects.update(
        product="", root_kid="", valid_from=None, valid_until=None, longest_term=None, activated_at=None
    )
    migration.read_certificates(apps, None)
    assert list(rows.all()) == before
