"""The pages of the deployment ask the database at most ten times, after 400 days as after one."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deployment_acts import activated
from keywright_console.deployment.models import Activation, State
from keywright_console.deployment.services.make_request import make_request
from keywright_console.deployment.services.release import release
from keywright_console.kit.actor import SHELL
from keywright_console.usage.models import DailyCount
from keywright_console.usage.services.count_day import count_day
from portal_fixture import portal
from vendor import DAY, NOON

__all__ = ["portal"]
MOST = 10
PAGES = ["/about/deployment/", "/about/portal/", "/about/usage/", "/about/usage/csv/", "/about/usage/export/"]


def queries(client):
    found = {}
    for path in PAGES:
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            response = client.get(path)
            assert response.status_code == 200
            if response.streaming:
                b"".join(response.streaming_content)
        found[path] = len(captured)
    return found


@pytest.mark.parametrize("holds_place", [True, False])
def test_at_most_ten_and_as_many_after_400_days(as_admin, vendor, portal, holds_place):
    activated(vendor)
    if not holds_place:
        release(actor=SHELL, now=NOON)
        make_request(actor=SHELL, now=NOON)
    count_day(now=NOON)
    few = queries(as_admin)
    assert max(few.values()) <= MOST, few
    DailyCount.objects.bulk_create(
        DailyCount(
            day=(NOON - day * DAY).date(),
            counted_at=NOON - day * DAY,
            active_users=day,
            deactivated_users=0,
            bots=0,
            seats=250,
            seq=1000 - day,
            line=bytes(DailyCount.objects.get(seq=1).line),
            subscription="sub-1",
        )
        for day in range(1, 400)
    )
    Activation.objects.bulk_create(
        Activation(
            activation_id=f"{number}",
            subscription="sub-1",
            license_subscription="sub-1",
            kind="production",
            data=b"x",
            state=State.SUPERSEDED,
            activated_at=NOON,
            applied_at=NOON,
        )
        for number in range(500)
    )
    assert queries(as_admin) == few
