"""What applying a catalog file would change: two pictures of the catalog compared, pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keywright_portal.catalog.file import CatalogFile, PriceEntry


class Subject(StrEnum):
    VENDOR = "vendor"
    PRODUCT = "product"
    PLAN = "plan"
    ADD_ON = "add_on"
    PLAN_PRICE = "plan_price"
    ADD_ON_PRICE = "add_on_price"
    COUPON = "coupon"
    POLICY = "policy"


OWNER_OF_PRICE = {Subject.PLAN_PRICE: Subject.PLAN, Subject.ADD_ON_PRICE: Subject.ADD_ON}


class Action(StrEnum):
    """`replace` is what happens to prices and policies, which are never edited: a new row takes the place of one."""

    ADD = "add"
    CHANGE = "change"
    REPLACE = "replace"
    WITHDRAW = "withdraw"
    BRING_BACK = "bring_back"


@dataclass(frozen=True, slots=True)
class Key:
    """What something is and how the file names it: `(product,)`, `(product, plan)`, `(product, plan, currency)` …"""

    subject: Subject
    path: tuple[str, ...]

    @property
    def owner(self) -> Key | None:
        """The plan or the add-on that a price is of."""
        owner = OWNER_OF_PRICE.get(self.subject)
        return None if owner is None else Key(owner, self.path[:2])


Fields = Mapping[str, Any]
"""JSON values by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that changes. `fields` are those that differ; of something new, all."""

    action: Action
    key: Key
    name: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A catalog as comparable values, in the order in which rows must be written. `withdrawn` is sold no more."""

    fields: Mapping[Key, Fields]
    withdrawn: frozenset[Key] = frozenset()


def picture_of(catalog: CatalogFile) -> Picture:
    """What the file wants."""
    found: dict[Key, Fields] = {Key(Subject.VENDOR, ()): catalog.vendor.to_json()}
    for position, product in enumerate(catalog.products):
        found[Key(Subject.PRODUCT, (product.code,))] = {
            "name": product.name,
            "formats": list(product.formats),
            "position": position,
        }
        for place, plan in enumerate(product.plans):
            found[Key(Subject.PLAN, (product.code, plan.code))] = {
                "name": plan.name,
                "summary": plan.summary,
                "highlights": list(plan.highlights),
                "features": sorted(plan.features),
                "position": place,
            }
            found |= _prices(Subject.PLAN_PRICE, (product.code, plan.code), plan.prices)
        for place, add_on in enumerate(product.add_ons):
            found[Key(Subject.ADD_ON, (product.code, add_on.code))] = {
                "name": add_on.name,
                "summary": add_on.summary,
                "offered_with": sorted(add_on.offered_with),
                "non_production_deployments": add_on.non_production_deployments,
                "position": place,
            }
            found |= _prices(Subject.ADD_ON_PRICE, (product.code, add_on.code), add_on.prices)
    for coupon in catalog.coupons:
        found[Key(Subject.COUPON, (coupon.code,))] = {
            "basis_points": coupon.basis_points,
            "amounts": coupon.amounts,
            "plans": sorted(coupon.plans),
            "starts_at": instant(coupon.starts_at),
            "ends_at": instant(coupon.ends_at),
            "use_limit": coupon.use_limit,
        }
    for policy in catalog.policies:
        found[Key(Subject.POLICY, (policy.kind.value,))] = {"version": policy.version, "text": policy.text}
    return Picture(fields=found)


def instant(value: datetime | None) -> str | None:
    """As pictures hold it."""
    return None if value is None else value.astimezone(UTC).isoformat()


def _prices(subject: Subject, owner: tuple[str, str], prices: Iterable[PriceEntry]) -> dict[Key, Fields]:
    return {
        Key(subject, (*owner, price.currency)): {
            "kind": price.kind.value,
            "amount": price.amount,
            "basis_points": price.basis_points,
        }
        for price in prices
    }


def compare(have: Picture, want: Picture) -> tuple[Change, ...]:
    """What leads from one to the other: additions and changes in the order of `want`, withdrawals at the end.

    Prices of what is withdrawn stay in force: a subscription that runs is renewed and topped up at them.
    """
    changes = []
    for key, fields in want.fields.items():
        before = have.fields.get(key)
        differing = _differing(before, fields)
        if before is None:
            changes.append(_change(Action.ADD, key, fields, differing))
        elif key in have.withdrawn:
            changes.append(_change(Action.BRING_BACK, key, fields, differing))
        elif differing:
            is_kept = key.subject in (Subject.PLAN_PRICE, Subject.ADD_ON_PRICE, Subject.POLICY)
            changes.append(_change(Action.REPLACE if is_kept else Action.CHANGE, key, fields, differing))
    for key, fields in have.fields.items():
        if key not in want.fields and key not in have.withdrawn and (key.owner is None or key.owner in want.fields):
            changes.append(_change(Action.WITHDRAW, key, fields, ()))
    return tuple(changes)


def _change(action: Action, key: Key, fields: Fields, differing: tuple[FieldChange, ...]) -> Change:
    name = fields.get("name") or " ".join(key.path[1:]).strip() or key.path[0]
    return Change(action=action, key=key, name=str(name), fields=differing)


def _differing(before: Fields | None, after: Fields) -> tuple[FieldChange, ...]:
    had = before or {}
    return tuple(
        FieldChange(name=name, before=had.get(name), after=value)
        for name, value in after.items()
        if before is None or had.get(name) != value
    )
