"""Signing a webhook's body as Stripe does: `t=<seconds>,v1=<HMAC-SHA256 of "t.body">`, one v1 for each secret."""

import hashlib
import hmac
from collections.abc import Sequence


def signature_header(body: bytes, *, secrets: Sequence[str], signed_at: int) -> str:
    """`signed_at` is in Unix seconds. With two secrets, while one is rolled, either verifies."""
    signed = str(signed_at).encode() + b"." + body
    digests = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets]
    return ",".join([f"t={signed_at}", *(f"v1={digest}" for digest in digests)])
