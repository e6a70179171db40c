"""What `keywright support find` prints."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from typing import TYPE_CHECKING, Final

import click

from keywright_portal.backoffice.find import look_up
from keywright_portal.kit.errors import NotFoundError

if TYPE_CHECKING:
    from keywright_portal.backoffice.find import Found

GAP: Final = "  "


def show_found(reference: str) -> None:
    """Print what the back office shows under `reference`. Raises NotFoundError where that is nothing."""
    found = look_up(reference)
    if not found.things and not found.moments:
        raise NotFoundError(f"Nothing is known under {_plain(reference)}. Check it for a missing letter.")
    for line in lines_of(found):
        click.echo(line)


def lines_of(found: Found) -> Iterator[str]:
    """What it is, then what happened: a line each, in columns."""
    yield "What it is"
    yield from _columns([(thing.kind, thing.name) for thing in found.things]) or (f"{GAP}nothing that has a page",)
    yield ""
    yield "What happened (UTC)"
    if found.is_cut:
        yield f"{GAP}There may be more: of each kind, the newest 100 are shown."
    yield from _columns(
        [
            (f"{moment.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}", moment.kind, moment.what, moment.detail, moment.by)
            for moment in found.moments
        ]
    ) or (f"{GAP}nothing",)


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    """The rows with their values one below the other."""
    shown = [tuple(_plain(value) for value in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    return [
        (GAP + GAP.join(value.ljust(width) for value, width in zip(row, widths, strict=True))).rstrip() for row in shown
    ]


def _plain(text: str) -> str:
    """As one line that moves no cursor and colours nothing: names and subjects were written by customers."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in str(text)).split())
