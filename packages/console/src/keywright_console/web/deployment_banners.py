"""What every page says about the server's place. Pure: a place and a time in, notes out."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from keywright_console.deployment.selectors import Place
from keywright_console.web.banners import Banner


def deployment_banners(place: Place, *, now: datetime) -> list[Banner]:
    """A server without a place is reminded from the first day. It only reminds: nothing ever stops for it."""
    if not place.is_missing or place.license is None:
        return []
    text = (
        _("It should have been within 14 days. Nothing stops; your vendor doesn’t know where the license is used.")
        if place.is_overdue(now=now)
        else _("It takes a minute, online or by files. Nothing stops until then.")
    )
    return [
        Banner(
            kind="warn",
            title=_("This server is not activated"),
            text=text,
            key=f"place-{place.license.id}"[:32],
            url=reverse("deployment"),
            action=_("Activate…"),
        )
    ]
