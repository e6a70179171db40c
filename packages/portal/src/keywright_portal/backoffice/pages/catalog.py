"""What is sold, at which prices, under which policies, and by whom. It is changed by `keywright catalog apply`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Count
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from keywright_portal.backoffice.links import link
from keywright_portal.backoffice.page import NEWEST, Group, Page
from keywright_portal.backoffice.showing import Table, column, percent, show, table
from keywright_portal.catalog.models import AddOn, Coupon, Plan, Policy, Price, Product, Vendor
from keywright_portal.domain.money import BASIS, Money
from keywright_portal.orders.models import CouponUse, Order

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.utils.functional import _StrOrPromise


def _plan_product(row: Plan | AddOn) -> SafeString | str:
    return link(Product, row.product_id, row.product.name)


def amount_in_words(price: Price) -> object:
    """Money, or the share of the plan's price."""
    if price.basis_points is not None:
        return _("%(percent)s %% of the plan’s price") % {"percent": f"{price.basis_points / (BASIS / 100):g}"}
    return Money(price.amount, price.currency) if price.amount is not None else None


def prices_table(prices: QuerySet[Price]) -> Table:
    """The price in force first, then those whose place it took."""
    return table(
        _("Prices"),
        (_("Price"), _("Kind"), _("Since"), _("Until")),
        [
            (link(Price, one.pk, show(amount_in_words(one))), one.kind, one.created_at, one.superseded_at)
            for one in prices.order_by("-created_at", "-pk")
        ],
    )


class ProductPage(Page[Product]):
    name = _l("Product")
    name_plural = _l("Products")
    group = Group.CATALOG
    list_display = (
        column(_l("Name"), "name", order="name"),
        column(_l("Code"), "code", order="code"),
        column(_l("License formats"), "formats"),
        column(_l("Withdrawn"), "withdrawn_at", order="withdrawn_at"),
    )
    facts = (*list_display, column(_l("Id"), "pk"))
    search_fields = ("name", "code")
    ordering = ("position", "code")

    def caption(self, row: Product) -> str:
        return row.name

    def tables(self, row: Product) -> Sequence[Table]:
        return (
            table(
                _("Plans"),
                (_("Plan"), _("Code"), _("Withdrawn")),
                [(link(Plan, one.pk, one.name), one.code, one.withdrawn_at) for one in row.plans.all()],
            ),
            table(
                _("Add-ons"),
                (_("Add-on"), _("Code"), _("Withdrawn")),
                [(link(AddOn, one.pk, one.name), one.code, one.withdrawn_at) for one in row.add_ons.all()],
            ),
        )


class PlanPage(Page[Plan]):
    name = _l("Plan")
    name_plural = _l("Plans")
    group = Group.CATALOG
    related = ("product",)
    list_display = (
        column(_l("Name"), "name", order="name"),
        column(_l("Code"), "code", order="code"),
        column(_l("Product"), _plan_product, order="product__name"),
        column(_l("Withdrawn"), "withdrawn_at", order="withdrawn_at"),
    )
    facts = (
        *list_display,
        column(_l("Summary"), "summary"),
        column(_l("What people read"), "highlights"),
        column(_l("Features that licenses grant"), "features"),
        column(_l("Id"), "pk"),
    )
    search_fields = ("name", "code", "product__name")
    ordering = ("position", "code")

    def caption(self, row: Plan) -> str:
        return row.name

    def tables(self, row: Plan) -> Sequence[Table]:
        return (
            prices_table(row.prices.all()),
            table(_("Add-ons"), (_("Add-on"),), [(link(AddOn, one.pk, one.name),) for one in row.add_ons.all()]),
        )


class AddOnPage(Page[AddOn]):
    name = _l("Add-on")
    name_plural = _l("Add-ons")
    group = Group.CATALOG
    related = ("product",)
    list_display = (
        column(_l("Name"), "name", order="name"),
        column(_l("Code"), "code", order="code"),
        column(_l("Product"), _plan_product, order="product__name"),
        column(_l("Withdrawn"), "withdrawn_at", order="withdrawn_at"),
    )
    facts = (
        *list_display,
        column(_l("Summary"), "summary"),
        column(_l("Non-production servers"), "non_production_deployments"),
        column(_l("Id"), "pk"),
    )
    search_fields = ("name", "code", "product__name")
    ordering = ("position", "code")

    def caption(self, row: AddOn) -> str:
        return row.name

    def tables(self, row: AddOn) -> Sequence[Table]:
        return (
            prices_table(row.prices.all()),
            table(_("Offered with"), (_("Plan"),), [(link(Plan, one.pk, one.name),) for one in row.offered_with.all()]),
        )


