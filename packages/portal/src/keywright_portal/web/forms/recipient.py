"""To whom a license is sent."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class RecipientForm(forms.Form):
    email = forms.EmailField(
        label=_("Email address of your System Admin"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("The mail has a link that works for 7 days. The key itself is never sent by email."),
        error_messages={"required": _("Enter the email address of the person who runs your server.")},
    )
