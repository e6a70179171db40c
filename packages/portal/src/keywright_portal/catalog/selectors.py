"""What is sold, by whom and under which policies: for anybody who looks. Nothing here belongs to an organization."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from keywright_portal.catalog.errors import AddOnNotOfferedError, NoCatalogError, NoLongerSoldError
from keywright_portal.catalog.models import AddOn, Coupon, Plan, Policy, PolicyKind, Price, Vendor
from keywright_portal.catalog.vendor import VendorDetails
from keywright_portal.domain.money import Money
from keywright_portal.domain.pricing import AddOnPrice, PlanPrice, PriceKind
from keywright_portal.kit.errors import NotFoundError
from keywright_portal.kit.prepared import PreparedModels, PreparedQuery

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedAddOn:
    """An add-on as it is sold today with one plan."""

    add_on: AddOn
    price: AddOnPrice


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedPlan:
    """A plan as it is sold today, in one currency, with the add-ons offered with it. `plan.product` is loaded."""

    plan: Plan
    price: PlanPrice
    add_ons: tuple[OfferedAddOn, ...]

    def add_ons_for(self, codes: Collection[str]) -> tuple[OfferedAddOn, ...]:
        """The chosen add-ons in the catalog's order, each once.

        Raises NoLongerSoldError where one was withdrawn or has no price, AddOnNotOfferedError where it goes with other
        plans alone, NotFoundError where nobody ever sold it.
        """
        chosen = set(codes)
        missing = chosen - {offered.add_on.code for offered in self.add_ons}
        if missing:
            self._refuse(min(missing))
        return tuple(offered for offered in self.add_ons if offered.add_on.code in chosen)

    def _refuse(self, code: str) -> None:
        add_on = AddOn.objects.filter(product_id=self.plan.product_id, code=code).first()
        if add_on is None:
            raise NotFoundError(_("There is no such add-on. Choose among those that the page offers."), field="add_ons")
        if add_on.withdrawn_at is None and not add_on.offered_with.filter(pk=self.plan.pk).exists():
            raise AddOnNotOfferedError(
                _("%(add_on)s isn’t offered with %(plan)s. Choose another subscription type, or leave it out.")
                % {"add_on": add_on.name, "plan": self.plan.name},
                field="add_ons",
            )
        raise NoLongerSoldError(
            _("%(add_on)s is no longer sold. Leave it out to go on.") % {"add_on": add_on.name}, field="add_ons"
        )


def vendor() -> VendorDetails:
    """Who sells. One query. Raises NoCatalogError where no catalog was applied yet."""
    found = _VENDOR()
    if not found:
        raise NoCatalogError(_("No catalog was applied yet. Apply a catalog: keywright catalog apply FILE"))
    return _read_vendor(found[0][0])


_VENDOR: Final = PreparedQuery(lambda: Vendor.objects.filter(pk=1).values_list(Cast("details", TextField())))
"""Every page asks who sells."""


@lru_cache(maxsize=2)
def _read_vendor(details: str) -> VendorDetails:
    """The stored text as it was read before, since it hardly ever changes; two, for while a catalog is applied."""
    return VendorDetails.from_json(json.loads(details))


def offered_plans(*, currency: str) -> tuple[OfferedPlan, ...]:
    """Every plan that is sold in `currency`, in the catalog's order. Two queries, however much is sold."""
    return _offered(currency=currency)


def offered_plan(*, code: str, currency: str) -> OfferedPlan:
    """The plan `code` as it is sold in `currency`.

    Raises NoLongerSoldError where it was withdrawn or has no price in `currency`, NotFoundError where it is unknown.
    """
    for offered in _offered(currency=currency):
        if offered.plan.code == code:
            return offered
    plan = Plan.objects.filter(code=code).first()
    if plan is None:
        raise NotFoundError(
            _("There is no such subscription type. Choose among those that the page offers."), field="plan"
        )
    raise NoLongerSoldError(
        _("%(plan)s is no longer sold. Choose another subscription type.") % {"plan": plan.name}, field="plan"
    )


