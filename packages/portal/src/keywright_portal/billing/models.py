from __future__ import annotations

from datetime import date
from typing import Final

from django.db import models
from django.db.models import F, Q

from keywright_portal.accounts.models import Organization
from keywright_portal.domain.money import Money
from keywright_portal.kit.ids import uuid7

ADDS_UP: Final = Q(gross=F("net") + F("tax"))


class PayerAccount(models.Model):
    """An organization's customer record at the payment provider. One each: a unique row, whoever asks first."""

    organization = models.OneToOneField(Organization, primary_key=True, on_delete=models.PROTECT, related_name="payer")
    provider_customer_id = models.CharField(max_length=255, unique=True)


class InvoiceNumberSeries(models.Model):
    """The next number of a year's invoices. Taken under this row's lock, in the invoice's own transaction: no gaps."""

    year = models.PositiveIntegerField(primary_key=True)
    next_number = models.PositiveIntegerField(default=1)


class CreditNoteNumberSeries(models.Model):
    """The next number of a year's credit notes, a series of its own, kept as the invoices' is."""

    year = models.PositiveIntegerField(primary_key=True)
    next_number = models.PositiveIntegerField(default=1)


class Invoice(models.Model):
    """A debt, immutable from the moment it is issued: the database lets `paid_at` be set once, and nothing else change.

    Amounts are minor units of `currency`. Who sold, who bought, where they live, how it is taxed and, where a transfer
    is awaited, to which `bank` are copied in as they were on the day. `order_id` is no foreign key: orders stand above
    this room. The PDF's bytes are stored, since an upgrade of the typesetter would change them.
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
    tax_kind = models.CharField(max_length=20, default="untaxed", db_default="untaxed")
    tax_name = models.CharField(max_length=40, blank=True, default="", db_default="")
    tax_note = models.CharField(max_length=300, blank=True, default="", db_default="")
    tax_country = models.CharField(max_length=2, blank=True, default="", db_default="")
    prices_include_tax = models.BooleanField(default=False, db_default=False)
    buyer = models.JSONField()
    seller = models.JSONField()
    bank = models.JSONField(null=True)
    issued_at = models.DateTimeField()
    due_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    pdf = models.BinaryField()

    class Meta:
        ordering = ("-issued_at", "-pk")
        indexes = [
            models.Index(fields=("organization", "-issued_at", "-id"), name="invoice_of_organization"),
            models.Index(fields=("organization", "due_at"), condition=Q(paid_at=None), name="invoice_not_paid"),
        ]
        constraints = [models.CheckConstraint(condition=ADDS_UP, name="invoice_adds_up")]

    @property
    def total(self) -> Money:
        return Money(self.gross, self.currency)


class InvoiceLine(models.Model):
    """How a part of the debt came about: `quantity` × `unit_amount` − `discount` is `net`, or `gross` where the price
    includes tax.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    description = models.CharField(max_length=200)
    calculation = models.CharField(max_length=200)
    quantity = models.BigIntegerField()
    unit_amount = models.BigIntegerField()
    discount = models.BigIntegerField(default=0, db_default=0)
    prices_include_tax = models.BooleanField(default=False, db_default=False)
    net = models.BigIntegerField()
    tax_basis_points = models.PositiveIntegerField(default=0)
    tax = models.BigIntegerField()
    gross = models.BigIntegerField()

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=("invoice", "position"), name="invoice_line_position_once"),
            models.CheckConstraint(condition=ADDS_UP, name="invoice_line_adds_up"),
            models.CheckConstraint(
                condition=Q(prices_include_tax=False, net=F("quantity") * F("unit_amount") - F("discount"))
                | Q(prices_include_tax=True, gross=F("quantity") * F("unit_amount") - F("discount")),
                name="invoice_line_multiplies",
            ),
        ]


class PaymentMethod(models.TextChoices):
    CARD = "card"
    TRANSFER = "transfer"


