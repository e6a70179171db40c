"""A place: asked for online and by files, taken when it is genuine and this server's, and given back."""

import uuid

import pytest

from deployment_acts import activated, allow_all, install
from keywright_console.deployment.errors import (
    NoLicenseError,
    NoPortalError,
    NotActivatedError,
    PortalNotAllowedError,
    PortalRefusedError,
    PortalUnreachableError,
    RefusedAnswerError,
)
from keywright_console.deployment.models import Activation, Contact, Kind, RequestFile, State
from keywright_console.deployment.selectors import SETTLING, place_of, untold_release
from keywright_console.deployment.services.activate import activate
from keywright_console.deployment.services.apply_answer import apply_answer
from keywright_console.deployment.services.change_settings import allow, name_deployment
from keywright_console.deployment.services.hold_key import hold_key
from keywright_console.deployment.services.make_request import make_request
from keywright_console.deployment.services.release import release, tell_release
from keywright_console.kit.actor import MEMBER, SHELL, Actor
from keywright_console.kit.errors import NotAllowedError
from keywright_console.kit.models import AuditRow
from keywright_console.licensing.models import InstalledLicense
from keywright_console.licensing.selectors import standing
from keywright_license import Format, thumbprint, zbase32
from keywright_license.activation import Activation as Answer
from keywright_license.activation import DeploymentKind, read_release, read_request, sign_activation
from stand_in_portal import RefusalError
from vendor import DAY, NOON

NOBODY = Actor(kind="user", id="x", permissions=MEMBER)


def answer_to(vendor, data, *, now=NOON, activation_id=None, **changed):
    """The vendor's answer to a request by file."""
    request = read_request(data, now=now)
    claims = {
        "id": activation_id or zbase32.encode(uuid.uuid4()),
        "issuer": "Example Software",
        "issued_at": now,
        "product": request.product,
        "subscription": "sub-1",
        "request": request.id,
        "license_id": request.license_id,
        "deployment": request.deployment,
        "kind": request.kind,
        "key": thumbprint(request.key),
    }
    return sign_activation(
        Answer(**claims | changed), signer=vendor.signer, kid=vendor.issuing_kid, certificate=vendor.certificate
    )


def place():
    return place_of(standing(now=NOON))


def state():
    return (
        list(Activation.objects.order_by("pk").values_list("activation_id", "state")),
        AuditRow.objects.filter(action__startswith="deployment.").count(),
    )


def test_online(db, vendor, portal):
    license_, row = activated(vendor)
    assert place().activation == row
    assert not place().is_missing
    assert (row.activation_id, row.subscription, row.kind) == (
        portal.places[hold_key(now=NOON).deployment].id,
        "sub-1",
        "production",
    )
    (said,) = portal.said_to("/api/v1/activations")
    assert sorted(said) == ["license", "request"]
    request = read_request(said["request"].encode(), now=NOON)
    assert (request.license_id, request.name, request.version) == (license_.id, None, "0.1.0")
    assert AuditRow.objects.filter(action="deployment.activated").count() == 1
    contact = Contact.objects.get(purpose="activation")
    assert (contact.done_at, contact.code) == (NOON, "")


def test_asking_again_keeps_the_place(db, vendor, portal):
    _license, row = activated(vendor)
    again = activate(actor=SHELL, now=NOON)
    assert (again.pk, again.activation_id) == (row.pk, row.activation_id)
    assert Activation.objects.count() == 1


def test_name_and_kind_travel_in_the_request(db, vendor, portal):
    install(vendor.file())
    allow_all()
    name_deployment(actor=SHELL, name=" chat.example \n staging", kind=Kind.NON_PRODUCTION, now=NOON)
    row = activate(actor=SHELL, now=NOON)
    assert row.kind == "non_production"
    request = read_request(portal.said_to("/api/v1/activations")[0]["request"].encode(), now=NOON)
    assert (request.name, request.kind) == ("chat.example staging", DeploymentKind.NON_PRODUCTION)


def test_off_means_that_nothing_is_sent(db, vendor, portal):
    install(vendor.file())
    with pytest.raises(PortalNotAllowedError, match="nothing was sent"):
        activate(actor=SHELL, now=NOON)
    allow(actor=SHELL, now=NOON, fetches_licenses=True, sends_usage=True)
    with pytest.raises(PortalNotAllowedError):
        activate(actor=SHELL, now=NOON)
    assert portal.heard == []
    assert not Activation.objects.exists()


