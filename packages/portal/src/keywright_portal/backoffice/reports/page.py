"""The page of the monthly files, and the files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from keywright_portal.backoffice.access import actor_at
from keywright_portal.backoffice.reports import payouts, revenue, tax
from keywright_portal.backoffice.reports.month import Month
from keywright_portal.kit import clock
from keywright_portal.kit.actor import Permission
from keywright_portal.kit.errors import KeywrightError, NotFoundError, PermissionDeniedError
from keywright_portal.kit.spreadsheet import Cell, csv_file
from keywright_portal.payments.gateway import GatewayError, gateway

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
    from django.urls import URLPattern


class PayoutsUnavailableError(KeywrightError):
    """The provider couldn't be asked."""

    code = "payouts_unavailable"


Table = tuple[Sequence[str], Iterable[Sequence[Cell]]]


def _tax(month: Month) -> Table:
    return tax.headers(), tax.rows(month)


def _revenue(month: Month) -> Table:
    return revenue.headers_by_day(), revenue.rows_by_day(month)


def _revenue_by_document(month: Month) -> Table:
    return revenue.headers_by_document(), revenue.rows_by_document(month)


def _payouts(month: Month) -> Table:
    try:
        found = payouts.payouts_of(month, gateway=gateway())
    except GatewayError as error:
        raise PayoutsUnavailableError(
            _("The payment provider didn’t answer, so there is no file of its payouts. Try again in a minute.")
        ) from error
    return payouts.headers(), payouts.rows(found)


FILES: Final[Mapping[str, Callable[[Month], Table]]] = {
    "tax": _tax,
    "revenue": _revenue,
    "revenue-by-document": _revenue_by_document,
    "payouts": _payouts,
}
ABOUT: Final = {
    "tax": (
        _("Tax"),
        _("By country and rate: what the month’s invoices charged, and what its credit notes took back."),
    ),
    "revenue": (
        _("Revenue by the day it is earned"),
        _("Each purchase’s net amount spread over the days of its term, what credit notes take off beside it."),
    ),
    "revenue-by-document": (
        _("Revenue by invoice and credit note"),
        _("The same sums, by document: earned before the month, in it, and still to be earned."),
    ),
    "payouts": (
        _("Payouts against invoices"),
        _("What the payment provider paid into the bank, its fees, and the invoice each part is of."),
    ),
}


class Reports:
    """The pages below `reports/`, for people of the vendor's who may read its figures."""

    def __init__(self, site: AdminSite) -> None:
        self._site = site

    def urls(self) -> list[URLPattern]:
        view = self._site.admin_view
        return [
            path("reports/", view(self.choose), name="reports"),
            path("reports/<str:month>/<slug:name>.csv", view(self.download), name="report"),
        ]

    def choose(self, request: HttpRequest) -> HttpResponse:
        """The files of a month; of the last one that is over, where none is named."""
        _require(request)
        today = clock.now().date()
        asked, problem = request.GET.get("month", ""), ""
        month = Month(today.replace(day=1)).before
        if asked:
            try:
                month = Month.read(asked, today=today)
            except KeywrightError as error:
                problem = str(error.message)
        context = {
            **self._site.each_context(request),
            "title": _("Monthly files"),
            "month": month,
            "month_asked": asked or str(month),
            "problem": problem,
            "is_running": month.until > today,
            "files": [
                {"label": label, "about": about, "url": reverse("admin:report", args=[str(month), name])}
                for name, (label, about) in ABOUT.items()
            ],
        }
        return TemplateResponse(request, "backoffice/reports.html", context, status=422 if problem else 200)

    def download(self, request: HttpRequest, month: str, name: str) -> HttpResponseBase:
        """One file. Raises PermissionDeniedError, MonthError, NotFoundError, PayoutsUnavailableError."""
        _require(request)
        of_month = Month.read(month, today=clock.now().date())
        if name not in FILES:
            raise NotFoundError(_("There is no such file. Choose one under Monthly files."))
        headers, rows = FILES[name](of_month)
        # All of it is read before the answer begins: what can't be had is an error page, not half a file.
        answer = StreamingHttpResponse(csv_file(headers, list(rows)), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{name}-{of_month}.csv"'
        return answer


def _require(request: HttpRequest) -> None:
    actor = actor_at(request)
    if actor is None:
        raise PermissionDeniedError(_("Sign in with a staff account first."))
    actor.require(Permission.VENDOR_BILLING)
