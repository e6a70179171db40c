from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from keywright_console.deployment.selectors import place_of
from keywright_console.kit import mail
from keywright_console.kit.errors import ConsoleError
from keywright_console.licensing.models import Place
from keywright_console.licensing.selectors import standing
from keywright_console.licensing.services.apply_license import Applied
from keywright_console.licensing.trust import anchor
from keywright_console.revocations.selectors import revocations
from keywright_console.users.models import ACTIVE_ADMIN, User
from keywright_license import License
from keywright_look.dates import long_date, number

TEMPLATE = "deployment/mail/notice"


def tell_applied(*, applied: Sequence[Applied], now: datetime) -> None:
    """Write to the System Admins which license changes were fetched and applied without them."""
    for one in applied:
        waits = one.place is Place.WAITING
        _tell(
            key=f"deployment.applied.{one.license.id}",
            heading=_("A license for the next term is here") if waits else _("A new license is in use"),
            intro=(
                _("This server fetched it from the Customer Portal, as you allowed. It takes over on %(day)s.")
                % {"day": long_date(one.license.starts_at)}
                if waits
                else _("This server fetched it from the Customer Portal and applied it, as you allowed.")
            ),
            license_=one.license,
            page="about/license/",
            now=now,
        )


def tell_not_applied(*, error: ConsoleError, now: datetime) -> None:
    """Write to the System Admins why a license that the portal has can't be applied here: once a license in force."""
    current = standing(now=now).in_force
    if current is not None:
        _tell(
            key=f"deployment.not_applied.{current.license.id}.{error.code}",
            heading=_("A license change could not be applied"),
            intro=_(
                "The Customer Portal has a newer license for this server. The one in use stays as it is. %(reason)s"
            )
            % {"reason": error.message},
            license_=current.license,
            page="about/portal/",
            now=now,
        )


def tell_state(*, now: datetime) -> None:
    """Write once a license to the System Admins: that it was withdrawn, and that a server is still not activated."""
    held = standing(now=now)
    place = place_of(held)
    if place.license is None:
        return
    trusted = anchor(withdrawn=held.withdrawn)
    withdrawn = revocations(keys=trusted.keys, product=trusted.product, now=now).of(place.license.id)
    if withdrawn is not None:
        _tell(
            key=f"deployment.withdrawn.{place.license.id}",
            heading=_("The vendor has withdrawn the license in use"),
            intro=_(
                "It says so since %(day)s. Nothing stops on this server. Add the license that took its place, or ask "
                "the vendor."
            )
            % {"day": long_date(withdrawn.at)},
            license_=place.license,
            page="about/deployment/",
            now=now,
        )
    if place.is_overdue(now=now):
        _tell(
            key=f"deployment.not_activated.{place.license.id}",
            heading=_("This server is not activated"),
            intro=_(
                "Its license was applied more than 14 days ago. Nothing stops for it. Activate it, online or by "
                "files: then your vendor knows where the license is used, and the count of users is taken."
            ),
            license_=place.license,
            page="about/deployment/",
            now=now,
        )


def _tell(*, key: str, heading: str, intro: str, license_: License, page: str, now: datetime) -> None:
    """One mail to each System Admin; the same key is never written twice. Without a mail server nobody is told."""
    if not mail.is_set_up():
        return
    here: str = settings.KEYWRIGHT_CONSOLE_URL
    url = f"{here}/{page}" if here else ""
    context = {
        "brand": {"name": _("System Console"), "address": here or _("Your licensed server")},
        "heading": heading,
        "intro": intro,
        "preheader": intro,
        "button": {"label": _("Open the System Console"), "url": url} if url else None,
        "facts": [
            (_("License"), license_.id),
            (_("License type"), license_.plan_name),
            (_("Licensed to"), license_.organization.name),
            (_("Seats"), number(license_.seats)),
        ],
        "why": _("You get this mail because you are a System Admin of this server."),
    }
    with transaction.atomic():
        for admin in User.objects.filter(ACTIVE_ADMIN).only("pk", "email").order_by("pk"):
            mail.enqueue_mail(
                key=f"{key}.{admin.public_id}", to=admin.email, template=TEMPLATE, context=context, now=now
            )
