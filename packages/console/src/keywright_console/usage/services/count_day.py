from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from django.db import transaction
from django.db.models import Max, Min

from keywright_console import __version__
from keywright_console.deployment.selectors import Place, place_of
from keywright_console.deployment.services.hold_key import Identity, hold_key
from keywright_console.kit.ids import letters, new_id
from keywright_console.kit.installation import lock
from keywright_console.licensing.selectors import standing
from keywright_console.usage.models import DailyCount
from keywright_console.users.selectors import Counts, counts
from keywright_license import License
from keywright_license.usage import UsageReport, digest, sign_report

# More than a year, so that a renewal a little late still shows its whole term.
KEPT = timedelta(days=400)


def count_day(*, now: datetime) -> DailyCount | None:
    """Count today's users, sign the count and hang it onto the chain; None where today has been counted already.

    Of nodes that count at the same moment one does: the day is unique, and all hold the installation's lock. Counts
    older than `KEPT` go, but never the newest, from which the chain goes on.
    SealedKeyError and NotConfiguredError come through; then nothing was counted.
    """
    day = now.astimezone(UTC).date()
    if _is_counted(day):
        return None
    place = place_of(standing(now=now))
    who = hold_key(now=now) if subscription_of(place) else None
    with transaction.atomic():
        lock(now=now)
        if _is_counted(day):
            return None
        found = counts()
        row = DailyCount(
            day=day,
            counted_at=now,
            active_users=found.active,
            deactivated_users=found.deactivated,
            bots=found.bots,
            seats=place.license.seats if place.license else None,
        )
        if who is not None and place.license is not None:
            subscription = subscription_of(place)
            report = report_of(
                found, who=who, license_=place.license, subscription=subscription, last=last_link(), now=now
            )
            row.seq, row.subscription = report.seq, subscription
            row.line = sign_report(report, who.key).removesuffix(b"\n")
        row.save(force_insert=True)
        newest = DailyCount.objects.exclude(line=None).order_by("-seq").values_list("pk", flat=True)[:1]
        DailyCount.objects.filter(day__lt=day - KEPT).exclude(pk__in=list(newest)).delete()
    return row


def subscription_of(place: Place) -> str:
    """To which subscription a count belongs; Mattermost's format names none, so there it is the place that tells."""
    if place.license is None:
        return ""
    return place.license.subscription or (place.activation.subscription if place.activation else "")


def report_of(
    found: Counts, *, who: Identity, license_: License, subscription: str, last: DailyCount | None, now: datetime
) -> UsageReport:
    """The next link of the chain. The peak is the highest of the counts kept since the license’s term began."""
    kept = DailyCount.objects.filter(counted_at__gte=license_.starts_at, counted_at__lte=now).aggregate(
        peak=Max("active_users"), since=Min("counted_at")
    )
    return UsageReport(
        id=letters(new_id()),
        issued_at=now,
        subscription=subscription,
        deployment=who.deployment,
        license_id=license_.id,
        seq=1 if last is None or last.seq is None else last.seq + 1,
        previous=None if last is None or last.line is None else digest(bytes(last.line)),
        active_users=found.active,
        deactivated_users=found.deactivated,
        bots=found.bots,
        peak_active_users=max(kept["peak"] or 0, found.active),
        since=kept["since"] or now,
        version=__version__,
    )


def last_link() -> DailyCount | None:
    """The newest count that has a line, from which the chain goes on."""
    return DailyCount.objects.exclude(line=None).order_by("-seq").first()


def _is_counted(day: date) -> bool:
    return DailyCount.objects.filter(day=day).exists()
