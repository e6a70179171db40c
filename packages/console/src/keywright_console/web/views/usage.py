"""System Console › About › Active users: the daily counts, and what is sent of them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import timedelta
from itertools import chain

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from keywright_console.deployment.errors import SealedKeyError
from keywright_console.deployment.selectors import decided
from keywright_console.kit.actor import Permission
from keywright_console.kit.errors import ConsoleError, NotConfiguredError
from keywright_console.usage.models import DailyCount
from keywright_console.usage.selectors import counts_for, export_lines, to_be_sent
from keywright_console.usage.services.send_usage import send_usage
from keywright_console.users.models import User
from keywright_console.users.selectors import counts
from keywright_console.web.access import permitted
from keywright_console.web.current import place_here, time_of
from keywright_console.web.refusals import refusals
from keywright_console.web.views.deployment import FILE_TYPE
from keywright_look.usage_chart import SeatStep, draw

DRAWN_AT_LEAST = timedelta(days=30)  # a server's first days would be drawn as wide as a year else
EXPORT_NAME = "deployment.keywright-usage"
CSV_NAME = "active-users.csv"


@require_safe
@permitted(Permission.READ_SYSTEM)
def usage_page(request: HttpRequest, user: User) -> HttpResponse:
    """Chart and table of the counts, and word for word what is sent."""
    rows = list(counts_for(actor=user.actor))
    found, license_, chosen = counts(), place_here(request).license, decided()
    try:
        said, sealed = to_be_sent(actor=user.actor, now=time_of(request)), ""
    except (SealedKeyError, NotConfiguredError) as error:
        said, sealed = [], error.message
    context = {
        "found": found,
        "seats": license_.seats if license_ else None,
        "over": max(found.active - license_.seats, 0) if license_ else 0,
        "not_counted": found.deactivated + found.bots,
        **_drawn(rows),
        "rows": rows[::-1],
        "said": said,
        "sealed": sealed,
        "waiting": sum(1 for row in rows if row.line is not None and row.sent_at is None),
        "sends": chosen.may_speak and chosen.sends_usage,
        "signed": sum(1 for row in rows if row.line is not None),
    }
    return render(request, "console/usage.html", context)


def _drawn(rows: Sequence[DailyCount]) -> dict[str, object]:
    """The chart from the first count on, and what is said of it. Seats stay as they were where no license said any."""
    if not rows:
        return {}
    first, last = rows[0], rows[-1]
    steps: list[SeatStep] = []
    for row in rows:
        if row.seats is not None and (not steps or steps[-1].seats != row.seats):
            steps.append(SeatStep(row.day, row.seats))
    end = max(last.day + timedelta(days=1), first.day + DRAWN_AT_LEAST)
    return {
        "chart": draw(first=first.day, end=end, days=rows, steps=steps),
        "first": first,
        "last": last,
        "peak": max(rows, key=lambda row: row.active_users),
    }


@require_safe
@permitted(Permission.READ_SYSTEM)
def export_page(request: HttpRequest, user: User) -> HttpResponseBase:  # noqa: ARG001 - the signature of every page
    """All signed counts as one file, for sites without a network."""
    return StreamingHttpResponse(
        export_lines(actor=user.actor),
        content_type=FILE_TYPE,
        headers={"Content-Disposition": f'attachment; filename="{EXPORT_NAME}"'},
    )


@require_safe
@permitted(Permission.READ_SYSTEM)
def csv_page(request: HttpRequest, user: User) -> HttpResponse:  # noqa: ARG001 - the signature of every page
    """The table as CSV: dates and figures alone, so nothing in it can run in a spreadsheet."""
    response = HttpResponse(
        content_type="text/csv; charset=utf-8", headers={"Content-Disposition": f'attachment; filename="{CSV_NAME}"'}
    )
    writer = csv.writer(response)
    writer.writerows(chain([HEADINGS], (_cells(row) for row in counts_for(actor=user.actor))))
    return response


# As programs know them; the names of columns are no sentences.
HEADINGS = ("day", "active_users", "deactivated_users", "bots", "seats", "signed", "sent_at")


def _cells(row: DailyCount) -> tuple[object, ...]:
    return (
        row.day.isoformat(),
        row.active_users,
        row.deactivated_users,
        row.bots,
        "" if row.seats is None else row.seats,
        int(row.line is not None),
        row.sent_at.isoformat() if row.sent_at else "",
    )


def refused(request: HttpRequest, error: ConsoleError) -> HttpResponse:
    """Back on the page, with what went wrong on top."""
    messages.error(request, error.message)
    return redirect("usage")


@require_POST
@permitted(Permission.MANAGE_LICENSE)
@refusals(refused)
def send_page(request: HttpRequest, user: User) -> HttpResponse:
    """Send right now what is otherwise sent once a day."""
    sent = send_usage(now=time_of(request), actor=user.actor)
    text = ngettext("%(count)s count is sent.", "%(count)s counts are sent.", sent.reports)
    messages.success(request, text % {"count": sent.reports})
    return redirect("usage")
