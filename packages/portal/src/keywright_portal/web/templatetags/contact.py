"""`{% load contact %}`: links to the contact form."""

from __future__ import annotations

from django import template

from keywright_portal.support.models import Topic
from keywright_portal.web.links import contact_url as url_of

register = template.Library()


@register.simple_tag
def contact_url(topic: str, reference: str = "") -> str:
    """`{% contact_url "renewal" reference=order.number %}`: the contact form with its topic chosen."""
    return url_of(Topic(topic), reference=reference)
