"""What every page shows around its content: who sells, who is signed in, and where one can go from here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, cast

from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from keywright_portal.catalog import selectors as catalog
from keywright_portal.catalog.brand import mark_version
from keywright_portal.catalog.errors import NoCatalogError
from keywright_portal.web.actor import organization_of, reverse_o

if TYPE_CHECKING:
    from django.http import HttpRequest

    from keywright_portal.catalog.vendor import VendorDetails
    from keywright_portal.web.actor import OrganizationRequest

TABS: Final[dict[str, frozenset[str]]] = {
    "overview": frozenset({"overview"}),
    "subscriptions": frozenset({"subscriptions", "license-ready", "deployments", "deployment-file"}),
    "active-users": frozenset({"active-users"}),
    "billing": frozenset({"billing", "invoice-pdf", "payment-methods"}),
    "organization": frozenset({"organization"}),
    "support": frozenset({"support", "support-sent", "help", "help-topic"}),
}
"""The top navigation: the page that a tab opens, and the pages on which it is the current one."""


@dataclass(frozen=True)
class PageBrand:
    """`brand` as `keywright_look`'s shells ask for it. Reads the vendor when a template does, and only then."""

    request: HttpRequest

    @cached_property
    def _vendor(self) -> VendorDetails | None:
        return vendor_or_none(self.request)

    @property
    def name(self) -> str:
        return self._vendor.name if self._vendor is not None else _("Customer Portal")

    @property
    def colour(self) -> str | None:
        return self._vendor.brand_colour if self._vendor is not None else None

    @property
    def home_url(self) -> str:
        return reverse("home")

    @cached_property
    def css_url(self) -> str | None:
        if self._vendor is None:
            return None
        return f"{reverse('brand-css')}?{self._vendor.brand_colour.removeprefix('#')}"

    @cached_property
    def mark_url(self) -> str | None:
        if self._vendor is None or self._vendor.logo_svg is None:
            return None
        return f"{reverse('brand-mark')}?{mark_version(self._vendor)}"


def vendor_or_none(request: HttpRequest) -> VendorDetails | None:
    """The vendor, read once a request; None before the first catalog was applied, when only an error page is shown."""
    holder = cast("Any", request)
    if not hasattr(holder, "vendor"):
        try:
            holder.vendor = catalog.vendor()
        except NoCatalogError:
            holder.vendor = None
    return cast("VendorDetails | None", holder.vendor)


def vendor_of(request: HttpRequest) -> VendorDetails:
    """The vendor, read once a request. Raises NoCatalogError."""
    return vendor_or_none(request) or catalog.vendor()


def portal(request: HttpRequest) -> dict[str, Any]:
    """The context processor. Each value costs a query at most, and none where no template asks for it."""
    return {
        "brand": PageBrand(request),
        "vendor": SimpleLazyObject(lambda: vendor_of(request)),
        "person": SimpleLazyObject(lambda: _person(request)),
        "tabs": SimpleLazyObject(lambda: _tabs(request)),
        "menu": SimpleLazyObject(lambda: _menu(request)),
        "footer_name": SimpleLazyObject(lambda: _footer_name(request)),
        "footer_links": SimpleLazyObject(_footer_links),
        "shell_key": SimpleLazyObject(lambda: shell_key(request)),
    }


def shell_key(request: HttpRequest) -> str:
    """All that the header and the footer are made of: pages that share it share what was rendered for the first.

    Rendering them takes longer than everything else on most pages. What is new in them has to be named here.
    """
    signed_in = _is_signed_in(request)
    user = cast("OrganizationRequest", request).user if signed_in else None
    organization = organization_of(request) if signed_in else None
    vendor = vendor_or_none(request)
    return repr(
        (
            get_language(),
            vendor and (vendor.name, vendor.legal_name, vendor.brand_colour, mark_version(vendor)),
            user and (user.name, user.is_staff),
            organization and (organization.slug, organization.name),
            _current_tab(request),
        )
    )


def _is_signed_in(request: HttpRequest) -> bool:
    user = getattr(request, "user", None)
    return user is not None and user.is_authenticated


def _person(request: HttpRequest) -> object:
    return request.user if _is_signed_in(request) else None


def _tabs(request: HttpRequest) -> list[dict[str, object]]:
    if not _is_signed_in(request) or organization_of(request) is None:
        return []
    labels = {
        "overview": _("Overview"),
        "subscriptions": _("Subscriptions"),
        "active-users": _("Active users"),
        "billing": _("Billing history"),
        "organization": _("Organization"),
        "support": _("Support"),
    }
    current = _current_tab(request)
    return [
        {
            "url": reverse(page) if page == "support" else reverse_o(request, page),
            "label": labels[page],
            "current": page == current,
        }
        for page in TABS
    ]


def _current_tab(request: HttpRequest) -> str | None:
    here = request.resolver_match.url_name if request.resolver_match is not None else None
    return next((tab for tab, pages in TABS.items() if here in pages), None)


def _menu(request: HttpRequest) -> list[dict[str, object]]:
    if not _is_signed_in(request):
        return []
    items: list[dict[str, object]] = [
        {"url": reverse("account"), "label": _("Your account")},
        {"url": reverse("account_change_password"), "label": _("Password")},
    ]
    if organization_of(request) is not None:
        items.append({"url": reverse_o(request, "payment-methods"), "label": _("Payment methods")})
    if cast("OrganizationRequest", request).user.is_staff:
        items.append({"url": reverse("admin:index"), "label": _("Back office")})
    items.append({"url": reverse("account_logout"), "label": _("Log out"), "post": True})
    return items


def _footer_name(request: HttpRequest) -> str:
    organization = organization_of(request) if _is_signed_in(request) else None
    if organization is not None:
        return organization.name
    vendor = vendor_or_none(request)
    return vendor.legal_name if vendor is not None else ""


def _footer_links() -> list[dict[str, str]]:
    return [
        {"url": reverse("terms"), "label": _("Terms")},
        {"url": reverse("privacy"), "label": _("Privacy Policy")},
        {"url": reverse("help"), "label": _("Questions and answers")},
        {"url": reverse("support"), "label": _("Contact Support")},
    ]
