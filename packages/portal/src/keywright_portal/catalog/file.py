"""The catalog file: TOML that says who sells what, at which price, under which policies. See docs/catalog.md.

Reading is pure but for the files that the catalog names (texts of policies, the logo), which lie beside it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from keywright_portal.catalog.logo import LOGO_BYTES
from keywright_portal.catalog.models import PolicyKind
from keywright_portal.catalog.reading import Table, check_text, refuse
from keywright_portal.catalog.sale_file import CouponEntry, read_coupons, read_sale_terms
from keywright_portal.catalog.vendor_file import read_vendor
from keywright_portal.domain.money import Money
from keywright_portal.domain.pricing import AddOnPrice, PlanPrice, PriceKind, add_on_unit

if TYPE_CHECKING:
    from keywright_portal.catalog.vendor import VendorDetails

FILE_BYTES: Final = 262_144
"""The default catalog has some 15 KB. A limit keeps a wrong file (a log, a database) from being parsed for minutes."""
POLICY_BYTES: Final = 262_144
PER_USER_LIMIT: Final = 2_500_000_000
"""Minor units that a plan and all its add-ons may cost per user: times 2,147,483,647 users, with half as much again for
taxes, it still fits into the 64 bits of an amount in the database."""

PRODUCTS: Final = 20
PLANS: Final = 20
ADD_ONS: Final = 20
HIGHLIGHTS: Final = 12
FEATURES: Final = 100
NON_PRODUCTION_DEPLOYMENTS: Final = 1_000
SUMMARY_LENGTH: Final = 300

FORMATS: Final = ("keywright", "mattermost")
"""Formats of license files, by the names that the license library gives them."""

_CODE: Final = "[a-z0-9]+(-[a-z0-9]+)*"
_PLAN_CODE: Final = "[A-Za-z0-9]+([._-][A-Za-z0-9]+)*"
_FEATURE: Final = "[a-z][a-z0-9_]*"


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceEntry:
    """One price. `currency` is "" for a percentage, which is one in every currency."""

    kind: PriceKind
    currency: str
    amount: int | None = None
    basis_points: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanEntry:
    code: str
    name: str
    summary: str
    highlights: tuple[str, ...]
    features: tuple[str, ...]
    prices: tuple[PriceEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddOnEntry:
    code: str
    name: str
    summary: str
    offered_with: tuple[str, ...]
    non_production_deployments: int
    prices: tuple[PriceEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductEntry:
    code: str
    name: str
    formats: tuple[str, ...]
    plans: tuple[PlanEntry, ...]
    add_ons: tuple[AddOnEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyEntry:
    """The version of a policy that is to be in force. `kind` is a `PolicyKind`."""

    kind: PolicyKind
    version: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogFile:
    """What the file says, checked as a whole. The order of products, plans and add-ons is the order on pages."""

    vendor: VendorDetails
    products: tuple[ProductEntry, ...]
    coupons: tuple[CouponEntry, ...]
    policies: tuple[PolicyEntry, ...]


def read_catalog(text: str, *, base_dir: Path) -> CatalogFile:
    """Parse and check the catalog `text`. `base_dir` is the folder of the file, to which the names in it are relative.

    Raises CatalogFileError, which says where in the file what is wrong, and what is allowed there.
    """
    if len(text.encode()) > FILE_BYTES:
        refuse("The catalog file", f"has more than {FILE_BYTES} bytes. Is it the right file?")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        refuse("The catalog file", f"is no TOML: {error}.")
    root = Table(values, where="")
    vendor = _vendor(root.take("vendor"), base_dir=base_dir)
    products = tuple(_product(table) for table in root.tables("products", least=1, most=PRODUCTS))
    terms = read_sale_terms(root)
    catalog = CatalogFile(
        vendor=replace(vendor, **{field.name: getattr(terms, field.name) for field in fields(terms)}),
        products=products,
        coupons=read_coupons(root, plans=[plan.code for product in products for plan in product.plans], vendor=vendor),
        policies=_policies(root.table("policies"), base_dir=base_dir),
    )
    root.finish()
    _once("products", (product.code for product in catalog.products), "product")
    _once("products", (plan.code for product in catalog.products for plan in product.plans), "plan")
    _once("products", (add_on.code for product in catalog.products for add_on in product.add_ons), "add-on")
    _check_currencies(catalog)
    return catalog


def _vendor(value: object, *, base_dir: Path) -> VendorDetails:
    """The vendor, with the content of the file that `logo_svg` names in the place of its name."""
    if isinstance(value, Mapping) and (name := value.get("logo_svg")) is not None:
        where = "vendor.logo_svg"
        logo = _beside(base_dir, check_text(name, where=where, limit=200), where=where, limit=LOGO_BYTES)
        value = {**value, "logo_svg": logo}
    return read_vendor(value)


def _product(table: Table) -> ProductEntry:
    code = _code(table)
    plans = tuple(_plan(plan) for plan in table.tables("plans", least=1, most=PLANS))
    product = ProductEntry(
        code=code,
        name=table.text("name"),
        formats=table.choices("formats", FORMATS, least=1),
        plans=plans,
        add_ons=tuple(_add_on(add_on, plans=plans) for add_on in table.tables("add_ons", most=ADD_ONS)),
    )
    table.finish()
    _check_sum(product, where=table.where)
    return product


def _code(table: Table) -> str:
    return table.pattern("code", _CODE, allowed="small letters, digits and hyphens", limit=60)


def _plan(table: Table) -> PlanEntry:
    plan = PlanEntry(
        code=table.pattern(
            "code",
            _PLAN_CODE,
            allowed="letters and digits, with single hyphens, points or underscores between",
            limit=30,
        ),
        name=table.text("name"),
        summary=table.text("summary", limit=SUMMARY_LENGTH),
        highlights=table.texts("highlights", limit=SUMMARY_LENGTH, most=HIGHLIGHTS),
        features=_features(table),
        prices=_prices(PriceKind.PER_USER, table.amounts("price_per_user")),
    )
    table.finish()
    return plan


def _features(table: Table) -> tuple[str, ...]:
    features = table.texts("features", limit=60, most=FEATURES)
    for feature in features:
        if not re.fullmatch(_FEATURE, feature, re.ASCII):
            refuse(
                table.place("features"),
                f"names {feature!r}; a feature has small letters, digits and underscores, such as data_retention.",
            )
    return features


def _add_on(table: Table, *, plans: tuple[PlanEntry, ...]) -> AddOnEntry:
    add_on = AddOnEntry(
        code=_code(table),
        name=table.text("name"),
        summary=table.text("summary", limit=SUMMARY_LENGTH),
        offered_with=table.choices("offered_with", [plan.code for plan in plans], least=1),
        non_production_deployments=table.integer(
            "non_production_deployments", least=0, most=NON_PRODUCTION_DEPLOYMENTS, default=0
        ),
        prices=_add_on_prices(table),
    )
    table.finish()
    return add_on


def _add_on_prices(table: Table) -> tuple[PriceEntry, ...]:
    per_user = table.optional_amounts("price_per_user")
    flat = table.optional_amounts("price_flat")
    percent = table.optional_basis_points("price_percent")
    if sum(price is not None for price in (per_user, flat, percent)) != 1:
        refuse(table.where, "must have exactly one of price_per_user, price_flat and price_percent.")
    if percent is not None:
        return (PriceEntry(kind=PriceKind.PERCENT, currency="", basis_points=percent),)
    if per_user is not None:
        return _prices(PriceKind.PER_USER, per_user)
    return _prices(PriceKind.FLAT, flat or {})


def _prices(kind: PriceKind, amounts: Mapping[str, int]) -> tuple[PriceEntry, ...]:
    return tuple(
        PriceEntry(kind=kind, currency=currency, amount=amount) for currency, amount in sorted(amounts.items())
    )


def _check_sum(product: ProductEntry, *, where: str) -> None:
    for number, plan in enumerate(product.plans, start=1):
        for price in plan.prices:
            total = _most_per_user(product, plan, price)
            if total > PER_USER_LIMIT:
                refuse(
                    f"{where}.plans[{number}]",
                    f"costs {total} minor units of {price.currency} a user with its add-ons; at most {PER_USER_LIMIT}.",
                )


def _most_per_user(product: ProductEntry, plan: PlanEntry, price: PriceEntry) -> int:
    """What a user of `plan` costs with everything that is offered with it. A flat price counts as one per user."""
    of_plan = PlanPrice(code=plan.code, name=plan.name, per_user=Money(price.amount or 0, price.currency))
    total = of_plan.per_user.amount
    for add_on in product.add_ons:
        for entry in add_on.prices if plan.code in add_on.offered_with else ():
            if entry.currency in ("", price.currency):
                total += add_on_unit(_as_add_on_price(add_on, entry), plan=of_plan).amount
    return total


def _as_add_on_price(add_on: AddOnEntry, entry: PriceEntry) -> AddOnPrice:
    amount = None if entry.amount is None else Money(entry.amount, entry.currency)
    return AddOnPrice(
        code=add_on.code, name=add_on.name, kind=entry.kind, amount=amount, basis_points=entry.basis_points
    )


def _check_currencies(catalog: CatalogFile) -> None:
    """Something must be sold in the vendor's own currency, or the shop's shelves are empty without anybody noticing;
    in one for some countries everything, or their buyers can't choose what others can.
    """
    plans = [plan for product in catalog.products for plan in product.plans]
    sold_in = {price.currency for plan in plans for price in plan.prices}
    currency = catalog.vendor.currency
    if currency not in sold_in:
        refuse(
            "vendor.currency", f"is {currency}, in which no plan has a price. Allowed: {', '.join(sorted(sold_in))}."
        )
    for currency in catalog.vendor.currencies:
        for plan in plans:
            if currency not in {price.currency for price in plan.prices}:
                refuse(
                    f"vendor.currencies.{currency}",
                    f"is a currency in which plan {plan.code!r} has no price. Give it one, or leave the currency out.",
                )


def _policies(table: Table, *, base_dir: Path) -> tuple[PolicyEntry, ...]:
    policies = tuple(_policy(PolicyKind(kind), table.table(kind), base_dir=base_dir) for kind in PolicyKind.values)
    table.finish()
    return policies


def _policy(kind: PolicyKind, table: Table, *, base_dir: Path) -> PolicyEntry:
    name = table.text("file", limit=200)
    where = table.place("file")
    text = _beside(base_dir, name, where=where, limit=POLICY_BYTES)
    policy = PolicyEntry(
        kind=kind,
        version=table.pattern("version", _CODE, allowed="small letters, digits and hyphens, such as 2026-01", limit=40),
        text=check_text(text, where=where, limit=POLICY_BYTES, one_line=False),
    )
    table.finish()
    return policy


def _beside(base_dir: Path, name: str, *, where: str, limit: int) -> str:
    """The text of the file `name` in `base_dir` or a folder in it, of at most `limit` bytes."""
    relative = PurePosixPath(name)
    if relative.is_absolute() or ".." in relative.parts:
        refuse(where, f"is {name!r}; it must name a file beside the catalog or in a folder there.")
    file = base_dir / relative
    try:
        with file.open("rb") as stream:
            content = stream.read(limit + 1)
        text = content.decode()
    except OSError as error:
        refuse(where, f"names {name!r}, which can’t be read: {error.strerror}. It is looked for beside the catalog.")
    except UnicodeDecodeError:
        refuse(where, f"names {name!r}, which is no UTF-8 text.")
    if len(content) > limit:
        refuse(where, f"names {name!r}, which has more than {limit} bytes.")
    return text.replace("\r\n", "\n")


def _once(where: str, codes: Iterable[str], noun: str) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            refuse(where, f"has two {noun}s of the code {code!r}; each code may stand there once in the whole file.")
        seen.add(code)
