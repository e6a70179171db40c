"""What an organization was billed: invoices and credit notes, filtered, in pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from keywright_portal.billing.history import Shown, history_for, owed_by
from keywright_portal.domain.money import Money
from keywright_portal.kit import clock
from keywright_portal.web.actor import OrganizationRequest, organization_page
from keywright_portal.web.billing_filter import as_query, wanted_by
from keywright_portal.web.billing_rows import billing_row
from keywright_portal.web.paging import CountedPage, page_number
from keywright_portal.web.views.billing_downloads import MOST_IN_ONE_ZIP

if TYPE_CHECKING:
    from django.http import HttpResponse

ON_A_PAGE: Final = 20


@require_safe
@never_cache
@organization_page
def billing_history(request: OrganizationRequest) -> HttpResponse:
    """A page of them, newest first, and what is owed on top."""
    now = clock.now()
    wanted = wanted_by(request.GET)
    history = history_for(actor=request.actor, wanted=wanted)
    found = history.page(page_number(request.GET.get("page")), size=ON_A_PAGE)
    page = CountedPage(number=found.number, size=ON_A_PAGE, count=found.count)
    owed = list(owed_by(actor=request.actor)[: ON_A_PAGE + 1])
    context = {
        "page": page,
        "rows": [billing_row(document, now=now) for document in found.documents],
        "wanted": wanted,
        "shown": list(Shown),
        "years": range(now.year, request.organization.created_at.year - 1, -1),
        "owed": owed[0] if owed else None,
        "owed_sum": Money(owed[0].left, owed[0].currency) if owed else None,
        "owed_more": len(owed) - 1,
        "is_overdue": bool(owed) and owed[0].due_at < now,
        "query": as_query(wanted),
        "in_one_zip": found.count <= MOST_IN_ONE_ZIP,
        "most_in_one_zip": MOST_IN_ONE_ZIP,
    }
    return render(request, "web/billing/history.html", context)
