"""What allauth does our way: mail through the outbox, addresses from the settings, our words."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, Final

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.brand import mail_brand
from keywright_portal.kit import clock
from keywright_portal.kit.links import absolute
from keywright_portal.kit.mail import enqueue_mail
from keywright_portal.web.actor import organization_of, reverse_o

if TYPE_CHECKING:
    from django.http import HttpRequest

MAILS: Final = {
    "account/email/email_confirmation_signup": "mail/account/confirm_address",
    "account/email/email_confirmation": "mail/account/confirm_address",
    "account/email/account_already_exists": "mail/account/known_address",
    "account/email/unknown_account": "mail/account/unknown_address",
    "account/email/password_reset_key": "mail/account/reset_password",
    "account/email/password_reset": "mail/account/password_changed",
    "account/email/password_changed": "mail/account/password_changed",
}
"""allauth's mails that can occur here, and our templates for them."""


class PortalAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """The portal's ways and words."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": _(
            "That email address and password don’t go together. Try again, or reset your password."
        ),
        "too_many_login_attempts": _("Too many tries. Wait five minutes and try again, or reset your password now."),
        "enter_current_password": _("That isn’t your current password. Try again."),
        "invalid_password_reset": _("This link doesn’t work any more. Ask for another one."),
    }

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put the mail into the outbox. Each call is a mail of its own, since a person asked for it."""
        vendor = catalog.vendor()
        with transaction.atomic():
            enqueue_mail(
                key=f"account:{uuid.uuid4()}",
                sender=vendor.mail_sender,
                to=email,
                reply_to=vendor.support_email,
                template=MAILS[template_prefix],
                context={
                    **context,
                    "brand": mail_brand(vendor),
                    "vendor": vendor,
                    "email": email,
                    "log_in_url": absolute("account_login"),
                    "reset_url": absolute("account_reset_password"),
                    "sign_up_url": absolute("account_signup"),
                    "support_url": absolute("support"),
                },
                now=clock.now(),
            )

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:  # noqa: ARG002  (allauth's signature)
        """From the setting and never from the request's Host, which whoever asks may choose."""
        return absolute("account_confirm_email", key=emailconfirmation.key)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """As above. `key` is the user's part, a hyphen and the secret part."""
        user, _hyphen, secret = key.partition("-")
        return f"{settings.PORTAL_URL}{reverse('account_reset_password_from_key', args=[user, secret])}"

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """Whoever has just confirmed the address came to buy."""
        return reverse_o(request, "buy") if organization_of(request) is not None else reverse("home")
