"""Servers that ask for a place at the same moment: one has it. `make trials TRIAL=activations` plays 1,000 rounds."""

from __future__ import annotations

import pytest
from activating import ACTOR

from keywright_license import zbase32
from keywright_portal.kit.models import AuditEntry, OutboxMail
from keywright_portal.licensing.deployment_errors import NoFreePlaceError
from keywright_portal.licensing.deployment_models import AnsweredRequest, Deployment
from keywright_portal.licensing.services import activate as activating
from keywright_portal.licensing.services.activate import Activated, activate
from keywright_portal.licensing.services.release import ask_release, release_by_deployment, release_due
from racing import AT_ONCE, at_once, meeting, without_uniqueness
from server_double import Server
from trial_size import trial_size

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("signing_keys")]
ROUNDS = trial_size(short=4)
RELEASES = max(2, ROUNDS // 10)
"""A release among the asking takes three connections a round; what must be single is tried in ROUNDS."""
PLACES = 4


def asking(server, now):
    request = server.request()
    return lambda: activate(request=request, actor=ACTOR, now=now)


def live(server):
    return Deployment.objects.filter(subscription_id=server.file.license.term.subscription_id, released_at=None)


def judge(server, outcomes, slot):
    """One was given the place, each other was told who has it; nothing of a loser is left."""
    given = [outcome.deployment for outcome in outcomes if isinstance(outcome, Activated)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, NoFreePlaceError)]
    assert (len(given), len(refused)) == (1, len(outcomes) - 1)
    assert [row.pk for row in live(server).filter(slot=slot)] == [given[0].pk]
    assert all(given[0].pk in {row.pk for row in error.in_the_way} for error in refused)
    subject = {"subject_type": "Deployment", "action": "deployment.activated"}
    assert AuditEntry.objects.filter(**subject, after__subscription=str(given[0].subscription_id)).count() == (
        live(server).count()
    )
    assert AnsweredRequest.objects.filter(deployment=given[0]).count() == 1
    assert OutboxMail.objects.filter(key__startswith=f"deployment:{given[0].pk}:activated").count() == 1


def test_of_two_that_ask_for_production_at_once_one_has_it(licensed, now):
    for _ in range(ROUNDS):
        first = Server(licensed(), now)
        pair = [first, Server(first.file, now)]
        judge(first, at_once([asking(one, now) for one in pair], expect=(NoFreePlaceError,)), slot=0)


def test_of_two_that_ask_for_the_last_non_production_place_at_once_one_has_it(licensed, now):
    for _ in range(ROUNDS):
        file = licensed()
        for _taken in range(PLACES - 1):
            asking(Server(file, now, kind="non_production"), now)()
        pair = [Server(file, now, kind="non_production") for _ in range(2)]
        judge(pair[0], at_once([asking(one, now) for one in pair], expect=(NoFreePlaceError,)), slot=PLACES)


def test_as_many_as_there_are_places_at_once_each_have_one(licensed, now):
    file = licensed()
    servers = [Server(file, now, kind="non_production") for _ in range(AT_ONCE)]
    outcomes = at_once([asking(one, now) for one in servers], expect=(NoFreePlaceError,))
    given = [outcome.deployment.slot for outcome in outcomes if isinstance(outcome, Activated)]
    assert sorted(given) == [1, 2, 3, 4]
    assert live(servers[0]).count() == PLACES


def test_one_server_that_asks_many_times_at_once_has_one_place(licensed, now):
    server = Server(licensed(), now, kind="non_production")
    for calls in ([asking(server, now) for _ in range(AT_ONCE)], [asking(server, now)] * AT_ONCE):
        outcomes = at_once(calls)
        assert len({outcome.deployment.pk for outcome in outcomes}) == 1
    assert live(server).count() == 1


def test_a_place_that_is_released_while_others_ask_is_given_to_one_at_most(licensed, now):
    for _ in range(RELEASES):
        holder = Server(licensed(), now)
        place = asking(holder, now)().deployment
        message = holder.release(zbase32.encode(place.pk))
        others = [Server(holder.file, now) for _ in range(2)]

        def release(message=message):
            return release_by_deployment(release=message, actor=ACTOR, now=now)

        at_once([release, *(asking(one, now) for one in others)], expect=(NoFreePlaceError,))
        assert live(holder).count() <= 1
        place.refresh_from_db()
        assert place.released_at == now


def test_a_wait_that_ends_at_two_workers_at_once_frees_the_place_once(licensed, buyer, now):
    server = Server(licensed(), now)
    place = asking(server, now)().deployment
    ask_release(actor=buyer.actor, deployment_pk=place.pk, now=now)
    due = Deployment.objects.get().release_due_at
    assert sum(at_once([lambda: release_due(actor=ACTOR, now=due)] * AT_ONCE)) == 1
    assert AuditEntry.objects.filter(action="deployment.released").count() == 1


@pytest.mark.postgresql_only
@pytest.mark.parametrize("kind", ["production", "non_production"])
def test_without_the_constraint_two_hold_one_place(licensed, now, monkeypatch, kind):
    """The twin: both have looked before either takes it."""
    file = licensed()
    if kind == "non_production":
        for _taken in range(PLACES - 1):
            asking(Server(file, now, kind=kind), now)()
    monkeypatch.setattr(activating, "_free_slot", meeting(activating._free_slot, of=2))
    pair = [Server(file, now, kind=kind) for _ in range(2)]
    with without_uniqueness((Deployment, "slot")):
        at_once([asking(one, now) for one in pair])
        slots = list(live(pair[0]).filter(slot=0 if kind == "production" else PLACES).values_list("slot", flat=True))
        assert len(slots) == 2
