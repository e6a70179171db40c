"""Questions and answers, in the vendor's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from keywright_portal.kit.errors import NotFoundError
from keywright_portal.web.context import vendor_of

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@require_safe
def help_index(request: HttpRequest) -> HttpResponse:
    """All the questions."""
    return render(request, "web/help/index.html", {"entries": vendor_of(request).faq})


@require_safe
def help_topic(request: HttpRequest, slug: str) -> HttpResponse:
    """One question with its answer, and the others beside it."""
    vendor = vendor_of(request)
    entry = vendor.faq_entry(slug)
    if entry is None:
        raise NotFoundError(_("There is no such question. All of them are under Questions and answers."))
    others = [other for other in vendor.faq if other.slug != slug]
    return render(request, "web/help/topic.html", {"entry": entry, "others": others})
