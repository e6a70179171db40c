"""Signing up and in, one's own account, and the pages that anybody may read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import path, re_path

from keywright_portal.web.views import account, auth, brand, demo_mailbox, help_pages, overview_home, policies, support

if TYPE_CHECKING:
    from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = [
    path("", overview_home.home, name="home"),
    path("sign-up/", auth.sign_up, name="account_signup"),
    path("log-in/", auth.log_in, name="account_login"),
    path("log-out/", auth.log_out, name="account_logout"),
    path("inactive/", auth.inactive, name="account_inactive"),
    path("confirm-email/", auth.confirmation_sent, name="account_email_verification_sent"),
    re_path(r"^confirm-email/(?P<key>[-:\w]+)/$", auth.confirm_address, name="account_confirm_email"),
    path("account/", account.account, name="account"),
    path("password/", auth.change_password, name="account_change_password"),
    path("password/set/", auth.set_password, name="account_set_password"),
    path("password/forgotten/", auth.forgotten_password, name="account_reset_password"),
    path("password/forgotten/sent/", auth.reset_sent, name="account_reset_password_done"),
    re_path(
        r"^password/new/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        auth.new_password,
        name="account_reset_password_from_key",
    ),
    path("password/new/done/", auth.new_password_done, name="account_reset_password_from_key_done"),
    path("support/", support.support, name="support"),
    path("support/sent/", support.support_sent, name="support-sent"),
    path("help/", help_pages.help_index, name="help"),
    path("help/<slug:slug>/", help_pages.help_topic, name="help-topic"),
    path("terms/", policies.terms, name="terms"),
    path("privacy/", policies.privacy, name="privacy"),
    path("brand.css", brand.brand_css, name="brand-css"),
    path("logo.svg", brand.mark, name="brand-mark"),
    path("logo.png", brand.mark_png, name="brand-mark-png"),
]
if settings.DEMO_DIR is not None:
    urlpatterns += [
        path("demo/mail/", demo_mailbox.mails, name="demo-mail"),
        path("demo/mail/<slug:mail_id>/", demo_mailbox.mail, name="demo-mail-one"),
        path("demo/mail/<slug:mail_id>/html/", demo_mailbox.mail_html, name="demo-mail-html"),
        path("demo/mail/<slug:mail_id>/files/<int:position>/", demo_mailbox.mail_attachment, name="demo-mail-file"),
    ]