def test_all_places_taken_names_who_is_in_the_way(db, vendor, portal):
    portal.taken = "chat.brightwater.example"
    install(vendor.file())
    allow_all()
    with pytest.raises(PortalRefusedError) as raised:
        activate(actor=SHELL, now=NOON)
    assert (raised.value.code, raised.value.status) == ("no_free_place", 409)
    assert raised.value.message == "chat.brightwater.example holds the place."
    assert [one["name"] for one in raised.value.in_the_way] == ["chat.brightwater.example"]
    assert place().is_missing
    contact = Contact.objects.get(purpose="activation")
    assert (contact.code, contact.done_at) == ("no_free_place", None)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"activation": 1},
        (200, "no object"),
        b"<html>",
        (302, {}),
        (500, "oops"),
        (409, {"code": 1, "message": "x"}),
        b"x" * (1024 * 1024 + 1),
    ],
)
def test_what_no_portal_says_changes_nothing(db, vendor, portal, answer):
    portal.answers["/api/v1/activations"] = answer
    install(vendor.file())
    allow_all()
    with pytest.raises(PortalUnreachableError):
        activate(actor=SHELL, now=NOON)
    assert not Activation.objects.exists()
    assert Contact.objects.get().code == "portal_unreachable"
    assert len(portal.heard) == 1  # a redirect is not followed


def test_nobody_there_says_so(db, vendor, settings):
    settings.KEYWRIGHT_CONSOLE_PORTAL_URL = "http://127.0.0.1:9"
    install(vendor.file())
    allow_all()
    with pytest.raises(PortalUnreachableError, match="can’t be reached"):
        activate(actor=SHELL, now=NOON)


@pytest.mark.parametrize("address", ["", "file:///etc/passwd", "portal.example"])
def test_no_portal_says_so(db, vendor, settings, address):
    settings.KEYWRIGHT_CONSOLE_PORTAL_URL = address
    install(vendor.file())
    allow_all()
    with pytest.raises(NoPortalError, match="KEYWRIGHT_CONSOLE_PORTAL_URL"):
        activate(actor=SHELL, now=NOON)


def test_without_a_license_there_is_no_place_to_ask_for(db, portal):
    allow_all()
    for act in (activate, make_request, release):
        with pytest.raises(NoLicenseError):
            act(actor=SHELL, now=NOON)
    assert portal.heard == []


@pytest.mark.parametrize("kind", list(Format))
def test_by_files(db, vendor, kind):
    install(vendor.file(kind=kind))
    data = make_request(actor=SHELL, now=NOON)
    assert bytes(RequestFile.objects.get().data) == data
    row = apply_answer(actor=SHELL, data=answer_to(vendor, data), now=NOON)
    assert place().activation == row
    assert not RequestFile.objects.exists()


def test_the_same_answer_twice_changes_nothing(db, vendor):
    install(vendor.file())
    answer = answer_to(vendor, make_request(actor=SHELL, now=NOON))
    apply_answer(actor=SHELL, data=answer, now=NOON)
    before = state()
    apply_answer(actor=SHELL, data=answer, now=NOON)
    assert state() == before


def test_a_place_outlives_the_license_file(db, vendor):
    install(vendor.file())
    row = apply_answer(actor=SHELL, data=answer_to(vendor, make_request(actor=SHELL, now=NOON)), now=NOON)
    install(vendor.file(seats=400))
    assert place().activation == row


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"deployment": zbase32.encode(uuid.uuid4())}, "wrong_deployment"),
        ({"key": "A" * 43}, "wrong_deployment"),
        ({"subscription": "sub-2"}, "wrong_deployment"),
        ({"product": "another"}, "wrong_product"),
    ],
)
def test_anothers_answer_is_refused(db, vendor, changed, code):
    install(vendor.file())
    answer = answer_to(vendor, make_request(actor=SHELL, now=NOON), **changed)
    before = state()
    with pytest.raises(RefusedAnswerError) as raised:
        apply_answer(actor=SHELL, data=answer, now=NOON)
    assert raised.value.code == code
    assert state() == before
    assert place().is_missing


def test_what_is_no_answer_is_refused(db, vendor, stranger):
    install(vendor.file())
    request = make_request(actor=SHELL, now=NOON)
    genuine = answer_to(vendor, request)
    for data, code in [
        (b" \n", "empty"),
        (b"x" * 70_000, "too_large"),
        (b"nothing", "malformed"),
        (request, "wrong_kind"),
        (vendor.file(), "wrong_kind"),
        (answer_to(stranger, request), "unknown_key"),
        (genuine[:-20] + b"AAAAAAAA" + genuine[-12:], "bad_signature"),
    ]:
        with pytest.raises(RefusedAnswerError) as raised:
            apply_answer(actor=SHELL, data=data, now=NOON)
        assert raised.value.code == code, data[:40]
    assert not Activation.objects.exists()


def test_an_answer_without_a_key_of_ours_is_anothers(db, vendor):
    install(vendor.file())
    answer = answer_to(vendor, make_request(actor=SHELL, now=NOON))
    from keywright_console.deployment.models import DeploymentKey

    DeploymentKey.objects.all().delete()
    with pytest.raises(RefusedAnswerError) as raised:
        apply_answer(actor=SHELL, data=answer, now=NOON)
    assert raised.value.code == "wrong_deployment"


