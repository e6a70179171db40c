"""The organization at a glance."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from keywright_portal.billing import selectors as billing
from keywright_portal.kit import clock
from keywright_portal.kit.actor import Permission
from keywright_portal.orders import selectors as orders
from keywright_portal.subscriptions import selectors as subscriptions
from keywright_portal.subscriptions.selectors import RENEWAL_OPENS
from keywright_portal.web.actor import OrganizationRequest, organization_page

if TYPE_CHECKING:
    from django.http import HttpResponse

LAST_INVOICES: Final = 3
_DAY: Final = timedelta(days=1)


@require_safe
@never_cache
@organization_page
def overview(request: OrganizationRequest) -> HttpResponse:
    """Figures, the last invoices, and what to do next."""
    now = clock.now()
    counts = subscriptions.counts_for(actor=request.actor, now=now)
    context: dict[str, Any] = {
        "counts": counts,
        "unfinished": orders.unfinished_order_for(actor=request.actor),
        "next_expiry": None,
        "renewal_is_open": False,
        "may_order": Permission.ORDER in request.actor.permissions,
        "may_read_invoices": Permission.BILLING_READ in request.actor.permissions,
    }
    if counts.next_end is not None:
        context |= {
            "next_expiry": (counts.next_end - _DAY).date(),
            "days_left": (counts.next_end.date() - now.date()).days,
            "renewal_is_open": counts.next_end - RENEWAL_OPENS <= now,
        }
    if context["may_read_invoices"]:
        context["invoices"] = billing.invoices_for(actor=request.actor).prefetch_related(None)[:LAST_INVOICES]
    return render(request, "web/overview/overview.html", context)
