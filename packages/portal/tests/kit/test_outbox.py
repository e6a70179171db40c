"""One cause, one mail; and a task exists if, and only if, what caused it was committed."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core import mail as django_mail
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django_q.brokers.orm import ORM
from django_q.models import OrmQ

from keywright_portal.kit import mail as outbox
from keywright_portal.kit import queue, tasks
from keywright_portal.kit.models import DueJob, OutboxMail
from racing import AT_ONCE, ROUNDS, at_once, without_uniqueness

TEMPLATES = {
    "hello_subject.txt": "Hello\n {{ name }},\n welcome",
    "hello.txt": "{% autoescape off %}Dear {{ name }}{% endautoescape %}",
    "hello.html": "<p>Dear {{ name }}</p>",
}


@pytest.fixture(autouse=True)
def _templates(settings):
    settings.TEMPLATES = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", TEMPLATES)]},
        }
    ]


@pytest.fixture
def post(now):
    def _post(key="order:1:hello", *, name="Ana & Bo", at=now, **more):
        return outbox.enqueue_mail(
            key=key,
            sender="Larkfield <portal@larkfield.example>",
            to="ana@brightwater.example",
            template="hello",
            context={"name": name},
            now=at,
            **more,
        )

    return _post


@pytest.fixture
def at(monkeypatch):
    return lambda instant: monkeypatch.setattr(tasks.clock, "now", lambda: instant)


def queued():
    return [(task.func(), task.task["args"]) for task in OrmQ.objects.order_by("pk")]


class UndoneError(Exception):
    pass


# ---- Writing ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_mail_is_a_row_and_a_task(post, now):
    mail = post(reply_to="support@example-software.example")
    assert (mail.subject, mail.text, mail.html) == (
        "Hello Ana &amp; Bo, welcome",
        "Dear Ana & Bo",
        "<p>Dear Ana &amp; Bo</p>",
    )
    assert (mail.created_at, mail.sent_at, mail.attempts) == (now, None, 0)
    assert re.fullmatch(r"<[^@\s]+@larkfield\.example>", mail.message_id)
    assert queued() == [(outbox.SEND_TASK, (str(mail.pk),))]
    assert django_mail.outbox == []


@pytest.mark.django_db
def test_a_document_goes_with_it(post):
    mail = OutboxMail.objects.get(pk=post(attachment=outbox.Attachment(name="INV-1.pdf", content=b"%PDF-1.7")).pk)
    message = outbox.as_message(mail)

    assert message.attachments == [("INV-1.pdf", b"%PDF-1.7", "application/pdf")]
    assert outbox.as_message(OutboxMail.objects.get(pk=post("order:2:hello").pk)).attachments == []


@pytest.mark.django_db
def test_one_cause_makes_one_mail_whatever_it_says_the_second_time(post):
    first = post()
    assert post(name="Somebody else").pk == first.pk
    assert (OutboxMail.objects.count(), len(queued()), OutboxMail.objects.get().text) == (1, 1, "Dear Ana & Bo")


@pytest.mark.django_db
def test_a_subject_stays_on_one_line_and_in_its_column(post):
    subject = post(name="A\r\nBcc: everybody@example.com " + "x" * 400).subject
    assert "\n" not in subject
    assert "\r" not in subject
    assert len(subject) == 255


@pytest.mark.django_db(transaction=True)
def test_a_cause_that_is_told_at_once_makes_one_mail_and_one_task(post):
    for number in range(1, ROUNDS + 1):
        outcomes = at_once([lambda number=number: post(f"order:{number}:hello")] * AT_ONCE)
        assert len({mail.pk for mail in outcomes}) == 1
        assert (OutboxMail.objects.count(), len(queued())) == (number, number)


@pytest.mark.postgresql_only
@pytest.mark.django_db(transaction=True)
def test_without_the_key_it_makes_several(post, monkeypatch):
    def insert_blindly(*, key, defaults):
        mail = OutboxMail(key=key, **defaults)
        mail.save(force_insert=True)
        return mail, True

    monkeypatch.setattr(OutboxMail.objects, "get_or_create", insert_blindly)
    with without_uniqueness((OutboxMail, "key")):
        at_once([post] * AT_ONCE)
        assert OutboxMail.objects.count() == AT_ONCE


# ---- The queue is in the caller's transaction ------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_never_ran():
    with transaction.atomic():
        queue.enqueue("keywright_portal.kit.tasks.sweep_outbox")
        assert OrmQ.objects.count() == 1
        transaction.set_rollback(True)
    assert OrmQ.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_worker_sees_a_task_once_its_cause_is_committed():
    broker = ORM(list_key="keywright")
    with transaction.atomic():
        queue.enqueue("keywright_portal.kit.tasks.sweep_outbox")
        (seen_inside,) = at_once([OrmQ.objects.count])
    assert seen_inside == 0
    ((_pk, _payload),) = broker.dequeue()


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_takes_a_task():
    queue.enqueue("keywright_portal.kit.tasks.sweep_outbox")
    outcomes = at_once([ORM(list_key="keywright").dequeue] * AT_ONCE)
    assert sum(bool(taken) for taken in outcomes) == 1


# ---- Sending ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_mail_goes_out_as_text_and_html_with_its_own_id(post, at, now):
    mail = post(reply_to="support@example-software.example")
    at(now)
    tasks.send_mail(str(mail.pk))
    (sent,) = django_mail.outbox
    assert sent.from_email == "Larkfield <portal@larkfield.example>"
    assert (sent.to, sent.reply_to) == (["ana@brightwater.example"], ["support@example-software.example"])
    assert sent.message()["Message-ID"] == mail.message_id
    assert [part.get_content_type() for part in sent.message().get_payload()] == ["text/plain", "text/html"]
    mail.refresh_from_db()
    assert (mail.sent_at, mail.attempts) == (now, 1)


@pytest.mark.django_db
def test_a_mail_that_went_out_goes_out_no_more(post):
    mail = post()
    for _ in range(3):
        tasks.send_mail(str(mail.pk))
    assert len(django_mail.outbox) == 1


@pytest.mark.django_db
def test_a_worker_that_dies_before_it_says_so_sends_it_again_under_the_same_id(post, monkeypatch):
    mail = post()
    send = EmailMultiAlternatives.send

    def send_and_die(message):
        send(message)
        raise UndoneError

    with monkeypatch.context() as cut:
        cut.setattr(EmailMultiAlternatives, "send", send_and_die)
        with pytest.raises(UndoneError):
            tasks.send_mail(str(mail.pk))
    tasks.send_mail(str(mail.pk))
    assert [sent.message()["Message-ID"] for sent in django_mail.outbox] == [mail.message_id] * 2
    mail.refresh_from_db()
    assert mail.attempts == 2


@pytest.mark.django_db
def test_a_mail_server_that_refuses_leaves_it_to_be_sent(post, monkeypatch):
    mail = post()

    def refuse(_message):
        raise ConnectionRefusedError

    with monkeypatch.context() as away:
        away.setattr(EmailMultiAlternatives, "send", refuse)
        with pytest.raises(ConnectionRefusedError):
            tasks.send_mail(str(mail.pk))
    mail.refresh_from_db()
    assert (mail.sent_at, mail.attempts) == (None, 1)


@pytest.mark.django_db
def test_the_sweep_finds_what_was_left_behind_and_nothing_else(post, at, now):
    left = post("left", at=now - tasks.LEFT_BEHIND_AFTER)
    post("young", at=now - tasks.LEFT_BEHIND_AFTER + timedelta(seconds=1))
    sent = post("sent", at=now - timedelta(days=1))
    tasks.send_mail(str(sent.pk))
    OrmQ.objects.all().delete()
    at(now)
    assert tasks.sweep_outbox() == 1
    assert queued() == [(outbox.SEND_TASK, (str(left.pk),))]


@pytest.mark.django_db
def test_the_sweep_gives_up_what_no_server_took_for_days(post, at, now):
    post()
    at(now + tasks.GIVEN_UP_AFTER - timedelta(seconds=1))
    assert tasks.sweep_outbox() == 1
    at(now + tasks.GIVEN_UP_AFTER)
    assert tasks.sweep_outbox() == 0


# ---- The schedule's rows ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_done_jobs_are_forgotten_after_a_week(at, now):
    for age in (timedelta(), tasks.JOBS_KEPT, tasks.JOBS_KEPT + timedelta(seconds=1)):
        DueJob.objects.create(job="job", due_at=now - age)
    at(now)
    tasks.forget_done_jobs()
    assert [job.due_at for job in DueJob.objects.order_by("due_at")] == [now - tasks.JOBS_KEPT, now]
