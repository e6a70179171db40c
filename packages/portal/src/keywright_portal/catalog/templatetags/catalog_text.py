"""`{% load catalog_text %}{{ entry.answer|prose }}`: a text of the catalog as safe HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from keywright_portal.catalog import prose as markup

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

register = template.Library()


@register.filter
def prose(text: str) -> SafeString:
    return markup.to_html(text)
