"""Applying a catalog file: what it says becomes what is sold. Applying it again changes nothing.

Nothing is ever deleted, since orders, subscriptions and agreements refer to it: plans and add-ons that the file no
longer has are withdrawn, prices are superseded, policies get a new version.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction

from keywright_portal.catalog.changes import Action, Change, Fields, Subject, compare, picture_of
from keywright_portal.catalog.errors import PolicyRefusedError
from keywright_portal.catalog.file import CatalogFile, read_catalog
from keywright_portal.catalog.models import AddOn, Coupon, Plan, Policy, PolicyKind, Price, Product, Vendor
from keywright_portal.catalog.sale_file import SaleTerms
from keywright_portal.catalog.stored import Stored, load
from keywright_portal.kit import audit

if TYPE_CHECKING:
    from collections.abc import Callable

    from keywright_portal.kit.actor import Actor

__all__ = ["apply_catalog", "plan_changes", "read_catalog"]

VENDOR_ROW = 1
HOW_IT_SELLS: Final = frozenset({"currency", "currencies", *(field.name for field in fields(SaleTerms))})
"""Details of the vendor that name nobody and move money: the audit trail has them with their values."""


def plan_changes(catalog: CatalogFile) -> tuple[Change, ...]:
    """What `apply_catalog` would change now. Changes nothing.

    Raises PolicyRefusedError where the file edits a version of a policy, or goes back to one.
    """
    stored = load()
    _check_policies(stored, catalog)
    return compare(stored.picture, picture_of(catalog))


@transaction.atomic
def apply_catalog(*, catalog: CatalogFile, actor: Actor, now: datetime) -> tuple[Change, ...]:
    """Make what is sold what the file says, and tell what changed. One transaction, one at a time.

    Raises PolicyRefusedError, and has changed nothing then.
    """
    _lock(now=now)
    stored = load()
    _check_policies(stored, catalog)
    want = picture_of(catalog)
    changes = compare(stored.picture, want)
    for change in changes:
        step = _Step(stored=stored, change=change, fields=want.fields.get(change.key, {}), now=now)
        row_id = _WRITERS[change.key.subject](step)
        _record(change, row_id, actor=actor, now=now)
    return changes


def _lock(*, now: datetime) -> None:
    """Wait for another apply to end. The vendor's row is what all of them write: it is made before it can be locked."""
    Vendor.objects.get_or_create(pk=VENDOR_ROW, defaults={"details": {}, "updated_at": now})
    Vendor.objects.select_for_update().get(pk=VENDOR_ROW)


def _check_policies(stored: Stored, catalog: CatalogFile) -> None:
    """People agreed to the text of a version: it stays as it is, and what comes later has a later version."""
    for policy in catalog.policies:
        known = stored.texts.get((policy.kind.value, policy.version))
        if known is None:
            continue
        where = f"policies.{policy.kind.value}"
        if known != policy.text:
            raise PolicyRefusedError(
                f"{where}: version {policy.version} was published with another text, and people may have agreed to it. "
                "Give the new text a new version.",
                field=where,
            )
        in_force = next(version for kind, version in stored.texts if kind == policy.kind.value)
        if in_force != policy.version:
            raise PolicyRefusedError(
                f"{where}: version {policy.version} was replaced by {in_force}. "
                "To go back to its text, give it a new version.",
                field=where,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """One change to be written: `fields` are all values that the thing is to have."""

    stored: Stored
    change: Change
    fields: Fields
    now: datetime


def _write_vendor(step: _Step) -> object:
    Vendor.objects.filter(pk=VENDOR_ROW).update(details=step.fields, updated_at=step.now)
    return VENDOR_ROW


def _write_product(step: _Step) -> object:
    (code,) = step.change.key.path
    return _save(step.stored.products.setdefault(code, Product(code=code)), step.fields, step)


def _write_plan(step: _Step) -> object:
    product, code = step.change.key.path
    new = Plan(product=step.stored.products[product], code=code)
    return _save(step.stored.plans.setdefault((product, code), new), step.fields, step)


def _write_add_on(step: _Step) -> object:
    product, code = step.change.key.path
    new = AddOn(product=step.stored.products[product], code=code)
    row = step.stored.add_ons.setdefault((product, code), new)
    row_id = _save(row, {name: value for name, value in step.fields.items() if name != "offered_with"}, step)
    if "offered_with" in step.fields:
        row.offered_with.set([step.stored.plans[(product, plan)] for plan in step.fields["offered_with"]])
    return row_id


def _write_coupon(step: _Step) -> object:
    (code,) = step.change.key.path
    row = step.stored.coupons.setdefault(code, Coupon(code=code))
    instants = {name: _instant(step.fields[name]) for name in ("starts_at", "ends_at") if name in step.fields}
    return _save(row, {**step.fields, **instants}, step)


def _instant(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value)


def _save(row: Product | Plan | AddOn | Coupon, fields: Fields, step: _Step) -> object:
    if step.change.action is Action.WITHDRAW:
        row.withdrawn_at = step.now
    else:
        row.withdrawn_at = None
        for name, value in fields.items():
            setattr(row, name, value)
    row.save()
    return row.pk


def _write_price(step: _Step) -> object:
    """A price is never edited: the one in force ends, and a new row begins."""
    product, code, currency = step.change.key.path
    ended = step.stored.prices.get(step.change.key)
    if ended is not None:
        ended.superseded_at = step.now
        ended.save(update_fields=["superseded_at"])
        if step.change.action is Action.WITHDRAW:
            return ended.pk
    of_plan = step.change.key.subject is Subject.PLAN_PRICE
    price = Price.objects.create(
        plan=step.stored.plans[(product, code)] if of_plan else None,
        add_on=None if of_plan else step.stored.add_ons[(product, code)],
        currency=currency,
        created_at=step.now,
        **step.fields,
    )
    return price.pk


def _write_policy(step: _Step) -> object:
    (kind,) = step.change.key.path
    return Policy.objects.create(kind=PolicyKind(kind), published_at=step.now, **step.fields).pk


_WRITERS: dict[Subject, Callable[[_Step], object]] = {
    Subject.VENDOR: _write_vendor,
    Subject.PRODUCT: _write_product,
    Subject.PLAN: _write_plan,
    Subject.ADD_ON: _write_add_on,
    Subject.PLAN_PRICE: _write_price,
    Subject.ADD_ON_PRICE: _write_price,
    Subject.COUPON: _write_coupon,
    Subject.POLICY: _write_policy,
}


def _record(change: Change, row_id: object, *, actor: Actor, now: datetime) -> None:
    subject = change.key.subject
    audit.record(
        actor=actor,
        action=f"catalog.{subject.value}.{change.action.value}",
        subject=subject.value,
        subject_id=str(row_id),
        organization_id=None,
        now=now,
        before={field.name: _recorded(subject, field.name, field.before) for field in change.fields} or None,
        after={field.name: _recorded(subject, field.name, field.after) for field in change.fields} or None,
    )


def _recorded(subject: Subject, name: str, value: Any) -> Any:
    """The vendor's details may name people, so the trail says which changed and not to what, but for how it sells; of
    a text, the trail has its digest.
    """
    if subject is Subject.VENDOR and name not in HOW_IT_SELLS:
        return None
    if subject is Subject.POLICY and name == "text" and value is not None:
        return f"sha256:{hashlib.sha256(value.encode()).hexdigest()}"
    return value
