"""The work of billing in the background."""

from __future__ import annotations

from keywright_portal.billing.services.take_card_try import forget_past_tries
from keywright_portal.billing.services.tell_of_expiring_cards import tell_of_expiring_cards
from keywright_portal.kit import clock
from keywright_portal.payments.gateway import gateway


def forget_card(method_id: str) -> None:
    """Make the provider forget a card whose place another one took. What fails is raised: the queue tries again."""
    gateway().detach_card(method_id=method_id)


def look_at_cards() -> int:
    """Once a day: tell of cards that expire soon, and drop counts that are over. How many mails that made."""
    now = clock.now()
    forget_past_tries(now=now)
    return tell_of_expiring_cards(now=now)
