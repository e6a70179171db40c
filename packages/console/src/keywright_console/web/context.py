"""What every template may show."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from keywright_console.kit.actor import Permission
from keywright_console.kit.errors import NotConfiguredError
from keywright_console.licensing.portal_links import Errand, portal_link
from keywright_console.web.banners import Banner, banners
from keywright_console.web.current import place_here, standing_of, time_of, user_of
from keywright_console.web.deployment_banners import deployment_banners
from keywright_console.web.navigation import side

DISMISSED = "dismissed_banner"  # in the session, so it comes back at the next sign-in


def console(request: HttpRequest) -> dict[str, Any]:
    """Name, navigation, person and banners; for one who isn't signed in the name alone."""
    common: dict[str, Any] = {"brand": {"name": _("System Console"), "home_url": reverse("home")}}
    user = user_of(request)
    if user is None:
        return common
    return common | {
        "side": side(actor=user.actor, path=request.path),
        "person": {"name": user.username},
        "menu": [{"label": _("Sign out"), "url": reverse("sign-out"), "icon": "logout", "post": True}],
        "banners": _banners(request, is_admin=user.actor.may(Permission.MANAGE_LICENSE)),
        **_portal(request),
    }


def _banners(request: HttpRequest, *, is_admin: bool) -> list[Banner]:
    try:
        found = banners(standing_of(request), is_admin=is_admin)
        if is_admin and not found:  # one thing at a time; the license comes first
            found = deployment_banners(place_here(request), now=time_of(request))
    except NotConfiguredError:
        return []  # the page itself says it
    return [banner for banner in found if not banner.key or request.session.get(DISMISSED) != banner.key]


def _portal(request: HttpRequest) -> dict[str, str]:
    """The ways to the Customer Portal, each with the license named."""
    try:
        current = standing_of(request).in_force
    except NotConfiguredError:
        current = None
    license_id = current.license.id if current else ""
    return {
        "portal": portal_link(license_id=license_id),
        "portal_renew": portal_link(license_id=license_id, errand=Errand.RENEW),
        "portal_seats": portal_link(license_id=license_id, errand=Errand.ADD_SEATS),
    }
