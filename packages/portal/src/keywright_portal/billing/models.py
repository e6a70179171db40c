from __future__ import annotations

from datetime import date

from django.db import models

from keywright_portal.accounts.models import Organization
from keywright_portal.domain.money import Money
from keywright_portal.kit.ids import uuid7


class PayerAccount(models.Model):
    """An organization's customer record at the payment provider. One each: a unique row, whoever asks first."""

    organization = models.OneToOneField(Organization, primary_key=True, on_delete=models.PROTECT, related_name="payer")
    provider_customer_id = models.CharField(max_length=255, unique=True)


class InvoiceNumberSeries(models.Model):
    """The next number of a year's invoices. Taken under this row's lock, in the invoice's own transaction: no gaps."""

    year = models.PositiveIntegerField(primary_key=True)
    next_number = models.PositiveIntegerField(default=1)


class Invoice(models.Model):
    """A debt, immutable from the moment it is issued. Amounts are minor units of `currency`.

    Who sold, who bought and where they live are copied in as they were on the day. `order_id` is no foreign key: orders
    stand above this room. The PDF's bytes are stored, since an upgrade of the typesetter would change them.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=30, unique=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="invoices")
    order_id = models.UUIDField(unique=True)
    order_number = models.CharField(max_length=20)
    purchase_order = models.CharField(max_length=60, blank=True)
    currency = models.CharField(max_length=3)
    net = models.BigIntegerField()
    tax = models.BigIntegerField()
    gross = models.BigIntegerField()
    buyer = models.JSONField()
    seller = models.JSONField()
    issued_at = models.DateTimeField()
    due_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    pdf = models.BinaryField()

    class Meta:
        ordering = ("-issued_at", "-pk")
        indexes = [models.Index(fields=("organization", "-issued_at", "-id"), name="invoice_of_organization")]
        constraints = [
            models.CheckConstraint(condition=models.Q(gross=models.F("net") + models.F("tax")), name="invoice_adds_up")
        ]

    @property
    def total(self) -> Money:
        return Money(self.gross, self.currency)


class InvoiceLine(models.Model):
    """How a part of the debt came about: `quantity` × `unit_amount` = `net`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    description = models.CharField(max_length=200)
    calculation = models.CharField(max_length=200)
    quantity = models.BigIntegerField()
    unit_amount = models.BigIntegerField()
    net = models.BigIntegerField()
    tax_basis_points = models.PositiveIntegerField(default=0)
    tax = models.BigIntegerField()
    gross = models.BigIntegerField()

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=("invoice", "position"), name="invoice_line_position_once"),
            models.CheckConstraint(
                condition=models.Q(gross=models.F("net") + models.F("tax")), name="invoice_line_adds_up"
            ),
            models.CheckConstraint(
                condition=models.Q(net=models.F("quantity") * models.F("unit_amount")), name="invoice_line_multiplies"
            ),
        ]


class Payment(models.Model):
    """Money that moved. `provider_payment_id` is the provider's own: one row a movement, however often it is told."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="payments")
    provider_payment_id = models.CharField(max_length=255, unique=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    card_brand = models.CharField(max_length=30, blank=True)
    card_last4 = models.CharField(max_length=4, blank=True)
    received_at = models.DateTimeField()


class SavedCard(models.Model):
    """A card that the payment provider keeps for an organization. We hold what a person needs to recognise it.

    `fingerprint` is the provider's mark of the number, the same however often a card is saved; empty where it wasn't
    told. A card that is saved anew is a new row, and the one before is removed: the provider set the new one up.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="saved_cards")
    provider_method_id = models.CharField(max_length=255, unique=True)
    fingerprint = models.CharField(max_length=64, blank=True, default="", db_default="")
    brand = models.CharField(max_length=30)
    last4 = models.CharField(max_length=4)
    expires_month = models.PositiveSmallIntegerField()
    expires_year = models.PositiveSmallIntegerField()
    is_default = models.BooleanField(default=False, db_default=False)
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-is_default", "added_at", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=("organization",),
                condition=models.Q(is_default=True, removed_at=None),
                name="one_default_card",
            ),
            models.UniqueConstraint(
                fields=("organization", "fingerprint"),
                condition=models.Q(removed_at=None) & ~models.Q(fingerprint=""),
                name="same_card_once",
            ),
        ]

    def is_expired(self, *, today: date) -> bool:
        """A card is good through the last day of its month."""
        return (self.expires_year, self.expires_month) < (today.year, today.month)


class CardTry(models.Model):
    """How many cards were tried under one limit by one `subject` (a digest) until `window_ends_at`."""

    id = models.BigAutoField(primary_key=True)
    limit = models.CharField(max_length=20)
    subject = models.CharField(max_length=64)
    window_ends_at = models.DateTimeField(db_index=True)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=("limit", "subject", "window_ends_at"), name="card_tries_counted_once")
        ]
