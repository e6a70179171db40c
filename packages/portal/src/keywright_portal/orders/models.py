from __future__ import annotations

from django.conf import settings
from django.db import models

from keywright_portal.accounts.models import Organization
from keywright_portal.catalog.models import AddOn, Coupon, Plan
from keywright_portal.domain.money import Money
from keywright_portal.domain.tax import TaxKind
from keywright_portal.kit.ids import uuid7
from keywright_portal.subscriptions.models import Subscription


class OrderState(models.TextChoices):
    OPEN = "open"
    PAYING = "paying"
    INVOICED = "invoiced"
    FULFILLED = "fulfilled"
    ON_HOLD = "on_hold"
    DISCARDED = "discarded"


class PaymentWay(models.TextChoices):
    CARD = "card"
    TRANSFER = "transfer"


UNFINISHED = (OrderState.OPEN, OrderState.PAYING)
"""States of an order that can still be changed, paid or discarded. An organization has at most one such order."""


class Order(models.Model):
    """An intent to buy. Amounts are minor units of `currency`, reckoned by the server from the prices of the day.

    What the buyer wrote for billing is copied in, so that the invoice says what the order said. `grant_id` is passed
    down when the license is issued; it is the order's own key. Until Complete, tax is that of the organization's own
    address; from then on, that of the billing details. `invoiced` is the state of an order whose invoice was sent and
    whose transfer is awaited.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=20, unique=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="orders")
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    state = models.CharField(max_length=20, choices=OrderState.choices, default=OrderState.OPEN)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    add_ons = models.ManyToManyField(AddOn, related_name="+")
    seats = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, null=True, related_name="+")
    discount = models.BigIntegerField(default=0)
    net = models.BigIntegerField()
    tax = models.BigIntegerField(default=0)
    gross = models.BigIntegerField()
    tax_kind = models.CharField(
        max_length=20, choices=[(kind.value, kind.value) for kind in TaxKind], default=TaxKind.UNTAXED.value
    )
    tax_basis_points = models.PositiveIntegerField(default=0)
    tax_name = models.CharField(max_length=40, blank=True)
    prices_include_tax = models.BooleanField(default=False)
    price_per_user = models.BigIntegerField()
    buyer = models.JSONField(null=True)
    purchase_order = models.CharField(max_length=60, blank=True)
    terms_version = models.CharField(max_length=40, blank=True)
    terms_accepted_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    payment_way = models.CharField(max_length=20, choices=PaymentWay.choices, default=PaymentWay.CARD)
    invoiced_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    fulfilled_at = models.DateTimeField(null=True)
    subscription = models.ForeignKey(Subscription, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-created_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=("organization",), condition=models.Q(state__in=("open", "paying")), name="one_unfinished_order"
            ),
            models.CheckConstraint(condition=models.Q(gross=models.F("net") + models.F("tax")), name="order_adds_up"),
        ]

    @property
    def total(self) -> Money:
        return Money(self.gross, self.currency)

    @property
    def is_unfinished(self) -> bool:
        return self.state in UNFINISHED


class OrderLine(models.Model):
    """A line of the order as it was reckoned: `quantity` × `unit_amount` = `amount`.

    `amount` − `discount` is `net`, or `gross` where the order's prices include tax; `net` + `tax` is `gross`.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=20)
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    quantity = models.BigIntegerField()
    unit_amount = models.BigIntegerField()
    amount = models.BigIntegerField()
    discount = models.BigIntegerField(default=0)
    net = models.BigIntegerField()
    tax = models.BigIntegerField(default=0)
    gross = models.BigIntegerField()
    tax_basis_points = models.PositiveIntegerField(default=0)
    per_user = models.BooleanField()
    basis_points = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=("order", "position"), name="order_line_position_once"),
            models.CheckConstraint(
                condition=models.Q(gross=models.F("net") + models.F("tax")), name="order_line_adds_up"
            ),
            models.CheckConstraint(
                condition=models.Q(net=models.F("amount") - models.F("discount"))
                | models.Q(gross=models.F("amount") - models.F("discount")),
                name="order_line_discounted",
            ),
        ]


class CouponUse(models.Model):
    """One of a coupon's uses: taken at Complete under the coupon's lock, given back where nothing is paid."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="uses")
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="coupon_use")
    taken_at = models.DateTimeField()


class PaymentAttempt(models.Model):
    """One PaymentIntent of an order. A declined card tries again on the same intent: an order is charged once at most.

    A new attempt is made only after the one before was cancelled at the provider, when the order changed. Its number is
    part of the idempotency key under which the provider makes the intent.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveIntegerField()
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    intent_id = models.CharField(max_length=255, unique=True, null=True)  # noqa: DJ001 (unique where it is known)
    save_card = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("number",)
        constraints = [
            models.UniqueConstraint(fields=("order", "number"), name="attempt_number_once"),
            models.UniqueConstraint(fields=("order",), condition=models.Q(closed_at=None), name="one_open_attempt"),
        ]


class PaymentProblem(models.Model):
    """Something that went wrong in a payment, with the reference that the customer sees and the vendor can find."""

    reference = models.CharField(primary_key=True, max_length=20)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="problems")
    code = models.CharField(max_length=60)
    provider_message = models.CharField(max_length=300, blank=True)
    occurred_at = models.DateTimeField()

    class Meta:
        ordering = ("-occurred_at", "-pk")
