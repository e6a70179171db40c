"""The icons, read once from `icons.svg`, which is their only source."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from django.utils.safestring import mark_safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.safestring import SafeString

_SYMBOL = re.compile(r'<symbol id="([a-z0-9-]+)">(.*?)</symbol>')


class UnknownIconError(LookupError):
    """A page names an icon that the look doesn't have: a mistake in a template, found the first time it renders."""

    code = "unknown_icon"

    def __init__(self, name: str) -> None:
        near = ", ".join(get_close_matches(name, icons())) or "see icons.svg"
        super().__init__(f"There is no icon {name!r}; the nearest are: {near}.")


@cache
def icons() -> Mapping[str, SafeString]:
    """Every icon's paths by its name in Tabler's set."""
    sprite = files("keywright_look").joinpath("icons.svg").read_text(encoding="utf-8")
    return {name: mark_safe(paths) for name, paths in _SYMBOL.findall(sprite)}  # noqa: S308  # our own file, no input


def icon_paths(name: str) -> SafeString:
    try:
        return icons()[name]
    except KeyError:
        raise UnknownIconError(name) from None
