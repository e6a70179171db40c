"""The organization's subscriptions with their licenses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from keywright_portal.kit import clock
from keywright_portal.kit.actor import Permission
from keywright_portal.licensing import selectors as licensing
from keywright_portal.subscriptions import selectors as subscriptions
from keywright_portal.subscriptions.selectors import RENEWAL_ENDS, RENEWAL_OPENS
from keywright_portal.web.actor import OrganizationRequest, organization_page
from keywright_portal.web.paging import page_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.http import HttpResponse

    from keywright_portal.licensing.models import LicenseFile
    from keywright_portal.subscriptions.models import Term

ON_A_PAGE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionCard:
    """A subscription as its card shows it, with the term in force or the last one.

    `state` is active, waiting or expired. `days_left` counts today and the last day; `renewal_opens` and `renewal_ends`
    are days.
    """

    term: Term
    title: str
    description: str
    add_ons: str
    state: str
    last_day: date
    days_left: int
    renewal_is_open: bool
    renewal_opens: date
    renewal_ends: date
    file: LicenseFile | None
    other_files: list[LicenseFile]


@require_safe
@never_cache
@organization_page
def subscription_list(request: OrganizationRequest) -> HttpResponse:
    """A page of them, newest first."""
    now = clock.now()
    terms = subscriptions.current_terms_for(actor=request.actor, now=now)
    page = page_of(terms, number=request.GET.get("page"), size=ON_A_PAGE)
    files = licensing.files_in_force_for(actor=request.actor, term_ids=[term.pk for term in page.object_list])
    context = {
        "page": page,
        "cards": [_card(term, files.get(term.pk, []), now=now) for term in page.object_list],
        "may_download": Permission.LICENSE_DOWNLOAD in request.actor.permissions,
        "may_order": Permission.ORDER in request.actor.permissions,
    }
    return render(request, "web/subscriptions/list.html", context)


def _card(term: Term, files: list[LicenseFile], *, now: datetime) -> SubscriptionCard:
    add_ons = ", ".join(add_on.name for add_on in term.add_ons.all())
    return SubscriptionCard(
        term=term,
        title=term.subscription.label or term.plan.name,
        description=term.plan.name if term.subscription.label else "",
        add_ons=add_ons,
        state="waiting" if now < term.starts_at else ("active" if now < term.ends_at else "expired"),
        last_day=term.span.last_day,
        days_left=(term.ends_at.date() - now.date()).days,
        renewal_is_open=term.ends_at - RENEWAL_OPENS <= now < term.ends_at + RENEWAL_ENDS,
        renewal_opens=(term.ends_at - RENEWAL_OPENS).date(),
        renewal_ends=(term.ends_at + RENEWAL_ENDS).date(),
        file=files[0] if files else None,
        other_files=files[1:],
    )
