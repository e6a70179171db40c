"""Invoices, the money that came for them, and the cards that the provider keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from keywright_portal.backoffice.access import may
from keywright_portal.backoffice.acting import run
from keywright_portal.backoffice.acts.cancel import CancelAct
from keywright_portal.backoffice.acts.refund import RefundAct
from keywright_portal.backoffice.links import find_url, link
from keywright_portal.backoffice.page import Group, Page
from keywright_portal.backoffice.pages.customers import organization_link
from keywright_portal.backoffice.paying import card_in_words, paid_by
from keywright_portal.backoffice.pdf import pdf_answer
from keywright_portal.backoffice.showing import Table, code, column, percent, show, table
from keywright_portal.backoffice.waiting import overdue_invoices, with_credited
from keywright_portal.billing.balances import Balance
from keywright_portal.billing.models import (
    BankTransfer,
    CreditNote,
    Dispute,
    DisputeState,
    Invoice,
    Payment,
    Refund,
    RefundState,
    SavedCard,
)
from keywright_portal.domain.money import Money
from keywright_portal.kit import clock
from keywright_portal.kit.actor import Permission
from keywright_portal.orders.models import Order

if TYPE_CHECKING:
    from django.urls import URLPattern
    from django.utils.functional import _StrOrPromise


def _order(row: Invoice) -> SafeString | str:
    return link(Order, row.order_id, row.order_number)


def _net(row: Invoice) -> Money:
    return Money(row.net, row.currency)


def _tax(row: Invoice) -> Money:
    return Money(row.tax, row.currency)


def _taxed(row: Invoice) -> str:
    return " · ".join(part for part in (row.tax_kind.replace("_", " "), row.tax_country, row.tax_name) if part)


def _state(row: Refund | Dispute) -> str:
    return str(row.get_state_display())


class StandingFilter(admin.SimpleListFilter):
    """Invoices by whether the money came."""

    title = _l("whether it is paid")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, _StrOrPromise]]:  # noqa: ARG002 (Django's signature)
        return [("open", _l("Not paid")), ("overdue", _l("Overdue")), ("paid", _l("Paid"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:  # noqa: ARG002 (Django's signature)
        if self.value() == "overdue":
            return queryset.filter(pk__in=overdue_invoices(now=clock.now()).values("pk"))
        if self.value() in ("open", "paid"):
            return queryset.filter(paid_at__isnull=self.value() == "open")
        return queryset


class InvoicePage(Page[Invoice]):
    name = _l("Invoice")
    name_plural = _l("Invoices")
    group = Group.BILLING
    related = ("organization",)
    deferred = ("pdf",)
    id_fields = ("pk", "order_id")
    list_display = (
        column(_l("Number"), "number", order="number"),
        column(_l("Organization"), organization_link, order="organization__name"),
        column(_l("Order"), _order, order="order_number"),
        column(_l("Total"), "total", order="gross"),
        column(_l("Issued"), "issued_at", order="issued_at"),
        column(_l("Due"), "due_at", order="due_at"),
        column(_l("Paid"), "paid_at", order="paid_at"),
    )
    facts = (
        *list_display,
        column(_l("Net"), _net),
        column(_l("Tax"), _tax),
        column(_l("How it is taxed"), _taxed),
        column(_l("Purchase order"), "purchase_order"),
        column(_l("Billed to"), "buyer"),
        column(_l("From"), "seller"),
        column(_l("Id"), "pk"),
    )
    list_filter = (StandingFilter,)
    search_fields = ("number", "order_number", "organization__name", "purchase_order")
    ordering = ("-issued_at", "-pk")

    def caption(self, row: Invoice) -> str:
        return row.number

    def tables(self, row: Invoice) -> Sequence[Table]:
        def money(amount: int) -> Money:
            return Money(amount, row.currency)

        payments = list(row.payments.order_by("position"))
        refunds = list(Refund.objects.filter(payment__invoice=row))
        disputes = list(Dispute.objects.filter(payment__invoice=row))
        notes = list(row.credit_notes.defer("pdf").order_by("issued_at", "pk"))
        so_far = Balance(
            gross=row.gross,
            paid=sum(one.amount for one in payments),
            returned=sum(one.amount for one in refunds if one.state == RefundState.SUCCEEDED)
            + sum(one.amount for one in disputes if one.state == DisputeState.LOST),
            credited=sum(one.gross for one in notes),
        )
        return (
            table(
                _("Where it stands"),
                (_("Billed"), _("Taken back"), _("Received"), _("Given back"), _("Due")),
                [tuple(map(money, (row.gross, so_far.credited, so_far.paid, so_far.returned, so_far.due)))],
            ),
            table(
                _("Lines"),
                (_("Item"), _("How it came about"), _("Net"), _("Tax rate"), _("Tax"), _("Gross")),
                [
                    (
                        line.description,
                        line.calculation,
                        money(line.net),
                        percent(line.tax_basis_points),
                        money(line.tax),
                        money(line.gross),
                    )
                    for line in row.lines.all()
                ],
            ),
            table(
                _("Payments"),
                (_("Payment at the provider"), _("Amount"), _("By"), _("Received")),
                [
                    (link(Payment, one.pk, one.provider_payment_id), one.total, paid_by(one), one.received_at)
                    for one in payments
                ],
            ),
            table(
                _("Bank transfers"),
                (_("Bank’s reference"), _("Amount"), _("Too much"), _("Received on")),
                [
                    (link(BankTransfer, one.pk, one.bank_reference), one.total, money(one.surplus), one.received_on)
                    for one in row.transfers.order_by("received_on", "pk")
                ],
            ),
            table(
                _("Refunds and disputes"),
                (_("What"), _("Amount"), _("State"), _("Since")),
                [
                    *((link(Refund, one.pk, _("Refund")), one.total, _state(one), one.requested_at) for one in refunds),
                    *((link(Dispute, one.pk, _("Dispute")), one.total, _state(one), one.opened_at) for one in disputes),
                ],
            ),
            table(
                _("Credit notes"),
                (_("Number"), _("Total"), _("Reason"), _("Issued")),
                [(link(CreditNote, one.pk, one.number), one.total, one.reason, one.issued_at) for one in notes],
            ),
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invoice]:
        return with_credited(super().get_queryset(request))

    def acts(self, request: HttpRequest, row: Invoice) -> Sequence[tuple[_StrOrPromise, str]]:
        is_owed = row.paid_at is None and row.credited < row.gross  # type: ignore[attr-defined]  # see get_queryset
        if not is_owed or not may(request, Permission.VENDOR_BILLING):
            return ()
        receive = reverse("admin:billing_banktransfer_receive", query={"invoice": row.pk})
        cancel = reverse("admin:billing_invoice_cancel", args=[row.pk])
        return ((_("Transfer received…"), receive), (_("Cancel the invoice…"), cancel))

    def cancel(self, request: HttpRequest, object_id: object) -> HttpResponse:
        return run(request, CancelAct(self.row(request, str(object_id))), site=self.admin_site)

    def ways_on(self, row: Invoice) -> Sequence[tuple[_StrOrPromise, str]]:
        return (
            (_("Download the invoice"), reverse("admin:billing_invoice_pdf", args=[row.pk])),
            (_("What happened"), find_url(row.number)),
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<uuid:object_id>/pdf/", view(self.pdf), name="billing_invoice_pdf"),
            path("<uuid:object_id>/cancel/", view(self.cancel), name="billing_invoice_cancel"),
            *super().get_urls(),
        ]

    def pdf(self, request: HttpRequest, object_id: object) -> HttpResponse:
        """The invoice's bytes as they were stored when it was issued."""
        invoice = self.row(request, str(object_id))
        return pdf_answer(invoice.pdf, name=invoice.number)