def coupons() -> tuple[Coupon, ...]:
    """Every coupon that wasn't withdrawn, by its code, whether or not its days have come."""
    return tuple(Coupon.objects.filter(withdrawn_at=None))


def current_policy(kind: PolicyKind) -> Policy:
    """The version that is in force. Raises NoCatalogError where no catalog was applied yet."""
    found = _IN_FORCE(kind.value)
    if not found:
        raise NoCatalogError(_("No catalog was applied yet. Apply a catalog: keywright catalog apply FILE"))
    return found[0]


_IN_FORCE: Final = PreparedModels(lambda kind: Policy.objects.filter(kind=kind)[:1], str)


def policy(kind: PolicyKind, version: str) -> Policy:
    """One version, in force or not: what a person agreed to stays to be read. Raises NotFoundError."""
    found = Policy.objects.filter(kind=kind, version=version).first()
    if found is None:
        raise NotFoundError(_("There is no such version. Open the version that is in force instead."))
    return found


def _offered(*, currency: str) -> tuple[OfferedPlan, ...]:
    """Two prepared queries: each step of a purchase asks what is sold."""
    prices = _PLAN_PRICES(currency)
    plans = [price.plan for price in prices if price.plan is not None]
    add_ons = _add_ons_by_plan(currency=currency)
    return tuple(
        OfferedPlan(
            plan=plan,
            price=PlanPrice(code=plan.code, name=plan.name, per_user=Money(_amount(price), price.currency)),
            add_ons=tuple(add_ons[plan.pk]),
        )
        for plan, price in zip(plans, prices, strict=True)
    )


def _plan_prices(currency: str) -> QuerySet[Price]:
    return Price.objects.filter(
        superseded_at=None,
        currency=currency,
        plan__isnull=False,
        plan__withdrawn_at=None,
        plan__product__withdrawn_at=None,
    ).order_by("plan__product__position", "plan__position", "plan__code")


def _offered_add_ons(currency: str) -> QuerySet[Any, tuple[Any, ...]]:
    # A percentage is a price in every currency, so its own is blank.
    return (
        AddOn.offered_with.through.objects.filter(
            addon__withdrawn_at=None,
            addon__prices__superseded_at=None,
            addon__prices__currency__in=(currency, ""),
        )
        .order_by("addon__position", "addon__code")
        .values_list(
            "plan_id",
            *(f"addon__prices__{field}" for field in _PRICE_FIELDS),
            *(f"addon__{field}" for field in _ADD_ON_FIELDS),
        )
    )


_PRICE_FIELDS: Final = [field.attname for field in Price._meta.concrete_fields]  # noqa: SLF001 (Django's documented API)
_ADD_ON_FIELDS: Final = [field.attname for field in AddOn._meta.concrete_fields]  # noqa: SLF001 (as above)
_PLAN_PRICES: Final = PreparedModels(_plan_prices, str, follow=("plan__product",))
_ADD_ONS: Final = PreparedQuery(_offered_add_ons, str)


def _add_ons_by_plan(*, currency: str) -> dict[UUID, list[OfferedAddOn]]:
    found: dict[UUID, list[OfferedAddOn]] = defaultdict(list)
    for plan_id, *values in _ADD_ONS(currency):
        price = Price.from_db(DEFAULT_DB_ALIAS, _PRICE_FIELDS, values[: len(_PRICE_FIELDS)])
        add_on = AddOn.from_db(DEFAULT_DB_ALIAS, _ADD_ON_FIELDS, values[len(_PRICE_FIELDS) :])
        found[plan_id].append(OfferedAddOn(add_on=add_on, price=_add_on_price(add_on, price)))
    return found


def _add_on_price(add_on: AddOn, price: Price) -> AddOnPrice:
    kind = PriceKind(price.kind)
    if kind is PriceKind.PERCENT:
        return AddOnPrice(code=add_on.code, name=add_on.name, kind=kind, basis_points=price.basis_points)
    return AddOnPrice(code=add_on.code, name=add_on.name, kind=kind, amount=Money(_amount(price), price.currency))


def _amount(price: Price) -> int:
    if price.amount is None:
        raise ValueError("the table's constraint gives every price but a percentage an amount")
    return price.amount
