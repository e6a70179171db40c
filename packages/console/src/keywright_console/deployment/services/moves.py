from __future__ import annotations

from datetime import datetime

from keywright_console.deployment.models import MOVES, Activation, Event, State


def move(row: Activation, event: Event, *, now: datetime) -> None:
    """Move one row by the table; an event that the table lacks is a mistake of ours and raises KeyError."""
    row.state = MOVES[State(row.state), event]
    row.ended_at = None if row.state == State.HELD else now
    row.save()
