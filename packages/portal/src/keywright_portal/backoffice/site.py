"""The back office as one site of Django's admin: for staff, and to read."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from keywright_portal.backoffice.access import may
from keywright_portal.backoffice.find import Found, look_up
from keywright_portal.backoffice.page import Group
from keywright_portal.backoffice.reports.page import Reports
from keywright_portal.backoffice.waiting import waiting
from keywright_portal.kit import clock
from keywright_portal.kit.actor import Permission
from keywright_portal.kit.errors import PermissionDeniedError

if TYPE_CHECKING:
    from django.db.models import Model
    from django.urls import URLPattern, URLResolver

    from keywright_portal.backoffice.page import Page

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
LEFT_OUT: Final = frozenset({"password_change", "password_change_done", "autocomplete", "view_on_site", "app_list"})
"""Addresses of the admin that nothing here needs. The password is changed on the portal's own page, like anybody's."""


class BackofficeSite(admin.AdminSite):
    """Who isn't signed in goes to the portal's sign-in; who isn't staff is refused. Nothing can be changed here."""

    site_header = site_title = _l("Back office")
    index_title = _l("Everything in one place")
    site_url = None
    index_template = "backoffice/index.html"
    final_catch_all_view = False

    def has_permission(self, request: HttpRequest) -> bool:
        return may(request, Permission.VENDOR_READ)

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # noqa: FBT001, FBT002 (Django's signature)
        inner = super().admin_view(view, cacheable)

        def for_staff(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not self.has_permission(request):
                raise PermissionDeniedError(_refusal(request))
            return inner(request, *args, **kwargs)

        return cast("View", update_wrapper(for_staff, view))

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # noqa: ARG002 (Django's signature)
        """No form of its own: the portal's sign-in counts wrong passwords and asks for a confirmed address."""
        if request.user.is_authenticated:
            return redirect("admin:index")
        return redirect_to_login(request.GET.get("next", "/"))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        kept = [entry for entry in super().get_urls() if getattr(entry, "name", None) not in LEFT_OUT]
        return [path("find/", self.admin_view(self.find), name="find"), *Reports(self).urls(), *kept]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The pages; and for billing people, what waits for them."""
        todo = waiting(now=clock.now()) if may(request, Permission.VENDOR_BILLING) else None
        return super().index(request, {"waiting": todo, **(extra_context or {})})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:  # noqa: ARG002 (Django's signature)
        """What one's role may see, by what it is about, in the order of registration; not by Django app."""
        groups: dict[str, dict[str, Any]] = {}
        for model, page in self.pages():
            if page.in_navigation and page.has_view_permission(request):
                group = groups.setdefault(page.group.name, {"name": page.group.value, "models": []})
                group["models"].append(
                    {"name": page.name_plural, "object_name": model.__name__, "admin_url": page.list_url()}
                )
        if may(request, Permission.VENDOR_BILLING):
            files = {"name": _l("Monthly files"), "object_name": "Reports", "admin_url": reverse("admin:reports")}
            groups[Group.BILLING.name]["models"].append(files)
        return list(groups.values())

    def pages(self) -> list[tuple[type[Model], Page[Any]]]:
        return list(self._registry.items())  # type: ignore[arg-type]  # `register` takes nothing but pages

    def find(self, request: HttpRequest) -> HttpResponse:
        """What happened under a reference, a number, an id or an address."""
        asked = request.GET.get("q", "")
        context = {
            **self.each_context(request),
            "title": _("What happened under a reference"),
            "asked": asked,
            "found": self._for_reader(request, look_up(asked)) if asked.strip() else None,
        }
        return TemplateResponse(request, "backoffice/find.html", context)

    def _for_reader(self, request: HttpRequest, found: Found) -> Found:
        return found.of({model for model, page in self.pages() if page.has_view_permission(request)})


def _refusal(request: HttpRequest) -> str:
    if request.user.is_authenticated and request.user.is_staff:
        return _("Your staff account has no role. Ask whoever runs this portal to run: keywright staff change")
    return _("These pages are for the vendor’s staff. Sign in with a staff account to see them.")
