"""Who acts where no person does: this server itself, as far as its administrators allowed."""

from __future__ import annotations

from keywright_console.kit.actor import Actor, Permission

BY_ITSELF = Actor(kind="job", id="", permissions=frozenset({Permission.MANAGE_LICENSE, Permission.READ_SYSTEM}))
