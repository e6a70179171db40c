from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from activating import ACTOR

from keywright_license import TrustedKeys, activation, keys, zbase32
from keywright_portal.accounts.models import Membership, Role, User
from keywright_portal.kit.models import AuditEntry, OutboxMail
from keywright_portal.licensing.deployment_errors import (
    BadSignatureError,
    MalformedArtifactError,
    NoFreePlaceError,
    OtherKeyError,
    OtherKindError,
    RequestUsedError,
    StaleRequestError,
    UnknownLicenseError,
    WrongKindError,
    WrongProductError,
)
from keywright_portal.licensing.deployment_models import AnsweredRequest, Deployment
from keywright_portal.licensing.errors import LicenseRevokedError, NoSigningKeyError
from keywright_portal.licensing.models import License, LicenseFile, SigningKey
from keywright_portal.licensing.places import places_of
from keywright_portal.licensing.selectors import trusted_keys_jwks
from keywright_portal.licensing.services.activate import ONLINE_MAX_AGE, activate
from keywright_portal.licensing.services.release import release_by_deployment
from keywright_portal.subscriptions.models import Term
from server_double import Server

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]
DAY = timedelta(days=1)


def read(done, now):
    keys_ = TrustedKeys.from_jwks(trusted_keys_jwks())
    return activation.read_activation(done.answer, keys=keys_, product="enterprise-edition", now=now)


def live():
    return list(Deployment.objects.filter(released_at=None).values_list("slot", flat=True).order_by("slot"))


def others(file, now, count):
    return [Server(file, now, kind="non_production") for _ in range(count)]


# ---- Taking a place --------------------------------------------------------------------------------------------------


def test_a_server_takes_the_production_place_and_gets_a_signed_answer(server, take, now):
    done = take(server)
    place = done.deployment
    assert (place.slot, place.kind, place.name, place.version) == (0, "production", server.name, "10.2.0")
    assert (place.activated_at, place.last_seen_at, place.released_at, done.is_new) == (now, now, None, True)
    answer = read(done, now)
    activation.check_belongs(
        answer, subscription=server.subscription, deployment=server.id, key=server.key.public_key()
    )
    assert (answer.id, answer.kind) == (zbase32.encode(place.pk), activation.DeploymentKind.PRODUCTION)
    assert answer.license_id == zbase32.encode(server.file.file_id)
    entry = AuditEntry.objects.get(action="deployment.activated")
    assert entry.after == {
        "subscription": str(place.subscription_id),
        "kind": "production",
        "slot": 0,
        "key": server.kid,
    }
    assert entry.organization_id == place.organization_id


def test_the_same_server_again_keeps_its_place_and_gets_an_answer_to_what_it_asked(server, take, now):
    first = take(server)
    server.name, server.version, server.now = "renamed.example", "10.3.0", now + DAY
    request = server.request()
    again = activate(request=request, actor=ACTOR, now=now + DAY)
    assert (again.deployment.pk, again.is_new) == (first.deployment.pk, False)
    assert read(again, now).request == activation.read_request(request, now=now + DAY).id
    place = Deployment.objects.get()
    assert (place.name, place.version, place.last_seen_at) == ("renamed.example", "10.3.0", now + DAY)
    assert place.activated_at == now
    assert AuditEntry.objects.filter(action="deployment.activated").count() == 1
    assert OutboxMail.objects.filter(key__contains=":activated:").count() == 1


def test_the_very_same_request_again_gets_the_same_place(server, now):
    request = server.request()
    first, again = (activate(request=request, actor=ACTOR, now=now) for _ in range(2))
    assert first.deployment.pk == again.deployment.pk
    assert AnsweredRequest.objects.count() == 1


def test_a_request_without_name_and_version_keeps_those_that_are_known(server, take):
    take(server)
    known = server.name
    server.name = server.version = None
    take(server)
    place = Deployment.objects.get()
    assert (place.name, place.version) == (known, "10.2.0")


def test_a_superseding_file_and_a_renewal_leave_the_place_as_it_is(server, take, issue, now):
    first = take(server)
    term = server.file.license.term
    server.file = issue(term, seats=250)[0]
    assert take(server).deployment.pk == first.deployment.pk
    following = Term.objects.create(
        subscription=term.subscription,
        number=2,
        starts_at=term.ends_at,
        ends_at=term.ends_at + 365 * DAY,
        plan=term.plan,
        seats=300,
        price_per_user=term.price_per_user,
        currency=term.currency,
    )
    server.file = issue(following)[0]
    server.now = term.ends_at + DAY
    assert take(server, at=server.now).deployment.pk == first.deployment.pk
    assert Deployment.objects.count() == 1


