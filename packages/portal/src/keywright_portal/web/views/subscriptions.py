"""The organization's subscriptions with their licenses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from keywright_portal.kit import clock
from keywright_portal.kit.actor import Permission
from keywright_portal.licensing import selectors as licensing
from keywright_portal.licensing.deployments import activated_for
from keywright_portal.subscriptions.listing import TermsPage, listed_terms_for
from keywright_portal.subscriptions.selectors import RENEWAL_ENDS, RENEWAL_OPENS
from keywright_portal.web.actor import OrganizationRequest, organization_page
from keywright_portal.web.context import vendor_of
from keywright_portal.web.paging import CountedPage, page_number
from keywright_portal.web.remembered_page import render_remembered

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.http import HttpResponse

    from keywright_portal.licensing.selectors import ListedFile
    from keywright_portal.subscriptions.listing import ListedTerm

ON_A_PAGE: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionCard:
    """A subscription as its card shows it, with the term in force or the last one.

    `state` is active, waiting, expired or revoked. `days_left` counts today and the last day; `renewal_opens` and
    `renewal_ends` are days. `runs_until` is the file's last day where that comes before the term's: its invoice isn't
    paid. `is_activated`: a server holds the production place.
    """

    term: ListedTerm
    title: str
    description: str
    add_ons: str
    state: str
    last_day: date
    days_left: int
    renewal_is_open: bool
    renewal_opens: date
    renewal_ends: date
    runs_until: date | None
    has_run_out: bool
    is_activated: bool
    file: ListedFile | None
    other_files: list[ListedFile]


@require_safe
@never_cache
@organization_page
def subscription_list(request: OrganizationRequest) -> HttpResponse:
    """A page of them, newest first."""
    now = clock.now()
    page, found = _page(request, now=now)
    files = licensing.listed_files_for(actor=request.actor, term_ids=[term.id for term in found.terms])
    activated = activated_for(actor=request.actor, subscription_ids=[term.subscription_id for term in found.terms])
    context = {
        "page": page,
        "cards": [
            _card(term, files.get(term.id, []), is_activated=term.subscription_id in activated, now=now)
            for term in found.terms
        ],
        "may_download": Permission.LICENSE_DOWNLOAD in request.actor.permissions,
        "may_order": Permission.ORDER in request.actor.permissions,
        "deployment_guide_url": vendor_of(request).deployment_guide_url,
    }
    return render_remembered(request, "web/subscriptions/list.html", context)


def _page(request: OrganizationRequest, *, now: datetime) -> tuple[CountedPage, TermsPage]:
    """The page that the address names; the last one where there is no such page."""

    def read(number: int) -> tuple[CountedPage, TermsPage]:
        offset = (number - 1) * ON_A_PAGE
        found = listed_terms_for(actor=request.actor, now=now, offset=offset, limit=ON_A_PAGE)
        return CountedPage(number=number, size=ON_A_PAGE, count=found.total), found

    page, found = read(page_number(request.GET.get("page")))
    if found.terms or page.number == 1:
        return page, found
    first, _found = read(1)
    return read(first.num_pages)


def _card(term: ListedTerm, files: list[ListedFile], *, is_activated: bool, now: datetime) -> SubscriptionCard:
    starts_at, ends_at = term.span.starts_at, term.span.ends_at
    state = "waiting" if now < starts_at else ("active" if now < ends_at else "expired")
    first = files[0] if files else None
    is_revoked = first is not None and first.is_revoked
    runs_until = first.last_day if first is not None and first.last_day < term.span.last_day else None
    return SubscriptionCard(
        term=term,
        title=term.label or term.plan_name,
        description=term.plan_name if term.label else "",
        add_ons=", ".join(term.add_ons),
        state="revoked" if is_revoked else state,
        last_day=term.span.last_day,
        days_left=(ends_at.date() - now.date()).days,
        renewal_is_open=not is_revoked and ends_at - RENEWAL_OPENS <= now < ends_at + RENEWAL_ENDS,
        renewal_opens=(ends_at - RENEWAL_OPENS).date(),
        renewal_ends=(ends_at + RENEWAL_ENDS).date(),
        runs_until=None if is_revoked else runs_until,
        has_run_out=runs_until is not None and now.date() > runs_until,
        is_activated=is_activated,
        file=None if is_revoked else first,
        other_files=[] if is_revoked else files[1:],
    )
