"""An organization's subscriptions as pages list them: the portal's most asked page, so its queries are prepared."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

from django.db.models import Count, F, QuerySet, Window

from keywright_portal.domain.term import TermSpan
from keywright_portal.kit.actor import Actor, Permission
from keywright_portal.kit.prepared import PreparedQuery
from keywright_portal.subscriptions.models import Term
from keywright_portal.subscriptions.selectors import current_terms

KEPT_PAGES: Final = 64
"""Prepared queries kept, one a page's place in the list; who leafs further has them composed anew."""


@dataclass(frozen=True, slots=True)
class ListedTerm:
    """The term in force of a subscription, or its last one, with what a list says of it.

    `add_ons` are names, in the catalog's order.
    """

    id: uuid.UUID
    subscription_id: uuid.UUID
    label: str
    plan_code: str
    plan_name: str
    seats: int
    span: TermSpan
    add_ons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TermsPage:
    """`total` counts all subscriptions of the organization; it is 0 on a page past the end."""

    terms: tuple[ListedTerm, ...]
    total: int


def listed_terms_for(*, actor: Actor, now: datetime, offset: int, limit: int) -> TermsPage:
    """Subscriptions `offset` to `offset + limit`, newest first. Two queries, however many there are."""
    actor.require(Permission.READ)
    rows = _terms_query(offset, limit)(actor.own_organization_id, now)
    return TermsPage(_listed(rows), rows[0][-1] if rows else 0)


def listed_term_for(*, actor: Actor, subscription_id: uuid.UUID, now: datetime) -> ListedTerm | None:
    """The current term of one subscription. Two queries."""
    actor.require(Permission.READ)
    return next(iter(_listed(_TERM(actor.own_organization_id, subscription_id, now))), None)


def _listed(rows: list[tuple[Any, ...]]) -> tuple[ListedTerm, ...]:
    """The terms of rows that begin with `_COLUMNS`."""
    names: dict[uuid.UUID, list[str]] = {}
    if rows:
        for term_id, name in _add_ons_query(len(rows))(*(row[0] for row in rows)):
            names.setdefault(term_id, []).append(name)
    return tuple(
        ListedTerm(
            term_id, whose, label, code, name, seats, TermSpan(starts_at, ends_at), tuple(names.get(term_id, ()))
        )
        for term_id, whose, label, code, name, seats, starts_at, ends_at, *_total in rows
    )


_COLUMNS: Final = (
    "pk",
    "subscription_id",
    "subscription__label",
    "plan__code",
    "plan__name",
    "seats",
    "starts_at",
    "ends_at",
)


def _term(organization_id: uuid.UUID, subscription_id: uuid.UUID, now: datetime) -> QuerySet[Any, tuple[Any, ...]]:
    found = current_terms(organization_id=organization_id, now=now).filter(subscription_id=subscription_id)
    return found.order_by().values_list(*_COLUMNS)


_TERM: Final = PreparedQuery(_term, uuid.UUID, uuid.UUID, datetime)


@lru_cache(maxsize=KEPT_PAGES)
def _terms_query(offset: int, limit: int) -> PreparedQuery:
    def build(organization_id: uuid.UUID, now: datetime) -> QuerySet[Any, tuple[Any, ...]]:
        return (
            current_terms(organization_id=organization_id, now=now)
            .annotate(total=Window(Count("*")))
            .order_by("-subscription__created_at", "-subscription_id")
            .values_list(*_COLUMNS, "total")[offset : offset + limit]
        )

    return PreparedQuery(build, uuid.UUID, datetime)


@lru_cache(maxsize=KEPT_PAGES)
def _add_ons_query(count: int) -> PreparedQuery:
    def build(*term_ids: uuid.UUID) -> QuerySet[Any, tuple[Any, ...]]:
        links = Term.add_ons.through.objects.filter(term_id__in=term_ids)
        return links.order_by("addon__position", "addon__code").values_list("term_id", F("addon__name"))

    return PreparedQuery(build, *[uuid.UUID] * count)
