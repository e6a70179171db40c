from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from keywright_portal.accounts.models import Organization
from keywright_portal.catalog.models import AddOn, Plan, Product
from keywright_portal.domain.money import Money
from keywright_portal.domain.term import TermSpan
from keywright_portal.kit.ids import uuid7


class Subscription(models.Model):
    """The contract for one production server. `anchor` is the first day of its first term and never moves."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="subscriptions")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    label = models.CharField(_("Name"), max_length=80, blank=True)
    anchor = models.DateField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-created_at", "-pk")
        indexes = [models.Index(fields=("organization", "-created_at", "-id"), name="subscription_of_organization")]


class Term(models.Model):
    """One half-open span `[starts_at, ends_at)` of a subscription, with the plan and the price that hold in it.

    `price_per_user` is the initial price per user in minor units: what overage is later charged.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, related_name="terms")
    number = models.PositiveIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    add_ons = models.ManyToManyField(AddOn, related_name="+")
    seats = models.BigIntegerField()
    price_per_user = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=("subscription", "number"), name="term_number_once"),
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="term_ends_after_start"),
            models.CheckConstraint(condition=models.Q(seats__gte=1), name="term_has_seats"),
        ]

    @property
    def span(self) -> TermSpan:
        return TermSpan(self.starts_at, self.ends_at)

    @property
    def initial_price(self) -> Money:
        return Money(self.price_per_user, self.currency)


class SeatLedgerEntry(models.Model):
    """Seats bought for a term. Append-only: within a term seats never fall, so that what was owed can always be shown.

    `Term.seats` is the sum of its entries, kept beside them so that a list of subscriptions needs no sum; the service
    that adds an entry writes both under the term's lock. `cause_id` is the order that bought them: one order an entry.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="seat_entries")
    seats = models.BigIntegerField()
    cause_id = models.UUIDField(unique=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("created_at", "pk")
        constraints = [models.CheckConstraint(condition=models.Q(seats__gte=1), name="seats_only_rise")]
