"""The mails that tell an organization's owners and admins what became of a server's place. Each goes out once."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from keywright_look.dates import long_date, moment
from keywright_portal.accounts.models import Membership
from keywright_portal.accounts.selectors import PERMISSIONS
from keywright_portal.catalog.brand import mail_brand
from keywright_portal.catalog.vendor import VendorDetails
from keywright_portal.kit.actor import Permission
from keywright_portal.kit.links import absolute
from keywright_portal.kit.mail import enqueue_mail
from keywright_portal.licensing.deployment_models import Deployment, Kind, ReleasedBy


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What a mail says."""

    subject: str
    heading: str
    intro: str
    more: str
    facts: list[tuple[str, str]]
    button: str


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    url: str
    note: str = ""


def activated(*, deployment: Deployment, vendor: VendorDetails, now: datetime) -> None:
    """A server took a place."""
    name = server_name(deployment)
    word = Word(
        subject=_("%(server)s is activated") % {"server": name},
        heading=_("A server is activated"),
        intro=_("%(server)s holds a place of your subscription now, and keeps it through renewals.") % {"server": name},
        facts=_facts(deployment),
        more=_("You don’t know this server? Someone has your license file. Write to Support."),
        button=_("See your deployments"),
    )
    tell(key=f"deployment:{deployment.pk}:activated", deployment=deployment, word=word, vendor=vendor, now=now)


def release_asked(*, deployment: Deployment, due: datetime, vendor: VendorDetails, now: datetime) -> None:
    """A place will be freed at `due`, unless somebody objects."""
    name = server_name(deployment)
    word = Word(
        subject=_("%(server)s will be released on %(day)s") % {"server": name, "day": long_date(due)},
        heading=_("A server’s place will be released"),
        intro=_(
            "Someone of your organization says that %(server)s is lost. Its place becomes free on %(day)s, and another "
            "server can then take it."
        )
        % {"server": name, "day": long_date(due)},
        facts=[*_facts(deployment), (_("Released on"), moment(due))],
        more=_("It still runs? Cancel the release until then. A server that runs is never stopped by this."),
        button=_("See or cancel the release"),
    )
    key = f"deployment:{deployment.pk}:release-asked:{now.timestamp():.0f}"
    tell(key=key, deployment=deployment, word=word, vendor=vendor, now=now)


def release_cancelled(*, deployment: Deployment, vendor: VendorDetails, now: datetime) -> None:
    """A place stays with its server after all."""
    name = server_name(deployment)
    word = Word(
        subject=_("%(server)s keeps its place") % {"server": name},
        heading=_("A release was cancelled"),
        intro=_("%(server)s keeps its place: its release was cancelled.") % {"server": name},
        facts=_facts(deployment),
        more="",
        button=_("See your deployments"),
    )
    key = f"deployment:{deployment.pk}:release-cancelled:{now.timestamp():.0f}"
    tell(key=key, deployment=deployment, word=word, vendor=vendor, now=now)


def released(*, deployment: Deployment, vendor: VendorDetails, now: datetime) -> None:
    """A place is free."""
    name = server_name(deployment)
    by_itself = deployment.released_by == ReleasedBy.DEPLOYMENT
    intro = (
        _("%(server)s was released in its System Console. Its place is free: another server can take it.")
        if by_itself
        else _("The waiting time for %(server)s is over. Its place is free: another server can take it.")
    )
    word = Word(
        subject=_("%(server)s is released") % {"server": name},
        heading=_("A server’s place is free"),
        intro=intro % {"server": name},
        facts=_facts(deployment),
        more="",
        button=_("See your deployments"),
    )
    tell(key=f"deployment:{deployment.pk}:released", deployment=deployment, word=word, vendor=vendor, now=now)


def tell(*, key: str, deployment: Deployment, word: Word, vendor: VendorDetails, now: datetime) -> None:
    """Mail it to the deployment's organization."""
    organization = deployment.organization
    url = absolute("deployments", organization=organization.slug)
    tell_organization(key=key, organization_id=organization.pk, url=url, word=word, vendor=vendor, now=now)


def tell_organization(
    *, key: str, organization_id: uuid.UUID, url: str, word: Word, vendor: VendorDetails, now: datetime
) -> None:
    """Mail it to everyone who may change the organization. Runs in the caller's transaction."""
    roles = [role for role, permissions in PERMISSIONS.items() if Permission.ORGANIZATION_CHANGE in permissions]
    members = Membership.objects.filter(organization_id=organization_id, role__in=roles).select_related("user")
    for member in members.order_by("created_at", "pk"):
        enqueue_mail(
            key=f"{key}:{member.user_id}",
            sender=vendor.mail_sender,
            to=member.user.email,
            reply_to=vendor.support_email,
            template="licensing/mail/deployment",
            context={
                "brand": mail_brand(vendor),
                "subject": word.subject,
                "heading": word.heading,
                "preheader": word.intro,
                "intro": word.intro,
                "facts": word.facts,
                "more": word.more,
                "button": Button(word.button, url),
                "why": _("You get this email because you look after your organization’s subscriptions."),
                "support_url": absolute("support"),
            },
            organization_id=organization_id,
            now=now,
        )


def server_name(deployment: Deployment) -> str:
    """What an admin calls it, or that it has no name."""
    return deployment.name or str(_("Unnamed server"))


def _facts(deployment: Deployment) -> list[tuple[str, str]]:
    facts = [
        (_("Place"), str(Kind(deployment.kind).label)),
        (_("Activated"), moment(deployment.activated_at)),
        (_("Last seen"), moment(deployment.last_seen_at)),
    ]
    if deployment.version:
        facts.insert(1, (_("Version"), deployment.version))
    return facts