def test_mattermosts_license_takes_the_answer_to_itself_alone(db, vendor):
    install(vendor.file(kind=Format.MATTERMOST))
    answer = answer_to(vendor, make_request(actor=SHELL, now=NOON), license_id=zbase32.encode(uuid.uuid4()))
    with pytest.raises(RefusedAnswerError):
        apply_answer(actor=SHELL, data=answer, now=NOON)


def test_release_online(db, vendor, portal):
    _license, row = activated(vendor)
    gone = release(actor=SHELL, now=NOON)
    assert place().is_missing
    assert untold_release() == gone
    tell_release(actor=SHELL, now=NOON)
    assert portal.released == [row.activation_id]
    assert untold_release() is None
    with pytest.raises(NotActivatedError):
        tell_release(actor=SHELL, now=NOON)
    assert [one.action for one in AuditRow.objects.filter(action__startswith="deployment.").order_by("id")] == [
        "deployment.portal_allowed",
        "deployment.activated",
        "deployment.released",
    ]


def test_release_by_file_needs_no_portal(db, vendor, portal):
    _license, row = activated(vendor)
    allow(actor=SHELL, now=NOON, may_speak=False)
    heard = len(portal.heard)
    gone = release(actor=SHELL, now=NOON)
    signed = read_release(bytes(gone.release), key=hold_key(now=NOON).key.public_key())
    assert (signed.activation, signed.subscription) == (row.activation_id, "sub-1")
    with pytest.raises(PortalNotAllowedError):
        tell_release(actor=SHELL, now=NOON)
    assert len(portal.heard) == heard


def test_a_release_that_was_not_told_can_be_told_later(db, vendor, portal):
    _license, row = activated(vendor)
    portal.answers["/api/v1/releases"] = RefusalError(503, "unavailable")
    release(actor=SHELL, now=NOON)
    with pytest.raises(PortalRefusedError):
        tell_release(actor=SHELL, now=NOON)
    assert untold_release() is not None
    portal.answers.clear()
    tell_release(actor=SHELL, now=NOON)
    assert portal.released == [row.activation_id]


def test_there_is_nothing_to_release_twice(db, vendor, portal):
    activated(vendor)
    release(actor=SHELL, now=NOON)
    before = state()
    with pytest.raises(NotActivatedError):
        release(actor=SHELL, now=NOON)
    assert state() == before


def test_after_a_release_that_was_told_the_old_answer_is_void(db, vendor, portal):
    _license, row = activated(vendor)
    old = bytes(row.data)
    release(actor=SHELL, now=NOON)
    tell_release(actor=SHELL, now=NOON)
    with pytest.raises(RefusedAnswerError) as raised:
        apply_answer(actor=SHELL, data=old, now=NOON)
    assert raised.value.code == "released"
    again = activate(actor=SHELL, now=NOON)
    assert again.activation_id != row.activation_id
    assert place().activation == again


def test_activating_again_before_the_release_was_told_takes_it_back(db, vendor, portal):
    _license, row = activated(vendor)
    release(actor=SHELL, now=NOON)
    again = activate(actor=SHELL, now=NOON)
    assert (again.pk, again.activation_id, again.release) == (row.pk, row.activation_id, None)
    assert untold_release() is None
    assert place().activation == again


def test_another_answer_for_the_subscription_takes_over(db, vendor):
    install(vendor.file())
    data = make_request(actor=SHELL, now=NOON)
    first = apply_answer(actor=SHELL, data=answer_to(vendor, data), now=NOON)
    second = apply_answer(actor=SHELL, data=answer_to(vendor, data), now=NOON)
    assert Activation.objects.get(pk=first.pk).state == State.SUPERSEDED
    assert place().activation == second
    apply_answer(actor=SHELL, data=bytes(first.data), now=NOON)
    assert place().activation.pk == first.pk


def test_a_server_without_a_place_is_reminded_and_after_14_days_it_is_told(db, vendor):
    assert not place().is_missing
    install(vendor.file())
    found = place()
    assert found.is_missing
    assert not found.is_overdue(now=NOON + SETTLING)
    assert found.is_overdue(now=NOON + SETTLING + DAY)
    assert standing(now=NOON + 30 * DAY).has("ldap")  # and nothing stops


def test_a_member_changes_nothing(db, vendor, portal):
    _license, row = activated(vendor)
    before, heard = state(), len(portal.heard)
    for act in (activate, make_request, release, tell_release):
        with pytest.raises(NotAllowedError):
            act(actor=NOBODY, now=NOON)
    with pytest.raises(NotAllowedError):
        apply_answer(actor=NOBODY, data=bytes(row.data), now=NOON)
    with pytest.raises(NotAllowedError):
        allow(actor=NOBODY, now=NOON, may_speak=False)
    with pytest.raises(NotAllowedError):
        name_deployment(actor=NOBODY, name="x", kind=Kind.PRODUCTION, now=NOON)
    assert (state(), len(portal.heard)) == (before, heard)
    assert InstalledLicense.objects.count() == 1
