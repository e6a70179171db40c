from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from activating import ACTOR

from keywright_license import zbase32
from keywright_portal.accounts.models import Role
from keywright_portal.accounts.selectors import actor_of
from keywright_portal.kit.errors import InvalidTransitionError, NotFoundError, PermissionDeniedError
from keywright_portal.kit.models import AuditEntry, OutboxMail
from keywright_portal.licensing.deployment_errors import (
    BadSignatureError,
    MalformedArtifactError,
    UnknownActivationError,
    WrongKindError,
)
from keywright_portal.licensing.deployment_models import Deployment
from keywright_portal.licensing.services.release import (
    WAITING_TIME,
    ask_release,
    cancel_release,
    release_by_deployment,
    release_due,
)
from server_double import Server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]
DAY = timedelta(days=1)


@pytest.fixture
def place(server, take):
    return take(server).deployment


@pytest.fixture
def other(licensed, take, now):
    """A server of another subscription, in its place."""
    server = Server(licensed(), now)
    take(server)
    return server


def release(server, place, now, **changed):
    return release_by_deployment(release=server.release(zbase32.encode(place.pk), **changed), actor=ACTOR, now=now)


def actions():
    return list(
        AuditEntry.objects.filter(action__startswith="deployment.")
        .order_by("at", "pk")
        .values_list("action", flat=True)
    )


# ---- By the server itself --------------------------------------------------------------------------------------------


def test_a_server_gives_its_place_back_and_another_takes_it(server, place, take, now):
    done = release(server, place, now + DAY)
    assert (done.pk, done.released_at, done.released_by) == (place.pk, now + DAY, "deployment")
    assert actions() == ["deployment.activated", "deployment.released"]
    assert take(Server(server.file, now)).deployment.slot == 0
    mail = OutboxMail.objects.get(key__contains=":released:")
    assert mail.subject == f"{server.name} is released"
    assert "was released in its System Console" in mail.text


def test_the_same_release_again_does_nothing_more(server, place, now):
    message = server.release(zbase32.encode(place.pk))
    for at in (now, now + DAY):
        done = release_by_deployment(release=message, actor=ACTOR, now=at)
        assert done.released_at == now
    assert actions().count("deployment.released") == 1
    assert OutboxMail.objects.filter(key__contains=":released:").count() == 1


def test_an_old_release_frees_nothing_that_was_taken_anew(server, place, take, now):
    old = server.release(zbase32.encode(place.pk))
    release_by_deployment(release=old, actor=ACTOR, now=now)
    anew = take(server).deployment
    release_by_deployment(release=old, actor=ACTOR, now=now)
    anew.refresh_from_db()
    assert (anew.pk != place.pk, anew.released_at) == (True, None)


def test_nobody_releases_what_isnt_theirs(server, place, other, now, stranger):
    theirs = Deployment.objects.get(kid=other.kid)
    refused = [
        lambda: release(Server(server.file, now), place, now),  # a key that we don't know
        lambda: release(other, place, now),  # a key that we know, the place of another
        lambda: release(server, theirs, now),
        lambda: release(server, place, now, subscription=other.subscription),
        lambda: release(server, place, now, deployment=other.id),
        lambda: release_by_deployment(release=server.release(zbase32.encode(uuid.uuid4())), actor=ACTOR, now=now),
        lambda: release_by_deployment(
            release=server.release(zbase32.encode(place.pk)),
            organization_id=stranger.organization.pk,
            actor=stranger.actor,
            now=now,
        ),
    ]
    for attempt in refused:
        with pytest.raises(UnknownActivationError):
            attempt()
    assert Deployment.objects.filter(released_at=None).count() == 2


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda _message, _server: b"nothing", MalformedArtifactError),
        (lambda message, _server: message[:-5] + b"AAAA" + message[-1:], BadSignatureError),
        (lambda _message, server: server.request(), WrongKindError),
    ],
)
def test_what_is_no_sound_release_is_refused(server, place, now, spoil, error):
    with pytest.raises(error):
        release_by_deployment(release=spoil(server.release(zbase32.encode(place.pk)), server), actor=ACTOR, now=now)
    place.refresh_from_db()
    assert place.released_at is None


