from __future__ import annotations

from typing import Any

import click
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from keywright_console.cli.deployment import OUTPUT
from keywright_console.cli.files import write_file
from keywright_console.cli.running import Answer, answering
from keywright_console.kit.actor import SHELL
from keywright_console.kit.clock import now
from keywright_console.usage.models import DailyCount
from keywright_console.usage.selectors import counts_for, export_lines, to_be_sent
from keywright_console.usage.services.count_day import count_day
from keywright_console.usage.services.send_usage import send_usage
from keywright_look.dates import number, short_date


@click.group(name="usage")
def usage_group() -> None:
    """The daily counts of users: see, send and export them."""


@usage_group.command(name="show")
@answering
def show_command() -> Answer:
    """List the counts that are kept, a day a line, the oldest first."""
    rows = counts_for(actor=SHELL)
    return Answer(data=(as_dict(row) for row in rows.iterator()), lines=(_line(row) for row in rows.iterator()))


@usage_group.command(name="count")
@answering
def count_command() -> Answer:
    """Count today's users now. The server does it by itself; a day is counted once."""
    row = count_day(now=now())
    if row is None:
        return Answer(data={"counted": False}, lines=[_("Today has been counted already. Nothing has changed.")])
    return Answer(data={"counted": True, **as_dict(row)}, lines=[_line(row)])


@usage_group.command(name="preview")
@answering
def preview_command() -> Answer:
    """Show word for word what is sent next. Nothing is sent or kept."""
    said = to_be_sent(actor=SHELL, now=now())
    return Answer(data=said, lines=said or [_("Without a license there is nobody to report to, so nothing is sent.")])


@usage_group.command(name="send")
@answering
def send_command() -> Answer:
    """Send the counts that the Customer Portal doesn't have, where that is allowed."""
    sent = send_usage(now=now(), actor=SHELL)
    lines = [
        ngettext("%(count)s count is sent.", "%(count)s counts are sent.", sent.reports)
        % {"count": number(sent.reports)}
    ]
    if sent.missing:
        lines.append(_("The portal misses counts that this server doesn’t keep any more."))
    if sent.forked:
        lines.append(_("Two counts follow the same one, as after the database was copied. Nothing is blocked."))
    data = {"sent": sent.reports, "missing": [list(gap) for gap in sent.missing], "forked": sent.forked}
    return Answer(data=data, lines=lines)


@usage_group.command(name="export")
@OUTPUT
@answering
def export_command(*, output: str) -> Answer:
    """Write all signed counts into one file, to be uploaded in the Customer Portal."""
    return write_file(output, b"".join(export_lines(actor=SHELL)))


def as_dict(row: DailyCount) -> dict[str, Any]:
    """A count for scripts."""
    return {
        "day": row.day.isoformat(),
        "active_users": row.active_users,
        "deactivated_users": row.deactivated_users,
        "bots": row.bots,
        "seats": row.seats,
        "seq": row.seq,
        "sent_at": row.sent_at.isoformat() if row.sent_at else None,
    }


def _line(row: DailyCount) -> str:
    about = {
        "day": short_date(row.day),
        "active": number(row.active_users),
        "gone": number(row.deactivated_users),
        "bots": number(row.bots),
    }
    return _("%(day)s: %(active)s active, %(gone)s deactivated, %(bots)s bots") % about