def test_a_superseded_file_still_proves_the_subscription(server, take, issue):
    issue(server.file.license.term, seats=250)
    assert take(server).is_new


def test_the_mattermost_file_proves_it_too_whatever_mail_did_to_its_lines(server, now):
    server.file = LicenseFile.objects.get(file_id=server.file.file_id, format="mattermost")
    broken = b"\r\n".join(server.content[start : start + 76] for start in range(0, len(server.content), 76))
    done = activate(request=server.request(), license_file=broken, actor=ACTOR, now=now)
    assert done.deployment.slot == 0


# ---- Full ------------------------------------------------------------------------------------------------------------


def test_a_second_production_server_is_told_which_one_is_in_the_way(server, take, now):
    take(server)
    second = Server(server.file, now)
    with pytest.raises(NoFreePlaceError) as refused:
        take(second)
    assert [place.deployment_id for place in refused.value.in_the_way] == [zbase32.decode(server.id)]
    assert str(refused.value.message) == (
        f"“{server.name}” holds the place that you ask for. Release it in its System Console; if that server is lost, "
        "release it on the Deployments page of the portal."
    )
    assert live() == [0]
    assert not AnsweredRequest.objects.filter(kid=second.kid).exists()


def test_premier_support_has_four_more_and_not_a_fifth(server, take, now):
    take(server)
    four = others(server.file, now, 4)
    assert [take(one).deployment.slot for one in four] == [1, 2, 3, 4]
    with pytest.raises(NoFreePlaceError) as refused:
        take(Server(server.file, now, kind="non_production"))
    assert [place.name for place in refused.value.in_the_way] == [one.name for one in four]
    assert all(f"“{one.name}”" in str(refused.value.message) for one in four)
    assert live() == [0, 1, 2, 3, 4]


def test_without_premier_support_there_is_no_other_place(licensed, take, now):
    with pytest.raises(NoFreePlaceError) as refused:
        take(Server(licensed(premier=False), now, kind="non_production"))
    assert refused.value.in_the_way == ()
    assert "has no places for non-production servers" in str(refused.value.message)
    assert live() == []


def test_a_place_that_became_free_is_given_again_the_lowest_first(server, take, now):
    two = others(server.file, now, 2)
    first = take(two[0]).deployment
    take(two[1])
    release_by_deployment(release=two[0].release(zbase32.encode(first.pk)), actor=ACTOR, now=now)
    assert take(Server(server.file, now, kind="non_production")).deployment.slot == 1


def test_each_subscription_has_its_own_places(server, licensed, take, now):
    take(server)
    elsewhere = Server(licensed(), now, key=server.key, id=server.id)
    assert take(elsewhere).deployment.slot == 0
    assert live() == [0, 0]


def test_the_places_are_those_of_the_term_in_force(server, now):
    term = server.file.license.term
    Term.objects.create(
        subscription=term.subscription,
        number=2,
        starts_at=term.ends_at,
        ends_at=term.ends_at + 365 * DAY,
        plan=term.plan,
        seats=1,
        price_per_user=1,
        currency="USD",
    )
    ids = [term.subscription_id]
    for at, places in ((now, 4), (term.ends_at - DAY, 4), (term.ends_at, 0), (now - DAY, 4)):
        assert places_of(subscription_ids=ids, now=at)[term.subscription_id].non_production == places


# ---- Refused ---------------------------------------------------------------------------------------------------------


def test_who_does_not_have_the_license_gets_nothing(server, now):
    wrong = {"license_sha256": activation.license_digest(b"another.file")}
    for request in (server.request(**wrong), server.request(license_id=zbase32.encode(uuid.uuid4()))):
        with pytest.raises(UnknownLicenseError):
            activate(request=request, actor=ACTOR, now=now)
    with pytest.raises(UnknownLicenseError):
        activate(request=server.request(), license_file=server.content[:-9], actor=ACTOR, now=now)
    assert Deployment.objects.count() == 0


def test_a_license_of_another_organization_is_unknown_to_who_brings_a_file(server, stranger, buyer, now):
    with pytest.raises(UnknownLicenseError):
        activate(request=server.request(), organization_id=stranger.organization.pk, actor=stranger.actor, now=now)
    assert Deployment.objects.count() == 0
    assert activate(request=server.request(), organization_id=buyer.organization.pk, actor=buyer.actor, now=now).is_new


def test_a_revoked_license_activates_nothing(server, take, now):
    License.objects.update(revoked_at=now)
    with pytest.raises(LicenseRevokedError):
        take(server)
    assert Deployment.objects.count() == 0


def test_a_request_of_another_product_is_refused(server, now):
    with pytest.raises(WrongProductError):
        activate(request=server.request(product="another-product"), actor=ACTOR, now=now)


