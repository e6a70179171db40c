"""The form of the directory's settings, and the way from it to the service's values and back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from keywright_console.directory.models import DirectorySettings, Security
from keywright_console.directory.services.save_settings import DEFAULTS, EVERY_LEAST, EVERY_MOST, PORT_MAX, Values
from keywright_console.web.forms import PasswordField

PLAIN_TEXT = {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
CERTIFICATES_MAX = 64 * 1024  # characters: dozens of certificates
DN_MAX = 1000


class DirectoryForm(forms.Form):
    host = forms.CharField(
        label=_("Host"),
        max_length=253,
        help_text=_("The host alone, as its certificate names it: ldap.example.com."),
        widget=forms.TextInput(attrs=PLAIN_TEXT),
    )
    port = forms.IntegerField(
        label=_("Port"),
        required=False,
        min_value=1,
        max_value=PORT_MAX,
        help_text=_("636 for LDAPS, 389 for StartTLS."),
    )
    security = forms.ChoiceField(
        label=_("Encryption"),
        choices=[
            (Security.LDAPS, "LDAPS"),
            (Security.STARTTLS, "StartTLS"),
            (Security.PLAIN, _("None, for a directory on this machine")),
        ],
        help_text=_("The server’s certificate and its name are always checked."),
    )
    ca_certificates = forms.CharField(
        label=_("CA certificates"),
        required=False,
        max_length=CERTIFICATES_MAX,
        help_text=_("In PEM form. Empty: those that this server’s system trusts."),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )
    bind_dn = forms.CharField(
        label=_("Bind DN"),
        required=False,
        max_length=DN_MAX,
        help_text=_("Who reads the directory. The right to read is enough. Empty: nobody in particular."),
        widget=forms.TextInput(attrs=PLAIN_TEXT),
    )
    bind_password = PasswordField(
        label=_("Bind password"), autocomplete="new-password", required=False, help_text=_("Kept encrypted.")
    )
    base_dn = forms.CharField(
        label=_("Base DN"),
        max_length=DN_MAX,
        help_text=_("Where the users stand: ou=people,dc=example,dc=com."),
        widget=forms.TextInput(attrs=PLAIN_TEXT),
    )
    user_filter = forms.CharField(
        label=_("User filter"),
        max_length=4000,
        help_text=_(
            "Who of them is a user here. Active Directory, without accounts that are disabled: "
            "(&amp;(objectCategory=person)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))"
        ),
        widget=forms.TextInput(attrs=PLAIN_TEXT),
    )
    id_attribute = forms.CharField(
        label=_("Id"),
        max_length=100,
        help_text=_("What never changes: entryUUID; objectGUID in Active Directory."),
        widget=forms.TextInput(attrs=PLAIN_TEXT),
    )
    username_attribute = forms.CharField(
        label=_("Username"),
        max_length=100,
        help_text=_("uid; sAMAccountName in Active Directory."),
        widget=forms.TextInput(attrs=PLAIN_TEXT),
    )
    email_attribute = forms.CharField(
        label=_("Email address"), max_length=100, help_text=_("mail"), widget=forms.TextInput(attrs=PLAIN_TEXT)
    )
    is_on = forms.BooleanField(
        label=_("Synchronize by itself"),
        required=False,
        help_text=_("Off: only when somebody asks for it. Nobody changes by the settings alone."),
    )
    every_minutes = forms.IntegerField(
        label=_("Every … minutes"), min_value=EVERY_LEAST, max_value=EVERY_MOST, help_text=_("60 is once an hour.")
    )

    def values(self) -> Values:
        """What was entered. An empty password leaves the one that is kept."""
        entered = self.cleaned_data
        return Values(**{**entered, "bind_password": entered["bind_password"] or None})


def initial_of(row: DirectorySettings | None) -> dict[str, Any]:
    """The form's start: the settings as they are without the password, or what most directories have."""
    source: DirectorySettings | Values = DEFAULTS if row is None else row
    return {name: getattr(source, name) for name in DirectoryForm.base_fields if name != "bind_password"}
