"""Money that reached the vendor's bank account, and which invoice it pays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from keywright_portal.accounts.models import Organization, User
from keywright_portal.backoffice.access import may
from keywright_portal.backoffice.acting import run
from keywright_portal.backoffice.acts.mark import MarkAct, mark_in_words
from keywright_portal.backoffice.acts.transfer import AssignAct, ReceiveAct
from keywright_portal.backoffice.links import find_url, link
from keywright_portal.backoffice.page import Group, Page, as_uuid
from keywright_portal.backoffice.showing import code, column
from keywright_portal.billing.models import BankTransfer, Invoice, Payment
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import Permission
from keywright_portal.orders.handled import marked

if TYPE_CHECKING:
    from django.urls import URLPattern
    from django.utils.functional import _StrOrPromise


def _bank_reference(row: BankTransfer) -> SafeString | str:
    return code(row.bank_reference)


def _invoice(row: BankTransfer) -> SafeString | str:
    return link(Invoice, row.invoice_id, row.invoice.number if row.invoice is not None else "")


def _organization(row: BankTransfer) -> SafeString | str:
    if row.invoice is None:
        return link(Organization, None, "")
    return link(Organization, row.invoice.organization_id, row.invoice.organization.name)


def _surplus(row: BankTransfer) -> Money | None:
    return Money(row.surplus, row.currency) if row.surplus else None


def _payment(row: BankTransfer) -> SafeString | str:
    return link(Payment, row.payment_id, row.payment.provider_payment_id if row.payment is not None else "")


def _booked_by(row: BankTransfer) -> SafeString | str:
    return link(User, row.booked_by, row.booked_by)


class NeedsFilter(admin.SimpleListFilter):
    """Transfers with which somebody has something to do."""

    title = _l("what is to do")
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, _StrOrPromise]]:  # noqa: ARG002 (Django's signature)
        return [("invoice", _l("Without an invoice")), ("return", _l("Too much was paid"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[BankTransfer]) -> QuerySet[BankTransfer]:  # noqa: ARG002 (Django's signature)
        waiting = {"invoice": Q(invoice=None), "return": Q(surplus__gt=0)}.get(self.value() or "")
        if waiting is None:
            return queryset
        left = BankTransfer.objects.filter(waiting)
        return queryset.filter(waiting).exclude(pk__in=marked(left.values_list("pk", flat=True)))


class BankTransferPage(Page[BankTransfer]):
    name = _l("Bank transfer")
    name_plural = _l("Bank transfers")
    group = Group.BILLING
    related = ("invoice__organization", "payment")
    deferred = ("invoice__pdf",)
    id_fields = ("pk", "invoice_id")
    list_display = (
        column(_l("Bank’s reference"), _bank_reference, order="bank_reference"),
        column(_l("Received on"), "received_on", order="received_on"),
        column(_l("Amount"), "total", order="amount"),
        column(_l("What the payer wrote"), "reference_text", order="reference_text"),
        column(_l("Invoice"), _invoice, order="invoice__number"),
        column(_l("Organization"), _organization, order="invoice__organization__name"),
        column(_l("Too much"), _surplus, order="surplus"),
    )
    facts = (
        *list_display,
        column(_l("Payment"), _payment),
        column(_l("Booked by"), _booked_by),
        column(_l("Booked at"), "created_at"),
        column(_l("What was done"), mark_in_words),
        column(_l("Id"), "pk"),
    )
    list_filter = (NeedsFilter,)
    search_fields = ("bank_reference", "reference_text", "invoice__number", "invoice__organization__name")
    ordering = ("-received_on", "-pk")

    def caption(self, row: BankTransfer) -> str:
        return row.bank_reference

    def acts(self, request: HttpRequest, row: BankTransfer) -> Sequence[tuple[_StrOrPromise, str]]:
        if not may(request, Permission.VENDOR_BILLING):
            return ()
        found = []
        if row.invoice_id is None:
            found.append((_("Assign to an invoice…"), reverse("admin:billing_banktransfer_assign", args=[row.pk])))
        if row.invoice_id is None or row.surplus:
            found.append((_("Note what was done…"), reverse("admin:billing_banktransfer_mark", args=[row.pk])))
        return found

    def acts_on_list(self, request: HttpRequest) -> Sequence[tuple[_StrOrPromise, str]]:
        if not may(request, Permission.VENDOR_BILLING):
            return ()
        return ((_("Transfer received…"), reverse("admin:billing_banktransfer_receive")),)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("receive/", view(self.receive), name="billing_banktransfer_receive"),
            path("<uuid:object_id>/assign/", view(self.assign), name="billing_banktransfer_assign"),
            path("<uuid:object_id>/mark/", view(self.mark), name="billing_banktransfer_mark"),
            *super().get_urls(),
        ]

    def receive(self, request: HttpRequest) -> HttpResponse:
        """Book a transfer; `invoice` in the address proposes what it is for."""
        self.require_view(request)
        wanted = as_uuid(request.GET.get("invoice", ""))
        invoice = Invoice.objects.filter(pk=wanted).defer("pdf").first() if wanted is not None else None
        return run(request, ReceiveAct(invoice=invoice), site=self.admin_site)

    def assign(self, request: HttpRequest, object_id: object) -> HttpResponse:
        return run(request, AssignAct(self.row(request, str(object_id))), site=self.admin_site)

    def mark(self, request: HttpRequest, object_id: object) -> HttpResponse:
        return run(request, MarkAct(self.row(request, str(object_id))), site=self.admin_site)

    def ways_on(self, row: BankTransfer) -> Sequence[tuple[_StrOrPromise, str]]:
        return ((_("What happened"), find_url(row.invoice.number if row.invoice is not None else row.pk)),)
