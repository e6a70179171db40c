"""Each page makes a fixed number of queries, at most ten, however much there is."""

from __future__ import annotations

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext

from keywright_portal.accounts.models import Membership, User
from keywright_portal.support.models import Ticket

pytestmark = pytest.mark.django_db

MOST = 10
SIGNED_IN = ["/o/brightwater-logistics/organization/", "/account/", "/password/", "/support/", "/help/", "/terms/"]
ANYBODY = [
    "/",
    "/sign-up/",
    "/log-in/",
    "/support/",
    "/help/",
    "/help/who-counts-as-a-user/",
    "/privacy/",
    "/brand.css",
]


def queries(client, path):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


def crowd(buyer, now):
    users = User.objects.bulk_create(
        User(email=f"{number}@brightwater.example", name=f"Member {number}") for number in range(50)
    )
    Membership.objects.bulk_create(
        Membership(user=user, organization=buyer.organization, role="member", created_at=now) for user in users
    )
    Ticket.objects.bulk_create(
        Ticket(number=f"T{number}", topic="billing", organization=buyer.organization, message="?", created_at=now)
        for number in range(50)
    )


@pytest.mark.parametrize("path", SIGNED_IN)
def test_pages_for_who_is_signed_in(signed_in, confirmed, now, path):
    ContentType.objects.clear_cache()
    few = queries(signed_in, path)
    crowd(confirmed, now)
    many = queries(signed_in, path)

    assert few == many
    assert many <= MOST


@pytest.mark.parametrize("path", ANYBODY)
def test_pages_for_anybody(client, catalog, path):
    first = queries(client, path)

    assert first == queries(client, path)
    assert first <= MOST
