"""What can be asked about counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet

from keywright_console.deployment.selectors import place_of
from keywright_console.deployment.services.hold_key import hold_key
from keywright_console.deployment.word_for_word import said
from keywright_console.kit.actor import Actor, Permission
from keywright_console.licensing.selectors import standing
from keywright_console.usage.models import DailyCount
from keywright_console.usage.services.count_day import last_link, report_of, subscription_of
from keywright_console.users.selectors import counts
from keywright_license.usage import sign_report

WORD_FOR_WORD_MAX = 3  # of those that wait to be sent; the export holds them all


def counts_for(*, actor: Actor) -> QuerySet[DailyCount]:
    """All counts kept, oldest first. At most 401, so a page may take them all."""
    actor.require(Permission.READ_SYSTEM)
    return DailyCount.objects.order_by("day")


def to_be_sent(*, actor: Actor, now: datetime) -> list[str]:
    """What is sent next, word for word: the counts that wait, the newest first; or else the one that would be made now.

    Nothing is kept or sent by looking. Empty without a license, since there is nobody to report to.
    """
    actor.require(Permission.READ_SYSTEM)
    waiting = DailyCount.objects.filter(line__isnull=False, sent_at=None).order_by("-seq")[:WORD_FOR_WORD_MAX]
    lines = [bytes(row.line) for row in waiting if row.line is not None]
    if not lines:
        place = place_of(standing(now=now))
        subscription = subscription_of(place)
        if place.license is None or not subscription:
            return []
        who = hold_key(now=now)
        report = report_of(
            counts(), who=who, license_=place.license, subscription=subscription, last=last_link(), now=now
        )
        lines = [sign_report(report, who.key)]
    return [said(line) for line in lines]


def export_lines(*, actor: Actor) -> Iterator[bytes]:
    """The file for sites without a network: every signed count that is kept, oldest first, a line each."""
    actor.require(Permission.READ_SYSTEM)
    signed = DailyCount.objects.exclude(line=None).order_by("seq").values_list("line", flat=True)
    return (bytes(line) + b"\n" for line in signed if line is not None)
