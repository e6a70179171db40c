"""Stripe's list objects: newest first, `limit`, `starting_after`, `ending_before`, `has_more`."""

from collections.abc import Mapping
from typing import Any

from stripe_simulator.call import Call
from stripe_simulator.errors import refused_parameter, resource_missing
from stripe_simulator.present import public
from stripe_simulator.shapes import Json

DEFAULT_LIMIT, LARGEST_LIMIT = 10, 100
"""Stripe's own."""
COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def list_of(call: Call, kind: str, *, url: str, where: Mapping[str, Any] | None = None) -> Json:
    """One page. Of `where`, conditions whose value is None don't count."""
    limit = call.params.get("limit")
    limit = DEFAULT_LIMIT if limit is None else limit
    if not 1 <= limit <= LARGEST_LIMIT:
        raise refused_parameter(
            f"This value must be between 1 and {LARGEST_LIMIT}.", param="limit", code="parameter_invalid_integer"
        )
    cursors = {name: call.params.get(name) for name in ("starting_after", "ending_before")}
    if all(cursors.values()):
        raise refused_parameter("You may only specify one of: starting_after, ending_before.", param="starting_after")
    for name, cursor in cursors.items():
        if cursor is not None and call.store.find(kind, cursor) is None:
            raise resource_missing(kind, cursor, param=name, status=400)
    conditions = {name: value for name, value in (where or {}).items() if value is not None}
    conditions.update(range_conditions("created", call.params.get("created")))
    data, has_more = call.store.page(kind, limit=limit, where=conditions, **cursors)
    return {"object": "list", "data": [public(thing) for thing in data], "has_more": has_more, "url": url}


def range_conditions(field: str, given: Any) -> dict[str, int]:
    """From `created=5` or `created[gte]=5`."""
    if given is None:
        return {}
    if isinstance(given, int):
        return {f"{field} =": given}
    return {f"{field} {COMPARISONS[name]}": value for name, value in given.items()}