def _of(row: Price) -> SafeString | str:
    if row.plan is not None:
        return link(Plan, row.plan_id, row.plan.name)
    return link(AddOn, row.add_on_id, row.add_on.name if row.add_on is not None else "")


class PricePage(Page[Price]):
    name = _l("Price")
    name_plural = _l("Prices")
    group = Group.CATALOG
    related = ("plan", "add_on")
    list_display = (
        column(_l("Price"), amount_in_words, order="amount"),
        column(_l("Of"), _of),
        column(_l("Kind"), "kind", order="kind"),
        column(_l("Since"), "created_at", order="created_at"),
        column(_l("Until"), "superseded_at", order="superseded_at"),
    )
    facts = (*list_display, column(_l("Id"), "pk"))
    search_fields = ("plan__name", "plan__code", "add_on__name", "add_on__code")
    ordering = ("-created_at", "-pk")


def _text(row: Policy) -> SafeString:
    return format_html('<div class="bo-prose">{}</div>', row.text)


def _policy_kind(row: Policy) -> str:
    return str(row.get_kind_display())


class PolicyPage(Page[Policy]):
    name = _l("Policy")
    name_plural = _l("Policies")
    group = Group.CATALOG
    list_display = (
        column(_l("Policy"), _policy_kind, order="kind"),
        column(_l("Version"), "version", order="version"),
        column(_l("Published"), "published_at", order="published_at"),
    )
    facts = (*list_display, column(_l("Text"), _text), column(_l("Id"), "pk"))
    search_fields = ("kind", "version")
    ordering = ("-published_at", "-pk")

    def caption(self, row: Policy) -> str:
        return f"{row.get_kind_display()} {row.version}"


def _vendor_name(row: Vendor) -> object:
    return row.details.get("name")


def _takes_off(row: Coupon) -> object:
    if row.basis_points is not None:
        return percent(row.basis_points)
    return [Money(amount, currency) for currency, amount in sorted(row.amounts.items())]


def _used(row: Coupon) -> int:
    return int(row.used)  # type: ignore[attr-defined]  # see get_queryset


class CouponPage(Page[Coupon]):
    name = _l("Coupon")
    name_plural = _l("Coupons")
    group = Group.CATALOG
    list_display = (
        column(_l("Code"), "code", order="code"),
        column(_l("Takes off"), _takes_off),
        column(_l("Plans"), "plans"),
        column(_l("From"), "starts_at", order="starts_at"),
        column(_l("Until"), "ends_at", order="ends_at"),
        column(_l("Used"), _used, order="used"),
        column(_l("At most"), "use_limit", order="use_limit"),
        column(_l("Withdrawn"), "withdrawn_at", order="withdrawn_at"),
    )
    facts = (*list_display, column(_l("Id"), "pk"))
    search_fields = ("code",)
    ordering = ("code",)

    def caption(self, row: Coupon) -> str:
        return row.code

    def get_queryset(self, request: HttpRequest) -> QuerySet[Coupon]:
        return super().get_queryset(request).annotate(used=Count("uses"))

    def tables(self, row: Coupon) -> Sequence[Table]:
        uses = CouponUse.objects.filter(coupon=row).select_related("order__organization").order_by("-taken_at", "-pk")
        return (
            table(
                _("Newest uses"),
                (_("Order"), _("Organization"), _("State"), _("Taken off"), _("At")),
                [
                    (
                        link(Order, one.order_id, one.order.number),
                        one.order.organization.name,
                        one.order.get_state_display(),
                        Money(one.order.discount, one.order.currency),
                        one.taken_at,
                    )
                    for one in uses[:NEWEST]
                ],
            ),
        )


class VendorPage(Page[Vendor]):
    name = _l("Vendor")
    name_plural = _l("Vendor")
    group = Group.CATALOG
    id_fields = ()
    list_display = (
        column(_l("Name"), _vendor_name),
        column(_l("Last changed"), "updated_at", order="updated_at"),
    )
    facts = (*list_display, column(_l("Details"), "details"))

    def caption(self, row: Vendor) -> str:
        return str(_vendor_name(row))

    def ways_on(self, row: Vendor) -> Sequence[tuple[_StrOrPromise, str]]:  # noqa: ARG002 (nothing happens to it alone)
        return ()
