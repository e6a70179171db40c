"""What the modules hand to each other: API objects are plain JSON, since their shape is Stripe's, not ours."""

from typing import Any

Json = dict[str, Any]

API_VERSION = "2026-05-27.dahlia"
"""The one version that is spoken: it belongs to stripe 15.2.1 and to the description that the tests check against."""

RELEASE_TRAIN = API_VERSION.split(".")[1]
"""Stripe names its browser script by release train (`/dahlia/stripe.js`)."""
