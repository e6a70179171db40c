"""Telling an organization of a saved card before it expires."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q

from keywright_portal.accounts.models import Membership, Organization
from keywright_portal.accounts.selectors import PERMISSIONS
from keywright_portal.billing.models import SavedCard
from keywright_portal.billing.words import card_in_words, date_in_words
from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.brand import mail_brand
from keywright_portal.catalog.vendor import VendorDetails
from keywright_portal.kit.actor import Permission
from keywright_portal.kit.links import absolute
from keywright_portal.kit.mail import enqueue_mail
from keywright_portal.kit.models import OutboxMail

NOTICE: Final = timedelta(days=30)
"""Before a card's last day: time for a bank to send the next one."""


def tell_of_expiring_cards(*, now: datetime) -> int:
    """Mail whoever may change an organization's cards about each that expires within NOTICE; how many mails were new.

    Each person hears of a card once, however often this runs. A card that has expired already isn't told of: the
    Payment methods page says so.
    """
    soon = Q()
    for year, month in _expiring_months(now.date()):
        soon |= Q(expires_year=year, expires_month=month)
    if not soon:
        return 0  # no month ends within NOTICE: at the beginning of a long one
    cards = SavedCard.objects.filter(soon, removed_at=None).select_related("organization").order_by("pk")
    if not cards.exists():
        return 0
    vendor = catalog.vendor()
    return sum(_tell(card, vendor=vendor, now=now) for card in cards.iterator())


def _expiring_months(today: date) -> set[tuple[int, int]]:
    """The months whose last day, the last on which their cards are good, is within NOTICE."""
    days = (today + timedelta(days=ahead) for ahead in range(NOTICE.days + 1))
    return {(day.year, day.month) for day in days if day.day == monthrange(day.year, day.month)[1]}


@transaction.atomic
def _tell(card: SavedCard, *, vendor: VendorDetails, now: datetime) -> int:
    new = 0
    last_day = date(card.expires_year, card.expires_month, monthrange(card.expires_year, card.expires_month)[1])
    for who, address, name in _recipients(card.organization):
        key = f"card:{card.pk}:expires:{who}"
        if OutboxMail.objects.filter(key=key).exists():
            continue
        slug = card.organization.slug
        enqueue_mail(
            key=key,
            sender=vendor.mail_sender,
            to=address,
            reply_to=vendor.billing_email,
            template="billing/mail/card_expires",
            context={
                "brand": mail_brand(vendor),
                "vendor": vendor,
                "name": name,
                "organization": card.organization,
                "card": card,
                "brand_name": card_in_words(card.brand),
                "last_day": date_in_words(last_day),
                "cards_url": absolute("payment-methods", organization=slug),
                "support_url": absolute("support"),
            },
            organization_id=card.organization_id,
            now=now,
        )
        new += 1
    return new


def _recipients(organization: Organization) -> list[tuple[str, str, str]]:
    """Who may change the cards: a word for the mail's key, address and first name. And the billing address, if any."""
    roles = [role for role, permissions in PERMISSIONS.items() if Permission.BILLING_CHANGE in permissions]
    members = Membership.objects.filter(organization=organization, role__in=roles).select_related("user")
    people = [
        (str(member.user_id), member.user.email, member.user.get_short_name())
        for member in members.order_by("created_at", "pk")
    ]
    billing = organization.billing_email
    if billing and billing.lower() not in {address.lower() for _who, address, _name in people}:
        people.append(("billing", billing, ""))
    return people
