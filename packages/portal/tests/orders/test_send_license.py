from __future__ import annotations

from datetime import timedelta

import pytest
from django_q.models import OrmQ

from keywright_portal.kit.actor import Actor, Permission, system
from keywright_portal.kit.errors import NotFoundError, PermissionDeniedError
from keywright_portal.kit.models import AuditEntry, OutboxMail
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.orders.services import send_license as sending
from keywright_portal.orders.services.fulfil import fulfil_intent
from keywright_portal.orders.services.send_license import (
    LINK_LIFE,
    SENDS_A_DAY,
    LinkExpiredError,
    TooManySendsError,
    open_license_link,
    send_license,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]
ADMIN = "admin@brightwater.example"


@pytest.fixture
def file(choose, complete, gateway, now):
    intent = complete(choose())
    gateway.pay(intent.id)
    fulfil_intent(intent_id=intent.id, gateway=gateway, actor=system("test"), now=now)
    return LicenseFile.objects.get(format="keywright")


@pytest.fixture
def send(buyer, file, now):
    return lambda by=buyer, at=now: send_license(
        actor=by.actor, file_id=file.pk, to=ADMIN, sender_name="Ana Ferreira", now=at
    )


@pytest.fixture
def token(send, monkeypatch):
    """The token in the link that the mail carries."""
    kept = {}
    absolute = sending.absolute
    monkeypatch.setattr(sending, "absolute", lambda name, **parts: kept.update(parts) or absolute(name, **parts))
    send()
    return kept["token"]


def test_a_link_goes_to_the_admin_and_never_the_key_itself(send, file, token):
    mail = OutboxMail.objects.get(to=ADMIN)
    assert token in mail.text
    assert bytes(file.content).decode().split(".")[0] not in mail.text
    assert AuditEntry.objects.filter(action="license.sent", subject_id=str(file.pk)).count() == 1


def test_the_link_leads_to_the_file(token, file, now):
    assert open_license_link(token=token, now=now + LINK_LIFE) == file


def test_the_link_ends(token, now):
    with pytest.raises(LinkExpiredError):
        open_license_link(token=token, now=now + LINK_LIFE + timedelta(seconds=1))


def test_the_link_leads_to_the_file_that_took_the_place_of_the_one_sent(token, file, now):
    LicenseFile.objects.filter(pk=file.pk).update(superseded_at=now)
    newer = LicenseFile.objects.get(pk=file.pk)
    newer.pk, newer.grant_id, newer.superseded_at = sending.uuid7(), sending.uuid7(), None
    newer.save(force_insert=True)
    assert open_license_link(token=token, now=now) == newer


def test_the_link_leads_to_another_format_where_the_products_formats_changed(token, file, now):
    LicenseFile.objects.filter(pk=file.pk).update(superseded_at=now)
    assert open_license_link(token=token, now=now).format == "mattermost"


@pytest.mark.parametrize("spoil", [lambda _t: "", lambda t: t[:-1], lambda t: "x" + t, lambda t: t + "\x00", str.upper])
def test_a_link_that_is_not_whole_leads_nowhere(token, now, spoil):
    with pytest.raises(NotFoundError):
        open_license_link(token=spoil(token), now=now)


def test_another_organization_sends_nothing(send, stranger):
    mails = OutboxMail.objects.count()
    with pytest.raises(NotFoundError):
        send(by=stranger)
    assert (OutboxMail.objects.count(), AuditEntry.objects.filter(action="license.sent").count()) == (mails, 0)


def test_without_the_permission_nothing_is_sent(send, buyer):
    reader = Actor(
        user_id=buyer.user.pk, organization_id=buyer.organization.pk, permissions=frozenset({Permission.READ})
    )
    with pytest.raises(PermissionDeniedError):
        send(by=type(buyer)(buyer.organization, buyer.user, reader))
    assert not OutboxMail.objects.filter(to=ADMIN).exists()


def test_an_organization_sends_so_many_a_day_and_no_more(send, now):
    for _ in range(SENDS_A_DAY):
        send()
    with pytest.raises(TooManySendsError):
        send()
    assert OutboxMail.objects.filter(to=ADMIN).count() == SENDS_A_DAY
    send(at=now + timedelta(days=1))


def test_what_is_sent_is_audited_and_enqueued_together_or_not_at_all(send, monkeypatch):
    tasks = OrmQ.objects.count()

    def die(**_):
        raise RuntimeError("the power went")

    monkeypatch.setattr(sending, "enqueue_mail", die)
    with pytest.raises(RuntimeError, match="the power went"):
        send()
    assert (AuditEntry.objects.filter(action="license.sent").count(), OrmQ.objects.count()) == (0, tasks)
