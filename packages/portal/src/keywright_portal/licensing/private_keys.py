"""Which private keys are here: for who lists keys, and may not reach the signer."""

from __future__ import annotations

from collections.abc import Iterable

from keywright_portal.licensing.signing import signer


def held_here(kids: Iterable[str]) -> set[str]:
    """Of these keys, those whose private side is where this installation keeps keys."""
    store = signer()
    return {kid for kid in kids if store.holds(kid)}
