"""Building HTML by hand: elements whose text is always escaped, and the frame of a page."""

import html
from collections.abc import Sequence
from typing import Any


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


VOID = frozenset(("link", "meta", "input", "br"))


def element(tag: str, *children: Any, **attributes: Any) -> Markup:
    """`class_` and `data_outcome` become `class` and `data-outcome`; False and None leave an attribute out."""
    written = "".join(
        f" {name.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{html.escape(str(value))}"')
        for name, value in attributes.items()
        if value is not None and value is not False
    )
    if tag in VOID:
        return Markup(f"<{tag}{written}>")
    return Markup(f"<{tag}{written}>{joined(children)}</{tag}>")


def joined(children: Any) -> Markup:
    return Markup("".join(child if isinstance(child, Markup) else html.escape(str(child)) for child in children))


def page(title: str, *content: Any, scripts: Sequence[str] = ()) -> str:
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("link", rel="icon", href="data:,"),
        element("link", rel="stylesheet", href="/assets/page.css"),
        *(element("script", src=script) for script in scripts),
    )
    return "<!doctype html>\n" + element("html", head, element("body", *content), lang="en")
