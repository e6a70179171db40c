"""The vendor's logo: SVG that goes into pages as it is, so nothing may be in it that runs, loads or styles."""

from __future__ import annotations

import re
from typing import Final
from xml.etree import ElementTree as ET

from keywright_portal.catalog.reading import refuse

LOGO_BYTES: Final = 32_768
"""It stands on every page. Most logos have 2 to 5 KB."""

_SVG: Final = "{http://www.w3.org/2000/svg}"
_ELEMENT_NAMES: Final = """
    svg g path rect circle ellipse line polyline polygon defs title desc linearGradient radialGradient stop clipPath
    mask
"""
# `style` is left out since the pages' Content-Security-Policy would drop it; href and on… since they load and run.
_ATTRIBUTE_NAMES: Final = """
    xmlns viewBox width height x y x1 y1 x2 y2 cx cy r rx ry d points id class role transform fill fill-rule
    fill-opacity clip-rule clip-path mask stroke stroke-width stroke-linecap stroke-linejoin stroke-miterlimit
    stroke-opacity stroke-dasharray opacity offset stop-color stop-opacity gradientUnits gradientTransform spreadMethod
    fx fy clipPathUnits maskUnits preserveAspectRatio aria-label aria-hidden focusable version
"""
_ELEMENTS: Final = frozenset(_ELEMENT_NAMES.split())
_ATTRIBUTES: Final = frozenset(_ATTRIBUTE_NAMES.split())


def check_logo(value: object, *, where: str) -> str:
    """The SVG's text. Raises CatalogFileError where it isn't one, or holds more than shapes and colours."""
    if not isinstance(value, str) or len(value.encode()) > LOGO_BYTES:
        refuse(where, f"must be SVG of at most {LOGO_BYTES} bytes.")
    if "<!" in value or "<?" in value.lstrip()[5:]:
        refuse(where, "must not hold a document type, a comment or an instruction (<!…, <?…). Save it as plain SVG.")
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", value).strip()
    try:
        root = ET.fromstring(text)  # noqa: S314 (no document type gets here, so no entity is declared)
    except ET.ParseError as error:
        refuse(where, f"is no well-formed SVG: {error}.")
    if root.tag != f"{_SVG}svg" or "viewBox" not in root.attrib:
        refuse(where, 'must be an <svg xmlns="http://www.w3.org/2000/svg"> with a viewBox.')
    for element in root.iter():
        name = element.tag.removeprefix(_SVG)
        if name not in _ELEMENTS:
            refuse(where, f"holds <{name}>; allowed: {', '.join(sorted(_ELEMENTS))}. Turn text into paths.")
        for attribute, content in element.attrib.items():
            if attribute not in _ATTRIBUTES:
                refuse(
                    where,
                    f"holds the attribute {attribute!r} in <{name}>; write colours as fill and stroke, not as style.",
                )
            if "url(" in content.lower().replace(" ", "") and not re.fullmatch(r"url\(#[\w-]+\)", content, re.ASCII):
                refuse(where, f"holds {content!r}; it may refer to its own parts alone, as url(#name).")
    return text
