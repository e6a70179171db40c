"""A file that somebody carried from a System Console."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from keywright_portal.licensing.services.bring_file import LONGEST_FILE

_DROP: Final[dict[str, Any]] = {"template_name": "kw/forms/drop.html"}
"""Django's, and unknown to its type stubs."""


class DeploymentFileForm(forms.Form):
    file = forms.FileField(
        label=_("File from a System Console"),
        max_length=255,
        help_text=_("An activation request, a release, or exported usage reports."),
        error_messages={
            "required": _("Choose the file that you downloaded in the System Console."),
            "empty": _("This file is empty. Download it in the System Console again."),
        },
        **_DROP,
    )

    def clean_file(self) -> bytes:
        """Its bytes. The length is looked at before anything is read."""
        file = self.cleaned_data["file"]
        if file.size > LONGEST_FILE:
            raise forms.ValidationError(
                _("This file is longer than any that a System Console makes. Choose another one."), code="too_large"
            )
        content: bytes = file.read()
        return content
