"""The contact form, with what it is about filled in."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlencode

from django.urls import reverse

from keywright_portal.support.models import Topic


@lru_cache(maxsize=256)
def contact_url(topic: Topic, *, reference: str = "") -> str:
    """The contact form on `topic`; `reference` is what the vendor can find: a problem's, an order's, an invoice's."""
    query = {"topic": topic.value, **({"reference": reference} if reference else {})}
    return f"{reverse('support')}?{urlencode(query)}"
