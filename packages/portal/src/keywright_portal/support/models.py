from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from keywright_portal.accounts.models import Organization
from keywright_portal.kit.ids import uuid7


class Topic(models.TextChoices):
    TRANSACTION = "transaction", _("A problem with a transaction")
    BILLING = "billing", _("Billing, or another way to pay")
    MORE_USERS = "more-users", _("More users for a license")
    RENEWAL = "renewal", _("Renewing a license")
    DELETION = "deletion", _("Deleting my account")


class Ticket(models.Model):
    """What a customer wrote to the vendor. `quoted_reference` is what they saw with an error, where there was one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=20, unique=True)
    topic = models.CharField(max_length=20, choices=Topic.choices)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, null=True, related_name="tickets")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    name = models.CharField(max_length=120)
    email = models.EmailField(max_length=254)
    message = models.TextField()
    quoted_reference = models.CharField(max_length=40, blank=True, db_index=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-created_at", "-pk")
