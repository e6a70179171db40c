"""A vendor's one colour: as a stylesheet for pages, and as plain hex colours for what knows no stylesheet of ours.

Pages get the colour as it is: `theme.css` derives everything from it in OKLCH. Mails and the payment provider's frame
understand neither OKLCH nor custom properties, so for them the same derivation is done here, in Python, with the
matrices of the OKLab specification (https://bottosson.github.io/posts/oklab/).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

_HEX = re.compile(r"#[0-9a-fA-F]{6}")

# The same figures as in theme.css: where white on the accent, and the accent as text, stay above 4.5:1.
_ACCENT_LIGHTNESS = (0.4, 0.5)
_TEXT_LIGHTNESS = (0.38, 0.488)
_SOFT_LIGHTNESS, _SOFT_CHROMA = 0.968, 0.018
_DARK_TEXT_LIGHTNESS, _DARK_TEXT_CHROMA = 0.79, 0.105
_DARK_SOFT_LIGHTNESS, _DARK_SOFT_CHROMA = 0.25, 0.034

# Below this chroma steps are invisible; a search for the gamut's edge stops here.
_CHROMA_STEP = 0.0005
_SRGB_LINEAR_LIMIT, _SRGB_LINEAR_LIMIT_ENCODED = 0.0031308, 0.04045
_GAMUT_TOLERANCE = 1e-4


class BrandColourError(ValueError):
    """A vendor's colour that isn't one. `code` is stable, the sentence says what to write instead."""

    code = "bad_brand_colour"

    def __init__(self, colour: object) -> None:
        super().__init__(f"{colour!r} is no brand colour: write six hexadecimal digits after a #, such as #3157d5.")


class Oklch(NamedTuple):
    lightness: float
    chroma: float
    hue: float  # radians


@dataclass(frozen=True, slots=True)
class PlainColours:
    """The accent colours as `#rrggbb`, for mails and frames. `dark_…` are for a dark background."""

    accent: str
    text: str
    soft: str
    dark_text: str
    dark_soft: str


def brand_css(colour: str) -> str:
    """The stylesheet that sets a vendor's colour; to be served as `text/css` and linked in the block `brand`.

    The colour is checked, since it comes from a file and ends in a stylesheet: raises `BrandColourError`.
    """
    return f":root,[data-bs-theme]{{--kw-brand:{_checked(colour)}}}\n"


@lru_cache(maxsize=16)
def plain_colours(colour: str) -> PlainColours:
    """What `theme.css` makes of `colour`, in hex. Raises `BrandColourError`."""
    brand = _to_oklch(_checked(colour))
    return PlainColours(
        accent=_to_hex(brand._replace(lightness=_clamp(brand.lightness, _ACCENT_LIGHTNESS))),
        text=_to_hex(brand._replace(lightness=_clamp(brand.lightness, _TEXT_LIGHTNESS))),
        soft=_to_hex(Oklch(_SOFT_LIGHTNESS, min(brand.chroma, _SOFT_CHROMA), brand.hue)),
        dark_text=_to_hex(Oklch(_DARK_TEXT_LIGHTNESS, min(brand.chroma, _DARK_TEXT_CHROMA), brand.hue)),
        dark_soft=_to_hex(Oklch(_DARK_SOFT_LIGHTNESS, min(brand.chroma, _DARK_SOFT_CHROMA), brand.hue)),
    )


def _checked(colour: str) -> str:
    if not isinstance(colour, str) or not _HEX.fullmatch(colour):
        raise BrandColourError(colour)
    return colour.lower()


def _clamp(value: float, span: tuple[float, float]) -> float:
    return min(max(value, span[0]), span[1])


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _SRGB_LINEAR_LIMIT_ENCODED else ((channel + 0.055) / 1.055) ** 2.4


def _encoded(channel: float) -> float:
    return channel * 12.92 if channel <= _SRGB_LINEAR_LIMIT else 1.055 * channel ** (1 / 2.4) - 0.055


def _to_oklch(colour: str) -> Oklch:
    r, g, b = (_linear(int(colour[i : i + 2], 16) / 255) for i in (1, 3, 5))
    long = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    medium = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    short = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b_ = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return Oklch(lightness, math.hypot(a, b_), math.atan2(b_, a))


def _to_linear_srgb(colour: Oklch) -> tuple[float, float, float]:
    a, b = colour.chroma * math.cos(colour.hue), colour.chroma * math.sin(colour.hue)
    long = (colour.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (colour.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (colour.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _in_gamut(channels: tuple[float, float, float]) -> bool:
    return all(-_GAMUT_TOLERANCE <= channel <= 1 + _GAMUT_TOLERANCE for channel in channels)


def _to_hex(colour: Oklch) -> str:
    """The nearest colour of sRGB with the same lightness and hue: chroma is what gives way."""
    low, high = 0.0, colour.chroma
    if not _in_gamut(_to_linear_srgb(colour)):
        while high - low > _CHROMA_STEP:
            middle = (low + high) / 2
            low, high = (middle, high) if _in_gamut(_to_linear_srgb(colour._replace(chroma=middle))) else (low, middle)
        colour = colour._replace(chroma=low)
    channels = (round(255 * _encoded(min(max(channel, 0.0), 1.0))) for channel in _to_linear_srgb(colour))
    return "#" + "".join(f"{channel:02x}" for channel in channels)
