"""The work of keys in the background: bundles, and mails about keys."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from keywright_portal.catalog.models import Product
from keywright_portal.kit import clock
from keywright_portal.kit.actor import system
from keywright_portal.licensing.services.publish_bundle import publish_bundle
from keywright_portal.licensing.services.release import release_due
from keywright_portal.licensing.services.remind_unactivated import remind_unactivated as remind
from keywright_portal.licensing.services.tell_of_ending_keys import tell_of_ending_keys
from keywright_portal.licensing.services.tell_of_reissue import tell_of_reissue as tell

ACTOR = "revocation bundles"


def publish_bundles() -> int:
    """Publish what is revoked of each product, where that changed; how many bundles there are now.

    What fails is raised, and the queue tries again: a bundle that says too little must not pass unseen.
    """
    now = clock.now()
    codes = list(Product.objects.order_by("pk").values_list("code", flat=True))
    published = [publish_bundle(product=code, actor=system(ACTOR), now=now) for code in codes]
    return sum(bundle is not None for bundle in published)


def look_at_keys() -> int:
    """Once a day: tell of keys that may soon sign no more. How many mails that made."""
    return tell_of_ending_keys(now=clock.now())


def tell_of_reissue(reissue_id: str, organization_ids: Sequence[str]) -> int:
    """Mail some organizations that their licenses were issued anew. How many mails."""
    organizations = [uuid.UUID(one) for one in organization_ids]
    return tell(reissue_id=uuid.UUID(reissue_id), organization_ids=organizations, now=clock.now())


def release_lost_servers() -> int:
    """Once an hour: free the places of lost servers whose waiting time is over. How many."""
    return release_due(actor=system("schedule"), now=clock.now())


def remind_unactivated() -> int:
    """Once a day: tell who hasn't activated. How many subscriptions."""
    return remind(now=clock.now())
