"""What `keywright catalog` does, once Django has started."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import click

from keywright_portal.catalog import selectors
from keywright_portal.catalog.changes import Action, Change, FieldChange, Subject
from keywright_portal.catalog.currencies import amount_text
from keywright_portal.catalog.errors import CatalogFileError
from keywright_portal.catalog.models import Coupon, PolicyKind
from keywright_portal.catalog.selectors import OfferedAddOn, OfferedPlan
from keywright_portal.catalog.services.apply_catalog import apply_catalog, plan_changes, read_catalog
from keywright_portal.catalog.vendor import VendorDetails
from keywright_portal.kit import clock
from keywright_portal.kit.actor import system

ACTOR: Final = "keywright catalog apply"
SHOWN: Final = 60
"""Characters of a value that a line shows. The rest is in the file."""

_VERBS: Final = {
    Action.ADD: "+ add",
    Action.CHANGE: "~ change",
    Action.REPLACE: "~ replace",
    Action.WITHDRAW: "- withdraw",
    Action.BRING_BACK: "+ sell again",
}
_NOUNS: Final = {
    Subject.VENDOR: "vendor",
    Subject.PRODUCT: "product",
    Subject.PLAN: "plan",
    Subject.ADD_ON: "add-on",
    Subject.PLAN_PRICE: "price of plan",
    Subject.ADD_ON_PRICE: "price of add-on",
    Subject.COUPON: "coupon",
    Subject.POLICY: "policy",
}


def apply_file(file: Path, *, without_asking: bool) -> None:
    """Show what `file` changes, ask unless told not to, and apply it."""
    try:
        text = file.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise CatalogFileError(f"{file.name} is no UTF-8 text. Is it the right file?") from error
    catalog = read_catalog(text, base_dir=file.parent)
    changes = plan_changes(catalog)
    if not changes:
        click.echo("Nothing to change: the catalog is as the file says.")
        return
    for change in changes:
        for line in lines_of(change):
            click.echo(line)
    if not without_asking:
        ask()
    applied = apply_catalog(catalog=catalog, actor=system(ACTOR), now=clock.now())
    click.echo(f"Applied. {len(applied)} {'change' if len(applied) == 1 else 'changes'}.")


def ask() -> None:
    """Return if a person says yes. Where nobody can be asked that is a misuse, not a no."""
    if not sys.stdin.isatty():
        raise click.UsageError("Nobody is here to be asked. Nothing was changed; add --yes to apply without asking.")
    if not click.confirm("Apply these changes?"):
        click.echo("Nothing was changed.")
        raise click.exceptions.Exit(1)


def lines_of(change: Change) -> Iterator[str]:
    """A headline, and what differs below it."""
    subject = change.key.subject
    headline = f"{_VERBS[change.action]} {_NOUNS[subject]} {change.name}"
    if subject in (Subject.PLAN_PRICE, Subject.ADD_ON_PRICE):
        yield f"{headline}{_price_change(change)}"
        return
    yield headline
    if change.action is Action.ADD:
        return
    for field in change.fields:
        yield f"    {field.name}: {_field_change(field)}"


def _price_change(change: Change) -> str:
    before = {field.name: field.before for field in change.fields}
    after = {field.name: field.after for field in change.fields}
    currency = change.key.path[-1]
    if change.action is Action.WITHDRAW:
        return ""
    new = _price(after, currency)
    return f": {new}" if change.action is Action.ADD else f": {_price(before, currency)} → {new}"


def _price(values: dict[str, Any], currency: str) -> str:
    if values.get("basis_points") is not None:
        return f"{values['basis_points'] / 100:g} %"
    if values.get("amount") is None:
        return "another kind"
    return f"{amount_text(values['amount'], currency)} {currency}"


def _field_change(field: FieldChange) -> str:
    if field.name in ("text", "faq", "logo_svg"):
        return "new content"
    if isinstance(field.before, list) and isinstance(field.after, list):
        added = [f"+{_short(item)}" for item in field.after if item not in field.before]
        removed = [f"-{_short(item)}" for item in field.before if item not in field.after]
        return ", ".join(added + removed) or "another order"
    if isinstance(field.before, dict) and isinstance(field.after, dict):
        return ", ".join(_keys_that_differ(field.before, field.after))
    return f"{_short(field.before)} → {_short(field.after)}"


def _keys_that_differ(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    for key in sorted(before.keys() | after.keys()):
        if key not in before:
            yield f"+{key}"
        elif key not in after:
            yield f"-{key}"
        elif before[key] != after[key]:
            yield f"~{key}"


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return "…"
    text = "nothing" if value is None else str(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"


def show_catalog() -> None:
    """The vendor, what is sold in its currency, and the policies in force."""
    vendor = selectors.vendor()
    click.echo(f"{vendor.name} ({vendor.legal_name}), prices in {vendor.currency}")
    for offered in selectors.offered_plans(currency=vendor.currency):
        for line in _lines_of_plan(offered):
            click.echo(line)
    for currency, buyers in vendor.currencies.items():
        click.echo(f"In {currency} for buyers in {', '.join(buyers)}")
    included = "included in prices" if vendor.prices_include_tax else "on top of prices"
    rates = ", ".join(f"{country} {rate.basis_points / 100:g} %" for country, rate in vendor.tax_rates.items())
    click.echo(f"Tax: {f'{included}, {rates}' if rates else 'none'}")
    click.echo(f"Invoice with bank transfer: {_transfer(vendor)}")
    for coupon in selectors.coupons():
        click.echo(f"Coupon {coupon.code}: {', '.join(_coupon_parts(coupon))}")
    for kind in PolicyKind:
        policy = selectors.current_policy(kind)
        click.echo(f"{kind.label}: version {policy.version}, published {policy.published_at:%Y-%m-%d}")


def _transfer(vendor: VendorDetails) -> str:
    if not vendor.transfer_offered:
        return "not offered"
    return "offered, with a license until it is due" if vendor.license_before_payment else "offered"


def _coupon_parts(coupon: Coupon) -> Iterator[str]:
    if coupon.basis_points is not None:
        yield f"{coupon.basis_points / 100:g} % off"
    else:
        yield (
            " or ".join(f"{amount_text(amount, code)} {code}" for code, amount in sorted(coupon.amounts.items()))
            + " off"
        )
    if coupon.plans:
        yield f"for {' and '.join(coupon.plans)}"
    if coupon.starts_at is not None:
        yield f"from {coupon.starts_at:%Y-%m-%d} on"
    if coupon.ends_at is not None:
        yield f"to the end of {coupon.ends_at - timedelta(days=1):%Y-%m-%d}"
    if coupon.use_limit is not None:
        yield f"{coupon.use_limit} {'use' if coupon.use_limit == 1 else 'uses'} at most"


def _lines_of_plan(offered: OfferedPlan) -> Iterator[str]:
    price = offered.price.per_user
    yield f"{offered.plan.code}  {offered.plan.name}: {amount_text(price.amount, price.currency)} per user and year"
    yield f"    features: {', '.join(offered.plan.features) or 'none'}"
    for add_on in offered.add_ons:
        yield f"    add-on {add_on.add_on.code}  {add_on.add_on.name}: {_add_on_price(add_on)}"


def _add_on_price(add_on: OfferedAddOn) -> str:
    price = add_on.price
    if price.basis_points is not None:
        return f"{price.basis_points / 100:g} % of the plan’s price"
    if price.amount is None:
        raise ValueError("an add-on has an amount or basis points")
    per = "per user and year" if price.kind == "per_user" else "flat, a year"
    return f"{amount_text(price.amount.amount, price.amount.currency)} {per}"
