"""Money that goes back: refunds, disputes at the bank, and the credit notes that take an invoice back for them."""

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

from keywright_portal.accounts.models import Organization, User
from keywright_portal.backoffice.access import may
from keywright_portal.backoffice.acting import run
from keywright_portal.backoffice.acts.mark import MarkAct, mark_in_words
from keywright_portal.backoffice.links import find_url, link
from keywright_portal.backoffice.page import Group, Page
from keywright_portal.backoffice.pdf import pdf_answer
from keywright_portal.backoffice.showing import Table, code, column, percent, table
from keywright_portal.backoffice.waiting import refunds_to_repeat
from keywright_portal.billing.models import CreditNote, Dispute, DisputeState, Invoice, Payment, Refund
from keywright_portal.domain.money import Money
from keywright_portal.kit.actor import Permission

if TYPE_CHECKING:
    from django.urls import URLPattern
    from django.utils.functional import _StrOrPromise


def _invoice(row: Refund | Dispute) -> SafeString | str:
    return link(Invoice, row.payment.invoice_id, row.payment.invoice.number)


def _organization(row: Refund | Dispute) -> SafeString | str:
    return link(Organization, row.payment.invoice.organization_id, row.payment.invoice.organization.name)


def _payment(row: Refund | Dispute) -> SafeString | str:
    return link(Payment, row.payment_id, row.payment.provider_payment_id)


def _credit_note(row: Refund | Dispute) -> SafeString | str:
    return link(CreditNote, row.credit_note_id, row.credit_note.number if row.credit_note is not None else "")


def _state(row: Refund | Dispute) -> str:
    return str(row.get_state_display())


def _requested_by(row: Refund) -> SafeString | str:
    return _("The payment provider") if row.requested_by is None else link(User, row.requested_by, row.requested_by)


def _provider_refund(row: Refund) -> SafeString | str:
    return code(row.provider_refund_id)


def _provider_dispute(row: Dispute) -> SafeString | str:
    return code(row.provider_dispute_id)


def _reason_of_bank(row: Dispute) -> str:
    return row.reason.replace("_", " ")