def _payment_id(row: Payment) -> SafeString | str:
    return code(row.provider_payment_id)


def _invoice(row: Payment) -> SafeString | str:
    return link(Invoice, row.invoice_id, row.invoice.number)


def _payer(row: Payment) -> SafeString | str:
    return organization_link(row.invoice)


class PaymentPage(Page[Payment]):
    name = _l("Payment")
    name_plural = _l("Payments")
    group = Group.BILLING
    related = ("invoice__organization",)
    deferred = ("invoice__pdf",)
    id_fields = ("pk", "invoice_id")
    list_display = (
        column(_l("Payment at the provider"), _payment_id, order="provider_payment_id"),
        column(_l("Invoice"), _invoice, order="invoice__number"),
        column(_l("Organization"), _payer, order="invoice__organization__name"),
        column(_l("Amount"), "total", order="amount"),
        column(_l("By"), paid_by),
        column(_l("Received"), "received_at", order="received_at"),
    )
    facts = (*list_display, column(_l("Id"), "pk"))
    search_fields = ("provider_payment_id", "invoice__number", "invoice__organization__name")
    ordering = ("-received_at", "-pk")

    def caption(self, row: Payment) -> str:
        return row.provider_payment_id

    def tables(self, row: Payment) -> Sequence[Table]:
        refunds = row.refunds.defer("credit_note__pdf").select_related("credit_note")
        return (
            table(
                _("Refunds"),
                (_("Refund"), _("Amount"), _("State"), _("Credit note"), _("Reason")),
                [
                    (
                        link(Refund, one.pk, show(one.requested_at)),
                        one.total,
                        _state(one),
                        one.credit_note.number if one.credit_note is not None else None,
                        one.reason,
                    )
                    for one in refunds
                ],
            ),
            table(
                _("Disputes"),
                (_("Dispute"), _("Amount"), _("State"), _("Opened"), _("Closed")),
                [
                    (
                        link(Dispute, one.pk, one.provider_dispute_id),
                        one.total,
                        _state(one),
                        one.opened_at,
                        one.closed_at,
                    )
                    for one in row.disputes.all()
                ],
            ),
        )

    def get_urls(self) -> list[URLPattern]:
        refund = path(
            "<uuid:object_id>/refund/", self.admin_site.admin_view(self.refund), name="billing_payment_refund"
        )
        return [refund, *super().get_urls()]

    def refund(self, request: HttpRequest, object_id: object) -> HttpResponse:
        return run(request, RefundAct(self.row(request, str(object_id))), site=self.admin_site)

    def acts(self, request: HttpRequest, row: Payment) -> Sequence[tuple[_StrOrPromise, str]]:
        if not may(request, Permission.VENDOR_BILLING):
            return ()
        return ((_("Refund…"), reverse("admin:billing_payment_refund", args=[row.pk])),)

    def ways_on(self, row: Payment) -> Sequence[tuple[_StrOrPromise, str]]:
        return ((_("What happened"), find_url(row.provider_payment_id)),)


def _saved_card(row: SavedCard) -> str:
    return card_in_words(row.brand, row.last4)


def _good_through(row: SavedCard) -> str:
    return f"{row.expires_month:02d}/{row.expires_year}"


def _owner(row: SavedCard) -> SafeString | str:
    return link(type(row.organization), row.organization_id, row.organization.name)


class SavedCardPage(Page[SavedCard]):
    name = _l("Saved card")
    name_plural = _l("Saved cards")
    group = Group.BILLING
    related = ("organization",)
    list_display = (
        column(_l("Card"), _saved_card),
        column(_l("Organization"), _owner, order="organization__name"),
        column(_l("Good through"), _good_through),
        column(_l("Added"), "added_at", order="added_at"),
        column(_l("Removed"), "removed_at", order="removed_at"),
    )
    facts = (*list_display, column(_l("Card at the provider"), "provider_method_id"), column(_l("Id"), "pk"))
    search_fields = ("provider_method_id", "last4", "organization__name")
    ordering = ("-added_at", "-pk")

    def caption(self, row: SavedCard) -> str:
        return card_in_words(row.brand, row.last4)
