"""What every page says about the license above its own content. Pure: a standing in, notes out."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from keywright_console.licensing.selectors import Standing
from keywright_console.licensing.terms import DANGER_DAYS, days_left, grace_days_left, last_good_day, renewal
from keywright_license import LicenseState
from keywright_look.dates import long_date

RENEW = "renew"


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """One note. `key` names what can be dismissed; a banner without one stays. `url` leads to where
    `action` is done.
    """

    kind: str
    title: str
    text: str
    key: str = ""
    offers: str = ""
    url: str = ""
    action: str = ""


def banners(standing: Standing, *, is_admin: bool) -> list[Banner]:
    """Administrators hear of an end from 60 days before; everybody hears when grace is over."""
    current, now = standing.in_force, standing.at
    if current is None:
        return []
    ended = long_date(last_good_day(current.license.expires_at))
    if current.state is LicenseState.EXPIRED:
        text = _("Its features are closed. Your users and their data stay, and reading and exporting go on.")
        if not is_admin:
            text += " " + _("Ask a System Admin to renew it.")
        return [
            Banner(
                kind="bad",
                title=_("The license expired on %(day)s") % {"day": ended},
                text=text,
                offers=RENEW if is_admin else "",
            )
        ]
    if not is_admin:
        return []
    if current.state is LicenseState.GRACE:
        left = grace_days_left(current.license, now=now)
        text = ngettext(
            "Everything goes on for %(count)s more day. Then the licensed features close; nothing is deleted.",
            "Everything goes on for %(count)s more days. Then the licensed features close; nothing is deleted.",
            left,
        )
        return [
            Banner(
                kind="bad",
                title=_("The license expired on %(day)s") % {"day": ended},
                text=text % {"count": left},
                offers=RENEW,
            )
        ]
    if not renewal(current.license, now=now, has_next_term=standing.waiting is not None).is_banner:
        return []
    left = days_left(current.license, now=now)
    return [
        Banner(
            kind="bad" if left <= DANGER_DAYS else "warn",
            title=ends_in(left),
            text=_("Its last day is %(day)s. Renew it so that the licensed features stay open.") % {"day": ended},
            key=current.row_id.hex,
            offers=RENEW,
        )
    ]


def ends_in(days: int) -> str:
    """As a sentence on its own."""
    if days == 0:
        return _("The license expires today")
    return ngettext("The license expires in %(count)s day", "The license expires in %(count)s days", days) % {
        "count": days
    }
