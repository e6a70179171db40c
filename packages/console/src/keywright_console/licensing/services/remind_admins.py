from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from keywright_console.kit import mail
from keywright_console.licensing.models import Reminder
from keywright_console.licensing.portal_links import Errand, portal_link
from keywright_console.licensing.reminding import Stage, stage_of, term_of
from keywright_console.licensing.selectors import Installed, standing
from keywright_console.licensing.terms import days_left, grace_days_left, last_good_day
from keywright_console.users.models import ACTIVE_ADMIN, User
from keywright_console.users.selectors import count_active
from keywright_look.dates import long_date, number

TEMPLATE = "licensing/mail/reminder"


def remind_admins(*, now: datetime) -> Stage | None:
    """Write to every System Admin where a stage of the coming end has been reached: that stage, or None.

    Each stage once a term, whichever node looks: its row and the mails are one transaction. Nobody is told while the
    next term's license waits, for then nothing ends. Without a mail server nothing is kept as told.
    """
    if not mail.is_set_up():
        return None
    held = standing(now=now)
    current = held.in_force
    if current is None or held.waiting is not None:
        return None
    stage = stage_of(current.license, now=held.at)
    if stage is None:
        return None
    term = term_of(current.license)
    with transaction.atomic():
        _row, is_new = Reminder.objects.get_or_create(term=term, stage=stage.value, defaults={"told_at": now})
        if not is_new:
            return None
        context = _context(current, stage, at=held.at)
        admins = User.objects.filter(ACTIVE_ADMIN)
        for admin in admins.only("pk", "email"):
            key = f"license.{term}.{stage.value}.{admin.public_id}"
            mail.enqueue_mail(key=key, to=admin.email, template=TEMPLATE, context=context, now=now)
    return stage


def _context(current: Installed, stage: Stage, *, at: datetime) -> dict[str, Any]:
    one = current.license
    day = long_date(last_good_day(one.expires_at))
    figures = {"users": number(count_active()), "seats": number(one.seats)}
    portal, here = portal_link(license_id=one.id, errand=Errand.RENEW), settings.KEYWRIGHT_CONSOLE_URL
    page = f"{here}/about/license/" if here else ""
    label, url = (_("Renew"), portal) if portal else (_("Open the System Console"), page)
    return {
        "brand": {"name": _("System Console"), "address": here or _("Your licensed server")},
        "heading": _heading(stage, days=days_left(one, now=at)),
        "intro": _intro(stage, day=day, grace=grace_days_left(one, now=at)),
        "preheader": _("Its last day: %(day)s") % {"day": day},
        "button": {"label": label, "url": url} if url else None,
        "facts": [
            (_("License"), one.id),
            (_("License type"), one.plan_name),
            (_("Licensed to"), one.organization.name),
            (_("Last day"), day),
            (_("Active users"), _("%(users)s of %(seats)s seats") % figures),
            *([(_("Server"), page)] if page else []),
        ],
        "more": _("A renewed license is applied under About › Edition and License. Nothing restarts."),
        "why": _("You get this mail because you are a System Admin of this server."),
    }


def _heading(stage: Stage, *, days: int) -> str:
    if stage is Stage.EXPIRED:
        return _("The license has expired")
    if stage is Stage.GRACE_OVER:
        return _("The licensed features are closed")
    if days == 0:
        return _("The license expires today")
    template = ngettext("The license expires in %(count)s day", "The license expires in %(count)s days", days)
    return template % {"count": days}


def _intro(stage: Stage, *, day: str, grace: int) -> str:
    if stage is Stage.GRACE_OVER:
        return _(
            "The license expired on %(day)s and its days of grace are over. Its features are closed. Your users and "
            "their data stay, and reading and exporting go on. Renew it, and the features open again."
        ) % {"day": day}
    if stage is Stage.EXPIRED:
        text = ngettext(
            "The license expired on %(day)s. Everything goes on for %(count)s more day. Then the licensed features "
            "close; nothing is deleted.",
            "The license expired on %(day)s. Everything goes on for %(count)s more days. Then the licensed features "
            "close; nothing is deleted.",
            grace,
        )
        return text % {"day": day, "count": grace}
    return _("Its last day is %(day)s. Renew it so that the licensed features stay open.") % {"day": day}
