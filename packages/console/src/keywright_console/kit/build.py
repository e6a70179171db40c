"""What a vendor builds into the console for its customers: the keys that it trusts, and the product that it is.

A build for customers has the folder `pinned` in this package, with `keys.json` (the vendor's public root keys, a JWK
set or PEM) and `product` (one line). Then no setting and no environment variable changes either, nor moves the clock:
who runs the server must not be the one who says whose licenses count. Without the folder, that is in the demo and
while the product is made, settings name both.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

PINNED = Path(__file__).resolve().parent.parent / "pinned"


@lru_cache(maxsize=1)
def is_pinned() -> bool:
    return PINNED.is_dir()


def pinned_keys() -> str:
    """The path of the built-in keys; empty where settings name them."""
    return str(PINNED / "keys.json") if is_pinned() else ""


@lru_cache(maxsize=1)
def pinned_product() -> str:
    """The built-in product; empty where settings name it."""
    return (PINNED / "product").read_text(encoding="utf-8").strip() if is_pinned() else ""
