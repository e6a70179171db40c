"""The servers that hold a subscription's places, and what they counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from django.db import models
from django.utils.translation import gettext_lazy as _

from keywright_license import keys
from keywright_portal.accounts.models import Organization
from keywright_portal.kit.ids import uuid7
from keywright_portal.subscriptions.models import Subscription

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

LONGEST_NAME: Final = 120
"""Characters kept of what an admin calls a server; a request may say more."""
LONGEST_VERSION: Final = 60
PRODUCTION_SLOT: Final = 0
"""The production place's number; non-production places are counted from 1."""


class Kind(models.TextChoices):
    """As the license library's `DeploymentKind`."""

    PRODUCTION = "production", _("Production")
    NON_PRODUCTION = "non_production", _("Non-production")


class ReleasedBy(models.TextChoices):
    """Who gave a place back: the server itself, by its signature; or a customer whose server is lost, after a wait."""

    DEPLOYMENT = "deployment", _("In its System Console")
    CUSTOMER = "customer", _("In this portal")


class Deployment(models.Model):
    """A place of a subscription, taken by one server (or several linked ones that share a database). A row a taking.

    It is the subscription's and not the license's, so renewals and superseding files leave it as it is. `id` is the id
    of the activation that the server was given. `slot` is 0 for production. While `released_at` is None the place is
    taken: that there is one server a place is the constraint's to say. `release_due_at` is when a release that a
    customer asked for comes about. `last_seen_at` is when the server last spoke to us, or a file of it was brought.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="deployments")
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="deployments")
    deployment_id = models.UUIDField()
    kid = models.CharField(max_length=64)
    public_jwk = models.JSONField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    slot = models.PositiveIntegerField()
    name = models.CharField(max_length=LONGEST_NAME, blank=True)
    version = models.CharField(max_length=LONGEST_VERSION, blank=True)
    activated_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    release_asked_at = models.DateTimeField(null=True)
    release_due_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=20, choices=ReleasedBy.choices, blank=True)

    class Meta:
        ordering = ("slot", "activated_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("subscription", "slot"), condition=models.Q(released_at=None), name="one_deployment_a_place"
            ),
            models.UniqueConstraint(
                fields=("subscription", "deployment_id"),
                condition=models.Q(released_at=None),
                name="one_place_a_deployment",
            ),
            models.UniqueConstraint(
                fields=("subscription", "kid"), condition=models.Q(released_at=None), name="one_deployment_a_key"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="production", slot=PRODUCTION_SLOT)
                | models.Q(kind="non_production", slot__gt=PRODUCTION_SLOT),
                name="production_has_slot_0",
            ),
        ]
        indexes = [
            models.Index(fields=("kid", "subscription"), name="deployment_by_its_key"),
            models.Index(
                fields=("release_due_at",),
                condition=models.Q(released_at=None, release_due_at__isnull=False),
                name="deployment_release_due",
            ),
        ]

    @property
    def is_production(self) -> bool:
        return self.kind == Kind.PRODUCTION

    @property
    def public_key(self) -> Ed25519PublicKey:
        """The key with which the server signs."""
        return cast("Ed25519PublicKey", keys.from_jwk(self.public_jwk))


class AnsweredRequest(models.Model):
    """A request that was answered with a place: the same again gets the same answer, and none once that was released.

    Otherwise whoever finds an old request could take a place anew with it. Unique on (kid, request_id): the id
    is of the asker's choosing. `license_id` is the file with which it was asked.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="requests")
    kid = models.CharField(max_length=64)
    request_id = models.UUIDField()
    license_id = models.UUIDField()
    answered_at = models.DateTimeField()

    class Meta:
        ordering = ("answered_at", "pk")
        constraints = [models.UniqueConstraint(fields=("kid", "request_id"), name="request_answered_once")]


class UsageReport(models.Model):
    """What a server counted, as it signed it. Append-only; unique on `digest`, so that nothing is counted twice.

    `digest` is of the whole `line`, and the next report's `previous` names it; `seq` counts from 1 and is the server's
    own, as is `counted_at`, but for a clock that is ahead: it is never later than `received_at`. `peak_active_users` is
    the most active users since `since`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="usage_reports")
    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="usage_reports")
    kid = models.CharField(max_length=64)
    seq = models.BigIntegerField()
    digest = models.CharField(max_length=43, unique=True)
    previous = models.CharField(max_length=43, blank=True)
    counted_at = models.DateTimeField()
    active_users = models.BigIntegerField()
    deactivated_users = models.BigIntegerField()
    bots = models.BigIntegerField()
    peak_active_users = models.BigIntegerField()
    since = models.DateTimeField()
    version = models.CharField(max_length=LONGEST_VERSION, blank=True)
    line = models.TextField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ("counted_at", "seq", "pk")
        indexes = [
            models.Index(fields=("subscription", "counted_at"), name="usage_of_subscription"),
            models.Index(fields=("kid", "seq"), name="usage_chain"),
        ]
