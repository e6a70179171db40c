"""The catalog's rows, by the names that the catalog file gives them, and the picture that they make."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from keywright_portal.catalog.changes import Fields, Key, Picture, Subject, instant
from keywright_portal.catalog.models import AddOn, Coupon, Plan, Policy, PolicyKind, Price, Product, Vendor


@dataclass(slots=True)
class Stored:
    """What the database holds. Prices are those in force; `texts` has every version of every policy."""

    products: dict[str, Product] = field(default_factory=dict)
    plans: dict[tuple[str, str], Plan] = field(default_factory=dict)
    add_ons: dict[tuple[str, str], AddOn] = field(default_factory=dict)
    prices: dict[Key, Price] = field(default_factory=dict)
    coupons: dict[str, Coupon] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    fields: dict[Key, Fields] = field(default_factory=dict)
    withdrawn: set[Key] = field(default_factory=set)

    @property
    def picture(self) -> Picture:
        return Picture(fields=self.fields, withdrawn=frozenset(self.withdrawn))


def load() -> Stored:
    """Read the whole catalog: nine queries, however large it is."""
    stored = Stored()
    _load_vendor(stored)
    for product in Product.objects.all():
        stored.products[product.code] = product
        _put(stored, Key(Subject.PRODUCT, (product.code,)), product, name=product.name, formats=product.formats)
    for plan in Plan.objects.select_related("product"):
        stored.plans[(plan.product.code, plan.code)] = plan
        _put(
            stored,
            Key(Subject.PLAN, (plan.product.code, plan.code)),
            plan,
            name=plan.name,
            summary=plan.summary,
            highlights=plan.highlights,
            features=plan.features,
        )
    for add_on in AddOn.objects.select_related("product").prefetch_related("offered_with"):
        stored.add_ons[(add_on.product.code, add_on.code)] = add_on
        _put(
            stored,
            Key(Subject.ADD_ON, (add_on.product.code, add_on.code)),
            add_on,
            name=add_on.name,
            summary=add_on.summary,
            offered_with=sorted(plan.code for plan in add_on.offered_with.all()),
            non_production_deployments=add_on.non_production_deployments,
        )
    _load_prices(stored)
    _load_coupons(stored)
    _load_policies(stored)
    return stored


def _put(stored: Stored, key: Key, row: Product | Plan | AddOn, **fields: Any) -> None:
    stored.fields[key] = {**fields, "position": row.position}
    if row.withdrawn_at is not None:
        stored.withdrawn.add(key)


def _load_vendor(stored: Stored) -> None:
    details = Vendor.objects.values_list("details", flat=True).first()
    if details:
        stored.fields[Key(Subject.VENDOR, ())] = details


def _load_prices(stored: Stored) -> None:
    prices = Price.objects.filter(superseded_at=None).select_related("plan__product", "add_on__product")
    for price in prices.order_by("currency"):
        if price.plan is not None:
            key = Key(Subject.PLAN_PRICE, (price.plan.product.code, price.plan.code, price.currency))
        elif price.add_on is not None:
            key = Key(Subject.ADD_ON_PRICE, (price.add_on.product.code, price.add_on.code, price.currency))
        else:
            raise ValueError("the table's constraint gives every price a plan or an add-on")
        stored.prices[key] = price
        stored.fields[key] = {"kind": price.kind, "amount": price.amount, "basis_points": price.basis_points}


def _load_coupons(stored: Stored) -> None:
    for coupon in Coupon.objects.all():
        stored.coupons[coupon.code] = coupon
        key = Key(Subject.COUPON, (coupon.code,))
        stored.fields[key] = {
            "basis_points": coupon.basis_points,
            "amounts": coupon.amounts,
            "plans": coupon.plans,
            "starts_at": instant(coupon.starts_at),
            "ends_at": instant(coupon.ends_at),
            "use_limit": coupon.use_limit,
        }
        if coupon.withdrawn_at is not None:
            stored.withdrawn.add(key)


def _load_policies(stored: Stored) -> None:
    for policy in Policy.objects.all():  # the newest first: it is the one in force
        stored.texts[(policy.kind, policy.version)] = policy.text
        key = Key(Subject.POLICY, (PolicyKind(policy.kind).value,))
        stored.fields.setdefault(key, {"version": policy.version, "text": policy.text})
