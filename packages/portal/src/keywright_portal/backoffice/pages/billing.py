"""Invoices, the money that came for them, and the cards that the provider keeps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from keywright_portal.backoffice.links import find_url, link
from keywright_portal.backoffice.page import Group, Page
from keywright_portal.backoffice.pages.customers import organization_link
from keywright_portal.backoffice.showing import Table, code, column, table
from keywright_portal.billing.models import Invoice, Payment, SavedCard
from keywright_portal.domain.money import BASIS, Money
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
        column(_l("Purchase order"), "purchase_order"),
        column(_l("Billed to"), "buyer"),
        column(_l("From"), "seller"),
        column(_l("Id"), "pk"),
    )
    search_fields = ("number", "order_number", "organization__name", "purchase_order")
    ordering = ("-issued_at", "-pk")

    def caption(self, row: Invoice) -> str:
        return row.number

    def tables(self, row: Invoice) -> Sequence[Table]:
        def money(amount: int) -> Money:
            return Money(amount, row.currency)

        return (
            table(
                _("Lines"),
                (_("Item"), _("How it came about"), _("Net"), _("Tax rate"), _("Tax"), _("Gross")),
                [
                    (
                        line.description,
                        line.calculation,
                        money(line.net),
                        f"{line.tax_basis_points / (BASIS / 100):g} %",
                        money(line.tax),
                        money(line.gross),
                    )
                    for line in row.lines.all()
                ],
            ),
            table(
                _("Payments"),
                (_("Payment at the provider"), _("Amount"), _("Card"), _("Received")),
                [
                    (
                        link(Payment, one.pk, one.provider_payment_id),
                        Money(one.amount, one.currency),
                        card_in_words(one.card_brand, one.card_last4),
                        one.received_at,
                    )
                    for one in row.payments.order_by("received_at")
                ],
            ),
        )

    def ways_on(self, row: Invoice) -> Sequence[tuple[_StrOrPromise, str]]:
        return (
            (_("Download the invoice"), reverse("admin:billing_invoice_pdf", args=[row.pk])),
            (_("What happened"), find_url(row.number)),
        )

    def get_urls(self) -> list[URLPattern]:
        pdf = path("<uuid:object_id>/pdf/", self.admin_site.admin_view(self.pdf), name="billing_invoice_pdf")
        return [pdf, *super().get_urls()]

    def pdf(self, request: HttpRequest, object_id: object) -> HttpResponse:
        """The invoice's bytes as they were stored when it was issued."""
        invoice = self.row(request, str(object_id))
        name = f"{invoice.number}.pdf"
        return HttpResponse(
            bytes(invoice.pdf),
            content_type="application/pdf",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )


def card_in_words(brand: str, last4: str) -> str:
    """Such as `Visa ending 4242`; nothing where the money didn't come by card."""
    return _("%(brand)s ending %(last4)s") % {"brand": brand.capitalize(), "last4": last4} if last4 else ""


def _payment_id(row: Payment) -> SafeString | str:
    return code(row.provider_payment_id)


def _invoice(row: Payment) -> SafeString | str:
    return link(Invoice, row.invoice_id, row.invoice.number)


def _payer(row: Payment) -> SafeString | str:
    return organization_link(row.invoice)


def _amount(row: Payment) -> Money:
    return Money(row.amount, row.currency)


def _card(row: Payment) -> str:
    return card_in_words(row.card_brand, row.card_last4)


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
        column(_l("Amount"), _amount, order="amount"),
        column(_l("Card"), _card),
        column(_l("Received"), "received_at", order="received_at"),
    )
    facts = (*list_display, column(_l("Id"), "pk"))
    search_fields = ("provider_payment_id", "invoice__number", "invoice__organization__name")
    ordering = ("-received_at", "-pk")

    def caption(self, row: Payment) -> str:
        return row.provider_payment_id

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
