from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPServerDisconnected

import pytest
from django.core.mail import EmailMultiAlternatives

from keywright_console.kit.mail import GIVEN_UP_AFTER, MailServerError, enqueue_mail, is_set_up, send_waiting
from keywright_console.kit.models import OutboxMail
from vendor import NOON

TEMPLATE = "licensing/mail/reminder"
CONTEXT = {"heading": "The license\nexpires", "intro": "Soon.", "brand": {"name": "System Console"}, "why": "Because."}


@pytest.fixture(autouse=True)
def mail_server(db, settings):
    settings.EMAIL_HOST = "mail.example"
    settings.KEYWRIGHT_CONSOLE_MAIL_FROM = "System Console <console@brightwater.example>"


def enqueue(key="one", to="anna@brightwater.example"):
    return enqueue_mail(key=key, to=to, template=TEMPLATE, context=CONTEXT, now=NOON)


def test_a_mail_is_sent_once_and_then_forgotten_but_for_its_key(mailoutbox):
    enqueue()
    assert enqueue(to="other@brightwater.example").to == "anna@brightwater.example"
    send_waiting(now=NOON)
    send_waiting(now=NOON)
    [mail] = mailoutbox
    assert (mail.subject, mail.to) == ("The license expires", ["anna@brightwater.example"])
    row = OutboxMail.objects.get()
    assert (row.key, row.sent_at, row.to, row.subject, row.text, row.html) == ("one", NOON, "", "", "", "")
    enqueue()
    send_waiting(now=NOON)
    assert len(mailoutbox) == 1


def test_a_server_that_is_away_is_told_by_its_code_and_all_waits(mailoutbox, monkeypatch):
    enqueue()

    def gone(_message):
        raise SMTPServerDisconnected("Connection unexpectedly closed")

    with monkeypatch.context() as patched:
        patched.setattr(EmailMultiAlternatives, "send", gone)
        with pytest.raises(MailServerError) as failure:
            send_waiting(now=NOON)
    assert failure.value.code == "mail_unavailable"
    assert OutboxMail.objects.get().sent_at is None
    send_waiting(now=NOON)
    assert len(mailoutbox) == 1


def test_an_address_that_is_refused_holds_up_no_other(mailoutbox, monkeypatch, caplog):
    enqueue(key="bad", to="nobody@brightwater.example")
    enqueue(key="good")
    real = EmailMultiAlternatives.send

    def send(message):
        if message.to == ["nobody@brightwater.example"]:
            raise SMTPRecipientsRefused({})
        return real(message)

    monkeypatch.setattr(EmailMultiAlternatives, "send", send)
    send_waiting(now=NOON)
    assert [mail.to for mail in mailoutbox] == [["anna@brightwater.example"]]
    assert OutboxMail.objects.filter(sent_at=None).count() == 0
    assert "refuses the recipient of mail bad" in caplog.text


def test_what_could_not_be_sent_for_days_is_given_up(mailoutbox, settings):
    enqueue()
    settings.EMAIL_HOST = ""
    assert is_set_up() is False
    send_waiting(now=NOON)
    assert OutboxMail.objects.get().sent_at is None
    send_waiting(now=NOON + GIVEN_UP_AFTER + timedelta(seconds=1))
    assert OutboxMail.objects.get().to == ""
    assert mailoutbox == []
