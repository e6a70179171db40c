"""Reading what servers counted. Seats are for production, so only what a production server counts is told here."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import TruncDate

from keywright_portal.domain.term import TermSpan
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.licensing.deployment_models import Kind, UsageReport
from keywright_portal.licensing.usage_chain import Chain, chains_of

MOST_SOURCES: Final = 10
"""Servers that are told of as having counted in a term: one, and those that it took the place of."""


@dataclass(frozen=True, slots=True)
class Count:
    """The newest count. `counted_at` is when the server counted; it is never later than when its report came."""

    counted_at: datetime
    active_users: int
    deactivated_users: int
    bots: int


@dataclass(frozen=True, slots=True)
class DayCount:
    """The highest counts of one UTC day."""

    day: date
    active_users: int
    deactivated_users: int
    bots: int


@dataclass(frozen=True, slots=True)
class Source:
    """A server that counted, under the key that signed. `chain` tells whether its reports are whole."""

    name: str
    received_at: datetime
    chain: Chain


@dataclass(frozen=True, slots=True, kw_only=True)
class TermUsage:
    """What is known of one term: days in order, without those of which nothing was reported.

    `peak` is the most active users at any moment of the term, as far as any report tells, also between its counts.
    """

    latest: Count | None
    days: tuple[DayCount, ...]
    peak: int
    sources: tuple[Source, ...]


def term_usage_for(*, actor: Actor, subscription_id: uuid.UUID, span: TermSpan) -> TermUsage:
    """What servers counted in a term of one of the actor's subscriptions. Four queries, however many reports."""
    actor.require(Permission.READ)
    reports = _reports(subscription_id).filter(subscription__organization_id=actor.own_organization_id)
    latest = _latest(reports)
    if latest is None:
        return TermUsage(latest=None, days=(), peak=0, sources=())
    within = reports.filter(counted_at__gte=span.starts_at, counted_at__lt=span.ends_at)
    days, peak = _days(within, span)
    return TermUsage(latest=latest, days=days, peak=peak, sources=_sources(within))


def last_count_of(subscription: str) -> Subquery:
    """When the subscription in this column was counted last, or NULL: to annotate a query that is scoped already."""
    reports = UsageReport.objects.filter(subscription_id=OuterRef(subscription), deployment__kind=Kind.PRODUCTION)
    return Subquery(reports.order_by("-counted_at").values("counted_at")[:1])


def peak_of(*, subscription_id: uuid.UUID, span: TermSpan) -> int:
    """The most active users at any moment of a term, 0 where nothing was reported. For services."""
    within = _reports(subscription_id).filter(counted_at__gte=span.starts_at, counted_at__lt=span.ends_at)
    found = within.aggregate(
        counted=Max("active_users"), told=Max("peak_active_users", filter=Q(since__gte=span.starts_at))
    )
    return max(found["counted"] or 0, found["told"] or 0)


def _reports(subscription_id: uuid.UUID) -> QuerySet[UsageReport]:
    return UsageReport.objects.filter(subscription_id=subscription_id, deployment__kind=Kind.PRODUCTION)


def _latest(reports: QuerySet[UsageReport]) -> Count | None:
    row = (
        reports.order_by("-counted_at", "-seq")
        .values_list("counted_at", "active_users", "deactivated_users", "bots")
        .first()
    )
    return Count(*row) if row is not None else None


def _days(within: QuerySet[UsageReport], span: TermSpan) -> tuple[tuple[DayCount, ...], int]:
    rows = (
        within.order_by()
        .values(day=TruncDate("counted_at", tzinfo=UTC))
        .annotate(
            active=Max("active_users"),
            deactivated=Max("deactivated_users"),
            robots=Max("bots"),
            # A peak that was reached before the term says nothing of it.
            told=Max("peak_active_users", filter=Q(since__gte=span.starts_at)),
        )
        .order_by("day")
    )
    days = [DayCount(row["day"], row["active"], row["deactivated"], row["robots"]) for row in rows]
    return tuple(days), max((max(row["active"], row["told"] or 0) for row in rows), default=0)


def _sources(within: QuerySet[UsageReport]) -> tuple[Source, ...]:
    """The newest first."""
    rows = list(
        within.order_by()
        .values("kid")
        .annotate(received_at=Max("received_at"), name=Max("deployment__name"))
        .order_by("-received_at", "kid")[:MOST_SOURCES]
    )
    chains = chains_of(kids=[row["kid"] for row in rows])
    return tuple(Source(row["name"], row["received_at"], chains[row["kid"]]) for row in rows)