def test_a_request_is_fresh_online_and_may_have_travelled_by_file(server, now):
    request = server.request()
    with pytest.raises(StaleRequestError):
        activate(request=request, max_age=ONLINE_MAX_AGE, actor=ACTOR, now=now + timedelta(hours=1, seconds=1))
    with pytest.raises(StaleRequestError):
        activate(request=request, actor=ACTOR, now=now + timedelta(days=30, seconds=1))
    assert activate(request=request, actor=ACTOR, now=now + 30 * DAY).is_new


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda _request, _server: b"", MalformedArtifactError),
        (lambda _request, _server: b"\xff\x00", MalformedArtifactError),
        (lambda request, _server: request[:-4], MalformedArtifactError),
        (lambda request, _server: request[:-5] + b"AAAAA"[:4] + request[-1:], BadSignatureError),
        (lambda _request, server: server.report(), WrongKindError),
        (lambda _request, server: server.release(server.id), WrongKindError),
    ],
    ids=["empty", "no text", "cut", "changed", "usage report", "release"],
)
def test_what_is_no_sound_request_is_refused(server, now, spoil, error):
    with pytest.raises(error):
        activate(request=spoil(server.request(), server), actor=ACTOR, now=now)
    assert Deployment.objects.count() == 0


def test_another_key_under_the_same_id_and_another_id_under_the_same_key_are_refused(server, take, now):
    take(server)
    for thief in (
        Server(server.file, now, id=server.id),
        Server(server.file, now, key=server.key),
        Server(server.file, now, id=server.id, kind="non_production"),
    ):
        with pytest.raises(OtherKeyError):
            take(thief)
    assert live() == [0]


def test_a_server_does_not_change_its_kind_while_it_holds_a_place(server, take):
    take(server)
    server.kind = "non_production"
    with pytest.raises(OtherKindError):
        take(server)
    assert live() == [0]


def test_an_old_request_takes_no_place_anew(server, now):
    first, second = server.request(), server.request()
    place = activate(request=first, actor=ACTOR, now=now).deployment
    activate(request=second, actor=ACTOR, now=now)
    release_by_deployment(release=server.release(zbase32.encode(place.pk)), actor=ACTOR, now=now)
    for request in (first, second):
        with pytest.raises(RequestUsedError):
            activate(request=request, actor=ACTOR, now=now)
    assert live() == []
    assert activate(request=server.request(), actor=ACTOR, now=now).is_new


def test_a_request_under_an_id_that_another_server_used_is_another_request(server, take, now):
    place = take(server).deployment
    used = zbase32.encode(AnsweredRequest.objects.get().request_id)
    release_by_deployment(release=server.release(zbase32.encode(place.pk)), actor=ACTOR, now=now)
    second = Server(server.file, now)
    assert activate(request=second.request(id=used), actor=ACTOR, now=now).is_new


def test_without_a_key_that_signs_no_place_is_taken(server, take):
    SigningKey.objects.filter(algorithm="Ed25519").update(state="retired")
    with pytest.raises(NoSigningKeyError):
        take(server)
    assert Deployment.objects.count() == 0
    assert OutboxMail.objects.filter(key__startswith="deployment:").count() == 0


def test_a_very_long_name_is_cut(server, take):
    server.name = "é" * 500
    assert take(server).deployment.name == "é" * 120


# ---- Mail ------------------------------------------------------------------------------------------------------------


def test_owners_and_admins_hear_of_a_server_and_nobody_else(server, take, buyer, now):
    for role in (Role.ADMIN, Role.BILLING, Role.MEMBER):
        user = User.objects.create_user(f"{role}@brightwater.example", "correct horse battery", name="Rui Costa")
        Membership.objects.create(user=user, organization=buyer.organization, role=role, created_at=now)
    take(server)
    mails = OutboxMail.objects.filter(key__startswith="deployment:")
    assert sorted(mails.values_list("to", flat=True)) == ["admin@brightwater.example", buyer.user.email]
    mail = mails.first()
    assert mail.subject == f"{server.name} is activated"
    assert f"{server.name} holds a place of your subscription now" in mail.text
    assert "/o/brightwater-logistics/deployments/" in mail.text
    assert keys.thumbprint(server.key.public_key()) not in mail.text


def test_a_name_with_line_breaks_makes_no_header(server, take):
    server.name = "chat <b>x</b> bcc: everyone"
    take(server)
    mail = OutboxMail.objects.get(key__contains=":activated:")
    assert mail.subject == "chat <b>x</b> bcc: everyone is activated"
    assert "chat &lt;b&gt;x&lt;/b&gt;" in mail.html
