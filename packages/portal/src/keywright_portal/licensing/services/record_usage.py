"""Recording what servers counted.

Reports may come late, again, and in any order: each counts once, and none lowers a peak, since a peak is the highest of
all that were ever received.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import transaction

from keywright_license import usage as wire
from keywright_license import zbase32
from keywright_license.errors import LicenseError
from keywright_license.limits import MAX_EXPORT_BYTES
from keywright_portal.kit import audit
from keywright_portal.licensing.deployment_errors import TooManyReportsError, UnknownActivationError, refused
from keywright_portal.licensing.deployment_models import LONGEST_VERSION, Deployment, UsageReport
from keywright_portal.licensing.usage_chain import Chain, chain_of

if TYPE_CHECKING:
    from keywright_portal.kit.actor import Actor

INSERTED_AT_ONCE: Final = 200
"""Rows a statement: SQLite takes some 32,000 values in one, and a report has 17."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """`received` reports are new, `already_known` came before. `chain` is what is now known of the server's reports."""

    deployment: Deployment
    received: int
    already_known: int
    chain: Chain


def record_usage(*, reports: bytes, actor: Actor, now: datetime, organization_id: uuid.UUID | None = None) -> Recorded:
    """Keep the reports of one server, one a line: all of them, or none where one can't be trusted.

    Who may report is who was ever given a place: a server that was released may still send what it counted before. With
    `organization_id`, a server of another organization is unknown.

    Raises UnknownActivationError, TooManyReportsError, and what `refused` makes of a file that can't be trusted.
    """
    if len(reports) > MAX_EXPORT_BYTES:
        raise TooManyReportsError
    try:
        kid = wire.kid_of_report(reports)
        places = list(Deployment.objects.filter(kid=kid).order_by("-activated_at", "-pk"))
        if not places:
            raise UnknownActivationError
        signed = wire.read_reports(reports, key=places[0].public_key)
    except LicenseError as error:
        raise refused(error) from error
    rows = [_row(one, places=places, organization_id=organization_id, now=now) for one in signed]
    with transaction.atomic():
        UsageReport.objects.bulk_create(rows, batch_size=INSERTED_AT_ONCE, ignore_conflicts=True)
        # One that is there under another's id came before, or at this moment by another request.
        new = list(UsageReport.objects.filter(pk__in=[row.pk for row in rows]).order_by("seq"))
        seen = {row.deployment_id for row in rows}
        Deployment.objects.filter(pk__in=seen, last_seen_at__lt=now).update(last_seen_at=now)
        _take_over_version(rows)
        if new:
            _record(places[0], new, actor=actor, now=now)
    return Recorded(
        deployment=places[0], received=len(new), already_known=len(rows) - len(new), chain=chain_of(kid=kid)
    )


def _row(
    one: wire.SignedReport, *, places: Sequence[Deployment], organization_id: uuid.UUID | None, now: datetime
) -> UsageReport:
    report = one.report
    place = next((place for place in places if _is_of(place, report)), None)
    if place is None or organization_id not in (None, place.organization_id):
        raise UnknownActivationError
    return UsageReport(
        subscription_id=place.subscription_id,
        deployment=place,
        kid=place.kid,
        seq=report.seq,
        digest=wire.digest(one.line),
        previous=report.previous or "",
        counted_at=min(report.issued_at, now),
        active_users=report.active_users,
        deactivated_users=report.deactivated_users,
        bots=report.bots,
        peak_active_users=report.peak_active_users,
        since=report.since,
        version=(report.version or "")[:LONGEST_VERSION],
        line=one.line.decode("ascii"),
        received_at=now,
    )


def _is_of(place: Deployment, report: wire.UsageReport) -> bool:
    return (
        zbase32.encode(place.subscription_id) == report.subscription
        and zbase32.encode(place.deployment_id) == report.deployment
    )


def _take_over_version(rows: Sequence[UsageReport]) -> None:
    """The server runs what its newest report says, unless a newer one is known."""
    last = max(rows, key=lambda row: row.seq)
    newer = UsageReport.objects.filter(kid=last.kid, seq__gt=last.seq)
    if last.version and not newer.exists():
        Deployment.objects.filter(pk=last.deployment_id).exclude(version=last.version).update(version=last.version)


def _record(place: Deployment, new: Sequence[UsageReport], *, actor: Actor, now: datetime) -> None:
    audit.record(
        actor=actor,
        action="usage.recorded",
        subject=place,
        subject_id=place.pk,
        organization_id=place.organization_id,
        now=now,
        after={
            "reports": len(new),
            "first": new[0].seq,
            "last": new[-1].seq,
            "active_users": new[-1].active_users,
        },
    )