class RepeatFilter(admin.SimpleListFilter):
    """Refunds with which somebody has something to do."""

    title = _l("what is to do")
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, _StrOrPromise]]:  # noqa: ARG002 (Django's signature)
        return [("again", _l("To be asked for again"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Refund]) -> QuerySet[Refund]:  # noqa: ARG002 (Django's signature)
        return queryset.filter(pk__in=refunds_to_repeat().values("pk")) if self.value() == "again" else queryset


class RefundPage(Page[Refund]):
    name = _l("Refund")
    name_plural = _l("Refunds")
    group = Group.BILLING
    related = ("payment__invoice__organization", "credit_note")
    deferred = ("payment__invoice__pdf", "credit_note__pdf")
    id_fields = ("pk", "payment_id")
    list_display = (
        column(_l("Requested"), "requested_at", order="requested_at"),
        column(_l("Amount"), "total", order="amount"),
        column(_l("State"), _state, order="state"),
        column(_l("Invoice"), _invoice, order="payment__invoice__number"),
        column(_l("Organization"), _organization, order="payment__invoice__organization__name"),
        column(_l("Credit note"), _credit_note, order="credit_note__number"),
        column(_l("Settled"), "settled_at", order="settled_at"),
    )
    facts = (
        *list_display,
        column(_l("Payment"), _payment),
        column(_l("Refund at the provider"), _provider_refund),
        column(_l("Reason"), "reason"),
        column(_l("Ends the license once all is given back"), "revokes_license"),
        column(_l("Why it failed"), "failure"),
        column(_l("Requested by"), _requested_by),
        column(_l("Id"), "pk"),
    )
    list_filter = ("state", RepeatFilter)
    search_fields = (
        "provider_refund_id",
        "payment__provider_payment_id",
        "payment__invoice__number",
        "payment__invoice__organization__name",
        "credit_note__number",
    )
    ordering = ("-requested_at", "-pk")

    def caption(self, row: Refund) -> str:
        return _("of invoice %(invoice)s") % {"invoice": row.payment.invoice.number}

    def ways_on(self, row: Refund) -> Sequence[tuple[_StrOrPromise, str]]:
        return ((_("What happened"), find_url(row.payment.invoice.number)),)


class DisputePage(Page[Dispute]):
    name = _l("Dispute")
    name_plural = _l("Disputes")
    group = Group.BILLING
    related = ("payment__invoice__organization", "credit_note")
    deferred = ("payment__invoice__pdf", "credit_note__pdf")
    id_fields = ("pk", "payment_id")
    list_display = (
        column(_l("Opened"), "opened_at", order="opened_at"),
        column(_l("Amount"), "total", order="amount"),
        column(_l("State"), _state, order="state"),
        column(_l("Reason that the bank gives"), _reason_of_bank, order="reason"),
        column(_l("Invoice"), _invoice, order="payment__invoice__number"),
        column(_l("Organization"), _organization, order="payment__invoice__organization__name"),
        column(_l("Closed"), "closed_at", order="closed_at"),
    )
    facts = (
        *list_display,
        column(_l("Payment"), _payment),
        column(_l("Dispute at the provider"), _provider_dispute),
        column(_l("Credit note"), _credit_note),
        column(_l("What was done"), mark_in_words),
        column(_l("Id"), "pk"),
    )
    list_filter = ("state",)
    search_fields = (
        "provider_dispute_id",
        "payment__provider_payment_id",
        "payment__invoice__number",
        "payment__invoice__organization__name",
    )
    ordering = ("-opened_at", "-pk")

    def acts(self, request: HttpRequest, row: Dispute) -> Sequence[tuple[_StrOrPromise, str]]:
        if row.state != DisputeState.OPEN or not may(request, Permission.VENDOR_BILLING):
            return ()
        return ((_("Note what was done…"), reverse("admin:billing_dispute_mark", args=[row.pk])),)

    def get_urls(self) -> list[URLPattern]:
        mark = path("<uuid:object_id>/mark/", self.admin_site.admin_view(self.mark), name="billing_dispute_mark")
        return [mark, *super().get_urls()]

    def mark(self, request: HttpRequest, object_id: object) -> HttpResponse:
        return run(request, MarkAct(self.row(request, str(object_id))), site=self.admin_site)

    def caption(self, row: Dispute) -> str:
        return _("of invoice %(invoice)s") % {"invoice": row.payment.invoice.number}

    def ways_on(self, row: Dispute) -> Sequence[tuple[_StrOrPromise, str]]:
        return ((_("What happened"), find_url(row.payment.invoice.number)),)


def _credited_invoice(row: CreditNote) -> SafeString | str:
    return link(Invoice, row.invoice_id, row.invoice.number)


def _credited_organization(row: CreditNote) -> SafeString | str:
    return link(Organization, row.organization_id, row.organization.name)


def _net(row: CreditNote) -> Money:
    return Money(row.net, row.currency)


def _tax(row: CreditNote) -> Money:
    return Money(row.tax, row.currency)


class CreditNotePage(Page[CreditNote]):
    name = _l("Credit note")
    name_plural = _l("Credit notes")
    group = Group.BILLING
    related = ("invoice", "organization")
    deferred = ("pdf", "invoice__pdf")
    id_fields = ("pk", "invoice_id")
    list_display = (
        column(_l("Number"), "number", order="number"),
        column(_l("Organization"), _credited_organization, order="organization__name"),
        column(_l("Invoice"), _credited_invoice, order="invoice__number"),
        column(_l("Total"), "total", order="gross"),
        column(_l("Issued"), "issued_at", order="issued_at"),
        column(_l("Reason"), "reason"),
    )
    facts = (*list_display, column(_l("Net"), _net), column(_l("Tax"), _tax), column(_l("Id"), "pk"))
    search_fields = ("number", "invoice__number", "organization__name")
    ordering = ("-issued_at", "-pk")

    def caption(self, row: CreditNote) -> str:
        return row.number

    def tables(self, row: CreditNote) -> Sequence[Table]:
        def money(amount: int) -> Money:
            return Money(amount, row.currency)

        return (
            table(
                _("Lines"),
                (_("Item"), _("Net"), _("Tax rate"), _("Tax"), _("Gross")),
                [
                    (
                        line.description,
                        money(line.net),
                        percent(line.tax_basis_points),
                        money(line.tax),
                        money(line.gross),
                    )
                    for line in row.lines.all()
                ],
            ),
        )

    def ways_on(self, row: CreditNote) -> Sequence[tuple[_StrOrPromise, str]]:
        return (
            (_("Download the credit note"), reverse("admin:billing_creditnote_pdf", args=[row.pk])),
            (_("What happened"), find_url(row.invoice.number)),
        )

    def get_urls(self) -> list[URLPattern]:
        pdf = path("<uuid:object_id>/pdf/", self.admin_site.admin_view(self.pdf), name="billing_creditnote_pdf")
        return [pdf, *super().get_urls()]

    def pdf(self, request: HttpRequest, object_id: object) -> HttpResponse:
        """The credit note's bytes as they were stored when it was issued."""
        note = self.row(request, str(object_id))
        return pdf_answer(note.pdf, name=note.number)
