"""`{% load kw %}`: the look's tags and filters. What each does is shown in the gallery of the tests."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext

from keywright_look import brand, dates
from keywright_look.icons import icon_paths
from keywright_look.meter import measure
from keywright_look.slots import slotted

if TYPE_CHECKING:
    from django.forms import BoundField
    from django.utils.safestring import SafeString

register = template.Library()

_STATUSES = ("", "good", "warn", "bad", "info")
_INITIALS = 2
_HIDDEN = mark_safe('aria-hidden="true"')

register.tag("note", slotted("kw/note.html", positional=("kind", "title")))
register.tag("emptystate", slotted("kw/emptystate.html", positional=("title",)))
register.tag("dialog", slotted("kw/dialog.html", positional=("id", "title")))


@register.simple_tag
def icon(name: str, size: str = "", css: str = "", label: str = "") -> SafeString:
    """`{% icon "check" %}`, `{% icon "check" "s" %}`. Hidden from screen readers unless it is given a label."""
    classes = " ".join(part for part in ("icon", f"icon-{size}" if size else "", css) if part)
    return _drawn(name, classes, format_html('role="img" aria-label="{}"', label) if label else _HIDDEN)


@lru_cache(maxsize=512)
def _drawn(name: str, classes: str, said: SafeString) -> SafeString:
    """Remembered, since a page has a dozen."""
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" '
        'stroke-linejoin="round" {}>{}</svg>',
        classes,
        said,
        icon_paths(name),
    )


@register.inclusion_tag("kw/meter.html")
def meter(used: int, total: int, label: str = "") -> dict[str, Any]:
    """`{% meter 258 250 label=… %}`: a bar, with what is over set apart. The label is what is spoken instead."""
    drawn = measure(used, total)
    return {"meter": drawn, "label": label or _spoken(used, total, drawn.over_by)}


def _spoken(used: int, total: int, over_by: int) -> str:
    figures = {"used": dates.number(used), "total": dates.number(total), "over": dates.number(over_by)}
    if over_by:
        return gettext("%(used)s of %(total)s in use, %(over)s over") % figures
    return gettext("%(used)s of %(total)s in use") % figures


@register.simple_tag
def status(kind: str, word: str) -> SafeString:
    """`{% status "good" _("Active") %}`; the kind is "", good, warn, bad or info. The word says it, not the colour."""
    if kind not in _STATUSES:
        message = f"A status is one of {', '.join(map(repr, _STATUSES))}, not {kind!r}."
        raise ValueError(message)
    return format_html('<span class="{}">{}</span>', f"kw-status {kind}".strip(), word)


@register.inclusion_tag("kw/steps.html")
def steps(*labels: str, current: int) -> dict[str, Any]:
    """`{% steps _("Subscription") _("Payment") current=1 %}`: where a person is, and what is done already."""
    if not 1 <= current <= len(labels):
        message = f"Step {current} is not one of the {len(labels)} steps."
        raise ValueError(message)
    return {
        "steps": [
            {"label": label, "done": place < current, "current": place == current}
            for place, label in enumerate(labels, start=1)
        ],
        "position": gettext("Step %(step)s of %(steps)s") % {"step": current, "steps": len(labels)},
    }


@register.simple_tag
def initials(name: str) -> str:
    """AF for Ana Ferreira: the first letters of the first and the last word."""
    words = [word for word in name.split() if word[0].isalnum()]
    letters = "".join(word[0] for word in ([words[0], words[-1]] if len(words) >= _INITIALS else words))
    return letters.upper() or "?"


@register.inclusion_tag("kw/wrapped_field.html")
def field(bound: BoundField, width: str = "") -> dict[str, Any]:
    """`{% field form.city "w4" %}` in a `kw-fields` grid: the field group in a cell of that width (w2, w3, w4)."""
    return {"field": bound, "width": width}


@register.simple_tag
def plain_colours(colour: str) -> brand.PlainColours:
    """`{% plain_colours brand.colour as colours %}`: hex colours, for mails."""
    return brand.plain_colours(colour)


@register.filter
def kw_date(value: dt.date | None) -> str:
    """12 Mar 2026; nothing for what is no date, as Django's own filter."""
    return dates.short_date(value) if isinstance(value, dt.date) else ""


@register.filter
def kw_date_long(value: dt.date | None) -> str:
    """12 March 2026."""
    return dates.long_date(value) if isinstance(value, dt.date) else ""


@register.filter
def kw_moment(value: dt.datetime | None) -> str:
    """12 Mar 2026, 06:00 UTC."""
    return dates.moment(value) if isinstance(value, dt.datetime) else ""


@register.filter
def kw_span(first: dt.date | None, last: dt.date | None) -> str:
    """`{{ term.first_day|kw_span:term.last_day }}`: 12 Mar 2026 – 11 Mar 2027."""
    return dates.span(first, last) if isinstance(first, dt.date) and isinstance(last, dt.date) else ""


@register.filter
def kw_number(value: float | str | None) -> str:
    """2,147,483,647. In a column the cell has the class kw-num or kw-right, which makes figures tabular."""
    return "" if value in {None, ""} else dates.number(value)
