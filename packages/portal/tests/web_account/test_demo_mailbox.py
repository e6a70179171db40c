from __future__ import annotations

import importlib

import pytest
from django.core import mail as django_mail
from django.core.mail import EmailMultiAlternatives
from django.urls import clear_url_caches

from keywright_portal.kit.errors import ConfigurationError
from keywright_portal.web import account_urls, urls
from keywright_portal.web.mailbox import newest_mails

pytestmark = pytest.mark.django_db

LINK = "http://127.0.0.1:8000/confirm-email/abc/"


@pytest.fixture
def mailbox(settings, tmp_path, catalog):
    """The demo's settings, and its addresses."""
    settings.DEMO_DIR = tmp_path
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.EMAIL_BACKEND = "keywright_portal.web.mailbox.MailboxBackend"
    read_anew()
    yield
    settings.DEMO_DIR = None
    read_anew()


def read_anew():
    importlib.reload(account_urls)
    importlib.reload(urls)
    importlib.reload(importlib.import_module("keywright_portal.config.urls"))
    clear_url_caches()


def send(subject, *, attach=False):
    message = EmailMultiAlternatives(subject, f"Open {LINK}", "portal@localhost", ["ana@brightwater.example"])
    message.attach_alternative(f'<html><head></head><body><a href="{LINK}">Confirm</a></body></html>', "text/html")
    if attach:
        message.attach("invoice.html", "<script>alert(1)</script>", "text/html")
    message.send()


def test_an_empty_mailbox_says_what_to_do(client, mailbox):
    assert "No mail yet" in client.get("/demo/mail/").content.decode()


def test_the_newest_mail_is_in_front_and_the_list_asks_again(client, mailbox):
    for subject in ("First", "Second", "Third"):
        send(subject)

    page = client.get("/demo/mail/")

    assert [mail.subject for mail in page.context["mails"]] == ["Third", "Second", "First"]
    assert 'hx-trigger="every 3s"' in page.content.decode()


def test_a_mail_shows_its_text_with_links(client, mailbox):
    send("Hello")
    mail_id = newest_mails()[0].mail_id

    page = client.get(f"/demo/mail/{mail_id}/")

    assert f'<a href="{LINK}" rel="nofollow">{LINK}</a>' in page.content.decode()
    assert f'src="/demo/mail/{mail_id}/html/"' in page.content.decode()
    assert "frame-src https://js.stripe.com https://hooks.stripe.com 'self'" in page["Content-Security-Policy"]


def test_its_html_runs_nothing_and_links_to_the_whole_window(client, mailbox):
    send("Hello")

    page = client.get(f"/demo/mail/{newest_mails()[0].mail_id}/html/")

    assert '<head>\n<base target="_top"></head>' in page.content.decode()
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    directives = dict(part.strip().split(" ", 1) for part in page["Content-Security-Policy"].split(";"))
    assert directives["default-src"] == "'none'"
    assert "allow-scripts" not in directives["sandbox"]
    assert "allow-same-origin" not in directives["sandbox"]


def test_an_attachment_is_saved_and_never_shown(client, mailbox):
    send("Invoice", attach=True)
    mail_id = newest_mails()[0].mail_id

    answer = client.get(f"/demo/mail/{mail_id}/files/0/")

    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="invoice.html"'
    assert client.get(f"/demo/mail/{mail_id}/files/1/").status_code == 404


@pytest.mark.parametrize("mail_id", ["nothing", "0" * 20 + "-" + "0" * 32])
def test_an_unknown_mail_is_not_found(client, mailbox, mail_id):
    assert client.get(f"/demo/mail/{mail_id}/").status_code == 404


def test_a_mail_that_is_still_being_written_is_not_shown(mailbox, settings):
    send("Whole")
    (settings.EMAIL_FILE_PATH / ("9" * 20 + "-" + "0" * 32 + ".part")).write_bytes(b"Subject: half")

    assert [mail.subject for mail in newest_mails()] == ["Whole"]


def test_without_a_folder_the_backend_says_what_to_set(settings):
    settings.EMAIL_FILE_PATH = None

    with pytest.raises(ConfigurationError):
        django_mail.get_connection("keywright_portal.web.mailbox.MailboxBackend").send_messages([])
