"""What people wrote goes into mails as they wrote it: as text in text, escaped in HTML."""

from __future__ import annotations

import pytest

from keywright_portal.accounts.models import Organization, User
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import system
from keywright_portal.kit.models import OutboxMail
from keywright_portal.licensing.models import LicenseFile
from keywright_portal.orders.services.fulfil import fulfil_intent
from keywright_portal.orders.services.send_license import send_license

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("signing_keys")]
NAME = 'O’Brien\'s <b>Ärzte</b> & Söhne "GmbH"'


@pytest.fixture
def named(buyer):
    Organization.objects.filter(pk=buyer.organization.pk).update(name=NAME)
    User.objects.filter(pk=buyer.user.pk).update(name=NAME)
    buyer.organization.refresh_from_db()
    buyer.user.refresh_from_db()
    return buyer


@pytest.fixture
def settle(named, choose, complete, gateway, now):
    def _settle(*, amount=None):
        intent = complete(choose())
        gateway.pay(intent.id, amount=amount)
        return fulfil_intent(intent_id=intent.id, gateway=gateway, actor=system("test"), now=now)

    return _settle


def every_mail():
    mails = list(OutboxMail.objects.all())
    for mail in mails:
        for entity in ("&amp;", "&lt;", "&gt;", "&quot;", "&#"):
            assert entity not in mail.subject, mail.key
            assert entity not in mail.text, mail.key
        assert "<b>" not in mail.html, mail.key
    return mails


def test_the_mail_that_a_license_is_ready(settle):
    settle()
    (mail,) = every_mail()
    assert NAME in mail.text
    assert "&lt;b&gt;Ärzte&lt;/b&gt; &amp; Söhne" in mail.html


def test_the_alarm_about_money_that_does_not_match(settle):
    settle(amount=Money(1, "USD"))
    (mail,) = every_mail()
    assert mail.key.endswith(":mismatch")


def test_the_link_for_a_system_admin(settle, named, now):
    settle()
    file = LicenseFile.objects.get(format="keywright")
    send_license(actor=named.actor, file_id=file.pk, to="admin@brightwater.example", sender_name=NAME, now=now)
    mail = next(mail for mail in every_mail() if mail.to == "admin@brightwater.example")
    assert NAME in mail.text
