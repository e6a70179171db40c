from __future__ import annotations

import pytest

from keywright_portal.payments.gateway import GatewayEvent
from keywright_portal.payments.models import ProviderEvent
from keywright_portal.payments.services.keep_event import keep_event
from racing import ROUNDS, at_once, without_uniqueness

FIFTY = 50
"""A burst: Stripe sends the same event again while an answer is on its way."""


def keep(now, number=1):
    return keep_event(event=GatewayEvent(id=f"evt_{number}", type="x", object_id="pi_1"), now=now)


@pytest.mark.django_db
def test_an_event_is_kept_once(now):
    assert [keep(now), keep(now), keep(now, 2)] == [True, False, True]
    assert [(event.pk, event.handled_at) for event in ProviderEvent.objects.order_by("pk")] == [
        ("evt_1", None),
        ("evt_2", None),
    ]


@pytest.mark.django_db(transaction=True)
def test_of_fifty_at_once_one_keeps_it(now):
    for number in range(1, ROUNDS + 1):
        outcomes = at_once([lambda number=number: keep(now, number)] * FIFTY)
        assert sorted(outcomes) == [False] * (FIFTY - 1) + [True]
        assert ProviderEvent.objects.count() == number


@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
def test_without_the_key_fifty_keep_it(now):
    with without_uniqueness((ProviderEvent, "id")):
        assert at_once([lambda: keep(now)] * FIFTY) == [True] * FIFTY
        assert ProviderEvent.objects.count() == FIFTY
