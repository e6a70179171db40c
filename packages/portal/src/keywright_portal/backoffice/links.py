"""Addresses and links within the back office."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.db.models import Model
    from django.utils.safestring import SafeString

ABSENT = "–"


def detail_url(model: type[Model], key: object) -> str:
    """The page of one row."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[key])  # noqa: SLF001 (Django's documented interface)


def list_url(model: type[Model], **lookups: object) -> str:
    """The list of a model's rows, or of those that `lookups` leave."""
    url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")  # noqa: SLF001 (Django's documented interface)
    return f"{url}?{urlencode(lookups)}" if lookups else url


def find_url(asked: object) -> str:
    """What happened under `asked`."""
    return f"{reverse('admin:find')}?{urlencode({'q': asked})}"


def link(model: type[Model], key: object, text: object) -> SafeString | str:
    """A link to a row's page; a dash where there is no such row."""
    if key is None:
        return ABSENT
    return format_html('<a href="{}">{}</a>', detail_url(model, key), text or _("(no name)"))
