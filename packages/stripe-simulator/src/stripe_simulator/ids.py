"""Identifiers that look like Stripe's and can't be guessed."""

import secrets
import string

ALPHABET = string.ascii_letters + string.digits
RANDOM_LETTERS = 24
"""As many as Stripe's ids have; 142 bits, so a collision needs no thought."""


def new_id(prefix: str) -> str:
    return f"{prefix}_{_random_text()}"


def new_client_secret(intent_id: str) -> str:
    """The secret that lets a browser see and confirm one intent; its first part is the intent's id, as at Stripe."""
    return f"{intent_id}_secret_{_random_text()}"


def _random_text() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LETTERS))