class Payment(models.Model):
    """Money that moved. `provider_payment_id` is the provider's own, or names the bank's transfer: one row a movement,
    however often it is told. `position` counts an invoice's payments and is part of the receipt's number.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="payments")
    position = models.PositiveIntegerField(default=1, db_default=1)
    method = models.CharField(
        max_length=10, choices=PaymentMethod.choices, default=PaymentMethod.CARD, db_default=PaymentMethod.CARD
    )
    provider_payment_id = models.CharField(max_length=255, unique=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    card_brand = models.CharField(max_length=30, blank=True)
    card_last4 = models.CharField(max_length=4, blank=True)
    received_at = models.DateTimeField()

    class Meta:
        ordering = ("invoice", "position")
        constraints = [
            models.UniqueConstraint(fields=("invoice", "position"), name="payment_position_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_is_positive"),
        ]

    @property
    def total(self) -> Money:
        return Money(self.amount, self.currency)


class Receipt(models.Model):
    """The PDF that says what one payment paid. Typeset when it is first asked for, and stored from then on."""

    payment = models.OneToOneField(Payment, primary_key=True, on_delete=models.PROTECT, related_name="receipt")
    number = models.CharField(max_length=40, unique=True)
    issued_at = models.DateTimeField()
    pdf = models.BinaryField()


class CreditNote(models.Model):
    """What takes an invoice back, in whole or in part. Amounts are positive minor units; immutable like the invoice."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    number = models.CharField(max_length=30, unique=True)
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="credit_notes")
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, related_name="credit_notes")
    currency = models.CharField(max_length=3)
    net = models.BigIntegerField()
    tax = models.BigIntegerField()
    gross = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    issued_at = models.DateTimeField()
    pdf = models.BinaryField()

    class Meta:
        ordering = ("-issued_at", "-pk")
        indexes = [models.Index(fields=("organization", "-issued_at", "-id"), name="credit_of_organization")]
        constraints = [
            models.CheckConstraint(condition=ADDS_UP, name="credit_note_adds_up"),
            models.CheckConstraint(condition=Q(gross__gt=0), name="credit_note_is_positive"),
        ]

    @property
    def total(self) -> Money:
        return Money(self.gross, self.currency)


class CreditNoteLine(models.Model):
    """What is taken back of one line of the invoice."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    credit_note = models.ForeignKey(CreditNote, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    invoice_line = models.ForeignKey(InvoiceLine, on_delete=models.PROTECT, related_name="credits")
    description = models.CharField(max_length=200)
    net = models.BigIntegerField()
    tax_basis_points = models.PositiveIntegerField(default=0)
    tax = models.BigIntegerField()
    gross = models.BigIntegerField()

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=("credit_note", "position"), name="credit_note_line_position_once"),
            models.CheckConstraint(condition=ADDS_UP, name="credit_note_line_adds_up"),
        ]


class RefundState(models.TextChoices):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Refund(models.Model):
    """Money that goes back. Its key is what the provider's idempotency key is made of, so it's written before the call.

    `requested_by` is a user's id, None for one that was begun at the provider. `failure` is the provider's code.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    provider_refund_id = models.CharField(max_length=255, unique=True, null=True)  # noqa: DJ001 (unique where it is known)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    state = models.CharField(max_length=10, choices=RefundState.choices, default=RefundState.PENDING)
    reason = models.CharField(max_length=200, blank=True)
    failure = models.CharField(max_length=60, blank=True)
    revokes_license = models.BooleanField(default=False)
    credit_note = models.OneToOneField(CreditNote, on_delete=models.PROTECT, null=True, related_name="refund")
    requested_by = models.UUIDField(null=True)
    requested_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-requested_at", "-pk")
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="refund_is_positive")]

    @property
    def total(self) -> Money:
        return Money(self.amount, self.currency)


class DisputeState(models.TextChoices):
    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Dispute(models.Model):
    """A payment that a cardholder called wrong at the bank. Lost, its `amount` has gone back like a refund."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider_dispute_id = models.CharField(max_length=255, unique=True)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="disputes")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=10, choices=DisputeState.choices, default=DisputeState.OPEN)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    credit_note = models.OneToOneField(CreditNote, on_delete=models.PROTECT, null=True, related_name="dispute")

    class Meta:
        ordering = ("-opened_at", "-pk")
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="dispute_is_positive")]

    @property
    def total(self) -> Money:
        return Money(self.amount, self.currency)


class BankTransfer(models.Model):
    """Money that reached the vendor's account. `bank_reference` is the bank's own id: one row, however often told.

    `invoice` and `payment` are None until somebody knows what it pays; `surplus` is the part that was too much.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    bank_reference = models.CharField(max_length=140, unique=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reference_text = models.CharField(max_length=300, blank=True)
    received_on = models.DateField()
    invoice = models.ForeignKey(Invoice, on_delete=models.PROTECT, null=True, related_name="transfers")
    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, null=True, related_name="transfer")
    surplus = models.BigIntegerField(default=0)
    booked_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-received_on", "-pk")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_is_positive"),
            models.CheckConstraint(condition=Q(surplus__gte=0, surplus__lte=F("amount")), name="transfer_surplus_fits"),
        ]

    @property
    def total(self) -> Money:
        return Money(self.amount, self.currency)


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
