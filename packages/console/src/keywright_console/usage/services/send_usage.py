from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from keywright_console.deployment import portal
from keywright_console.deployment.actor import BY_ITSELF
from keywright_console.deployment.errors import PortalNotAllowedError
from keywright_console.deployment.models import Purpose
from keywright_console.deployment.selectors import decided
from keywright_console.deployment.services.note_contact import note_contact
from keywright_console.kit.actor import Actor, Permission
from keywright_console.kit.errors import ConsoleError
from keywright_console.usage.models import DailyCount
from keywright_license.limits import MAX_REPORTS

RANGES_MAX = 100  # of gaps that one answer is heeded for; the portal names no more


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """`missing` are counts that the portal never had and this server doesn't keep any more; `forked` says that two
    counts follow the same one, as after a database was cloned or restored.
    """

    reports: int
    missing: tuple[tuple[int, int], ...] = ()
    forked: bool = False


def send_usage(*, now: datetime, actor: Actor = BY_ITSELF) -> Sent:
    """Send the counts that the portal doesn't have, oldest first, each line as it was signed.

    Sent again nothing is counted twice. Counts that the portal misses are sent again where they are kept.
    PortalNotAllowedError: the administrators have not allowed it; nothing was sent. NoPortalError;
    PortalUnreachableError; PortalRefusedError.
    """
    actor.require(Permission.MANAGE_LICENSE)
    chosen = decided()
    if not (chosen.may_speak and chosen.sends_usage):
        raise PortalNotAllowedError(
            _(
                "This server may not send its counts, so nothing was sent. Allow it on the page Customer Portal, or "
                "export them as a file."
            )
        )
    try:
        sent = _send_all(unsent(), now=now)
    except ConsoleError as error:
        note_contact(purpose=Purpose.USAGE, now=now, error=error)
        raise
    detail: dict[str, object] = {
        "reports": sent.reports,
        "missing": [list(one) for one in sent.missing],
        "forked": sent.forked,
    }
    note_contact(purpose=Purpose.USAGE, now=now, detail=detail)
    return sent


def unsent() -> QuerySet[DailyCount]:
    """Signed counts that no portal has confirmed, in the order of the chain."""
    return DailyCount.objects.filter(line__isnull=False, sent_at=None).order_by("seq")


def _send_all(rows: QuerySet[DailyCount], *, now: datetime) -> Sent:
    reports, forked = 0, False
    missing: tuple[tuple[int, int], ...] = ()
    # A portal takes counts of a subscription that this server was activated for, all of a body or none.
    for _subscription, group in groupby(rows[:MAX_REPORTS], key=lambda row: row.subscription):
        batch = list(group)
        answer = _send(batch, now=now)
        reports += len(batch)
        gaps = _ranges(answer)
        again = [row for low, high in gaps for row in DailyCount.objects.filter(seq__gte=low, seq__lte=high)]
        again = [row for row in again if row.subscription == batch[0].subscription]
        if again:
            answer = _send(again, now=now)
            reports += len(again)
        missing, forked = _ranges(answer), forked or answer.get("forked") is True
    return Sent(reports=reports, missing=missing, forked=forked)


def _send(batch: list[DailyCount], *, now: datetime) -> dict[str, Any]:
    lines = b"\n".join(bytes(row.line or b"") for row in batch)
    answer = portal.post(portal.USAGE, {"reports": lines.decode("ascii")}).json()
    DailyCount.objects.filter(pk__in=[row.pk for row in batch]).update(sent_at=now)
    return answer


def _ranges(answer: dict[str, Any]) -> tuple[tuple[int, int], ...]:
    """Gaps that the portal names; what isn't a pair of numbers is left out."""
    listed = answer.get("missing")
    return tuple(
        (one[0], one[1])
        for one in (listed[:RANGES_MAX] if isinstance(listed, list) else [])
        if isinstance(one, list) and len(one) == 2 and all(type(end) is int for end in one)  # noqa: PLR2004 - low and high
    )
