from __future__ import annotations

from datetime import timedelta

import pytest
from activating import ACTOR

from keywright_license import zbase32
from keywright_portal.kit.models import OutboxMail
from keywright_portal.licensing.models import License
from keywright_portal.licensing.services.release import release_by_deployment
from keywright_portal.licensing.services.remind_unactivated import NO_LONGER, QUIET, remind_unactivated
from keywright_portal.subscriptions.models import Subscription

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]
DAY = timedelta(days=1)


def mails():
    return OutboxMail.objects.filter(key__contains=":not-activated:")


def test_for_fourteen_days_nobody_is_written_to_and_then_once(server, buyer, now):
    Subscription.objects.update(label="Headquarters")
    assert remind_unactivated(now=now + QUIET - timedelta(seconds=1)) == 0
    assert remind_unactivated(now=now + QUIET) == 1
    assert remind_unactivated(now=now + QUIET + DAY) == 0
    mail = mails().get()
    assert (mail.to, mail.subject) == (buyer.user.email, "Headquarters isn’t activated yet")
    assert "Nothing stops if you don’t." in mail.text
    assert "/o/brightwater-logistics/deployments/" in mail.text


def test_who_activated_hears_nothing_even_if_the_server_is_gone_by_now(server, take, now):
    place = take(server).deployment
    release_by_deployment(release=server.release(zbase32.encode(place.pk)), actor=ACTOR, now=now)
    assert remind_unactivated(now=now + QUIET) == 0
    assert mails().count() == 0


def test_a_staging_server_is_no_production_server(server, take, now):
    server.kind = "non_production"
    take(server)
    assert remind_unactivated(now=now + QUIET) == 1


def test_nobody_is_written_to_about_what_was_revoked_or_is_long_ago(server, licensed, now):
    assert remind_unactivated(now=now + QUIET + NO_LONGER) == 0
    License.objects.update(revoked_at=now)
    assert remind_unactivated(now=now + QUIET) == 0
    assert mails().count() == 0


def test_before_there_is_a_catalog_it_waits_quietly(db, now):
    assert remind_unactivated(now=now) == 0
