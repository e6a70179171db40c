"""What `keywright keys list` prints."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import click

from keywright_portal.licensing.models import RevocationBundle, RootKey, SigningKey
from keywright_portal.licensing.private_keys import held_here

GAP: Final = "  "
HEADERS: Final = ("KEY", "KIND", "STATE", "PRODUCT", "UNTIL (UTC)", "PRIVATE KEY")


def show_keys(*, as_json: bool) -> None:
    """Print every root and signing key, oldest first, and the newest bundles."""
    told = told_of_keys()
    if as_json:
        click.echo(json.dumps(told, indent=2))
        return
    rows = [(one["kid"], "root", one["state"], "", "", "offline") for one in told["roots"]]
    rows += [
        (
            one["kid"],
            one["algorithm"],
            one["state"],
            one["product"] or "any",
            (one["valid_until"] or "no end")[:10],
            "here" if one["is_here"] else "not here",
        )
        for one in told["keys"]
    ]
    if not rows:
        click.echo("There are no keys yet. Make them: keywright keys create, or see docs/keys.md.")
        return
    for line in columns([HEADERS, *rows]):
        click.echo(line)
    for one in told["bundles"]:
        click.echo(
            f"Revocation bundle {one['number']} for {one['product'] or 'every product'}, {one['series']}: "
            f"{one['licenses']} licenses, {one['keys']} keys, {one['issued_at'][:16].replace('T', ' ')} UTC"
        )


def told_of_keys() -> dict[str, list[dict[str, Any]]]:
    """The same for programs: times in ISO 8601, in UTC; `longest_term` in seconds."""
    roots = RootKey.objects.order_by("created_at", "pk")
    keys = SigningKey.objects.order_by("created_at", "pk")
    here = held_here(one.kid for one in keys)
    return {
        "roots": [
            {
                "kid": one.kid,
                "state": "active" if one.revoked_at is None else "revoked",
                "created_at": _iso(one.created_at),
                "revoked_at": _iso(one.revoked_at),
            }
            for one in roots
        ],
        "keys": [
            {
                "kid": one.kid,
                "algorithm": one.algorithm,
                "state": one.state,
                "product": one.product,
                "root_kid": one.root_kid,
                "valid_from": _iso(one.valid_from),
                "valid_until": _iso(one.valid_until),
                "longest_term": one.longest_term,
                "created_at": _iso(one.created_at),
                "activated_at": _iso(one.activated_at),
                "retired_at": _iso(one.retired_at),
                "revoked_at": _iso(one.revoked_at),
                "is_here": one.kid in here,
            }
            for one in keys
        ],
        "bundles": [
            {
                "series": one.series,
                "product": one.product,
                "number": one.number,
                "kid": one.kid,
                "licenses": one.revoked_licenses,
                "keys": one.revoked_keys,
                "issued_at": _iso(one.issued_at),
            }
            for one in _newest_bundles()
        ],
    }


def _newest_bundles() -> list[RevocationBundle]:
    newest: dict[tuple[str, str], RevocationBundle] = {}
    for one in RevocationBundle.objects.defer("content").order_by("series", "product", "number"):
        newest[one.series, one.product] = one
    return list(newest.values())


def columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """The rows with their values one below the other."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [GAP.join(value.ljust(width) for value, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()
