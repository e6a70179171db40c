"""The contact form."""

from __future__ import annotations

import re
from typing import Final

from django import forms
from django.utils.translation import gettext_lazy as _

from keywright_portal.support.models import Topic
from keywright_portal.support.services.open_ticket import MESSAGE_LENGTH

_REFERENCE: Final = re.compile(r"[A-Za-z0-9-]{1,40}", re.ASCII)


class ContactForm(forms.Form):
    """Topic, who writes, the reference that an error showed, and the message."""

    topic = forms.ChoiceField(
        label=_("What is it about?"),
        choices=[("", _("Choose…")), *Topic.choices],
        error_messages={"required": _("Choose what it is about.")},
    )
    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        error_messages={"required": _("Enter your name.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Email address"),
        max_length=254,
        help_text=_("Our answer goes to this address."),
        error_messages={"required": _("Enter your email address.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    reference = forms.CharField(
        label=_("Reference"),
        required=False,
        max_length=40,
        help_text=_("The one that an error message or an invoice shows, if you have one."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    message = forms.CharField(
        label=_("Message"),
        max_length=MESSAGE_LENGTH,
        error_messages={"required": _("Say in a few words what it is about.")},
        help_text=_("Never write card numbers or passwords here: we don’t need them."),
        widget=forms.Textarea(attrs={"rows": 7}),
    )

    def clean_reference(self) -> str:
        reference = str(self.cleaned_data["reference"]).strip()
        if reference and not _REFERENCE.fullmatch(reference):
            raise forms.ValidationError(_("A reference has letters, digits and hyphens. Copy it as it is shown."))
        return reference


def given_reference(value: str) -> str:
    """The reference that a link brought along; empty where it can't be one."""
    return value if _REFERENCE.fullmatch(value) else ""


def given_topic(value: str) -> str:
    """The topic that a link brought along; empty where there is no such topic."""
    return value if value in Topic.values else ""
