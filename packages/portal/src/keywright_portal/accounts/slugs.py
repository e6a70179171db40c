"""The part of an address that names an organization: from its name, and one organization's alone."""

from __future__ import annotations

import secrets
from itertools import chain, count
from typing import TYPE_CHECKING, Final

from django.utils.text import slugify

if TYPE_CHECKING:
    from collections.abc import Iterator

LENGTH: Final = 60
"""As long as the column. Longer names are cut."""
_TRIED_IN_ORDER: Final = 3
"""How many neighbours (name, name-2, name-3) are worth a try before a random end makes one free for sure."""
_FALLBACK: Final = "organization"
"""For names without a single letter or digit of ASCII, which slugs are made of."""


def slugs_for(name: str) -> Iterator[str]:
    """Candidates for `name`, the best first, without an end: name, name-2, name-3, then name with random ends."""
    stem = slugify(name)[:LENGTH].strip("-_") or _FALLBACK
    numbered = (_ended(stem, str(number)) for number in range(2, _TRIED_IN_ORDER + 1))
    drawn = (_ended(stem, secrets.token_hex(3)) for _ in count())
    return chain([stem], numbered, drawn)


def _ended(stem: str, end: str) -> str:
    return f"{stem[: LENGTH - len(end) - 1].rstrip('-_')}-{end}"
