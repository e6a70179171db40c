"""What can go wrong with writing to the vendor."""

from __future__ import annotations

from keywright_portal.kit.errors import KeywrightError


class TooManyTicketsError(KeywrightError):
    """Somebody has written as often as one may for now."""

    code = "too_many_tickets"


class TicketDetailError(KeywrightError):
    """Something in the form isn't as it must be; `field` says which."""

    code = "ticket_detail"
