"""The forms of the pages. They check what can be seen in the browser; services check everything again."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from keywright_console.users.errors import InvalidUserError
from keywright_console.users.naming import EMAIL_MAX, PASSWORD_MAX, USERNAME_MAX

PASSWORD_HINT = _("At least 8 characters, and none of the passwords that everybody uses.")


class PasswordField(forms.CharField):
    """A password as typed, blanks at its ends included, that can be shown."""

    def __init__(self, *, autocomplete: str, **kwargs: Any) -> None:
        fixed: dict[str, Any] = {
            "strip": False,
            "max_length": PASSWORD_MAX,
            "widget": forms.PasswordInput(attrs={"autocomplete": autocomplete}),
            "template_name": "kw/forms/secret.html",
        }
        super().__init__(**(fixed | kwargs))


class SignInForm(forms.Form):
    login = forms.CharField(
        label=_("Email address or username"),
        max_length=EMAIL_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = PasswordField(label=_("Password"), autocomplete="current-password")


class NewUserForm(forms.Form):
    email = forms.CharField(
        label=_("Email address"),
        max_length=EMAIL_MAX,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    username = forms.CharField(
        label=_("Username"),
        max_length=USERNAME_MAX,
        help_text=_("Starts with a letter; letters, digits, dots, hyphens and underscores."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = PasswordField(label=_("Password"), autocomplete="new-password", help_text=PASSWORD_HINT)
    is_system_admin = forms.BooleanField(
        label=_("System Admin"),
        required=False,
        help_text=_("May open this console: the license, the users, everything."),
    )
    is_bot = forms.BooleanField(
        label=_("Bot"), required=False, help_text=_("A program, not a person. It takes no seat and is counted apart.")
    )


class SetPasswordForm(forms.Form):
    password = PasswordField(label=_("New password"), autocomplete="new-password", help_text=PASSWORD_HINT)


class DropField(forms.FileField):
    """A file that can be dropped."""

    def __init__(self, **kwargs: Any) -> None:
        fixed: dict[str, Any] = {"template_name": "kw/forms/drop.html"}
        super().__init__(**(fixed | kwargs))


class UsersFileForm(forms.Form):
    users = DropField(
        label=_("List of users"),
        help_text=_("CSV with a line of headings, up to 8 MB"),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )


class FirstAdminForm(forms.Form):
    code = forms.CharField(
        label=_("Set-up code"),
        max_length=64,
        help_text=_("From the terminal where keywright-console serve runs. It shows that this server is yours."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    email = forms.CharField(
        label=_("Email address"),
        max_length=EMAIL_MAX,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )
    username = forms.CharField(
        label=_("Username"),
        max_length=USERNAME_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = PasswordField(label=_("Password"), autocomplete="new-password", help_text=PASSWORD_HINT)


class PasswordForm(forms.Form):
    present = PasswordField(label=_("Present password"), autocomplete="current-password")
    password = PasswordField(label=_("New password"), autocomplete="new-password", help_text=PASSWORD_HINT)


def blame(form: forms.Form, error: InvalidUserError) -> None:
    """Put a service's refusal beside the field that it is about."""
    form.add_error(error.field if error.field in form.fields else None, error.message)
