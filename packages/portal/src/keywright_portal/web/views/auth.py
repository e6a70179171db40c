"""The way in and out: allauth's views on our pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from allauth.account import views as allauth_views
from django.views.generic import RedirectView

from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.models import PolicyKind

if TYPE_CHECKING:
    from django.http import HttpResponse

ADDRESS_TYPED: Final = "address_typed"
"""In the session: the address that was typed, so that the next page can name it, whether or not it is known."""


class SignUpView(allauth_views.SignupView):  # type: ignore[misc]  # allauth has no types
    """Create an account."""

    def get_form_kwargs(self) -> dict[str, Any]:
        version = catalog.current_policy(PolicyKind.PRIVACY).version
        return {**super().get_form_kwargs(), "privacy_version": version}

    def form_valid(self, form: Any) -> HttpResponse:
        self.request.session[ADDRESS_TYPED] = form.cleaned_data["email"]
        answer: HttpResponse = super().form_valid(form)
        return answer


class LogInView(allauth_views.LoginView):  # type: ignore[misc]  # allauth has no types
    """Log in. Whoever hasn't confirmed the address is told so, and mailed the link again."""

    def form_valid(self, form: Any) -> HttpResponse:
        self.request.session[ADDRESS_TYPED] = form.cleaned_data["login"]
        answer: HttpResponse = super().form_valid(form)
        return answer


class ConfirmationSentView(allauth_views.EmailVerificationSentView):  # type: ignore[misc]  # allauth has no types
    """Look into your mailbox."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "address": self.request.session.get(ADDRESS_TYPED)}


class ForgottenPasswordView(allauth_views.PasswordResetView):  # type: ignore[misc]  # allauth has no types
    """Ask for a link to choose a new password."""

    def form_valid(self, form: Any) -> HttpResponse:
        self.request.session[ADDRESS_TYPED] = form.cleaned_data["email"]
        answer: HttpResponse = super().form_valid(form)
        return answer


class ResetSentView(allauth_views.PasswordResetDoneView):  # type: ignore[misc]  # allauth has no types
    """Look into your mailbox."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "address": self.request.session.get(ADDRESS_TYPED)}


class SetPasswordView(RedirectView):
    """Where allauth sends a user who has no password: the link in the mail is how one gets the first."""

    pattern_name = "account_reset_password"


sign_up = SignUpView.as_view()
log_in = LogInView.as_view()
log_out = allauth_views.logout
inactive = allauth_views.account_inactive
confirmation_sent = ConfirmationSentView.as_view()
confirm_address = allauth_views.confirm_email
change_password = allauth_views.password_change
set_password = SetPasswordView.as_view()
forgotten_password = ForgottenPasswordView.as_view()
reset_sent = ResetSentView.as_view()
new_password = allauth_views.password_reset_from_key
new_password_done = allauth_views.password_reset_from_key_done
