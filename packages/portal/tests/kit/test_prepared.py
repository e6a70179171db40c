"""A query that is composed once gives what the queryset gives, for every value, on either database."""

from __future__ import annotations

import threading
import uuid
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.models import Exists, OuterRef, Q
from django.test.utils import CaptureQueriesContext

from keywright_portal.accounts.models import Membership, Organization
from keywright_portal.kit.prepared import PreparedQuery

pytestmark = pytest.mark.django_db

FIELDS = ("pk", "name", "country", "created_at")


def build(organization_id, since, name):
    members = Membership.objects.filter(organization_id=OuterRef("pk"))
    found = Organization.objects.filter(Q(pk=organization_id) | Q(name=name), created_at__gte=since)
    return found.order_by("name").values_list(*FIELDS, Exists(members))


@pytest.fixture
def query():
    return PreparedQuery(build, uuid.UUID, datetime, str)


def test_each_value_goes_where_it_belongs(query, buyer, stranger, now):
    long_ago = now - timedelta(days=1)
    for values in (
        (buyer.organization.pk, long_ago, "nobody"),
        (buyer.organization.pk, long_ago, stranger.organization.name),
        (uuid.uuid4(), long_ago, stranger.organization.name),
        (buyer.organization.pk, now + timedelta(microseconds=1), "nobody"),
    ):
        assert query(*values) == list(build(*values))


def test_rows_hold_what_the_fields_give(query, buyer, now):
    assert query(buyer.organization.pk, now, "") == [(buyer.organization.pk, "Brightwater Logistics", "DE", now, True)]


def test_a_call_is_one_query_and_composes_nothing(query, buyer, now):
    built = []
    counted = PreparedQuery(lambda *values: built.append(values) or build(*values), uuid.UUID, datetime, str)
    for _ in range(3):
        with CaptureQueriesContext(connection) as captured:
            counted(buyer.organization.pk, now, "")
        assert len(captured) == 1
    assert len(built) == 1


def test_what_is_written_in_a_value_stays_a_value(query, buyer, now):
    assert query(uuid.uuid4(), now, "' OR 1=1 --") == []
    assert query(uuid.uuid4(), now, "%s %(name)s") == []


def test_a_query_that_leaves_a_value_out_is_refused(now):
    careless = PreparedQuery(lambda name, _unused: Organization.objects.filter(name=name).values_list("pk"), str, str)
    with pytest.raises(ValueError, match="uses each of its values"):
        careless("a", "b")


def test_a_query_without_values_is_prepared_too(buyer):
    assert PreparedQuery(lambda: Organization.objects.values_list("slug"))() == [("brightwater-logistics",)]


@pytest.mark.django_db(transaction=True)
def test_threads_share_what_was_prepared_and_not_the_connection(query, buyer, now):
    wanted = query(buyer.organization.pk, now, "")
    found = []

    def ask():
        try:
            found.append(query(buyer.organization.pk, now, ""))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [wanted] * 4
