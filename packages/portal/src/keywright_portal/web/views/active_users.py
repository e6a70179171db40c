"""How many users an organization's servers count, against its seats."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from keywright_look.usage_chart import SeatStep, draw, seats_on
from keywright_portal.billing.words import money_in_words
from keywright_portal.kit import clock
from keywright_portal.kit.actor import Permission
from keywright_portal.kit.errors import NotFoundError
from keywright_portal.kit.spreadsheet import csv_file
from keywright_portal.licensing.usage import last_count_of, term_usage_for
from keywright_portal.subscriptions.selectors import current_terms_for, seats_bought_for
from keywright_portal.web.actor import OrganizationRequest, organization_page, reverse_o

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from keywright_look.usage_chart import UsageChart
    from keywright_portal.licensing.usage import TermUsage
    from keywright_portal.subscriptions.models import Term

MOST_OFFERED: Final = 100
"""Subscriptions in the list to choose from. A further one is reached from its own card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """Users over the seats now: how many, since which day, and what they cost at the term's initial price per user."""

    users: int
    since: date | None
    unit: str
    total: str


@require_safe
@never_cache
@organization_page
def active_users(request: OrganizationRequest) -> HttpResponse:
    """The current term of one subscription: four numbers, a chart or its table, and what being over costs."""
    now = clock.now()
    offered = _offered(request, now=now)
    if not offered:
        return render(request, "web/active_users/page.html", {"offered": [], **_may(request)})
    term = _chosen(request, offered, now=now)
    usage = term_usage_for(actor=request.actor, subscription_id=term.subscription_id, span=term.span)
    context = {"offered": offered, "term": term, "usage": usage, "last_day": term.span.last_day, **_may(request)}
    if usage.latest is not None:
        steps = _steps(request, term)
        context |= {
            "over": _over(term, usage, steps),
            "not_counted": usage.latest.deactivated_users + usage.latest.bots,
            "steps": steps,
            "rows": _rows(usage, steps) if request.GET.get("view") == "table" else [],
            "chart": _drawn(term, usage, steps),
            "csv_url": f"{reverse_o(request, 'active-users-csv')}?subscription={term.subscription_id}",
            "is_of_this_term": term.starts_at <= usage.latest.counted_at < term.ends_at,
        }
    return render(request, "web/active_users/page.html", context)


@require_safe
@never_cache
@organization_page
def active_users_csv(request: OrganizationRequest) -> HttpResponse:
    """The chart's data, a line a day."""
    now = clock.now()
    term = _chosen(request, _offered(request, now=now), now=now)
    usage = term_usage_for(actor=request.actor, subscription_id=term.subscription_id, span=term.span)
    headers = [_("Day (UTC)"), _("Active users"), _("Seats"), _("Over your seats"), _("Deactivated"), _("Bots")]
    lines = csv_file(headers, _rows(usage, _steps(request, term)))
    response = HttpResponse(b"".join(lines), content_type="text/csv; charset=utf-8")
    name = f"active-users-{term.starts_at:%Y-%m-%d}.csv"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return response


def _offered(request: OrganizationRequest, *, now: datetime) -> list[Term]:
    terms = current_terms_for(actor=request.actor, now=now).prefetch_related(None)
    return list(terms.annotate(counted_at=last_count_of("subscription_id"))[:MOST_OFFERED])


def _chosen(request: OrganizationRequest, offered: Sequence[Term], *, now: datetime) -> Term:
    """The subscription that the address names, else the one that was counted last, else the newest."""
    asked = request.GET.get("subscription", "")
    if not asked and offered:
        counted_at = attrgetter("counted_at")  # what `_offered` annotates
        return max(filter(counted_at, offered), key=counted_at, default=offered[0])
    try:
        subscription_id = uuid.UUID(asked)
    except ValueError:
        raise _no_such_subscription() from None
    found = next((term for term in offered if term.subscription_id == subscription_id), None)
    if found is None:
        found = current_terms_for(actor=request.actor, now=now).filter(subscription_id=subscription_id).first()
    if found is None:
        raise _no_such_subscription()
    return found


def _no_such_subscription() -> NotFoundError:
    return NotFoundError(_("There is no such subscription here. Yours are listed under Subscriptions."))


def _steps(request: OrganizationRequest, term: Term) -> list[SeatStep]:
    """How many seats there were from which day on."""
    steps: list[SeatStep] = []
    for at, seats in seats_bought_for(actor=request.actor, term=term):
        before = steps[-1].seats if steps else 0
        day = max(at.date(), term.starts_at.date())
        if steps and steps[-1].day == day:
            steps.pop()
        steps.append(SeatStep(day, before + seats))
    return steps or [SeatStep(term.starts_at.date(), term.seats)]


def _over(term: Term, usage: TermUsage, steps: Sequence[SeatStep]) -> Over:
    users = max(0, usage.latest.active_users - term.seats) if usage.latest is not None else 0
    since = None
    for day in reversed(usage.days):
        if day.active_users <= seats_on(steps, day.day):
            break
        since = day.day
    return Over(
        users=users,
        since=since if users else None,
        unit=money_in_words(term.price_per_user, term.currency),
        total=money_in_words(users * term.price_per_user, term.currency),
    )


def _drawn(term: Term, usage: TermUsage, steps: Sequence[SeatStep]) -> UsageChart | None:
    if not usage.days:
        return None
    return draw(first=term.starts_at.date(), end=term.ends_at.date(), days=usage.days, steps=steps)


def _rows(usage: TermUsage, steps: Sequence[SeatStep]) -> list[tuple[date, int, int, int, int, int]]:
    """Day, active, seats, over, deactivated, bots."""
    return [
        (
            day.day,
            day.active_users,
            seats_on(steps, day.day),
            max(0, day.active_users - seats_on(steps, day.day)),
            day.deactivated_users,
            day.bots,
        )
        for day in usage.days
    ]


def _may(request: OrganizationRequest) -> dict[str, bool]:
    permissions = request.actor.permissions
    return {
        "may_order": Permission.ORDER in permissions,
        "may_read_prices": Permission.BILLING_READ in permissions,
    }
