"""Telling the vendor before a key that signs may sign no more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.brand import mail_brand
from keywright_portal.kit.mail import enqueue_mail
from keywright_portal.kit.models import OutboxMail
from keywright_portal.licensing.models import KeyState, SigningKey

NOTICES: Final = (60, 30, 7, 1, 0)
"""Days before the end of a certificate. A ceremony with an offline root takes people and an appointment."""


@transaction.atomic
def tell_of_ending_keys(*, now: datetime) -> int:
    """Mail the vendor's support about each certificate of a key that signs which ends soon, once for each of NOTICES;
    how many mails were new.
    """
    soon = SigningKey.objects.filter(
        state=KeyState.ACTIVE, valid_until__isnull=False, valid_until__lte=now + timedelta(days=NOTICES[0])
    )
    new = 0
    for key in soon.order_by("valid_until", "pk"):
        if key.valid_until is None:
            continue
        left = key.valid_until - now
        days = min(notice for notice in NOTICES if left <= timedelta(days=notice) or notice == NOTICES[0])
        mail_key = f"signing-key:{key.kid}:ends:{key.valid_until:%Y-%m-%d}:{days}"
        if OutboxMail.objects.filter(key=mail_key).exists():
            continue
        vendor = catalog.vendor()
        enqueue_mail(
            key=mail_key,
            sender=vendor.mail_sender,
            to=vendor.support_email,
            template="licensing/mail/key_ends",
            context={"brand": mail_brand(vendor), "vendor": vendor, "key": key, "is_over": left <= timedelta(0)},
            now=now,
        )
        new += 1
    return new
