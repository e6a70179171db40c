"""What forms of several acts share."""

from __future__ import annotations

from typing import Final

LONGEST_AMOUNT: Final = 30
"""Characters: 15 digits, a point, the minor unit, and blanks between."""
