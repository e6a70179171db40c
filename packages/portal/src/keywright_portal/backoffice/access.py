"""What the person at the back office may do there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keywright_portal.accounts.selectors import staff_actor

if TYPE_CHECKING:
    from django.http import HttpRequest

    from keywright_portal.kit.actor import Actor, Permission


def actor_at(request: HttpRequest) -> Actor | None:
    """Who asks, as services take them; None where nobody is signed in. No query."""
    return staff_actor(request.user) if request.user.is_authenticated else None


def may(request: HttpRequest, permission: Permission) -> bool:
    """Whether who asks has `permission`."""
    actor = actor_at(request)
    return actor is not None and permission in actor.permissions
