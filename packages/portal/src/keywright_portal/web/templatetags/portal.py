"""`{% load portal %}`: what only the portal's own templates need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template

from keywright_portal.web.actor import reverse_o

if TYPE_CHECKING:
    from django.template.context import Context

register = template.Library()


@register.simple_tag(takes_context=True)
def o_url(context: Context, name: str, **kwargs: object) -> str:
    """`{% o_url "payment" order=order.reference %}`: a page of the organization in whose pages we are."""
    return reverse_o(context["request"], name, **kwargs)
