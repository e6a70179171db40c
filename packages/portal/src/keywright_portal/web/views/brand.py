"""The vendor's colour and logo, as files of their own: a strict Content-Security-Policy takes no inline style."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from csp.decorators import csp
from django.http import HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from keywright_look import brand_css as stylesheet_of
from keywright_portal.kit.errors import NotFoundError
from keywright_portal.web.context import vendor_of

if TYPE_CHECKING:
    from django.http import HttpRequest

_DAY: Final = 86_400
"""Seconds. The pages' links change with what they point to; who typed the address sees a change a day later."""
_MARK_PIXELS: Final = 84
"""Three times the 28 points that mails show, for screens that are that fine."""
_POINTS_AN_INCH: Final = 72


@require_safe
@cache_control(public=True, max_age=_DAY)
def brand_css(request: HttpRequest) -> HttpResponse:
    """The stylesheet that sets the vendor's colour."""
    return HttpResponse(stylesheet_of(vendor_of(request).brand_colour), content_type="text/css; charset=utf-8")


@require_safe
@cache_control(public=True, max_age=_DAY)
@csp({"default-src": ["'none'"]})
def mark(request: HttpRequest) -> HttpResponse:
    """The vendor's logo, for pages."""
    return HttpResponse(_logo(request), content_type="image/svg+xml")


@require_safe
@cache_control(public=True, max_age=_DAY)
def mark_png(request: HttpRequest) -> HttpResponse:
    """The vendor's logo as a PNG, for mails: most mail programs show no SVG."""
    return HttpResponse(_as_png(_logo(request)), content_type="image/png")


def _logo(request: HttpRequest) -> str:
    logo = vendor_of(request).logo_svg
    if logo is None:
        raise NotFoundError("This vendor has no logo.")
    return logo


@lru_cache(maxsize=4)
def _as_png(svg: str) -> bytes:
    import typst  # noqa: PLC0415  (an extension that most processes never need)

    side = f"{_MARK_PIXELS}pt"
    page = f"#set page(width: {side}, height: {side}, margin: 0pt, fill: none)\n"
    picture = f'#image(bytes(sys.inputs.svg), format: "svg", width: {side}, height: {side}, fit: "contain")\n'
    drawn: bytes = typst.compile((page + picture).encode(), format="png", ppi=_POINTS_AN_INCH, sys_inputs={"svg": svg})
    return drawn
