"""The arithmetic of the bar that shows how much of something is in use."""

from __future__ import annotations

from dataclasses import dataclass

# The drawing is 100 wide. A share that isn't nothing is never drawn thinner than this, or one seat over 100,000 would
# not be seen; the gap between used and over is what tells them apart without colour.
_LEAST, _GAP, _WHOLE = 0.6, 0.6, 100.0
_LEAST_OVER = 1.5


@dataclass(frozen=True, slots=True)
class Meter:
    """Widths in hundredths of the bar, as text for SVG attributes, which know no locale."""

    over_by: int
    used: str
    over_from: str
    over: str
    gap_from: str
    gap: str


def measure(used: int, total: int) -> Meter:
    """The bar is `total` wide as long as it is enough, and `used` wide from there on."""
    if used < 0 or total < 0:
        message = f"A meter shows counts: {used} of {total} can't be drawn."
        raise ValueError(message)
    over_by = max(used - total, 0)
    if over_by:
        over = max(over_by / used * _WHOLE, _LEAST_OVER) if total else _WHOLE
        over_from = _WHOLE - over
        gap = _GAP if total else 0.0
        return Meter(over_by, _text(over_from), _text(over_from), _text(over), _text(over_from - gap / 2), _text(gap))
    share = used / total * _WHOLE if total else 0.0
    return Meter(0, _text(max(share, _LEAST) if used else 0.0), _text(_WHOLE), _text(0), _text(_WHOLE), _text(0))


def _text(width: float) -> str:
    return f"{width:.2f}"
