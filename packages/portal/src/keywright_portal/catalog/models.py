from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from keywright_portal.domain.pricing import PriceKind
from keywright_portal.kit.ids import uuid7


class Product(models.Model):
    """What the vendor licenses. `formats` are license file formats; the first is the one that Download gives."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    formats = models.JSONField(default=list)
    position = models.PositiveIntegerField(default=0)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("position", "code")

    def __str__(self) -> str:
        return self.name


class Plan(models.Model):
    """An edition of a product. `features` are the field's names, which licenses grant; `highlights` are for people."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="plans")
    code = models.CharField(max_length=30)
    name = models.CharField(max_length=120)
    summary = models.CharField(max_length=300)
    highlights = models.JSONField(default=list)
    features = models.JSONField(default=list)
    position = models.PositiveIntegerField(default=0)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("position", "code")
        constraints = [models.UniqueConstraint(fields=("product", "code"), name="plan_code_once")]

    def __str__(self) -> str:
        return self.name


class AddOn(models.Model):
    """Something bought along with a plan. `non_production_deployments` is what the license grants for it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="add_ons")
    code = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    summary = models.CharField(max_length=300)
    offered_with = models.ManyToManyField(Plan, related_name="add_ons")
    non_production_deployments = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("position", "code")
        constraints = [models.UniqueConstraint(fields=("product", "code"), name="add_on_code_once")]

    def __str__(self) -> str:
        return self.name


class Price(models.Model):
    """The price of a plan or an add-on for one term. Never edited: a new one takes its place.

    `amount` is in minor units of `currency`; a percentage has `basis_points` of the plan's price and no currency: "".
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, related_name="prices")
    add_on = models.ForeignKey(AddOn, on_delete=models.PROTECT, null=True, related_name="prices")
    kind = models.CharField(max_length=20, choices=[(kind.value, kind.value) for kind in PriceKind])
    currency = models.CharField(max_length=3, blank=True)
    amount = models.BigIntegerField(null=True)
    basis_points = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField()
    superseded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(plan__isnull=False, add_on__isnull=True, kind="per_user")
                | models.Q(plan__isnull=True, add_on__isnull=False),
                name="price_of_one_thing",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="percent", basis_points__isnull=False, amount__isnull=True)
                | (~models.Q(kind="percent") & models.Q(basis_points__isnull=True, amount__gte=0)),
                name="price_amount_or_percent",
            ),
            models.UniqueConstraint(
                fields=("plan", "currency"), condition=models.Q(superseded_at=None), name="plan_price_in_force_once"
            ),
            models.UniqueConstraint(
                fields=("add_on", "currency"), condition=models.Q(superseded_at=None), name="add_on_price_in_force_once"
            ),
        ]


class Coupon(models.Model):
    """What takes something off an order: `basis_points` of each line, or an amount by currency. Typed in capitals.

    It goes with the plans of the codes `plans`, or with all where that is empty; within `[starts_at, ends_at)`, as far
    as they are set; at most `use_limit` times, where that is set. `orders` counts its uses under this row's lock.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=40, unique=True)
    basis_points = models.PositiveIntegerField(null=True)
    amounts = models.JSONField(default=dict)
    plans = models.JSONField(default=list)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    use_limit = models.PositiveIntegerField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("code",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(basis_points=None) | models.Q(basis_points__gt=0, basis_points__lte=10_000),
                name="coupon_takes_a_share",
            )
        ]

    def __str__(self) -> str:
        return self.code


class Vendor(models.Model):
    """Who sells: one row. `details` is the checked `[vendor]` part of the catalog file, see `vendor.VendorDetails`."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    details = models.JSONField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_vendor_an_installation")]


class PolicyKind(models.TextChoices):
    TERMS = "terms", _("Terms")
    PRIVACY = "privacy", _("Privacy Policy")


class Policy(models.Model):
    """A version of the Terms or of the Privacy Policy. Its text is kept: people agreed to it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=20, choices=PolicyKind.choices)
    version = models.CharField(max_length=40)
    text = models.TextField()
    published_at = models.DateTimeField()

    class Meta:
        ordering = ("-published_at", "-pk")
        constraints = [models.UniqueConstraint(fields=("kind", "version"), name="policy_version_once")]