# ---- A lost server ---------------------------------------------------------------------------------------------------


def test_a_customer_waits_seven_days_for_a_lost_servers_place(place, buyer, server, now, take):
    asked = ask_release(actor=buyer.actor, deployment_pk=place.pk, now=now)
    assert (asked.release_asked_at, asked.release_due_at) == (now, now + 7 * DAY)
    assert release_due(actor=ACTOR, now=now + WAITING_TIME - timedelta(seconds=1)) == 0
    assert take(server).deployment.pk == place.pk  # it holds its place until then, and gets answers
    assert release_due(actor=ACTOR, now=now + WAITING_TIME) == 1
    place.refresh_from_db()
    assert (place.released_at, place.released_by) == (now + WAITING_TIME, "customer")
    assert release_due(actor=ACTOR, now=now + 8 * DAY) == 0
    assert actions() == ["deployment.activated", "deployment.release_asked", "deployment.released"]
    asked_mail, done_mail = OutboxMail.objects.exclude(key__contains=":activated:").order_by("created_at")
    assert asked_mail.subject.replace("\xa0", " ") == f"{server.name} will be released on 19 March 2026"
    assert "A server that runs is never stopped by this." in asked_mail.text
    assert "The waiting time" in done_mail.text


def test_asking_again_starts_no_new_waiting_time(place, buyer, now):
    ask_release(actor=buyer.actor, deployment_pk=place.pk, now=now)
    again = ask_release(actor=buyer.actor, deployment_pk=place.pk, now=now + 3 * DAY)
    assert again.release_due_at == now + WAITING_TIME
    assert actions().count("deployment.release_asked") == 1


def test_a_cancelled_release_never_comes_about_and_can_be_asked_for_again(place, buyer, now):
    ask_release(actor=buyer.actor, deployment_pk=place.pk, now=now)
    cancel_release(actor=buyer.actor, deployment_pk=place.pk, now=now + DAY)
    assert release_due(actor=ACTOR, now=now + 30 * DAY) == 0
    place.refresh_from_db()
    assert (place.release_asked_at, place.release_due_at, place.released_at) == (None, None, None)
    ask_release(actor=buyer.actor, deployment_pk=place.pk, now=now + 2 * DAY)
    assert OutboxMail.objects.filter(key__contains=":release-asked:").count() == 2
    assert OutboxMail.objects.filter(key__contains=":release-cancelled:").count() == 1


def test_there_is_nothing_to_cancel_where_no_release_waits(place, buyer, now):
    with pytest.raises(InvalidTransitionError):
        cancel_release(actor=buyer.actor, deployment_pk=place.pk, now=now)
    assert actions() == ["deployment.activated"]


def test_a_server_that_turns_up_while_a_release_waits_may_release_itself_at_once(server, place, buyer, now):
    ask_release(actor=buyer.actor, deployment_pk=place.pk, now=now)
    assert release(server, place, now + DAY).released_by == "deployment"
    assert release_due(actor=ACTOR, now=now + 30 * DAY) == 0


def test_strangers_and_members_release_nothing(place, buyer, stranger, now):
    member = actor_of(user_id=buyer.user.pk, organization_id=buyer.organization.pk, role=Role.MEMBER)
    for act in (ask_release, cancel_release):
        with pytest.raises(NotFoundError):
            act(actor=stranger.actor, deployment_pk=place.pk, now=now)
        with pytest.raises(PermissionDeniedError):
            act(actor=member, deployment_pk=place.pk, now=now)
    place.refresh_from_db()
    assert place.release_due_at is None
    assert actions() == ["deployment.activated"]


def test_a_place_that_was_released_is_not_there_to_release(server, place, buyer, now):
    release(server, place, now)
    with pytest.raises(NotFoundError):
        ask_release(actor=buyer.actor, deployment_pk=place.pk, now=now)
