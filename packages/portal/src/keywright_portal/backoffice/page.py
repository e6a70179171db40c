"""The base of every page of the back office: a list that can be searched, and one row with all that belongs to it."""

# ruff: noqa: ARG002 (signatures that Django and subclasses share)

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from keywright_license import zbase32
from keywright_portal.backoffice.access import may
from keywright_portal.backoffice.links import detail_url, find_url, list_url
from keywright_portal.kit.actor import Permission
from keywright_portal.kit.errors import NotFoundError, PermissionDeniedError

if TYPE_CHECKING:
    from django.urls import URLPattern
    from django.utils.functional import _StrOrPromise

    from keywright_portal.backoffice.showing import Table

Row = TypeVar("Row", bound=Model)
ROWS_A_PAGE: Final = 50
NEWEST: Final = 20
"""Rows of another kind that a row's page shows: enough to see what goes on, and a page is as fast for any customer."""


if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin
else:

    class ModelAdmin(admin.ModelAdmin, Generic[Row]):
        """Django's own takes no type of row but in its stubs."""


class Group(Enum):
    """What pages are about, as the navigation puts them together. The value is shown."""

    CUSTOMERS = _("Customers")
    ORDERS = _("Orders and payments")
    BILLING = _("Invoices")
    LICENSES = _("Subscriptions and licenses")
    SUPPORT = _("Support")
    CATALOG = _("Catalog")
    RUNNING = _("Running it")


NEEDED: Final = {
    Group.CUSTOMERS: Permission.VENDOR_READ,
    Group.ORDERS: Permission.VENDOR_READ,
    Group.BILLING: Permission.VENDOR_READ,
    Group.LICENSES: Permission.VENDOR_SUPPORT,
    Group.SUPPORT: Permission.VENDOR_SUPPORT,
    Group.CATALOG: Permission.VENDOR_READ,
    Group.RUNNING: Permission.VENDOR_SUPPORT,
}
"""Least privilege: billing people see what is bought and owed; tickets, mails, licenses and the audit trail are not
theirs. Support sees all that, and moves no money.
"""


class Page(ModelAdmin[Row]):
    """One model, to read. A subclass says what it is called, what a list shows and what the page of one row shows.

    `facts` and `list_display` are columns, see `showing.column`. `id_fields` are UUIDs by which an id that is typed
    into the search finds a row, in Django's writing or in that of license files. Both views make a number of queries
    that doesn't depend on how many rows there are: `related` names what is joined, `tables` reads the rest.
    """

    name: ClassVar[_StrOrPromise]
    name_plural: ClassVar[_StrOrPromise]
    group: ClassVar[Group]
    in_navigation: ClassVar[bool] = True
    facts: ClassVar[Sequence[Callable[[Any], str]]]
    related: ClassVar[Sequence[str]] = ()
    deferred: ClassVar[Sequence[str]] = ()
    id_fields: ClassVar[Sequence[str]] = ("pk",)

    change_list_template = "backoffice/list.html"
    actions = None
    view_on_site = False
    show_full_result_count = False
    list_per_page = ROWS_A_PAGE
    list_max_show_all = ROWS_A_PAGE
    show_facets = admin.ShowFacets.NEVER

    def caption(self, row: Row) -> str:
        """What the row is called."""
        return str(row.pk)

    def tables(self, row: Row) -> Sequence[Table]:
        """What belongs to the row."""
        return ()

    def ways_on(self, row: Row) -> Sequence[tuple[_StrOrPromise, str]]:
        """Where one goes from here: labels and addresses."""
        return [(_("What happened"), find_url(row.pk))]

    def acts(self, request: HttpRequest, row: Row) -> Sequence[tuple[_StrOrPromise, str]]:
        """What one may do with the row: labels and addresses."""
        return ()

    def acts_on_list(self, request: HttpRequest) -> Sequence[tuple[_StrOrPromise, str]]:
        """What one may do that belongs to no row yet."""
        return ()

    def has_view_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return may(request, NEEDED[self.group])

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False

    def list_url(self) -> str:
        return list_url(self.model)

    def get_urls(self) -> list[URLPattern]:
        """The list and the row, and no other address: nothing here adds, changes or deletes."""
        kept = (f"{self.opts.app_label}_{self.opts.model_name}_{view}" for view in ("changelist", "change"))
        names = frozenset(kept)
        return [entry for entry in super().get_urls() if getattr(entry, "name", None) in names]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Row]:
        return super().get_queryset(request).select_related(*self.related).defer(*self.deferred)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Row], search_term: str
    ) -> tuple[QuerySet[Row], bool]:
        """Rows that hold every word; where the whole is an id, the rows that carry it."""
        wanted = as_uuid(search_term)
        if wanted is not None and self.id_fields:
            matching = Q()
            for field in self.id_fields:
                matching |= Q(**{field: wanted})
            return queryset.filter(matching), False
        return super().get_search_results(request, queryset, search_term)

    def require_view(self, request: HttpRequest) -> None:
        """Raise PermissionDeniedError where the page is not for the asker's role."""
        if not self.has_view_permission(request):
            raise PermissionDeniedError(
                _("Your role doesn’t show these pages. Ask a colleague whose role does, or for another role.")
            )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        self.require_view(request)
        context = {"title": self.name_plural, "page": self, "acts": self.acts_on_list(request)}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The page of one row. It is no form: there is nothing to send."""
        row = self.row(request, object_id)
        caption = self.caption(row)
        context = {
            **self.admin_site.each_context(request),
            "title": self.name,
            "subtitle": caption,
            "page": self,
            "opts": self.opts,
            "facts": [(fact.short_description, fact(row)) for fact in self.facts],  # type: ignore[attr-defined]  # see `column`
            "tables": self.tables(row),
            "acts": self.acts(request, row),
            "ways_on": self.ways_on(row),
        }
        return TemplateResponse(request, "backoffice/row.html", context)

    def row(self, request: HttpRequest, key: str) -> Row:
        """One row by its key as it stands in the address. Raises PermissionDeniedError, NotFoundError."""
        self.require_view(request)
        try:
            found = self.get_queryset(request).filter(pk=key).first() if "\x00" not in key else None
        except (ValidationError, ValueError, OverflowError):
            found = None
        if found is None:
            raise NotFoundError(_("There is no such row. Search for it by its number, reference or name instead."))
        return found

    def row_url(self, row: Row) -> str:
        return detail_url(self.model, row.pk)


def as_uuid(text: str) -> UUID | None:
    """An id as the database or a license file writes it; None where `text` is no id."""
    typed = text.strip()
    if zbase32.is_id(typed):
        return zbase32.decode(typed)
    try:
        return UUID(typed)
    except ValueError:
        return None
