"""Mails to the vendor before a key may sign no more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from keywright_portal.kit.models import OutboxMail
from keywright_portal.licensing.models import SigningKey
from keywright_portal.licensing.services.tell_of_ending_keys import NOTICES, tell_of_ending_keys
from keywright_portal.licensing.tasks import look_at_keys
from offline_root import OfflineRoot

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys", "catalog")]
DAY = timedelta(days=1)


@pytest.fixture
def key(now):
    return OfflineRoot().imported(now=now).next_key(now=now, days=100)


def subjects():
    return list(OutboxMail.objects.order_by("created_at", "pk").values_list("subject", flat=True))


def test_each_notice_goes_out_once_on_its_day(key, now):
    sent = [(100 - day, [tell_of_ending_keys(now=now + day * DAY) for _twice in range(2)]) for day in range(104)]
    assert [days for days, counts in sent if counts == [1, 0]] == list(NOTICES)
    assert [counts for days, counts in sent if days not in NOTICES] == [[0, 0]] * (104 - len(NOTICES))
    assert subjects() == ["A signing key ends on 20 Jun 2026"] * 4 + [
        "No license can be issued: a signing key has ended"
    ]


def test_days_on_which_no_worker_ran_are_told_of_once(key, now):
    assert tell_of_ending_keys(now=now + 95 * DAY) == 1
    assert tell_of_ending_keys(now=now + 96 * DAY) == 0


def test_the_mail_says_which_key_and_what_to_do(key, now):
    tell_of_ending_keys(now=now + 40 * DAY)
    mail = OutboxMail.objects.get()
    assert mail.to == "support@example-software.example"
    for text in (mail.text, mail.html):
        assert key.kid in text
        assert "ends on 20\N{NO-BREAK SPACE}Jun\N{NO-BREAK SPACE}2026. After that day no license can be" in text
        assert "keywright keys rotate" in text
    tell_of_ending_keys(now=now + 100 * DAY)
    assert "orders are paid and no license is issued" in OutboxMail.objects.order_by("-created_at")[0].text


def test_keys_that_do_not_sign_and_keys_without_an_end_are_not_told_of(key, now):
    SigningKey.objects.filter(pk=key.pk).update(state="retired")
    assert tell_of_ending_keys(now=now + 99 * DAY) == 0
    assert SigningKey.objects.get(algorithm="RS512").valid_until is None


def test_the_job_looks_by_the_clock(key):
    """It ended long ago, by the clock of whoever runs this."""
    assert look_at_keys() == 1
    assert subjects() == ["No license can be issued: a signing key has ended"]
