"""A query that is composed once gives what the queryset gives, for every value, on either database."""

from __future__ import annotations

import threading
import uuid
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.test.utils import CaptureQueriesContext

from keywright_portal.accounts.models import Membership, Organization
from keywright_portal.billing.models import CardTry
from keywright_portal.billing.services.take_card_try import take_card_try
from keywright_portal.catalog.models import Price
from keywright_portal.kit.prepared import PreparedModels, PreparedQuery, PreparedUpdate

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


def memberships(role):
    return Membership.objects.filter(role=role).order_by("organization__slug")


def test_models_are_those_of_the_queryset_with_what_they_refer_to(buyer, stranger):
    prepared = PreparedModels(memberships, str, follow=("organization", "user"))
    with CaptureQueriesContext(connection) as captured:
        found = prepared("owner")
        seen = [(row.organization.name, row.organization.country.code, row.user.email) for row in found]
    wanted = list(memberships("owner").select_related("organization", "user"))

    assert len(captured) == 1
    assert found == wanted
    assert [vars(row.user)["email"] for row in found] == [row.user.email for row in wanted]
    assert seen == [(row.organization.name, row.organization.country.code, row.user.email) for row in wanted]
    assert not any(row._state.adding for row in found)


def test_what_a_model_does_not_refer_to_is_none(buyer, catalog):
    prepared = PreparedModels(lambda: Price.objects.filter(plan=None), follow=("plan__product", "add_on"))
    found = prepared()

    assert found
    with CaptureQueriesContext(connection) as captured:
        assert {row.plan for row in found} == {None}
        assert {row.add_on.code for row in found if row.add_on is not None} == {"premier-support"}
    assert len(captured) == 0


def test_a_model_that_was_prepared_can_be_saved(buyer):
    (organization,) = PreparedModels(lambda: Organization.objects.filter(pk=buyer.organization.pk))()
    organization.name = "Brightwater Holding"
    organization.save()

    assert Organization.objects.get(pk=buyer.organization.pk).name == "Brightwater Holding"


# ---- Changes ---------------------------------------------------------------------------------------------------------


def rename(name, organization_id, since):
    return Organization.objects.filter(pk=organization_id, created_at__gte=since), {"name": name}


def test_an_update_changes_what_it_names_and_tells_how_many(buyer, stranger, now):
    update = PreparedUpdate(rename, str, uuid.UUID, datetime)
    later, others = now + timedelta(seconds=1), stranger.organization.name
    assert update("Too late", buyer.organization.pk, later) == 0
    assert update("Brightwater ' Holding", buyer.organization.pk, now) == 1
    assert {one.name for one in Organization.objects.all()} == {"Brightwater ' Holding", others}


def test_an_update_reckons_with_what_is_there(buyer, now):
    take_card_try(actor=buyer.actor, address="192.0.2.1", order_id=None, now=now)
    counted = PreparedUpdate(lambda most: (CardTry.objects.filter(count__lt=most), {"count": F("count") + 1}), int)
    assert [counted(3), counted(3), counted(3)] == [2, 2, 0]
    assert {row.count for row in CardTry.objects.all()} == {3}


def test_an_update_that_a_constraint_refuses_undoes_the_transaction(buyer, stranger):
    update = PreparedUpdate(lambda slug, pk: (Organization.objects.filter(pk=pk), {"slug": slug}), str, uuid.UUID)

    @transaction.atomic
    def both():
        update("another", buyer.organization.pk)
        update("another", stranger.organization.pk)

    with pytest.raises(IntegrityError):
        both()
    assert not Organization.objects.filter(slug="another").exists()
