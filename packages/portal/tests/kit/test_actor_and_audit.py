from __future__ import annotations

import uuid

import pytest
from django.db import models, transaction

from keywright_portal.kit import audit
from keywright_portal.kit.actor import Actor, Permission, system
from keywright_portal.kit.errors import PermissionDeniedError
from keywright_portal.kit.models import AuditEntry

USER, ORGANIZATION = uuid.uuid4(), uuid.uuid4()


def test_an_actor_does_what_it_may_and_nothing_else():
    actor = Actor(user_id=USER, organization_id=ORGANIZATION, permissions=frozenset({Permission.READ}))
    actor.require(Permission.READ)
    for permission in set(Permission) - {Permission.READ}:
        with pytest.raises(PermissionDeniedError) as denied:
            actor.require(permission)
        assert denied.value.code == "permission_denied"


def test_a_denial_names_who_can_help():
    nobody = Actor(user_id=USER, organization_id=None)
    with pytest.raises(PermissionDeniedError) as of_customer:
        nobody.require(Permission.BILLING_READ)
    with pytest.raises(PermissionDeniedError) as of_vendor:
        nobody.require(Permission.VENDOR_BILLING)
    assert [str(denied.value.message) for denied in (of_customer, of_vendor)] == [
        "Your role in this organization doesn’t allow that. Ask one of its owners or admins.",
        "Your role on the vendor’s staff doesn’t allow that. Ask whoever runs this portal for another role.",
    ]


def test_the_system_acts_in_no_organization():
    reconciler = system("reconciler")
    assert (reconciler.user_id, reconciler.organization_id, reconciler.name) == (None, None, "reconciler")
    with pytest.raises(PermissionDeniedError):
        _ = reconciler.own_organization_id


@pytest.mark.django_db
def test_a_row_says_who_what_when_before_and_after(now):
    person = Actor(user_id=USER, organization_id=ORGANIZATION, name="ignored for a person")
    audit.record(
        actor=person,
        action="order.changed",
        subject="Order",
        subject_id=ORGANIZATION,
        organization_id=ORGANIZATION,
        now=now,
        before={"seats": 1},
        after={"seats": 2},
        reference="PAY-2222-3333",
    )
    row = AuditEntry.objects.get()
    assert (row.actor_user_id, row.actor_name, row.at) == (USER, "", now)
    assert (row.action, row.subject_type, row.subject_id) == ("order.changed", "Order", str(ORGANIZATION))
    assert (row.before, row.after, row.reference) == ({"seats": 1}, {"seats": 2}, "PAY-2222-3333")


@pytest.mark.django_db
def test_the_systems_part_is_named(now):
    audit.record(actor=system("webhook"), action="a", subject="X", subject_id="1", organization_id=None, now=now)
    assert (AuditEntry.objects.get().actor_user_id, AuditEntry.objects.get().actor_name) == (None, "webhook")


@pytest.mark.django_db
def test_a_change_that_is_undone_leaves_no_row(now):
    with transaction.atomic():
        audit.record(actor=system("x"), action="a", subject="X", subject_id="1", organization_id=None, now=now)
        transaction.set_rollback(True)
    assert AuditEntry.objects.count() == 0


def test_the_trail_points_at_nothing_so_that_it_outlives_what_it_tells_of():
    assert [field.name for field in AuditEntry._meta.get_fields() if isinstance(field, models.ForeignKey)] == []
