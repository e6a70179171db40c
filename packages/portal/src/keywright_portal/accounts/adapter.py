"""What allauth does our way."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter


class PortalAccountAdapter(DefaultAccountAdapter):
    """Mail goes through the outbox."""
