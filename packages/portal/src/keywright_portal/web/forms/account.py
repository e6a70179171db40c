"""The forms of the way in: allauth's, in our words, with what signing up here needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from allauth.account import forms as allauth_forms
from django import forms
from django.contrib.auth.hashers import make_password
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from keywright_look.forms import LongSelect
from keywright_portal.accounts.errors import AddressTakenError
from keywright_portal.accounts.models import Organization, User
from keywright_portal.accounts.services.sign_up import sign_up
from keywright_portal.catalog.vat import VatNumberError, check_vat_number
from keywright_portal.kit import clock

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse, QueryDict

    _UserForm = forms.ModelForm[User]
    _OrganizationForm = forms.ModelForm[Organization]
else:
    _UserForm = _OrganizationForm = forms.ModelForm

SHOWABLE: Final = "kw/forms/secret.html"
"""The look's field with a button that shows what was typed."""
PASSWORD_HINT: Final = _("At least 10 characters; a few words work well.")


def _privacy_label() -> str:
    return format_html(
        gettext('I have read and agree to the <a class="kw-inline" href="{}" target="_blank">Privacy Policy</a>'),
        reverse("privacy"),
    )


def _secret(form: forms.Form, name: str, label: Any, hint: Any = "") -> None:
    """A password field in the look's shape: with a button that shows it instead of a second field."""
    field = form.fields[name]
    field.label, field.help_text = label, hint
    field.template_name = SHOWABLE  # type: ignore[attr-defined]  # django-stubs don't know it yet
    field.error_messages["required"] = _("Enter a password.")
    field.widget.attrs.pop("placeholder", None)


def _email(form: forms.Form, name: str, label: Any, hint: Any = "") -> None:
    field = form.fields[name]
    field.label, field.help_text = label, hint
    field.error_messages["required"] = _("Enter your email address.")
    field.widget.attrs.pop("placeholder", None)


class SignUpForm(allauth_forms.SignupForm):  # type: ignore[misc]  # allauth has no types
    """Name, email address, password, organization, country, and the Privacy Policy."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        error_messages={"required": _("Enter your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    organization = forms.CharField(
        label=_("Organization"),
        max_length=120,
        help_text=_("This name is on your license and your invoices."),
        error_messages={"required": _("Enter the name of your organization.")},
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    country = forms.ChoiceField(
        label=_("Country"),
        choices=lambda: [("", _("Choose…")), *countries],
        error_messages={"required": _("Choose a country.")},
        widget=LongSelect(attrs={"autocomplete": "country"}),
    )
    privacy = forms.BooleanField(
        label=lazy(_privacy_label, str)(),
        error_messages={"required": _("Read the Privacy Policy and check this box to create your account.")},
    )
    privacy_version = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    data: QueryDict
    account_already_exists: bool
    field_order = ("email", "name", "organization", "country", "password1", "privacy")

    def __init__(self, *args: Any, privacy_version: str, **kwargs: Any) -> None:
        """`privacy_version` is the version of the Privacy Policy that is in force."""
        super().__init__(*args, **kwargs)
        self.fields["privacy_version"].initial = privacy_version
        self.version_in_force = privacy_version
        _email(self, "email", _("Work email address"), _("We send a link to this address to confirm that it is yours."))
        _secret(self, "password1", _("Password"), PASSWORD_HINT)

    def clean(self) -> dict[str, Any]:
        """What is agreed to is the version that the page had shown, so another one must be agreed to anew."""
        super().clean()
        data: dict[str, Any] = self.cleaned_data
        if data.get("privacy_version") != self.version_in_force:
            message = _(
                "The Privacy Policy has changed since you opened this page. Read it, then check this box again."
            )
            self.add_error("privacy", message)
            self.data = self.data.copy()
            self.data["privacy_version"] = self.version_in_force
            self.data.pop("privacy", None)
        return data

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """The user, or allauth's answer for an address that has one. To whoever asks they look, and last, the same."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])  # takes the time that a new account's would
        else:
            try:
                return self._sign_up(), None
            except AddressTakenError:  # by a request that came at the same moment
                self.account_already_exists = True
        answer: tuple[User | None, HttpResponse | None] = super().try_save(request)
        return answer

    def _sign_up(self) -> User:
        data = self.cleaned_data
        return sign_up(
            name=data["name"],
            email=data["email"],
            password=data["password1"],
            organization_name=data["organization"],
            country=data["country"],
            privacy_version=self.version_in_force,
            now=clock.now(),
        ).user


class LogInForm(allauth_forms.LoginForm):  # type: ignore[misc]  # allauth has no types
    """Email address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _email(self, "login", _("Email address"))
        _secret(self, "password", _("Password"))
        self.fields["remember"].label = _("Keep me logged in on this device")


class PasswordForm(allauth_forms.ChangePasswordForm):  # type: ignore[misc]  # allauth has no types
    """The current password and a new one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        _secret(self, "oldpassword", _("Current password"))
        _secret(self, "password1", _("New password"), PASSWORD_HINT)


class ForgottenPasswordForm(allauth_forms.ResetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """Where to send the link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _email(self, "email", _("Email address"))


class NewPasswordForm(allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]  # allauth has no types
    """A new password, for who came by the link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["password2"]
        _secret(self, "password1", _("New password"), PASSWORD_HINT)


class NameForm(_UserForm):
    """One's own name. The service writes it, not this form."""

    class Meta:
        model = User
        fields = ("name",)
        labels = {"name": _("Your name")}
        error_messages = {"name": {"required": _("Enter your name.")}}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}


class OrganizationForm(_OrganizationForm):
    """What an organization says of itself. The service writes it, not this form."""

    class Meta:
        model = Organization
        fields = ("name", "country", "street", "postal_code", "city", "vat_number", "billing_email")
        error_messages = {"name": {"required": _("Enter the name of your organization.")}}
        help_texts = {
            "name": _("This name is on your next license and your next invoices. Those you have keep the old one."),
            "vat_number": _("With its country’s letters, as in DE123456789."),
            "billing_email": _("For questions about your invoices. A role address outlives the people behind it."),
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "organization"}),
            "street": forms.TextInput(attrs={"autocomplete": "street-address"}),
            "postal_code": forms.TextInput(attrs={"autocomplete": "postal-code"}),
            "city": forms.TextInput(attrs={"autocomplete": "address-level2"}),
            "billing_email": forms.EmailInput(attrs={"autocomplete": "off"}),
        }

    def clean_vat_number(self) -> str:
        """As this country's tax office writes it."""
        country, number = str(self.cleaned_data.get("country", "")), str(self.cleaned_data["vat_number"])
        try:
            return check_vat_number(country=country, number=number)
        except VatNumberError as error:
            raise forms.ValidationError(error.message, code=error.code) from error
